from datetime import date

import pytest

from matching.model import WeeklyMinutes
from matching.ranking.routes import Given
from schemas import residents
from schemas.codec import plain
from schemas.opportunities import Pay, Requirement
from schemas.residents import Profile
from schemas.vocabulary import FactStatus, PayBasis
from services.matcher.profiles import (
    fact_days,
    given_fact,
    holding,
    hourly_pence,
    opened_profile,
    opportunity_profile,
    resident_profile,
)
from tests.builders import apprenticeship, posted, resident, rules

TODAY = date(2026, 1, 15)
AMAL = Profile(
    reference="N-1",
    birth_date=date(2002, 6, 10),
    outcode="ZZ1",
    minutes_a_week=residents.WeeklyMinutes(least=600, most=2_250),
    summary="I like to work with people.",
    skills=("caring for people",),
    barriers=("childcare",),
    notes="Call after ten.",
)


def fact(
    name: str,
    status: FactStatus = FactStatus.TRUE,
    *,
    first_day: date | None = None,
    last_day: date | None = None,
) -> Given:
    return Given(
        event="zedford-7-1", fact=name, status=status, first_day=first_day, last_day=last_day
    )


def test_neither_barriers_nor_notes_nor_the_reference_reach_ranking() -> None:
    read = resident_profile(resident("amal"), AMAL, facts=(), on=TODAY)

    told = repr(read)
    assert read.summary == AMAL.summary
    assert read.minutes_a_week == WeeklyMinutes(least=600, most=2_250)
    assert not any(hidden in told for hidden in ("childcare", "after ten", "N-1"))


def test_a_profile_reads_the_same_from_what_was_sealed() -> None:
    assert opened_profile(plain(AMAL)) == AMAL


def test_a_fact_counts_on_its_days_and_a_declined_one_does_not_hold() -> None:
    facts = (
        fact("driving_licence"),
        fact("cscs_card", last_day=date(2026, 1, 14)),
        fact("care_experienced", FactStatus.DECLINED),
    )

    assert holding(facts, on=TODAY) == (("care_experienced", False), ("driving_licence", True))


def test_what_was_given_last_counts() -> None:
    facts = (fact("driving_licence", FactStatus.FALSE), fact("driving_licence"))

    assert holding(facts, on=TODAY) == (("driving_licence", True),)


def test_the_days_on_which_facts_begin_and_end_are_known_beforehand() -> None:
    facts = (
        fact("cscs_card", first_day=date(2026, 2, 1), last_day=date(2026, 2, 28)),
        fact("driving_licence", last_day=date(2026, 1, 1)),
    )

    assert fact_days(facts, after=TODAY) == (date(2026, 2, 1), date(2026, 3, 1))


def test_a_fact_reads_the_same_from_what_was_sealed() -> None:
    told = {"fact": "cscs_card", "status": "true", "last_day": "2026-02-28"}

    assert given_fact("zedford-7-1", told) == fact("cscs_card", last_day=date(2026, 2, 28))


@pytest.mark.parametrize(
    ("pay", "pence"),
    [
        (Pay(basis=PayBasis.HOURLY, pence=1_400), 1_400),
        (Pay(basis=PayBasis.ANNUAL, pence=2_730_000), 1_400),
        (Pay(basis=PayBasis.NATIONAL_MINIMUM), 1_221),
        (Pay(basis=PayBasis.UNPAID), 0),
    ],
)
def test_every_pay_is_told_in_pence_an_hour(pay: Pay, pence: int) -> None:
    assert hourly_pence(posted(pay=pay), rules=rules()) == pence


def test_the_apprentice_minimum_is_that_of_the_start() -> None:
    from_april = apprenticeship(
        pay=Pay(basis=PayBasis.APPRENTICE_MINIMUM), starts_on=date(2026, 4, 1)
    )

    assert hourly_pence(from_april, rules=rules()) == 800
    assert hourly_pence(from_april, rules=None) is None


def test_an_opportunity_is_its_words_and_its_open_terms() -> None:
    terms = apprenticeship(requirements=(Requirement(fact="driving_licence", essential=True),))
    words = {"title": "Apprentice carer", "skills": ["caring"], "role_mailbox": "jobs@example.org"}

    read = opportunity_profile("zedford-o-aaaaaaaaaaaaaaaa", words, terms=terms, rules=rules())

    assert (read.title, read.skills, read.standard) == ("Apprentice carer", ("caring",), "ST0095")
    assert [each.fact for each in read.requirements] == ["driving_licence"]
    assert "example.org" not in repr(read)
