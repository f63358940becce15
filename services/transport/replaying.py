"""
Replay: what was said in a market, decided again, and compared byte for byte.

Taken as given are what no decision made: a market's opening, a record in quarantine, and
the salts. A duplicate keeps only what identifies it, so it is checked against the record
that it names.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from matching.market import fold
from matching.market.record import Said
from matching.market.state import MarketState
from schemas import codec
from schemas.envelope import Message, canonical
from schemas.log_record import LogRecord
from schemas.vocabulary import Instant
from services.transport.inbox import carried_in
from services.transport.ports import Record
from services.transport.records import RecordView, event_body, view

# So many bytes from the first that differs on are shown: they are ASCII, and never clear text.
SHOWN_BYTES = 40


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
class Outcome:
    """
    How many records came out the same, which were taken as given, and the first difference.

    `decided` counts, by name, the events that were decided again to the same bytes.
    """

    same: int
    quarantined: tuple[int, ...]
    difference: Difference | None
    state: MarketState
    decided: Counter[str] = field(default_factory=Counter)


def replayed(records: Sequence[LogRecord]) -> Outcome:
    """
    Decide every record of one market's log again.

    Args:
        records: the market's records from its first on, whose chain was checked.
    """
    state = fold.empty(records[0].market if records else "")
    by_sequence: dict[int, RecordView] = {}
    difference = None
    same, quarantined, decided = 0, [], Counter[str]()
    for record in records:
        seen = opened(record)
        by_sequence[seen.sequence] = seen
        why = None
        if seen.cause.quarantined:
            quarantined.append(seen.sequence)
            why = _given(state, seen, only="SubmissionRefused")
        elif seen.sequence == 1:
            why = _given(state, seen, only="MarketOpened")
        elif _is_repeat(seen):
            why = _repeat_difference(seen, by_sequence) or _given(
                state, seen, only="SubmissionRepeated"
            )
        else:
            why = _decision_difference(state, seen)
            decided.update(event.name for event in seen.events if why is None)
        if why is not None:
            difference = Difference(sequence=seen.sequence, release=seen.cause.release, why=why)
            break
        fold.link(state, sequence=seen.sequence, digest=seen.digest)
        same += 1
    return Outcome(
        same=same,
        quarantined=tuple(quarantined),
        difference=difference,
        state=state,
        decided=decided,
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


def _given(state: MarketState, seen: RecordView, *, only: str) -> str | None:
    """
    Take as given what no decision made; it is one event of that name, and nothing beside it.
    """
    names = [event.name for event in seen.events]
    if names != [only]:
        return f"where {only} alone should stand, it holds {', '.join(names)}"
    fold.evolve(state, seen.cause, seen.told, seen.events)
    return None


def _decision_difference(state: MarketState, seen: RecordView) -> str | None:
    # Idle ticks leave no record, so *now* stands in the cause.
    state.now = max(state.now, seen.cause.now)
    said = _said(seen)
    if said is None:
        return "what was said cannot be read by this release"
    decided = fold.decide(state, said)
    if decided is None:
        return "deciding it again leaves no record"
    again = [canonical(event_body(event)) for event in decided]
    written = [canonical(event_body(event)) for event in seen.events]
    if again == written:
        return None
    return _first_difference(written, again)


def _repeat_difference(seen: RecordView, by_sequence: dict[int, RecordView]) -> str | None:
    first = by_sequence.get(seen.events[0].data.of_sequence)
    if first is None or first.sequence == seen.sequence:
        return "it names a first record that is not there"
    said, again = first.told["message"], seen.told["message"]
    same_id = (said["source"], said["id"]) == (again["source"], again["id"])
    same_content = said["type"] == again["type"] and said.get("subject") == again.get("subject")
    return None if same_id or same_content else "it names a record that said something else"


def _first_difference(written: list[bytes], again: list[bytes]) -> str:
    """
    Name the first byte that differs, in the first event that does, with what follows it.
    """
    for n, (old, new) in enumerate(zip(written, again, strict=False), start=1):
        if old != new:
            at = _first_byte(old, new)
            return (
                f"event {n} ({_name(old)}) differs from byte {at} on: written "
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


def _is_repeat(seen: RecordView) -> bool:
    return any(event.name == "SubmissionRepeated" for event in seen.events)


def _said(seen: RecordView) -> Said | None:
    message: Any = codec.message_of(seen.told["message"])
    if not isinstance(message, Message):
        return None
    return Said(
        message=message,
        source=seen.cause.source,
        inbox=seen.cause.inbox,
        appended_at=seen.cause.appended_at,
        told=seen.told,
        carried=carried_in(message, seen.told),
    )
