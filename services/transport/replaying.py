"""
Replay: what was said in a market, decided again, and compared byte for byte.

Taken as given are what no decision made: a market's opening, a record in quarantine, and
the salts. A duplicate keeps only what identifies it, so it is checked against the record
that it names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
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
    """

    same: int
    quarantined: tuple[int, ...]
    difference: Difference | None
    state: MarketState


def replayed(records: Sequence[LogRecord]) -> Outcome:
    """
    Decide every record of one market's log again.

    Args:
        records: the market's records from its first on, whose chain was checked.
    """
    state = fold.empty(records[0].market if records else "")
    by_sequence: dict[int, RecordView] = {}
    same, quarantined = 0, []
    for record in records:
        seen = opened(record)
        by_sequence[seen.sequence] = seen
        why = None
        if seen.cause.quarantined:
            quarantined.append(seen.sequence)
            fold.evolve(state, seen.cause, seen.told, seen.events)
        elif seen.sequence == 1:
            fold.evolve(state, seen.cause, seen.told, seen.events)
        elif _is_repeat(seen):
            why = _repeat_difference(seen, by_sequence)
            fold.evolve(state, seen.cause, seen.told, seen.events)
        else:
            why = _decision_difference(state, seen)
        if why is not None:
            found = Difference(sequence=seen.sequence, release=seen.cause.release, why=why)
            return Outcome(same=same, quarantined=tuple(quarantined), difference=found, state=state)
        fold.link(state, sequence=seen.sequence, digest=seen.digest)
        same += 1
    return Outcome(same=same, quarantined=tuple(quarantined), difference=None, state=state)


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
    for n, (old, new) in enumerate(zip(written, again, strict=False), start=1):
        if old != new:
            at = next(
                (i for i, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), 0
            )
            return f"event {n} differs from byte {at} on"
    return f"{len(written)} events were written, and {len(again)} are decided"


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
