"""
Who is told what: one log record in, what it owes to parties and to the market out.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from matching.market.record import Happened
from schemas import codec
from schemas.answers import NoticeGiven
from schemas.consents import ConsentGiven, ConsentWithdrawn
from schemas.facts import FactAsked
from schemas.fits import FitsAssessed
from schemas.vocabulary import REGISTER, Purpose, event_type
from services.notifier import intakes, slots
from services.notifier.answers import FIRST_EVENT, answers
from services.notifier.lists import changed_lists, superseded
from services.notifier.owed import Owed, kind_of

if TYPE_CHECKING:
    from services.storage.notifications import NotificationBook
    from services.storage.projections import OutboxRow
    from services.transport.records import RecordView

# To whom the market's own inbox is a recipient; no party's slug begins with a stop.
MARKET: Final = ".market"

Touched = frozenset[str]
NOBODY: Final[Touched] = frozenset()


def notify(view: "RecordView", book: "NotificationBook") -> tuple[Owed, ...]:
    """
    Take a log record into the book, and return everything that it owes.

    Args:
        view: the record, after all before it.
        book: what the notifier remembers, inside the transaction of this record.

    Returns:
        The answer to who spoke, then what else its events tell to whom.
    """
    keeper = _Keeper(view, book)
    touched = NOBODY.union(*(keeper.keep(event) for event in view.events))
    unasked = intakes.changed(view, book)
    return (
        *answers(view, book),
        *_tellings(view, book),
        *changed_lists(touched, book, sequence=view.sequence),
        *intakes.lists(unasked, view, book),
    )


def is_forbidden(row: "OutboxRow", book: "NotificationBook") -> bool:
    """
    Tell whether the log, read to its end, forbids what waits to be sent.
    """
    kind = kind_of(row.kind)
    if kind == "MatchesRanked":
        return superseded(row.payload["made_at"], book.person(row.payload["resident"]))
    if kind == "FactAsked":
        person = book.person(row.payload["data"]["resident"])
        return person is None or not person.matched
    if kind == "IntakeListed":
        advert = book.advert(row.payload["opportunity"])
        return advert is None or advert.status != "open"
    if kind == "OfferDelivered":
        offer = book.offers.get(row.payload["offer"])
        return offer is None or not offer.awaits_delivery(row.payload["event"])
    return kind in slots.TOLD and slots.is_forbidden(kind, row, book)


# --- what a record changes ----------------------------------------------------------------


class _Keeper:
    """
    Takes the events of one record into the book; each says which residents' lists it touches.
    """

    def __init__(self, view: "RecordView", book: "NotificationBook") -> None:
        self._view = view
        self._book = book

    def keep(self, event: Happened) -> Touched:
        slots.keep(event, self._book)
        keep = KEEP.get(event.name)
        return keep(self, event) if keep is not None else NOBODY

    def resident_registered(self, event: Happened) -> Touched:
        self._book.register_resident(
            event.subject or "",
            market=self._view.market,
            party=event.party or "",
            sequence=self._view.sequence,
            kind=event_type(event.data).wire_name,
            sealed=event.data.sealed,
        )
        return NOBODY

    def resident_updated(self, event: Happened) -> Touched:
        self._book.update_resident(
            event.subject or "",
            sequence=self._view.sequence,
            kind=event_type(event.data).wire_name,
            sealed=event.data.sealed,
        )
        return NOBODY

    def resident_paused(self, event: Happened) -> Touched:
        self._book.set_status(event.subject or "", "paused")
        return frozenset({event.subject or ""})

    def resident_resumed(self, event: Happened) -> Touched:
        self._book.set_status(event.subject or "", "active")
        return NOBODY

    def resident_closed(self, event: Happened) -> Touched:
        self._book.close_resident(event.subject or "", status="closed")
        return frozenset({event.subject or ""})

    def resident_erased(self, event: Happened) -> Touched:
        self._book.close_resident(event.subject or "", status="erased")
        return frozenset({event.subject or ""})

    def consent_given(self, event: Happened) -> Touched:
        consent: ConsentGiven = event.data
        if consent.purpose is Purpose.MATCHING:
            ends_on = None if consent.ends_on is None else str(consent.ends_on)
            self._book.give_consent(event.subject or "", ends_on=ends_on)
        return NOBODY

    def consent_withdrawn(self, event: Happened) -> Touched:
        consent: ConsentWithdrawn = event.data
        if consent.purpose is not Purpose.MATCHING:
            return NOBODY
        self._book.end_consent(event.subject or "")
        return frozenset({event.subject or ""})

    def opportunity_posted(self, event: Happened) -> Touched:
        self._book.post_opportunity(
            event.subject or "",
            market=self._view.market,
            supplier=event.party or "",
            sequence=self._view.sequence,
            kind=event_type(event.data).wire_name,
            sealed=event.data.sealed,
            terms={
                "offers": event.data.kind.value,
                "outcode": event.data.place.outcode,
                "starts_on": str(event.data.starts_on),
                "closes_on": str(event.data.closes_on),
            },
        )
        return NOBODY

    def opportunity_withdrawn(self, event: Happened) -> Touched:
        return frozenset(self._book.close_opportunity(event.subject or "", status="withdrawn"))

    def day_began(self, event: Happened) -> Touched:
        return frozenset(self._book.begin_day(str(event.data.day), market=self._view.market))

    def fits_assessed(self, event: Happened) -> Touched:
        """
        Take one part of an assessment; the parts act together, with the last.
        """
        assessed: FitsAssessed = event.data
        pairs = self._book.keep_part(
            assessed.subject,
            model=assessed.model,
            as_of=assessed.as_of,
            part=assessed.part,
            parts=assessed.parts,
            pairs=[codec.plain(pair) for pair in assessed.pairs],
        )
        if pairs is None:
            return NOBODY
        for pair in pairs:
            self._book.carry(pair, as_of=assessed.as_of)
        fitted = self._book.finish_assessment(assessed.subject, as_of=assessed.as_of)
        return frozenset({assessed.subject, *fitted})

    def fact_asked(self, event: Happened) -> Touched:
        asked: FactAsked = event.data
        self._book.ask(event.id, resident=asked.resident, fact=asked.fact)
        return frozenset({asked.resident})

    def fact_given(self, event: Happened) -> Touched:
        if event.data.asked is not None:
            self._book.answer(event.data.asked)
        return NOBODY

    def contract_registered(self, event: Happened) -> Touched:
        # Every market holds the register's events too; their versions are counted once.
        if self._view.market == REGISTER:
            self._book.register_contract(event.subject or "")
        return NOBODY


KEEP: Final[dict[str, Callable[[_Keeper, Happened], Touched]]] = {
    "ResidentRegisteredSealed": _Keeper.resident_registered,
    "ResidentUpdatedSealed": _Keeper.resident_updated,
    "ResidentPaused": _Keeper.resident_paused,
    "ResidentResumed": _Keeper.resident_resumed,
    "ResidentClosed": _Keeper.resident_closed,
    "ResidentErased": _Keeper.resident_erased,
    "ConsentGiven": _Keeper.consent_given,
    "ConsentWithdrawn": _Keeper.consent_withdrawn,
    "OpportunityPostedSealed": _Keeper.opportunity_posted,
    "OpportunityAmendedSealed": _Keeper.opportunity_posted,
    "OpportunityWithdrawn": _Keeper.opportunity_withdrawn,
    "DayBegan": _Keeper.day_began,
    "FitsAssessed": _Keeper.fits_assessed,
    "FactAsked": _Keeper.fact_asked,
    "FactGivenSealed": _Keeper.fact_given,
    "ContractRegistered": _Keeper.contract_registered,
}


# --- what a record tells ------------------------------------------------------------------


def _tellings(view: "RecordView", book: "NotificationBook") -> Iterator[Owed]:
    for leaf, event in enumerate(view.events, start=FIRST_EVENT):
        yield from slots.tellings(event, view, book, leaf=leaf)
        if isinstance(event.data, NoticeGiven):
            yield _as_it_is(event, leaf=leaf, recipient=event.data.party)
        elif isinstance(event.data, FactAsked) and event.party is not None:
            yield _as_it_is(event, leaf=leaf, recipient=event.party)
        elif event.name == "ResidentErased":
            payload: dict[str, Any] = {
                "resident": event.subject,
                "asked_at": view.cause.appended_at,
            }
            yield Owed(leaf=leaf, recipient=MARKET, kind="KeyDestroyed", payload=payload)


def _as_it_is(event: Happened, *, leaf: int, recipient: str) -> Owed:
    payload = {"id": event.id, "subject": event.subject, "data": codec.plain(event.data)}
    return Owed(leaf=leaf, recipient=recipient, kind=event.name, payload=payload)
