"""
What eligibility turns on, one check a function, for one opportunity or resident against many.
"""

import numpy as np
from numpy.typing import NDArray

from matching.model import Eligibility, GateCode, OpportunityProfile, ResidentProfile, Side
from matching.ranking.eligibility.answers import (
    NO,
    NOT_ASKED,
    UNKNOWN,
    YES,
    Answers,
    Assessed,
    by_margin,
    unless,
)
from matching.ranking.eligibility.distance import metres_between
from matching.ranking.eligibility.rows import GateRows, Ground, row_of, rows_for

# A code ends so if it names a licence: who states their licences states all of them.
LICENCE_ENDINGS = ("_licence", "_card", "_certificate")

_MINUTES_A_DAY = 24 * 60


def assess(*, opportunities: GateRows, residents: GateRows) -> Assessed:
    """
    Answer for one opportunity against many residents, or for many against one.

    Args:
        opportunities: one or many.
        residents: one or many; at least one side has a single row.

    Returns:
        The answers, in the order of the many.
    """
    answers: dict[str, Answers] = {
        GateCode.HOURS: _hours(opportunities, residents),
        GateCode.TRAVEL: _travel(opportunities, residents),
        GateCode.START: _start(opportunities, residents),
        GateCode.TIMES: _times(opportunities, residents),
        GateCode.DAYS: _working_days(opportunities, residents),
        GateCode.PAY: _pay(opportunities, residents),
        GateCode.RIGHT_TO_WORK: _right(opportunities, residents),
        GateCode.AGE: _age(opportunities, residents),
    }
    for fact, asked in sorted(opportunities.facts.items()):
        rows = np.zeros(len(opportunities), np.bool_)
        rows[list(asked)] = True
        held = np.where(rows, _facts(residents, fact), NOT_ASKED)
        answers[fact] = np.minimum(answers.get(fact, np.int8(NOT_ASKED)), held.astype(np.int8))
    n = max(len(opportunities), len(residents)) if len(opportunities) and len(residents) else 0
    table = np.array([np.broadcast_to(each, n) for each in answers.values()], np.int8)
    return Assessed(codes=tuple(map(str, answers)), answers=table)


def judge(
    opportunity: OpportunityProfile, resident: ResidentProfile, *, ground: Ground
) -> Eligibility:
    """
    Answer for one pair.
    """
    asks, can = rows_for(Side.OPPORTUNITY), rows_for(Side.RESIDENT)
    asks.append(row_of(opportunity, ground=ground))
    can.append(row_of(resident, ground=ground))
    return assess(opportunities=asks, residents=can).of(0)


def _hours(asks: GateRows, can: GateRows) -> Answers:
    minutes = asks.column("minutes")
    return by_margin(np.minimum(minutes - can.column("least"), can.column("most") - minutes))


def _travel(asks: GateRows, can: GateRows) -> Answers:
    metres = metres_between(
        can.column("lat"), can.column("lon"), asks.column("lat"), asks.column("lon")
    )
    return unless(asks.column("remote") == 1, by_margin(can.column("metres") - metres))


def _start(asks: GateRows, can: GateRows) -> Answers:
    return by_margin(asks.column("starts") - can.column("available"))


def _times(asks: GateRows, can: GateRows) -> Answers:
    """
    Answer whether the working times fall into the resident's, over midnight too.

    Where a resident states one end alone it is read as of the same day, so that work which
    breaks it by day is not met; anything else of them is unknown.
    """
    begins, ends = asks.column("start"), asks.column("end")
    open_asked = np.isnan(begins) & np.isnan(ends)
    # Where an opportunity states one end, that moment alone is asked.
    begins, ends = np.where(np.isnan(begins), ends, begins), np.where(np.isnan(ends), begins, ends)
    ends = np.where(ends < begins, ends + _MINUTES_A_DAY, ends)
    earliest, latest = can.column("start"), can.column("end")
    latest = np.where(latest <= earliest, latest + _MINUTES_A_DAY, latest)
    # Work may fall into the window of the same day or, for nights, of the one before.
    whole = np.maximum.reduce(
        [
            np.minimum(begins + shift - earliest, latest - ends - shift)
            for shift in (-_MINUTES_A_DAY, 0, _MINUTES_A_DAY)
        ]
    )
    half = np.fmin(begins - earliest, latest - ends)
    fails_known_end = np.isnan(whole) & (half < 0) & (ends <= _MINUTES_A_DAY)
    return unless(open_asked, by_margin(np.where(fails_known_end, half, whole)))


def _working_days(asks: GateRows, can: GateRows) -> Answers:
    asked, free = (side.column("days").astype(np.int64) for side in (asks, can))
    answer = np.where(asked & ~free, NO, YES)
    answer = np.where(free == 0, UNKNOWN, answer)
    return unless(asked == 0, answer)


def _pay(asks: GateRows, can: GateRows) -> Answers:
    floor = can.column("floor")
    return unless(np.isnan(floor), by_margin(asks.column("pence") - floor))


def _right(asks: GateRows, can: GateRows) -> Answers:
    needed, right = asks.column("right"), can.column("right")
    answer = by_margin(np.where(right == 1, 0.0, right - 1))
    # Of work whose kind is unknown it is unknown whether it needs the right.
    answer = np.where((answer == NO) & np.isnan(needed), UNKNOWN, answer)
    return unless(needed == 0, answer)


def _age(asks: GateRows, can: GateRows) -> Answers:
    born = can.column("born")
    old_enough = by_margin(asks.column("born_by") - born)
    young_enough = by_margin(born - asks.column("born_from"))
    by_exception = np.minimum(by_margin(born - asks.column("born_from_wider")), _widened(asks, can))
    answer = np.minimum(old_enough, np.maximum(young_enough, by_exception))
    return unless(asks.column("aged") == 0, answer)


def _widened(asks: GateRows, can: GateRows) -> Answers:
    """
    Answer whether any of the facts that widen an age rule holds.
    """
    best: NDArray[np.integer] = np.zeros(1, np.int8)
    for fact in sorted({fact for facts in asks.widened_by for fact in facts}):
        widens = np.array([fact in facts for facts in asks.widened_by])
        best = np.maximum(best, np.where(widens, _facts(can, fact), NO))
    return best.astype(np.int8)


def _facts(residents: GateRows, fact: str) -> Answers:
    answer = np.full(len(residents), UNKNOWN, np.int8)
    if fact.endswith(LICENCE_ENDINGS):
        answer[residents.column("licences") == 1] = NO
    for at, holds in residents.facts.get(fact, {}).items():
        answer[at] = YES if holds else NO
    return answer
