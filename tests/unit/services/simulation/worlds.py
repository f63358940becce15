"""
Small worlds, made by hand.
"""

from matching.market.local_time import nation_calendar
from schemas.envelope import opportunity_id
from schemas.vocabulary import Nation
from services.simulation.market import packaged_rules
from services.simulation.world import LAGS, MARKET, SUPPLIER, Pair, Person, Posting, Setting, World
from tests.builders import resident

CALENDAR = nation_calendar(packaged_rules(), Nation.ENGLAND)
WEEK = 168
# Monday 2 February 2026, 09:05.
MONDAY = 9
# Its rungs open at once, on Monday 9 and on Monday 16 February at midnight.
RUNGS = (MONDAY, WEEK, 2 * WEEK)

ACCEPTS = Pair(score=7_000, answers=True, accepts=True)
DECLINES = Pair(score=7_000, answers=True, accepts=False)
SILENT = Pair(score=7_000, answers=False, accepts=True)


def person(name: str, partner: str, *, weeks: int, rung: int = 0, leaves: int = 10_000) -> Person:
    return Person(
        id=resident(name),
        partner=partner,
        lag=LAGS[partner],
        group="local_unemployed" if rung == 0 else "local_resident",
        rung=rung,
        ready=-weeks * WEEK,
        leaves=leaves,
    )


def posting(reference: str = "V-1", *, positions: int = 1) -> Posting:
    return Posting(
        id=opportunity_id(MARKET, party=SUPPLIER, reference=reference),
        reference=reference,
        at=MONDAY,
        positions=positions,
        opens=RUNGS,
        epoch="2026Q1",
    )


def everybody_wants(posted: Posting, *, answers: dict[Person, Pair]) -> World:
    """
    A world with one posting, in which it is given what each person would do.
    """
    return World(
        setting=Setting(seed=1, interest=100),
        calendar=CALENDAR,
        people=tuple(answers),
        postings=(posted,),
        pairs={(each.id, posted.id): pair for each, pair in answers.items()},
    )
