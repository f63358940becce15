"""
What a record of the register owes to every market: its accepted events, in order.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from matching.market.record import Happened
from schemas import codec
from schemas.answers import RegisterFacts
from schemas.envelope import Envelope, Message
from schemas.markets import MarketOpened
from schemas.vocabulary import REGISTER, event_type

if TYPE_CHECKING:
    from services.storage.announcements import Announcements
    from services.transport.records import RecordView

SOURCE: Final = "/worker/herald"
# What informs one party only is no fact for a market.
NOT_CARRIED: Final = frozenset(
    {"SubmissionRefused", "SubmissionRepeated", "InputUnreadable", "NoticeGiven"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """
    One record of the register on its way to one market.
    """

    market: str
    register_sequence: int
    appended_at: str


def announce(view: "RecordView", book: "Announcements") -> tuple[Carried, ...]:
    """
    Keep what a record of the register accepted, and return what is owed to which market.

    A market that opens is owed every record from the first on, in order; the others this one.

    Args:
        view: the record, after all before it; other markets' records are owed nothing.
        book: what the herald remembers, inside the transaction of this record.
    """
    facts = carried_facts(view.events) if view.market == REGISTER else ()
    if not facts:
        return ()
    known = book.markets()
    book.keep(view.sequence, appended_at=view.appended_at, facts=facts)
    owed = [
        Carried(market=market, register_sequence=view.sequence, appended_at=view.appended_at)
        for market in sorted(known)
    ]
    for opened in _opened(view.events):
        book.open_market(opened.code, partition=opened.partition)
        owed += [
            Carried(market=opened.code, register_sequence=sequence, appended_at=appended_at)
            for sequence, appended_at in book.kept()
        ]
    return tuple(owed)


def carried_facts(events: tuple[Happened, ...]) -> tuple[dict[str, Any], ...]:
    """
    Return the whole bodies of the accepted events of a record.
    """
    return tuple(_body(event) for event in events if event.name not in NOT_CARRIED)


def _body(event: Happened) -> dict[str, Any]:
    told = {
        "id": event.id,
        "type": event.name,
        "version": event.version,
        "subject": event.subject,
        "party": event.party,
        "data": codec.plain(event.data),
    }
    return {name: item for name, item in told.items() if item is not None}


def _opened(events: tuple[Happened, ...]) -> tuple[MarketOpened, ...]:
    """
    Return the markets that opened; the register's own beginning is no market to tell.
    """
    found = [event.data for event in events if isinstance(event.data, MarketOpened)]
    return tuple(opened for opened in found if opened.code != REGISTER)


def message(register_sequence: int, facts: tuple[dict[str, Any], ...]) -> Message:
    """
    Make what goes into a market's inbox: the same record gives the same message.
    """
    data = RegisterFacts(register_sequence=register_sequence, events=facts)
    envelope = Envelope(
        id=f"register-{register_sequence}", source=SOURCE, type=event_type(data).wire_name
    )
    return Message(envelope=envelope, data=data)
