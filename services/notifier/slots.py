"""
Reserved positions and introductions: what of them is told to whom.

A supplier is told of its positions, and of a person only which office to call once they are
introduced: the events that go to one are those of `TO_SUPPLIER`, none of which has a field
for a resident.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from matching.market.record import Happened
from schemas import codec
from schemas.challenges import ChallengeDecided, ChallengeUnanswered, DecisionDue
from schemas.introductions import IntroductionMade, ReferralOpened
from schemas.parties import PartyRegisteredSealed
from schemas.slots import OfferChanged, SlotOffered, SlotProposed
from schemas.slots import WithdrawalReason as Reason
from schemas.vocabulary import event_type
from services.notifier.owed import Owed

if TYPE_CHECKING:
    from services.storage.notifications import NotificationBook
    from services.storage.offers import OfferRow
    from services.storage.projections import OutboxRow
    from services.transport.records import RecordView

# Which the market waits to hear of, that they stand on their partner's queue.
DELIVERED: Final = frozenset({"SlotProposed", "SlotOffered", "OfferChanged"})

# To the partner whose resident it is: the event's own party, or the offer's or challenge's.
SAID_BY_SUPPLIER: Final = frozenset({"HireConfirmed", "HireRejected", "InterviewOffered"})
TO_PARTNER: Final = (
    DELIVERED
    | SAID_BY_SUPPLIER
    | {
        "ReleaseDue",
        "AnswerDue",
        "ConsentDue",
        "ReferralOpened",
        "OfferLapsed",
        "OfferWithdrawn",
        "EligibilityLost",
        "SupplierIntroduced",
        "RemedyGranted",
        "ChallengeDecided",
    }
)
TO_SUPPLIER: Final = frozenset(
    {
        "IntakeOpened",
        "PositionsAdjusted",
        "StageOpened",
        "IntroductionReceived",
        "ConfirmationDue",
        "PositionChanged",
    }
)
TO_OWNER: Final = frozenset({"ReleaseOverdue", "DecisionDue", "ChallengeUnanswered"})
REMINDER: Final = "ReminderGiven"
TOLD: Final = TO_PARTNER | TO_SUPPLIER | TO_OWNER | {REMINDER}
# Which stand on queues alone, in place of events of the log.
ON_QUEUES_ALONE: Final = frozenset({"SupplierIntroduced", "IntroductionReceived"})

Keep = Callable[[Happened, "NotificationBook"], None]


def keep(event: Happened, book: "NotificationBook") -> None:
    """
    Take what an event says of an offer, an office or a challenge into the book.
    """
    found = KEEP.get(event.name)
    if found is not None:
        found(event, book)


def tellings(
    event: Happened, view: "RecordView", book: "NotificationBook", *, leaf: int
) -> Iterator[Owed]:
    """
    Owe an event of a reserved position or an introduction to whom it concerns.

    It is told as it is, but for an introduction: each side is told whom of the other to call.
    """
    if event.name == "IntroductionMade":
        yield Owed(
            leaf=leaf,
            recipient=event.party or "",
            kind="SupplierIntroduced",
            payload={"data": codec.plain(event.data)},
        )
    elif event.name == "ConfirmationDue" and _introducing(view, event.data.offer) is not None:
        payload = {
            "data": codec.plain(event.data),
            "subject": event.subject,
            "partner": _introducing(view, event.data.offer),
        }
        yield Owed(
            leaf=leaf, recipient=event.party or "", kind="IntroductionReceived", payload=payload
        )
    elif event.name in TOLD:
        recipient = _recipient(event, book)
        if recipient is not None:
            payload = {"id": event.id, "subject": event.subject, "data": codec.plain(event.data)}
            yield Owed(leaf=leaf, recipient=recipient, kind=event.name, payload=payload)


def _introducing(view: "RecordView", offer: str) -> str | None:
    """
    Return the partner that a record introduces to an offer's supplier, where it does.
    """
    made = (each for each in view.events if each.name == "IntroductionMade")
    return next((each.party for each in made if each.data.offer == offer), None)


def _recipient(event: Happened, book: "NotificationBook") -> str | None:
    if event.name in SAID_BY_SUPPLIER:
        offer = book.offers.get(event.data.offer)
        return None if offer is None else offer.party
    if isinstance(event.data, ChallengeDecided):
        challenge = book.challenges.get(event.data.challenge)
        return None if challenge is None else challenge.party
    return event.party


# --- what the log's end forbids -----------------------------------------------------------

Stands = Callable[["OfferRow"], bool]


def _waits_as(status: str) -> Stands:
    return lambda offer: offer.status == status


def _awaits_consent(offer: "OfferRow") -> bool:
    return offer.status == "accepted" and not offer.introduced


def _stands(offer: "OfferRow") -> bool:
    return not offer.ended


def _is_introduced(offer: "OfferRow") -> bool:
    return offer.is_introduced


# Of no use, or forbidden, once this does not hold of the offer any more.
WHILE_IT_STANDS: Final[dict[str, Stands]] = {
    "SlotProposed": _stands,
    "ReleaseDue": _waits_as("proposed"),
    "ReleaseOverdue": _waits_as("proposed"),
    "SlotOffered": _stands,
    "OfferChanged": _stands,
    "AnswerDue": _waits_as("offered"),
    "EligibilityLost": _stands,
    "ReferralOpened": _stands,
    "ConsentDue": _awaits_consent,
    "SupplierIntroduced": _is_introduced,
    "IntroductionReceived": _is_introduced,
    "ConfirmationDue": _is_introduced,
    "InterviewOffered": _is_introduced,
}

# By what a reminder is of, whether it still waits.
WAITING: Final[dict[str, Stands]] = {
    "delivery": lambda offer: offer.undelivered is not None,
    "release": _waits_as("proposed"),
    "answer": _waits_as("offered"),
    "consent": _awaits_consent,
    "confirmation": _is_introduced,
}


def is_forbidden(kind: str, row: "OutboxRow", book: "NotificationBook") -> bool:
    """
    Tell whether the log, read to its end, forbids a message, or has made it useless.

    Of who was erased nothing is told but that what had been proposed has ended.
    """
    data = row.payload["data"]
    if kind == REMINDER:
        return not still_waits(data["waiting"], data["about"], book, reminded=row.sequence)
    if kind == "DecisionDue" and not _is_open(data["challenge"], book):
        return True
    offer = book.offers.get(data["offer"]) if data.get("offer") else None
    if offer is not None and kind in WHILE_IT_STANDS and not WHILE_IT_STANDS[kind](offer):
        return True
    of_a_person = kind in TO_PARTNER | TO_OWNER | ON_QUEUES_ALONE
    resident = resident_of(data, book)
    if not of_a_person or resident is None or _says_so(kind, data.get("reason")):
        return False
    person = book.person(resident)
    return person is None or person.status == "erased"


def still_waits(waiting: str, about: str, book: "NotificationBook", *, reminded: int) -> bool:
    """
    Tell whether an offer or a challenge still waits as it did when it was reminded of.

    Args:
        waiting: in which state.
        about: the offer's or the challenge's id.
        book: what the notifier remembers.
        reminded: the record of its market that reminds of it; a window that a later one
            opened has another end, and a reminder of its own.
    """
    offer = book.offers.get(about)
    if offer is None:
        return _is_open(about, book)
    return reminded > offer.since and waiting in WAITING and WAITING[waiting](offer)


def _is_open(challenge: str, book: "NotificationBook") -> bool:
    found = book.challenges.get(challenge)
    return found is not None and found.open


def resident_of(data: dict[str, Any], book: "NotificationBook") -> str | None:
    """
    Return the resident that a message is about, as it or its offer or challenge names them.
    """
    if data.get("resident"):
        return str(data["resident"])
    about = data.get("offer") or data.get("challenge") or data.get("about") or ""
    found = book.offers.get(about) or book.challenges.get(about)
    return None if found is None else found.resident


def _says_so(kind: str, reason: str | None) -> bool:
    return kind == "OfferWithdrawn" and reason == Reason.RESIDENT_ERASED.value


# --- what becomes of an offer -------------------------------------------------------------


def _proposed(event: Happened, book: "NotificationBook") -> None:
    proposed: SlotProposed = event.data
    book.offers.propose(
        proposed.offer,
        resident=proposed.resident,
        party=event.party or "",
        supplier=_supplier(proposed.opportunity, book),
        opportunity=proposed.opportunity,
        position=proposed.position,
        since=_sequence(event),
        undelivered=event.id,
    )


def _referred(event: Happened, book: "NotificationBook") -> None:
    referral: ReferralOpened = event.data
    book.offers.propose(
        referral.offer,
        resident=referral.resident,
        party=event.party or "",
        supplier=_supplier(referral.opportunity, book),
        opportunity=referral.opportunity,
        position=None,
        since=_sequence(event),
        status="accepted",
    )


def _supplier(opportunity: str, book: "NotificationBook") -> str:
    advert = book.advert(opportunity)
    return "" if advert is None else advert.supplier


def _held(event: Happened, book: "NotificationBook") -> None:
    # What was released already is taken back by an OfferWithdrawn of its own.
    offer = book.offers.get(event.data.offer)
    if offer is not None and offer.status == "proposed":
        book.offers.set_status(offer.offer, "held")


def _sent(event: Happened, book: "NotificationBook") -> None:
    sent: SlotOffered | OfferChanged = event.data
    book.offers.send(sent.offer, event=event.id)
    _window_opened(event, book)


def _window_opened(event: Happened, book: "NotificationBook") -> None:
    book.offers.open_window(event.data.offer, since=_sequence(event))


def _sequence(event: Happened) -> int:
    """
    Return the record of an event, which its id names behind the market.
    """
    return int(event.id.split("-")[1])


def _delivered(event: Happened, book: "NotificationBook") -> None:
    book.offers.deliver(event.data.offer)


def _introduced(event: Happened, book: "NotificationBook") -> None:
    introduced: IntroductionMade = event.data
    book.offers.introduce(introduced.offer)


def _becomes(status: str) -> Keep:
    def keep_status(event: Happened, book: "NotificationBook") -> None:
        book.offers.set_status(event.data.offer, status)

    return keep_status


# --- offices and challenges ---------------------------------------------------------------


def _party_registered(event: Happened, book: "NotificationBook") -> None:
    party: PartyRegisteredSealed = event.data
    book.offices.keep(
        party.slug,
        name=party.name,
        sequence=_sequence(event),
        kind=event_type(party).wire_name,
        sealed=party.sealed,
    )


def _to_decide(event: Happened, book: "NotificationBook") -> None:
    due: DecisionDue = event.data
    person = book.person(due.resident)
    book.challenges.open(
        due.challenge,
        resident=due.resident,
        party="" if person is None else person.party,
        opportunity=due.opportunity,
    )


def _decided(event: Happened, book: "NotificationBook") -> None:
    decided: ChallengeDecided | ChallengeUnanswered = event.data
    book.challenges.close(decided.challenge)


def _erased(event: Happened, book: "NotificationBook") -> None:
    # Their offers end with an OfferWithdrawn each; nothing of its own ends a challenge.
    book.challenges.close_all(event.subject or "")


KEEP: Final[dict[str, Keep]] = {
    "SlotProposed": _proposed,
    "ReferralOpened": _referred,
    "ProposalHeld": _held,
    "SlotOffered": _sent,
    "OfferChanged": _sent,
    "OfferDelivered": _delivered,
    "ReleaseDue": _window_opened,
    "AnswerDue": _window_opened,
    "ConsentDue": _window_opened,
    "ConfirmationDue": _window_opened,
    "OfferAccepted": _becomes("accepted"),
    "OfferDeclined": _becomes("declined"),
    "IntroductionMade": _introduced,
    "HireConfirmed": _becomes("filled"),
    "HireRejected": _becomes("rejected"),
    "OfferLapsed": _becomes("lapsed"),
    "OfferWithdrawn": _becomes("withdrawn"),
    "PartyRegisteredSealed": _party_registered,
    "DecisionDue": _to_decide,
    "ChallengeDecided": _decided,
    "ChallengeUnanswered": _decided,
    "ResidentErased": _erased,
}
