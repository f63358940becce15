"""
A dossier: every record of a market's log that is about one resident, and nobody else's part.

What is sealed stays sealed here. Of an event that is about several people only the part of
this one is kept, so nothing of anybody else can leave with it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from matching.market import fold
from matching.market.entitlement import wants
from matching.market.record import Happened
from matching.market.state import MarketState
from schemas import codec
from schemas.log_record import LogRecord
from schemas.slots import RoundClosed
from services.transport.explaining import Account, DoesNotFollow, accounts
from services.transport.records import RecordView
from services.transport.replaying import opened

# Whose value says what an event is about, where its subject does not.
ABOUT = ("resident", "offer", "challenge", "about")

# What stands in a record without holding, by the event that says so.
NOT_HOLDING = {"SubmissionRefused": "Refused", "SubmissionRepeated": "Repeated"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """
    One event about the resident: when in the market's own time, by whom, and what it says.

    `data` are plain values, `event` the event itself where all of it is this resident's own.
    `staff` is the code of who said it, where somebody did.
    """

    id: str
    at: str
    name: str
    party: str | None
    staff: str | None
    data: dict[str, Any]
    event: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """
    All that a market's log says of one resident, until its end.

    `accounts` are those of each opportunity that they wanted, were proposed for or contested.
    `kept` is what the market itself holds of them now, by name.
    """

    resident: str
    partner: str | None
    entries: tuple[Entry, ...]
    accounts: tuple[Account, ...]
    kept: dict[str, Any]
    state: MarketState


def dossier(records: Sequence[LogRecord], *, resident: str) -> Dossier:
    """
    Gather a resident's dossier from a market's whole log.

    Args:
        records: the market's records from its first on, whose chain was checked.
        resident: our id.

    Raises:
        DoesNotFollow: the records do not follow from each other.
        UnknownEvent: a newer release wrote them.
    """
    gathering = _Gathering(resident=resident)
    state = fold.empty(records[0].market if records else "")
    for record in records:
        gathering.take_record(state, record)
    known = state.residents.get(resident)
    return Dossier(
        resident=resident,
        partner=known.party if known is not None else None,
        entries=tuple(gathering.entries),
        accounts=accounts(records, resident=resident, opportunities=tuple(gathering.wanted)),
        kept=_kept(state, gathering),
        state=state,
    )


@dataclass(slots=True, kw_only=True)
class _Gathering:
    """
    What was met so far: the resident's own ids, their entries and what they wanted.
    """

    resident: str
    own: set[str] = field(default_factory=set)
    entries: list[Entry] = field(default_factory=list)
    wanted: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.own.add(self.resident)

    def take_record(self, state: MarketState, record: LogRecord) -> None:
        """
        Take one record's events, each on the state before it acts.
        """
        seen = opened(record)
        staff = (seen.told.get("message") or {}).get("authid")
        try:
            for event in fold.steps(state, seen.cause, seen.told, seen.events):
                self.take(state, event, staff=staff if event.said is not None else None)
        except LookupError as error:
            raise DoesNotFollow(f"record {seen.sequence}: {error}") from error
        self.entries += _not_holding(seen, self.own, at=state.now)
        fold.link(state, sequence=seen.sequence, digest=seen.digest)

    def take(self, state: MarketState, event: Happened, *, staff: str | None) -> None:
        """
        Take an event if it is about the resident, whole or in part.
        """
        self._note(state, event)
        told = codec.plain(event.data)
        named = {event.subject, event.id, *(told.get(each) for each in ABOUT)}
        is_whole = bool(named & self.own)
        data = told if is_whole else _part(told, self.own)
        if data is None:
            return
        self.entries.append(
            Entry(
                id=event.id,
                at=state.now,
                name=event.name,
                party=event.party,
                staff=staff,
                data=data,
                event=event.data if data == told else None,
            )
        )

    def _note(self, state: MarketState, event: Happened) -> None:
        """
        Note the ids that become the resident's own, and the opportunities that they want.
        """
        data = event.data
        if isinstance(data, RoundClosed):
            self._note_round(state, data)
        elif getattr(data, "resident", None) == self.resident:
            self.own.update(
                getattr(data, each) for each in ("offer", "challenge") if hasattr(data, each)
            )
            if getattr(data, "opportunity", None) is not None and event.name != "FactAsked":
                self.wanted[data.opportunity] = None

    def _note_round(self, state: MarketState, closed: RoundClosed) -> None:
        entry = state.residents.get(self.resident)
        for part in closed.opportunities if entry is not None else ():
            assert entry is not None
            if wants(state, self.resident, entry, part.opportunity):
                self.wanted[part.opportunity] = None
        for decision in closed.decisions:
            if decision.resident == self.resident:
                self.own.add(decision.offer)
                self.wanted[decision.opportunity] = None


def _not_holding(seen: RecordView, own: set[str], *, at: str) -> Iterator[Entry]:
    """
    Yield what was said of the resident and was refused, or said again: the log holds it, too.
    """
    message = seen.told.get("message") or {}
    if message.get("subject") not in own:
        return
    for event in seen.events:
        if event.name in NOT_HOLDING:
            said, version = message["type"].removeprefix("foothold.").split(".v")
            data, staff = message.get("data"), message.get("authid")
            why = Entry(
                id=event.id,
                at=at,
                name=f"{NOT_HOLDING[event.name]} {said}",
                party=event.party,
                staff=staff,
                data=codec.plain(event.data),
            )
            yield why
            if data is not None:
                found = codec.event_of(said, int(version), data)
                yield replace(why, name=f"What was refused: {said}", data=data, event=found)


def _part(told: dict[str, Any], own: set[str]) -> dict[str, Any] | None:
    """
    Keep of an event that is about several people the items that name what is the resident's.
    """
    kept = {
        name: [each for each in item if isinstance(each, dict) and _names(each, own)]
        for name, item in told.items()
        if isinstance(item, list)
    }
    found = {name: items for name, items in kept.items() if items}
    if not found:
        return None
    return {name: item for name, item in told.items() if not isinstance(item, list)} | found


def _names(item: dict[str, Any], own: set[str]) -> bool:
    return any(
        isinstance(told, str) and (told in own or told.partition(" ")[2] in own)
        for told in item.values()
    )


def _kept(state: MarketState, gathering: _Gathering) -> dict[str, Any]:
    """
    Return what the market holds of the resident now, as plain values.
    """
    known = state.residents.get(gathering.resident)
    if known is None:
        return {}
    fits = state.fits.get(gathering.resident, {})
    return {
        "resident": codec.plain(known),
        "fits": {each: codec.plain(fit) for each, fit in sorted(fits.items())},
        "offers": {
            each: codec.plain(state.offers[each])
            for each in sorted(gathering.own & state.offers.keys())
        },
        "challenges": {
            each: codec.plain(state.challenges[each])
            for each in sorted(gathering.own & state.challenges.keys())
        },
    }


def fields_of(told: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    """
    Yield each value that stands in plain values, by its dotted name.

    >>> list(fields_of({"a": {"b": [1, None]}, "c": []}))
    [('a.b.1', 1), ('a.b.2', None), ('c', [])]
    """
    if isinstance(told, dict) and told:
        for name, item in told.items():
            yield from fields_of(item, f"{at}.{name}" if at else name)
    elif isinstance(told, list | tuple) and told:
        for number, item in enumerate(told, start=1):
            yield from fields_of(item, f"{at}.{number}" if at else str(number))
    else:
        yield at, told
