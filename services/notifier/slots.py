"""
Reserved positions: what of them is told to a resident's partner, and what to a supplier.

A supplier is told of its positions and never of a person: the events that go to one are
those of `TO_SUPPLIER`, which have no field for a resident.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from matching.market.record import Happened
from schemas import codec
from schemas.slots import (
    HireConfirmed,
    HireRejected,
    OfferWithdrawn,
    SlotProposed,
    WithdrawalReason,
)
from services.notifier.owed import Owed

if TYPE_CHECKING:
    from services.storage.notifications import NotificationBook
    from services.storage.projections import OutboxRow

# To the partner whose resident it is: the event's own party, or the offer's.
TO_PARTNER: Final = frozenset(
    {
        "SlotProposed",
        "SlotOffered",
        "AnswerDue",
        "OfferLapsed",
        "OfferWithdrawn",
        "EligibilityLost",
    }
)
DECIDED_BY_SUPPLIER: Final = frozenset({"HireConfirmed", "HireRejected"})
TO_SUPPLIER: Final = frozenset(
    {"IntakeOpened", "PositionsAdjusted", "StageOpened", "ConfirmationDue", "PositionChanged"}
)
ABOUT_OFFERS: Final = TO_PARTNER | DECIDED_BY_SUPPLIER
TOLD: Final = ABOUT_OFFERS | TO_SUPPLIER

# Of no use, or forbidden, once nothing comes of the offer any more.
WHILE_IT_STANDS: Final = frozenset(
    {"SlotProposed", "SlotOffered", "AnswerDue", "EligibilityLost", "ConfirmationDue"}
)

Keep = Callable[[Happened, "NotificationBook"], None]


def keep(event: Happened, book: "NotificationBook") -> None:
    """
    Take what an event says of an offer into the book.
    """
    found = KEEP.get(event.name)
    if found is not None:
        found(event, book)


def tellings(event: Happened, book: "NotificationBook", *, leaf: int) -> Iterator[Owed]:
    """
    Owe an event of a reserved position to the one party that it concerns, as it is.
    """
    recipient = event.party
    if event.name in DECIDED_BY_SUPPLIER:
        decided: HireConfirmed | HireRejected = event.data
        offer = book.offers.get(decided.offer)
        recipient = None if offer is None else offer.party
    if event.name in TOLD and recipient is not None:
        payload = {"id": event.id, "subject": event.subject, "data": codec.plain(event.data)}
        yield Owed(leaf=leaf, recipient=recipient, kind=event.name, payload=payload)


def is_forbidden(kind: str, row: "OutboxRow", book: "NotificationBook") -> bool:
    """
    Tell whether the log, read to its end, forbids a message about a reserved position.

    Of who was erased nothing is told but that what had been proposed has ended.
    """
    data = row.payload["data"]
    offer = book.offers.get(data["offer"]) if data.get("offer") else None
    if offer is None:
        return False
    if kind in WHILE_IT_STANDS and offer.ended:
        return True
    person = book.person(offer.resident)
    erased = person is None or person.status == "erased"
    return kind in ABOUT_OFFERS and erased and not _says_so(kind, data.get("reason"))


def _says_so(kind: str, reason: str | None) -> bool:
    return kind == "OfferWithdrawn" and reason == WithdrawalReason.RESIDENT_ERASED.value


# --- what becomes of an offer -------------------------------------------------------------


def _proposed(event: Happened, book: "NotificationBook") -> None:
    proposed: SlotProposed = event.data
    advert = book.advert(proposed.opportunity)
    book.offers.propose(
        proposed.offer,
        resident=proposed.resident,
        party=event.party or "",
        supplier="" if advert is None else advert.supplier,
        opportunity=proposed.opportunity,
        position=proposed.position,
    )


def _held(event: Happened, book: "NotificationBook") -> None:
    # What was released already is taken back by an OfferWithdrawn of its own.
    offer = book.offers.get(event.data.offer)
    if offer is not None and offer.status == "proposed":
        book.offers.set_status(offer.offer, "held")


def _withdrawn(event: Happened, book: "NotificationBook") -> None:
    withdrawn: OfferWithdrawn = event.data
    book.offers.set_status(withdrawn.offer, "withdrawn")


def _delivered(event: Happened, book: "NotificationBook") -> None:
    book.offers.deliver(event.data.offer)


def _becomes(status: str) -> Keep:
    def keep_status(event: Happened, book: "NotificationBook") -> None:
        book.offers.set_status(event.data.offer, status)

    return keep_status


KEEP: Final[dict[str, Keep]] = {
    "SlotProposed": _proposed,
    "ProposalHeld": _held,
    "SlotOffered": _becomes("offered"),
    "OfferDelivered": _delivered,
    "OfferAccepted": _becomes("accepted"),
    "OfferDeclined": _becomes("declined"),
    "HireConfirmed": _becomes("filled"),
    "HireRejected": _becomes("rejected"),
    "OfferLapsed": _becomes("lapsed"),
    "OfferWithdrawn": _withdrawn,
}
