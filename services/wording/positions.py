"""
Reserved positions in plain English: what a queue tells of them, and how it is answered.
"""

import re
from collections.abc import Mapping
from typing import Final

from schemas.slots import PositionState
from services.wording.facts import condition
from services.wording.figures import counted
from services.wording.introductions import ANSWERED_BY, INTRODUCTIONS
from services.wording.reasons import BY_EVENT
from services.wording.refusals import NotWorded

# Braces name what a message tells; days and times come in as words, rungs counted from 1.
TELLINGS: Final[Mapping[str, str]] = {
    "SlotProposed": (
        "Proposal {offer}: {who} for {what}, {grounds}. Nothing is offered before you release it;"
        " the days for that, {release_working_days} of work, run from its delivery."
    ),
    "SlotOffered": (
        "Offer {offer}: {who} is offered {what}, reserved by clause {clause}. The days to answer,"
        " {answer_working_days} of work, run from its delivery."
    ),
    "AnswerDue": "Offer {offer}: the answer of {who} about {what} is awaited until {answer_by}.",
    "OfferLapsed": (
        "Offer {offer} to {who} for {what} has lapsed: {reason}. Nothing is lost by that but this"
        " position."
    ),
    "OfferWithdrawn": "Offer {offer} to {who} for {what} has ended: {reason}.",
    "EligibilityLost": (
        "{who} no longer meets a rung that is open for {what} (offer {offer}). What is offered or"
        " accepted stands."
    ),
    "HireConfirmed": "{who} is taken on: the supplier confirmed {what} (offer {offer}).",
    "HireRejected": "{who} is not taken on for {what}: {reason} (offer {offer}).",
    "ConfirmationDue": (
        "{slot}{reserved}: your days begin anew for who was introduced (offer {offer}){reached}."
        " Confirm or reject by {confirm_by}."
    ),
    "PositionChanged": "{slot}{reserved}: {state}.",
    "IntakeOpened": (
        "{what} has {groups}. Residents' answers are taken in until {until}; the first proposals"
        " come on {first_round_at}."
    ),
    "PositionsAdjusted": "{what} has now {groups}.",
    "StageOpened": "{what}, group {group}: {stage}.",
    "IntakeListed": (
        "{residents} of yours may want {what} and are not asked yet. Only a yes enters the first"
        " round: ask them by {until}."
    ),
    **INTRODUCTIONS,
}

# The one command that answers, the one that says otherwise, and what else helps.
COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    **ANSWERED_BY,
    "IntakeListed": ("foothold interest {party} {listed} yes {opportunity} --by STAFF",),
}

STATES: Final[Mapping[str, str]] = {
    PositionState.FREE: "free again, and will be proposed to the next in order",
    PositionState.ACCEPTED: "accepted",
    PositionState.FILLED: "filled",
    PositionState.OVER: "one more than you post now; it is held and stays",
    PositionState.REMOVED: "no longer there",
    PositionState.PUBLIC: "no longer reserved; you may advertise it openly",
    PositionState.ASKED_AGAIN: (
        "held, while who was introduced is asked again, since its terms changed; you hear again"
        " if they still want it"
    ),
}
# Of a referral, which holds no position.
REFERRAL_ENDED: Final = "who was introduced does not come; it is as free as before"

PUBLIC: Final = "no more proposals are made, and you may advertise what is free openly"

STEPS: Final[Mapping[str, str]] = {
    "intake_ends": "residents' answers are taken in until then",
    "first_proposals": "the first proposals",
    "open_advertising": "open advertising is allowed",
    "closes": "the posting is closed",
}
_STEP = re.compile(r"(rung_(?P<rung>[0-9]+)|open_advertising)(_group_(?P<group>[0-9]+))?")


def position_in_words(name: str, words: Mapping[str, str]) -> str:
    """
    Tell what a message says of a reserved position.

    Args:
        name: the event's bare name.
        words: what it tells, by field, in words already.

    Raises:
        NotWorded: the event has no sentence.

    >>> position_in_words("PositionChanged", {"slot": "Position o/starts/1 of “Roofer”",
    ...     "reserved": ", reserved by clause 4.2", "state": STATES["filled"]})
    'Position o/starts/1 of “Roofer”, reserved by clause 4.2: filled.'
    """
    if name not in TELLINGS:
        raise NotWorded(f"event {name} of a position has no sentence")
    return TELLINGS[name].format_map(words)


def state_in_words(state: str, *, is_position: bool) -> str:
    """
    Say what has become of a position; of a referral, that it has ended.

    >>> state_in_words("filled", is_position=True)
    'filled'
    """
    return STATES[state] if is_position or state == PositionState.ASKED_AGAIN else REFERRAL_ENDED


def reason_in_words(name: str, reason: str) -> str:
    """
    Say why an offer ended, by the list that its event's reasons are of.

    >>> reason_in_words("OfferWithdrawn", "not_released")
    'the partner did not release it in time'
    """
    return BY_EVENT.get(name, {}).get(reason, reason)


def stage_in_words(stage: int | None) -> str:
    """
    Say which rung is open, counted from 1 where events count from 0.

    >>> stage_in_words(1)
    'rung 2 is open, to more residents than before'
    """
    return PUBLIC if stage is None else f"rung {stage + 1} is open, to more residents than before"


def groups_in_words(groups: tuple[tuple[str, str, int], ...]) -> str:
    """
    Count the positions of each group, given as its name, its clause and how many.

    >>> groups_in_words((("starts", "4.2", 2), ("carers", "4.3", 1)))
    '2 positions reserved under clause 4.2 (starts), 1 position reserved under clause 4.3 (carers)'
    >>> groups_in_words(())
    'no reserved positions'
    """
    if not groups:
        return "no reserved positions"
    return ", ".join(
        f"{counted(positions, 'position')} reserved under clause {clause} ({group})"
        for group, clause, positions in groups
    )


def unknown_in_words(code: str) -> str:
    """
    Say of a resident which fact is not known, what it may open, and how it is given.

    >>> unknown_in_words("out_of_work_26_weeks")  # doctest: +NORMALIZE_WHITESPACE
    'not known: whether they have been out of work for 26 weeks or more, which may open an
    earlier rung; if it holds: `foothold template fact` with fact out_of_work_26_weeks'
    """
    return (
        f"not known: whether they {condition(code)}, which may open an earlier rung;"
        f" if it holds: `foothold template fact` with fact {code}"
    )


def step_in_words(what: str) -> str:
    """
    Say what a step of a posting's timetable is.

    >>> step_in_words("first_proposals"), step_in_words("rung_2")
    ('the first proposals', 'rung 2 opens')
    >>> step_in_words("open_advertising_group_3")
    'open advertising is allowed, for group 3 of the posting'

    Raises:
        NotWorded: the step has no words.
    """
    if what in STEPS:
        return STEPS[what]
    found = _STEP.fullmatch(what)
    if found is None:
        raise NotWorded(f"step {what} of a timetable has no words")
    words = f"rung {found['rung']} opens" if found["rung"] else STEPS["open_advertising"]
    return f"{words}, for group {found['group']} of the posting" if found["group"] else words
