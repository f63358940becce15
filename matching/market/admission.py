"""
Repeats and duplicates: what was taken already, and what was accepted already.

A repeat stands at or below its source's high-water mark and leaves no record. A
duplicate is a new record with the source and id of one accepted within the policy's
days. Only an accepted submission makes a later one a duplicate: a refusal reserves nothing.
"""

from datetime import timedelta
from typing import Any

from matching.market.record import Happened, Repeat, Said
from matching.market.state import MarketState
from schemas.log_record import Position
from schemas.vocabulary import later

NOT_ACCEPTED = ("SubmissionRefused", "SubmissionRepeated")
REGISTER_FACTS = "foothold.RegisterFacts.v1"


def repeated(state: MarketState, said: Said) -> bool:
    """
    Tell whether this very record was taken before.
    """
    if said.name == "RegisterFacts":
        return bool(said.data.register_sequence <= state.register_sequence)
    if said.source is None:
        return False
    return said.source.offset <= state.marks.get(_mark(said.source), -1)


def duplicate(state: MarketState, said: Said) -> Repeat | None:
    """
    Return the accepted record that said the same under the same source and id.
    """
    if said.source is None or said.name == "InputUnreadable":
        return None
    resident = state.residents.get(said.subject)
    if resident is not None and resident.status == "erased":
        # Who was erased is not told of again, not even by an old answer.
        return None
    found = state.recent.get(said.key)
    return Repeat(found[0]) if found is not None else None


def evolve_cause(
    state: MarketState,
    source: Position | None,
    told: dict[str, Any],
    events: tuple[Happened, ...],
) -> None:
    """
    Raise the source's mark, and remember the submission where it was accepted.
    """
    message = told["message"]
    if message["type"] == REGISTER_FACTS:
        state.register_sequence = max(state.register_sequence, message["data"]["register_sequence"])
    if source is None:
        return
    mark = _mark(source)
    state.marks[mark] = max(source.offset, state.marks.get(mark, -1))
    if not any(event.name in NOT_ACCEPTED for event in events):
        state.recent[f"{message['source']} {message['id']}"] = (state.writing, state.now)


def forget(state: MarketState) -> None:
    """
    Forget submissions accepted longer ago than a duplicate is looked for.
    """
    days = state.policy.duplicate_days
    horizon = later(state.now, timedelta(days=-days))
    state.recent = {key: seen for key, seen in state.recent.items() if seen[1] >= horizon}


def _mark(source: Position) -> str:
    return f"{source.topic_id}/{source.partition}"
