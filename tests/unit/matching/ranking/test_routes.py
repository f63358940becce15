from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.ranking.routes import (
    Fence,
    Given,
    Person,
    Route,
    Rung,
    RungMet,
    assess,
    birthday,
    changes_on,
)
from schemas.vocabulary import FactStatus

JANUARY_15 = date(2026, 1, 15)
BORN_2002 = date(2002, 6, 10)

CARE_LEAVER = Route(route="care", all_of=("care_leaver", "age_18_24"))
LONG_WITHOUT_WORK = Route(route="without_work", all_of=("long_term_unemployed",))
CLAUSE = Fence(
    contract="c-aaaaaaaaaaaaaaaa",
    clause="4.2",
    routes=(CARE_LEAVER, LONG_WITHOUT_WORK),
    rungs=(Rung(routes=("care",)), Rung(routes=("without_work",)), Rung(everyone=True)),
)
FIRST_TWO_RUNGS = Fence(
    contract="c-aaaaaaaaaaaaaaaa", clause="4.3", routes=CLAUSE.routes, rungs=CLAUSE.rungs[:2]
)


def fact(
    name: str,
    status: FactStatus = FactStatus.TRUE,
    *,
    n: int = 1,
    first_day: date | None = None,
    last_day: date | None = None,
) -> Given:
    return Given(
        event=f"zedby-{n}-1", fact=name, status=status, first_day=first_day, last_day=last_day
    )


def amal(*facts: Given, born: date = BORN_2002, outcode: str = "ZZ1") -> Person:
    return Person(birth_date=born, outcode=outcode, facts=facts)


def read(person: Person, fence: Fence = CLAUSE, *, on: date = JANUARY_15) -> RungMet:
    (found,) = assess(person, (fence,), on=on)
    return found


def one_code(code: str, person: Person, **patches: frozenset[str]) -> RungMet:
    fence = Fence(
        contract="c-aaaaaaaaaaaaaaaa",
        clause="1",
        routes=(Route(route="only", all_of=(code,)),),
        rungs=(Rung(routes=("only",)),),
    )
    return assess(person, (fence,), on=JANUARY_15, patches=patches)[0]


def test_whoever_meets_every_code_of_a_route_stands_on_its_rung() -> None:
    found = read(amal(fact("care_leaver")))

    assert found.rung == 0
    assert found.rests_on == ("zedby-1-1",)
    assert found.unknown == ()


def test_a_fact_that_nobody_gave_is_unknown_and_never_guessed() -> None:
    found = read(amal(), FIRST_TWO_RUNGS)

    assert found.rung is None
    assert found.unknown == ("care_leaver", "long_term_unemployed")


def test_a_declined_fact_is_not_met_and_not_asked_again() -> None:
    found = read(amal(fact("care_leaver", FactStatus.DECLINED)), FIRST_TWO_RUNGS)

    assert found.rung is None
    assert found.unknown == ("long_term_unemployed",)
    assert found.rests_on == ("zedby-1-1",)


def test_declining_one_fact_costs_nothing_on_another_route() -> None:
    person = amal(fact("care_leaver", FactStatus.DECLINED), fact("long_term_unemployed", n=2))

    found = read(person)

    assert found.rung == 1
    assert found.rests_on == ("zedby-2-1",)


def test_the_rung_for_everyone_asks_nothing() -> None:
    found = read(amal(fact("care_leaver", FactStatus.FALSE)))

    assert found.rung == 2
    assert found.rests_on == ()
    assert found.unknown == ("long_term_unemployed",)


def test_a_code_out_of_reach_by_age_is_not_asked_for() -> None:
    found = read(amal(born=date(1980, 1, 1)), FIRST_TWO_RUNGS)

    assert "care_leaver" not in found.unknown


def test_an_age_code_ends_on_the_day_before_the_birthday() -> None:
    found = read(amal(fact("care_leaver")), on=date(2027, 6, 9))

    assert (found.rung, found.last_day) == (0, date(2027, 6, 9))
    assert found.changes_on == date(2027, 6, 10)
    assert read(amal(fact("care_leaver")), on=date(2027, 6, 10)).rung == 2


def test_an_age_code_begins_on_the_birthday() -> None:
    person = amal(fact("care_leaver"), born=date(2008, 3, 1))

    before, after = read(person, on=date(2026, 2, 28)), read(person, on=date(2026, 3, 1))

    assert (before.rung, before.changes_on) == (2, date(2026, 3, 1))
    assert (after.rung, after.first_day) == (0, date(2026, 3, 1))


def test_who_was_born_on_29_february_comes_of_age_on_1_march() -> None:
    assert birthday(date(2008, 2, 29), years=18) == date(2026, 3, 1)
    assert birthday(date(2008, 2, 29), years=20) == date(2028, 2, 29)


def test_a_fact_holds_on_its_days_and_is_unknown_outside_them() -> None:
    person = amal(
        fact("long_term_unemployed", first_day=date(2026, 1, 10), last_day=date(2026, 1, 20))
    )

    found = read(person, FIRST_TWO_RUNGS)

    assert (found.first_day, found.last_day) == (date(2026, 1, 10), date(2026, 1, 20))
    afterwards = read(person, FIRST_TWO_RUNGS, on=date(2026, 1, 21))
    assert afterwards.rung is None
    assert "long_term_unemployed" in afterwards.unknown


def test_what_was_given_last_holds() -> None:
    person = amal(fact("long_term_unemployed"), fact("long_term_unemployed", FactStatus.FALSE, n=2))

    assert read(person, FIRST_TWO_RUNGS).rung is None


def test_a_correction_for_some_days_leaves_the_other_days_as_they_were() -> None:
    person = amal(
        fact("long_term_unemployed"),
        fact("long_term_unemployed", FactStatus.FALSE, n=2, first_day=date(2026, 2, 1)),
    )

    found = read(person, FIRST_TWO_RUNGS)

    assert (found.rung, found.last_day) == (1, date(2026, 1, 31))


def test_a_span_is_not_cut_where_another_route_takes_over() -> None:
    fence = Fence(
        contract="c-aaaaaaaaaaaaaaaa",
        clause="4.2",
        routes=(
            Route(route="young", all_of=("age_18_24",)),
            Route(route="older", all_of=("age_25_29",)),
        ),
        rungs=(Rung(routes=("young", "older")),),
    )

    found = read(amal(), fence)

    assert (found.rung, found.last_day) == (0, date(2032, 6, 9))


@pytest.mark.parametrize(
    ("code", "rung"),
    [
        ("lives_in_market", 0),
        ("outcode_zz1", 0),
        ("outcode_zz2", None),
        ("lives_in_harbourside", 0),
        ("lives_in_hilltop", None),
        ("age_16_24", 0),
        ("age_25_64", None),
    ],
)
def test_what_the_profile_itself_answers_is_never_unknown(code: str, rung: int | None) -> None:
    patches = {"harbourside": frozenset({"ZZ1", "ZZ2"}), "hilltop": frozenset({"ZZ9"})}

    found = one_code(code, amal(), **patches)

    assert (found.rung, found.unknown) == (rung, ())


def test_a_given_fact_does_not_overrule_the_birth_date() -> None:
    assert one_code("age_25_64", amal(fact("age_25_64"))).rung is None


def test_the_next_assessment_is_owed_on_the_first_day_that_anything_flips() -> None:
    person = amal(fact("care_leaver"), fact("long_term_unemployed", last_day=date(2026, 3, 31)))

    found = assess(person, (CLAUSE, FIRST_TWO_RUNGS), on=JANUARY_15)

    assert changes_on(found) == birthday(BORN_2002, years=25)
    assert changes_on(()) is None


days = st.dates(min_value=date(2020, 1, 1), max_value=date(2032, 12, 31))
codes = st.sampled_from(["care_leaver", "long_term_unemployed", "other"])
facts = st.builds(
    lambda name, status, first, length, n: fact(
        name,
        status,
        n=n,
        first_day=first,
        last_day=None if first is None or length is None else first + timedelta(days=length),
    ),
    codes,
    st.sampled_from(FactStatus),
    st.none() | days,
    st.none() | st.integers(0, 900),
    st.integers(1, 99),
)


@given(
    facts=st.lists(facts, max_size=6),
    born=st.dates(min_value=date(1990, 1, 1), max_value=date(2012, 12, 31)),
    on=days,
    other=days,
)
def test_within_the_stated_days_the_same_rung_holds_and_just_outside_another(
    facts: list[Given], born: date, on: date, other: date
) -> None:
    person = amal(*facts, born=born)
    found = read(person, on=on)
    first, last = found.first_day or date.min, found.last_day or date.max

    assert first <= on <= last
    if first <= other <= last:
        assert read(person, on=other).rung == found.rung
    for outside in (
        found.first_day and found.first_day - timedelta(days=1),
        found.last_day and found.last_day + timedelta(days=1),
    ):
        if outside is not None:
            assert read(person, on=outside).rung != found.rung


@given(facts=st.lists(facts, max_size=6), on=days, other=days)
def test_until_the_next_change_a_later_assessment_says_the_same(
    facts: list[Given], on: date, other: date
) -> None:
    person = amal(*facts)
    found = read(person, on=on)

    if on <= other and (found.changes_on is None or other < found.changes_on):
        assert read(person, on=other) == found
