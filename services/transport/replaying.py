"""
Replay: what was said in a market, decided again, and compared byte for byte.

Taken as given are what no decision made: a market's opening, the salts, and in a real
market *now*, as far as the broker's clock and the begun days allow it. A duplicate keeps only
what identifies it, so it is decided as though it had said what the record that it names said.
A record that was set aside as a failure is decided on a copy: by the release that set it
aside that must fail again; by another it is told what it would have become.
"""

import copy
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from matching.market import admission, fold
from matching.market.local_time import local_day
from matching.market.record import Happened, Said
from matching.market.state import MarketState
from matching.market.timekeeping import AHEAD
from schemas import codec, log_record
from schemas.envelope import Envelope, Message, canonical
from schemas.log_record import LARGEST_RECORD, SALT_BYTES, LogRecord
from schemas.vocabulary import Clock, Instant, later
from services.release import release as this_release
from services.transport.inbox import carried_in
from services.transport.ports import Record
from services.transport.records import RecordView, compose, event_body, view

# So many bytes from the first that differs on are shown: they are ASCII, and never clear text.
SHOWN_BYTES = 40
REPEATED, OPENED = "SubmissionRepeated", "MarketOpened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """
    The first record whose events do not come out the same.
    """

    sequence: int
    release: str
    why: str

    def __str__(self) -> str:
        return f"record {self.sequence} (written by release {self.release}): {self.why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """
    A record that a release set aside as a failure of its own.

    `decides` names the events that the release that replays makes of it; none where it
    leaves no record, nothing where that one fails too.
    """

    sequence: int
    release: str
    decides: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """
    How many records came out the same, which had been set aside, and the first difference.

    `decided` counts, by name, the events that were decided again to the same bytes.
    """

    same: int
    quarantined: tuple[Quarantined, ...]
    difference: Difference | None
    state: MarketState
    decided: Counter[str] = field(default_factory=Counter)


def replayed(records: Sequence[LogRecord], *, release: str | None = None) -> Outcome:
    """
    Decide every record of one market's log again.

    Args:
        records: the market's records from its first on, whose chain was checked.
        release: the release whose rules these are; the one that runs, if left out.
    """
    state = fold.empty(records[0].market if records else "")
    replay = _Replay(state=state, release=release or this_release())
    difference = None
    for record in records:
        seen = opened(record)
        why = replay.take(seen)
        if why is not None:
            difference = Difference(sequence=seen.sequence, release=seen.cause.release, why=why)
            break
    return Outcome(
        same=replay.same,
        quarantined=tuple(replay.quarantined),
        difference=difference,
        state=state,
        decided=replay.decided,
    )


def opened(record: LogRecord) -> RecordView:
    """
    Open an exported record, which has no place in a topic.

    Raises:
        UnknownEvent: it holds an event kind that this release does not know.
    """
    nowhere: Instant = "0001-01-01T00:00:00.000Z"
    placed = Record(
        topic="export",
        partition=0,
        offset=record.sequence,
        appended_at=nowhere,
        key=record.market.encode(),
        value=b"",
    )
    return view(placed, record)


@dataclass(slots=True, kw_only=True)
class _Replay:
    """
    A log as far as it came out the same.
    """

    state: MarketState
    release: str
    seen: dict[int, RecordView] = field(default_factory=dict)
    same: int = 0
    quarantined: list[Quarantined] = field(default_factory=list)
    decided: Counter[str] = field(default_factory=Counter)

    def take(self, seen: RecordView) -> str | None:
        """
        Decide a record again; return what differs, or nothing.
        """
        why = self._opening(seen) if seen.sequence == 1 else self._further(seen)
        if why is None:
            fold.link(self.state, sequence=seen.sequence, digest=seen.digest)
            self.seen[seen.sequence] = seen
            self.same += 1
        return why

    def _opening(self, seen: RecordView) -> str | None:
        names = [event.name for event in seen.events]
        if names != [OPENED]:
            return f"where {OPENED} alone should stand, it holds {', '.join(names)}"
        if seen.cause.now != seen.events[0].data.now:
            return f"its time, {seen.cause.now}, is not that of the market's opening"
        fold.evolve(self.state, seen.cause, seen.told, seen.events)
        return None

    def _further(self, seen: RecordView) -> str | None:
        why = _time_difference(self.state, seen)
        if why is not None:
            return why
        # Idle ticks leave no record, so *now* stands in the cause.
        self.state.now = seen.cause.now
        if any(event.name == REPEATED for event in seen.events):
            return self._repeated(seen)
        said = _said(seen, seen.told["message"])
        if said is None:
            return "what was said cannot be read by this release"
        if seen.cause.quarantined:
            return self._set_aside(seen, said)
        why = _difference(self.state, said, seen)
        self.decided.update(event.name for event in seen.events if why is None)
        return why

    def _repeated(self, seen: RecordView) -> str | None:
        """
        Decide a duplicate again, on what the record that it names said.
        """
        if seen.cause.quarantined:
            return "it is marked as set aside, and holds an answer"
        named = next(event for event in seen.events if event.name == REPEATED)
        first = self.seen.get(named.data.of_sequence)
        if first is None:
            return "it names a first record that is not there"
        by_id = _by_id(self.state, seen)
        if by_id is not None:
            return _difference(self.state, by_id, seen)
        told = first.told["message"]
        if told["type"] != seen.told["message"]["type"] or _mark(told) != _kept_mark(seen):
            return "it names a record that said something else"
        said = _said(seen, {**seen.told["message"], "data": told.get("data")})
        if said is None:
            return "what it repeats cannot be read by this release"
        return _difference(self.state, said, seen)

    def _set_aside(self, seen: RecordView, said: Said) -> str | None:
        again = _decided(copy.deepcopy(self.state), said, seen)
        decides = None if isinstance(again, _Failed) else tuple(event.name for event in again)
        if decides is not None and seen.cause.release == self.release:
            return (
                "it was set aside as a failure, but the very release that did so decides it: "
                f"{', '.join(decides) or 'it leaves no record'}"
            )
        self.quarantined.append(
            Quarantined(sequence=seen.sequence, release=seen.cause.release, decides=decides)
        )
        return _compared(seen, fold.quarantine(self.state, said))


@dataclass(frozen=True, slots=True)
class _Failed:
    """
    What a decision raised.
    """

    error: str


def _time_difference(state: MarketState, seen: RecordView) -> str | None:
    """
    Say why the log's time cannot have come as far as a record says; nothing where it can.

    The first tick of each local day leaves a record, and so does each of a simulated market.
    """
    now = seen.cause.now
    if now == state.now:
        return None
    if now < state.now:
        return f"its time, {now}, goes back: the log had come to {state.now}"
    if state.opened is None or state.opened.clock is not Clock.REAL:
        return f"its time is {now}, but no tick moved it on from {state.now}"
    latest = later(seen.cause.appended_at, AHEAD)
    if now > latest:
        return f"its time, {now}, is ahead of the broker's clock, which allows {latest} at most"
    if local_day(state, now) > state.day:
        return f"its time, {now}, lies on a day that has not begun: the log is at {state.now}"
    return None


def _difference(state: MarketState, said: Said, seen: RecordView) -> str | None:
    again = _decided(state, said, seen)
    if isinstance(again, _Failed):
        return f"deciding it again fails ({again.error})"
    return _compared(seen, again) if again else "deciding it again leaves no record"


def _decided(state: MarketState, said: Said, seen: RecordView) -> tuple[Happened, ...] | _Failed:
    """
    Decide a record, as the market's worker does, which also fails where the log takes no more.
    """
    try:
        events = fold.decide(state, said) or ()
        size = len(log_record.write(_composed(said, seen, events))) if events else 0
    except codec.UnknownEvent:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a decision raises is the finding
        return _Failed(type(error).__name__)
    return events if size <= LARGEST_RECORD else _Failed(f"a record of {size} bytes")


def _composed(said: Said, seen: RecordView, events: tuple[Happened, ...]) -> LogRecord:
    return compose(
        seen.market,
        sequence=seen.sequence,
        previous=seen.previous,
        cause=seen.cause,
        told=said.told,
        events=events,
        salts=lambda *_: bytes(SALT_BYTES),
    )


def _compared(seen: RecordView, decided: tuple[Happened, ...]) -> str | None:
    again = [canonical(event_body(event)) for event in decided]
    written = [canonical(event_body(event)) for event in seen.events]
    return None if again == written else _first_difference(written, again)


def _by_id(state: MarketState, seen: RecordView) -> Said | None:
    """
    Read a duplicate that has the id of one accepted lately: whatever it said, it is a repeat.
    """
    told = seen.told["message"]
    context = {name: told[name] for name in ("id", "source", "subject", "type") if name in told}
    try:
        envelope: Envelope = codec.restore(Envelope, context)
    except ValueError:
        return None
    said = _saying(seen, Message(envelope=envelope, data=None))
    return said if admission.duplicate(state, said) is not None else None


def _mark(told: dict[str, Any]) -> str | None:
    """
    Return the fingerprint of what was said, where it has one: two with the same said the same.
    """
    mark = (told.get("data") or {}).get("fingerprint")
    return str(mark) if mark else None


def _kept_mark(seen: RecordView) -> str | None:
    return seen.told.get("fingerprint")


def _first_difference(written: list[bytes], again: list[bytes]) -> str:
    """
    Name the first byte that differs, in the first event that does, with what follows it.
    """
    for n, (old, new) in enumerate(zip(written, again, strict=False), start=1):
        if old != new:
            at = _first_byte(old, new)
            name, other = _name(old), _name(new)
            what = name if name == other else f"{name}, decided again as {other}"
            return (
                f"event {n} ({what}) differs from byte {at} on: written "
                f"{_excerpt(old, at)}, decided again {_excerpt(new, at)}"
            )
    n = min(len(written), len(again)) + 1
    if len(written) < len(again):
        return f"event {n} ({_name(again[n - 1])}) is decided, and is not on the log"
    return f"event {n} ({_name(written[n - 1])}) is on the log, and is not decided"


def _first_byte(old: bytes, new: bytes) -> int:
    pairs = enumerate(zip(old, new, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(old), len(new)))


def _excerpt(told: bytes, at: int) -> str:
    return f"`{told[at : at + SHOWN_BYTES].decode()}`"


def _name(event: bytes) -> str:
    return str(json.loads(event)["type"])


def _said(seen: RecordView, told: dict[str, Any]) -> Said | None:
    message: Any = codec.message_of(told)
    if not isinstance(message, Message):
        return None
    carries = "data" in seen.told["message"]
    return _saying(seen, message, carried=carried_in(message, seen.told) if carries else ())


def _saying(seen: RecordView, message: Message, *, carried: tuple[Happened, ...] = ()) -> Said:
    return Said(
        message=message,
        source=seen.cause.source,
        inbox=seen.cause.inbox,
        appended_at=seen.cause.appended_at,
        told=seen.told,
        carried=carried,
    )
