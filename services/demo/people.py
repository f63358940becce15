"""
The demo's residents: invented people, the same on every machine for the same seed.

The few whom the story follows are written by hand and stand first in their partner's
list; the others are drawn from the packaged phrases. Nobody here has a name, and no
phrase speaks of a protected trait, health, offences or benefits.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from services.demo.draws import Draws

DATA = Path(__file__).parent / "data"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
WEEK = (*WEEKDAYS, "sat", "sun")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caseload:
    """
    Whom a partner works with: how many in the demo, of which age, where and for what work.

    Ages are whole years in 2026. An entry that stands there twice is twice as likely.
    """

    prefix: str
    people: int
    youngest: int
    oldest: int
    outcodes: tuple[str, ...]
    sectors: tuple[str, ...]


EVERYWHERE = ("ZZ1", "ZZ2", "ZZ3", "ZZ4", "ZZ5", "ZZ6", "ZZ7", "ZZ8", "ZZ9")
EVERY_SECTOR = (
    "construction",
    "retrofit",
    "care",
    "facilities",
    "cleaning",
    "logistics",
    "grounds",
    "office",
)

CASELOADS: Mapping[str, Caseload] = {
    "northgate-homes": Caseload(
        prefix="NH",
        people=120,
        youngest=18,
        oldest=62,
        outcodes=("ZZ2", "ZZ2", "ZZ4", "ZZ4", "ZZ5", "ZZ5", "ZZ8", "ZZ9"),
        sectors=(*EVERY_SECTOR, "cleaning", "care", "retrofit"),
    ),
    "zedford-council": Caseload(
        prefix="ZC",
        people=110,
        youngest=18,
        oldest=62,
        outcodes=EVERYWHERE,
        sectors=(*EVERY_SECTOR, "office", "facilities"),
    ),
    "harbour-steps": Caseload(
        prefix="HS",
        people=40,
        youngest=18,
        oldest=25,
        outcodes=EVERYWHERE,
        sectors=EVERY_SECTOR,
    ),
    "openway-youth": Caseload(
        prefix="OY",
        people=60,
        youngest=18,
        oldest=24,
        outcodes=("ZZ1", "ZZ1", "ZZ3", "ZZ6", "ZZ7"),
        sectors=(*EVERY_SECTOR, "logistics", "construction"),
    ),
    "stepwise-training": Caseload(
        prefix="ST",
        people=70,
        youngest=18,
        oldest=55,
        outcodes=EVERYWHERE,
        sectors=(*EVERY_SECTOR, "construction", "retrofit", "retrofit"),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """
    When somebody can work: minutes a week, local times, days.
    """

    least: int
    most: int
    start: str
    end: str
    days: tuple[str, ...] = WEEKDAYS


FULL_TIME = Hours(least=1800, most=2400, start="07:00", end="18:00")
SCHOOL_HOURS = Hours(least=900, most=1500, start="09:15", end="15:00")
HOURS = (
    FULL_TIME,
    FULL_TIME,
    FULL_TIME,
    SCHOOL_HOURS,
    Hours(least=900, most=1500, start="05:00", end="12:00"),
    Hours(least=600, most=1200, start="15:00", end="21:30"),
    Hours(least=960, most=2400, start="06:00", end="22:00", days=WEEK),
    Hours(least=1200, most=2400, start="07:00", end="18:00", days=(*WEEKDAYS, "sat")),
)

# Of a hundred people with experience in a sector, so many hold its usual card.
SECTOR_CARDS: Mapping[str, tuple[tuple[str, int], ...]] = {
    "construction": (("cscs_card", 45),),
    "retrofit": (("cscs_card", 50),),
    "care": (("care_certificate", 35), ("food_hygiene_certificate", 20)),
    "facilities": (("sia_licence", 12),),
    "logistics": (("forklift_licence", 25),),
}
OTHER_BARRIERS = (
    ("confidence", 18),
    ("no_recent_work", 22),
    ("travel_cost", 10),
    ("no_computer", 8),
)


def residents(partner: str, *, count: int, seed: int) -> tuple[dict[str, Any], ...]:
    """
    Return the `data` of so many `ResidentRegistered` of one partner, the story's people first.

    Args:
        partner: a slug of `CASELOADS`.
        count: how many; a longer list begins with the shorter one.
        seed: another seed draws other people; those of the story stay.

    Raises:
        KeyError: no such partner is packaged.
    """
    caseload = CASELOADS[partner]
    told = story_residents(partner)[:count]
    drawn = (
        _resident(caseload, at, Draws(key=f"{seed}/{partner}/{at}"))
        for at in range(len(told) + 1, count + 1)
    )
    return (*told, *drawn)


def story_residents(partner: str) -> tuple[dict[str, Any], ...]:
    """
    Return the hand-written residents of one partner, in the order of their references.
    """
    written = json.loads((DATA / "story_people.json").read_text(encoding="utf-8"))
    return tuple(each["data"] for each in written if each["partner"] == partner)


@cache
def phrases() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """
    Return the packaged phrases: sector, then skill, experience or summary.
    """
    told: dict[str, dict[str, list[str]]] = json.loads(
        (DATA / "phrases.json").read_text(encoding="utf-8")
    )
    return told


def _resident(caseload: Caseload, at: int, draws: Draws) -> dict[str, Any]:
    sector = draws.one("sector", caseload.sectors)
    born = _birth_date(caseload, draws)
    hours = draws.one("hours", HOURS)
    licences = _licences(sector, born, draws)
    return {
        "reference": f"{caseload.prefix}-{at:04d}",
        "birth_date": born.isoformat(),
        "outcode": draws.one("outcode", caseload.outcodes),
        "max_travel_metres": _travel(licences, draws),
        **_availability(hours, draws),
        **_licence_facts(licences, draws),
        **_statements(sector, draws),
        "barriers": _barriers(hours, licences, draws),
        **_pay_floor(draws),
        **_consent(draws),
    }


def _birth_date(caseload: Caseload, draws: Draws) -> date:
    # Born by New Year's Day, so that everyone is of age on every day of the story.
    first = date(2026 - caseload.oldest, 1, 2)
    last = date(2026 - caseload.youngest, 1, 1)
    return first + timedelta(days=draws.between("born", 0, (last - first).days))


def _availability(hours: Hours, draws: Draws) -> dict[str, Any]:
    return {
        "minutes_a_week": {"least": hours.least, "most": hours.most},
        "earliest_start": hours.start,
        "latest_end": hours.end,
        "days": list(hours.days),
        "available_from": str(date(2026, 1, 15) + timedelta(days=draws.between("free", 0, 45))),
    }


def _licences(sector: str, born: date, draws: Draws) -> tuple[str, ...]:
    driving = 40 if born.year < 2005 else 15
    cards = (
        ("driving_licence", driving),
        ("first_aid_certificate", 12),
        *SECTOR_CARDS.get(sector, ()),
    )
    return tuple(card for card, percent in cards if draws.happens(card, percent=percent))


def _licence_facts(licences: tuple[str, ...], draws: Draws) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if draws.happens("licences known", percent=97):
        told["licences"] = list(licences)
    if draws.happens("right to work known", percent=97):
        told["right_to_work"] = True
    return told


def _travel(licences: tuple[str, ...], draws: Draws) -> int:
    most = 15 if "driving_licence" in licences else 9
    return 1000 * draws.between("travel", 3, most)


def _statements(sector: str, draws: Draws) -> dict[str, Any]:
    own, shared = phrases()[sector], phrases()["any"]
    kind = own if draws.happens("summary of the sector", percent=80) else shared
    own_work = draws.some("work", own["experience"], count=draws.between("works", 0, 2))
    other_work = draws.some("other work", shared["experience"], count=1)
    return {
        "summary": draws.one("summary", kind["summary"]),
        "skills": [
            *draws.some("skill", own["skill"], count=draws.between("skills", 2, 5)),
            *draws.some("shared skill", shared["skill"], count=draws.between("shared", 1, 2)),
        ],
        "experience": [*own_work, *other_work],
    }


def _barriers(hours: Hours, licences: tuple[str, ...], draws: Draws) -> list[str]:
    told = ["childcare"] if hours is SCHOOL_HOURS else []
    if "driving_licence" not in licences and draws.happens("no car", percent=50):
        told.append("no_car")
    return told + [code for code, part in OTHER_BARRIERS if draws.happens(code, percent=part)]


def _pay_floor(draws: Draws) -> dict[str, Any]:
    if not draws.happens("pay floor", percent=8):
        return {}
    return {"pay_floor_pence": 1271 + 10 * draws.between("least pay", 0, 12)}


def _consent(draws: Draws) -> dict[str, Any]:
    if not draws.happens("consent", percent=94):
        return {}
    given = date(2025, 12, 1) + timedelta(days=draws.between("consented", 0, 40))
    return {
        "consent": {
            "purpose": "matching",
            "notice_version": 1,
            "given_on": str(given),
            "ends_on": str(given.replace(year=given.year + 1)),
        }
    }
