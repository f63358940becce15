"""
Dated law on pay and apprenticeships, as tables: both edges of every day.
"""

from dataclasses import replace
from datetime import date

import pytest

from matching.market.law import (
    apprenticeship_problems,
    later_floor,
    pay_problems,
    second_year_floor,
)
from schemas.opportunities import Apprenticeship, Pay
from schemas.vocabulary import Nation, OpportunityKind, PayBasis, PayFloor
from tests.builders import apprenticeship, contract, posted, rules

LAST_OF_MARCH, FIRST_OF_APRIL = date(2026, 3, 31), date(2026, 4, 1)


@pytest.mark.parametrize(
    ("starts_on", "pence", "lawful"),
    [
        (LAST_OF_MARCH, 1221, None),
        (LAST_OF_MARCH, 1220, "1221"),
        (FIRST_OF_APRIL, 1271, None),
        (FIRST_OF_APRIL, 1270, "1271"),
        (FIRST_OF_APRIL, 1221, "1271"),
    ],
)
def test_hourly_pay_is_judged_by_the_rate_for_21_and_over_on_the_start_date(
    starts_on: date, pence: int, lawful: str | None
) -> None:
    job = posted(starts_on=starts_on, pay=Pay(basis=PayBasis.HOURLY, pence=pence))

    found = pay_problems(job, rules=rules(), contract=None)

    assert [problem.lawful_value for problem in found] == ([lawful] if lawful else [])


@pytest.mark.parametrize(
    ("pence", "lawful"),
    # 37.5 hours x 52 weeks x 12.21 pounds = 23,809.50 pounds
    [(2_380_950, None), (2_380_949, "2380950")],
)
def test_annual_pay_is_judged_at_52_weeks_of_the_stated_minutes(
    pence: int, lawful: str | None
) -> None:
    job = posted(pay=Pay(basis=PayBasis.ANNUAL, pence=pence))

    found = pay_problems(job, rules=rules(), contract=None)

    assert [problem.lawful_value for problem in found] == ([lawful] if lawful else [])


@pytest.mark.parametrize(
    ("starts_on", "pence", "lawful"),
    [
        (LAST_OF_MARCH, 755, None),
        (LAST_OF_MARCH, 754, "755"),
        (FIRST_OF_APRIL, 799, "800"),
        (FIRST_OF_APRIL, 800, None),
    ],
)
def test_an_apprenticeship_is_judged_by_the_apprentice_rate(
    starts_on: date, pence: int, lawful: str | None
) -> None:
    offer = apprenticeship(starts_on=starts_on, pay=Pay(basis=PayBasis.HOURLY, pence=pence))

    found = pay_problems(offer, rules=rules(), contract=None)

    assert [problem.lawful_value for problem in found] == ([lawful] if lawful else [])


@pytest.mark.parametrize(
    ("starts_on", "floor", "pence", "lawful"),
    [
        (date(2026, 4, 30), PayFloor.REAL_LIVING_WAGE, 1271, None),
        (date(2026, 5, 1), PayFloor.REAL_LIVING_WAGE, 1344, "1345"),
        (date(2026, 5, 1), PayFloor.REAL_LIVING_WAGE, 1345, None),
        (date(2026, 5, 1), PayFloor.LONDON_LIVING_WAGE, 1479, "1480"),
        (date(2026, 5, 1), PayFloor.LONDON_LIVING_WAGE, 1480, None),
    ],
)
def test_a_living_wage_clause_binds_from_its_implementation_day(
    starts_on: date, floor: PayFloor, pence: int, lawful: str | None
) -> None:
    terms = contract()
    terms = replace(
        terms, clauses=(*terms.clauses, replace(terms.clauses[1], clause="8", pay_floor=floor))
    )
    job = posted(starts_on=starts_on, pay=Pay(basis=PayBasis.HOURLY, pence=pence))

    found = pay_problems(job, rules=rules(), contract=terms)

    assert [problem.lawful_value for problem in found] == ([lawful] if lawful else [])


def test_a_job_at_the_national_minimum_fails_a_living_wage_clause() -> None:
    terms = replace(
        contract(),
        clauses=(replace(contract().clauses[1], pay_floor=PayFloor.REAL_LIVING_WAGE),),
    )
    job = posted(pay=Pay(basis=PayBasis.NATIONAL_MINIMUM))

    (problem,) = pay_problems(job, rules=rules(), contract=terms)

    assert (problem.code, problem.field) == ("pay_below_contract_floor", "/data/pay/basis")


def test_work_experience_may_be_unpaid() -> None:
    week = posted(kind=OpportunityKind.WORK_EXPERIENCE, pay=Pay(basis=PayBasis.UNPAID))

    assert pay_problems(week, rules=rules(), contract=None) == ()


@pytest.mark.parametrize(
    ("months", "hours", "codes"),
    [
        (8, 187, []),
        (7, 187, ["apprenticeship_too_short"]),
        (8, 186, ["off_the_job_hours_too_few"]),
        (7, 186, ["apprenticeship_too_short", "off_the_job_hours_too_few"]),
    ],
)
def test_an_apprenticeship_has_eight_months_and_187_hours_off_the_job(
    months: int, hours: int, codes: list[str]
) -> None:
    offer = apprenticeship(
        duration_months=months,
        apprenticeship=Apprenticeship(standard_ref="ST0095", level=2, off_the_job_hours=hours),
    )

    found = apprenticeship_problems(offer, rules=rules(), nation=Nation.ENGLAND)

    assert [problem.code for problem in found] == codes


def test_a_later_rate_is_foreseen_only_while_the_job_lasts() -> None:
    pay = Pay(basis=PayBasis.HOURLY, pence=1250)
    lasting = posted(starts_on=date(2026, 3, 2), duration_months=6, pay=pay)
    over_by_then = replace(lasting, duration_months=1, starts_on=date(2026, 2, 20))
    without_end = replace(lasting, duration_months=None)

    floor = later_floor(lasting, rules=rules())

    assert floor is not None
    assert (floor.hourly_pence, floor.valid_from) == (1271, FIRST_OF_APRIL)
    assert later_floor(over_by_then, rules=rules()) is None
    assert later_floor(without_end, rules=rules()) == floor


def test_the_second_year_of_an_apprenticeship_is_foreseen() -> None:
    short, long = apprenticeship(duration_months=12), apprenticeship(duration_months=24)

    floor = second_year_floor(long, rules=rules())

    assert floor is not None
    assert (floor.hourly_pence, floor.valid_from) == (1271, date(2027, 3, 2))
    assert second_year_floor(short, rules=rules()) is None


@pytest.mark.parametrize(
    ("starts_on", "months", "overtaken"),
    [
        (date(2026, 1, 1), 3, False),
        (date(2026, 1, 2), 3, True),
        (date(2025, 4, 1), 12, False),
        (date(2025, 12, 31), 3, False),
        (date(2025, 4, 2), 12, True),
    ],
)
def test_a_rate_of_the_first_of_april_binds_what_lasts_into_april(
    starts_on: date, months: int, overtaken: bool
) -> None:
    job = posted(
        starts_on=starts_on,
        duration_months=months,
        pay=Pay(basis=PayBasis.HOURLY, pence=1221),
    )

    assert (later_floor(job, rules=rules()) is not None) is overtaken


@pytest.mark.parametrize("nation", list(Nation))
def test_the_rule_on_apprenticeships_of_one_nation_binds_no_other(nation: Nation) -> None:
    english = replace(rules().apprenticeships[0], nation=Nation.ENGLAND)
    short = apprenticeship(duration_months=6)

    found = apprenticeship_problems(short, rules=rules(apprenticeships=(english,)), nation=nation)

    assert bool(found) is (nation is Nation.ENGLAND)
