from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.model import (
    AgeRule,
    Answer,
    Check,
    Day,
    Eligibility,
    GateCode,
    OpportunityKind,
    OpportunityProfile,
    Requirement,
    ResidentProfile,
    Side,
    WeeklyMinutes,
)
from matching.ranking.eligibility import Ground, assess, judge, metres_between, row_of, rows_for

YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN

MARCH_2 = date(2026, 3, 2)
PLACES = {"ZZ1": (53.48, -2.24), "ZZ2": (53.48, -2.09), "ZZ9": (51.50, -0.12)}
FOUNDATION = AgeRule(
    kind=OpportunityKind.APPRENTICESHIP,
    valid_from=date(2025, 8, 1),
    standards=("ST9001",),
    least_age=18,
    most_age=21,
    wider_most_age=24,
    widened_by=("care_leaver", "ehc_plan"),
)
GROUND = Ground(places=PLACES, age_rules=(FOUNDATION,))

WORK = OpportunityProfile(
    opportunity_id="retrofit-1",
    title="Retrofit operative",
    kind=OpportunityKind.JOB,
    outcode="ZZ1",
    minutes_a_week=1800,
    starts_on=MARCH_2,
    hourly_pence=1300,
)
LEILA = ResidentProfile(
    resident_id="leila",
    outcode="ZZ1",
    max_travel_metres=5_000,
    minutes_a_week=WeeklyMinutes(least=1200, most=2220),
    available_from=date(2026, 2, 1),
    right_to_work=True,
)


def answer(code: str, opportunity: OpportunityProfile, resident: ResidentProfile) -> Answer | None:
    found = judge(opportunity, resident, ground=GROUND)
    return next((check.answer for check in found.checks if check.code == code), None)


def test_whoever_meets_all_terms_may_be_offered_the_work() -> None:
    found = judge(WORK, LEILA, ground=GROUND)

    assert found.answer is YES
    assert found.codes == ()


def test_of_whom_nothing_is_known_nothing_is_held_against_them() -> None:
    found = judge(WORK, ResidentProfile(resident_id="grace"), ground=GROUND)

    assert found.answer is UNKNOWN
    assert found.codes == (
        GateCode.HOURS,
        GateCode.TRAVEL,
        GateCode.START,
        GateCode.RIGHT_TO_WORK,
    )
    assert found.unknown_facts == (GateCode.RIGHT_TO_WORK,)


def test_what_is_not_met_is_named_and_not_what_is_unknown_beside_it() -> None:
    found = judge(WORK, replace(LEILA, right_to_work=False, outcode=None), ground=GROUND)

    assert found.answer is NO
    assert found.codes == (GateCode.RIGHT_TO_WORK,)


@pytest.mark.parametrize(
    ("least", "most", "expected"), [(1200, 1800, YES), (1801, 2220, NO), (0, 1799, NO)]
)
def test_the_hours_lie_within_what_the_resident_wants(
    least: int, most: int, expected: Answer
) -> None:
    resident = replace(LEILA, minutes_a_week=WeeklyMinutes(least=least, most=most))

    assert answer(GateCode.HOURS, WORK, resident) is expected


@pytest.mark.parametrize(
    ("outcode", "metres", "expected"),
    [
        ("ZZ1", 0, YES),
        ("ZZ2", 9_800, NO),
        ("ZZ2", 10_000, YES),
        ("ZZ9", 50_000, NO),
        ("ZZ8", 50_000, UNKNOWN),
        (None, 50_000, UNKNOWN),
        ("ZZ2", None, UNKNOWN),
    ],
)
def test_travel_is_measured_between_outcodes(
    outcode: str | None, metres: int | None, expected: Answer
) -> None:
    resident = replace(LEILA, outcode=outcode, max_travel_metres=metres)

    assert answer(GateCode.TRAVEL, WORK, resident) is expected


def test_nobody_travels_to_remote_work() -> None:
    assert answer(GateCode.TRAVEL, replace(WORK, remote=True), LEILA) is None


def test_manchester_lies_a_quarter_of_a_million_metres_from_london() -> None:
    here, there = (np.radians([each]) for each in PLACES["ZZ1"]), PLACES["ZZ9"]

    metres = metres_between(*here, *(np.radians([each]) for each in there))

    assert metres[0] == pytest.approx(262_000, rel=0.01)


@pytest.mark.parametrize(
    ("available", "expected"),
    [(MARCH_2, YES), (MARCH_2 + timedelta(days=1), NO), (None, UNKNOWN)],
)
def test_the_work_starts_when_the_resident_is_available(
    available: date | None, expected: Answer
) -> None:
    resident = replace(LEILA, available_from=available)

    assert answer(GateCode.START, WORK, resident) is expected


@pytest.mark.parametrize(
    ("work", "person", "expected"),
    [
        (("09:00", "15:00"), ("09:00", "15:00"), YES),
        (("08:00", "15:00"), ("09:00", "15:00"), NO),
        (("09:00", "15:30"), ("09:00", "15:00"), NO),
        (("22:00", "06:00"), ("21:00", "07:00"), YES),
        (("22:00", "06:00"), ("06:00", "23:00"), NO),
        (("01:00", "05:00"), ("22:00", "06:00"), YES),
        (("09:00", "15:00"), (None, None), UNKNOWN),
        (("09:00", "15:00"), ("09:30", None), NO),
        (("09:00", "15:00"), ("08:30", None), UNKNOWN),
        (("09:00", None), ("08:30", "16:00"), YES),
        (("07:00", None), ("08:30", "16:00"), NO),
        ((None, None), ("08:30", "16:00"), None),
    ],
)
def test_the_working_times_lie_within_the_residents(
    work: tuple[str | None, str | None],
    person: tuple[str | None, str | None],
    expected: Answer | None,
) -> None:
    opportunity = replace(WORK, earliest_start=work[0], latest_end=work[1])
    resident = replace(LEILA, earliest_start=person[0], latest_end=person[1])

    assert answer(GateCode.TIMES, opportunity, resident) is expected


@pytest.mark.parametrize(
    ("work", "person", "expected"),
    [
        ((Day.MON, Day.FRI), (Day.MON, Day.TUE, Day.FRI), YES),
        ((Day.SAT, Day.MON), (Day.MON,), NO),
        ((Day.MON,), (), UNKNOWN),
        ((), (Day.MON,), None),
    ],
)
def test_the_working_days_are_all_days_on_which_the_resident_can_work(
    work: tuple[Day, ...], person: tuple[Day, ...], expected: Answer | None
) -> None:
    assert answer(GateCode.DAYS, replace(WORK, days=work), replace(LEILA, days=person)) is expected


@pytest.mark.parametrize(
    ("pence", "floor", "expected"),
    [(1300, 1300, YES), (1299, 1300, NO), (None, 1300, UNKNOWN), (1, None, None)],
)
def test_the_pay_is_not_below_the_residents_floor(
    pence: int | None, floor: int | None, expected: Answer | None
) -> None:
    found = answer(
        GateCode.PAY, replace(WORK, hourly_pence=pence), replace(LEILA, pay_floor_pence=floor)
    )

    assert found is expected


@pytest.mark.parametrize(
    ("kind", "right", "expected"),
    [
        (OpportunityKind.JOB, False, NO),
        (OpportunityKind.JOB, None, UNKNOWN),
        (OpportunityKind.TRAINING_PLACE, False, None),
        (None, False, UNKNOWN),
        (None, True, YES),
    ],
)
def test_work_needs_the_right_to_work_and_training_does_not(
    kind: OpportunityKind | None, right: bool | None, expected: Answer | None
) -> None:
    found = answer(
        GateCode.RIGHT_TO_WORK, replace(WORK, kind=kind), replace(LEILA, right_to_work=right)
    )

    assert found is expected


@pytest.mark.parametrize(
    ("licences", "facts", "expected"),
    [
        (("cscs_card",), (), YES),
        (("driving_licence",), (), NO),
        (None, (), UNKNOWN),
        (None, (("cscs_card", True),), YES),
        ((), (("cscs_card", False),), NO),
    ],
)
def test_who_states_licences_states_all_of_them(
    licences: tuple[str, ...] | None, facts: tuple[tuple[str, bool], ...], expected: Answer
) -> None:
    opportunity = replace(WORK, requirements=(Requirement(fact="cscs_card", essential=True),))

    assert (
        answer("cscs_card", opportunity, replace(LEILA, licences=licences, facts=facts)) is expected
    )


def test_a_fact_that_is_no_licence_does_not_follow_from_the_list_of_licences() -> None:
    opportunity = replace(
        WORK, requirements=(Requirement(fact="level_2_catering", essential=True),)
    )

    found = judge(opportunity, replace(LEILA, licences=("cscs_card",)), ground=GROUND)

    assert found.answer is UNKNOWN
    assert found.unknown_facts == ("level_2_catering",)


def test_what_is_only_wished_for_bars_nobody() -> None:
    opportunity = replace(WORK, requirements=(Requirement(fact="cscs_card", essential=False),))

    assert judge(opportunity, replace(LEILA, licences=()), ground=GROUND).answer is YES


def test_the_right_to_work_asked_for_by_name_is_the_same_question() -> None:
    opportunity = replace(
        WORK,
        kind=OpportunityKind.TRAINING_PLACE,
        requirements=(Requirement(fact="right_to_work", essential=True),),
    )

    found = judge(opportunity, replace(LEILA, right_to_work=False), ground=GROUND)

    assert [check for check in found.checks if check.code == "right_to_work"] == [
        Check(code="right_to_work", answer=NO)
    ]


APPRENTICESHIP = replace(WORK, kind=OpportunityKind.APPRENTICESHIP, standard="ST9001")


@pytest.mark.parametrize(
    ("born", "facts", "expected"),
    [
        (date(2008, 3, 2), (), YES),
        (date(2008, 3, 3), (), NO),
        (date(2004, 3, 3), (), YES),
        (date(2004, 3, 2), (), UNKNOWN),
        (date(2004, 3, 2), (("care_leaver", True),), YES),
        (date(2004, 3, 2), (("care_leaver", False),), UNKNOWN),
        (date(2004, 3, 2), (("care_leaver", False), ("ehc_plan", False)), NO),
        (date(2001, 3, 3), (("care_leaver", True),), YES),
        (date(2001, 3, 2), (("care_leaver", True),), NO),
        (None, (), UNKNOWN),
    ],
)
def test_an_age_rule_counts_whole_years_at_the_start(
    born: date | None, facts: tuple[tuple[str, bool], ...], expected: Answer
) -> None:
    resident = replace(LEILA, birth_date=born, facts=facts)

    assert answer(GateCode.AGE, APPRENTICESHIP, resident) is expected


@pytest.mark.parametrize(
    "opportunity",
    [
        WORK,
        replace(APPRENTICESHIP, standard="ST0001"),
        replace(APPRENTICESHIP, starts_on=date(2025, 7, 31)),
    ],
)
def test_an_age_rule_binds_its_kind_its_standards_and_its_days_alone(
    opportunity: OpportunityProfile,
) -> None:
    assert answer(GateCode.AGE, opportunity, replace(LEILA, birth_date=date(1960, 1, 1))) is None


def test_who_was_born_on_29_february_comes_of_age_on_1_march() -> None:
    leap = replace(LEILA, birth_date=date(2008, 2, 29))

    on_28 = replace(APPRENTICESHIP, starts_on=date(2026, 2, 28))
    on_1 = replace(APPRENTICESHIP, starts_on=date(2026, 3, 1))

    assert answer(GateCode.AGE, on_28, leap) is NO
    assert answer(GateCode.AGE, on_1, leap) is YES


times = st.none() | st.sampled_from(("00:00", "06:00", "09:00", "17:00", "22:00"))
weeks = st.lists(st.sampled_from(tuple(Day)), max_size=3, unique=True).map(tuple)
codes = st.sampled_from(("cscs_card", "driving_licence", "care_leaver", "right_to_work"))
people = st.builds(
    ResidentProfile,
    resident_id=st.just("leila"),
    outcode=st.none() | st.sampled_from(("ZZ1", "ZZ2", "ZZ8")),
    max_travel_metres=st.none() | st.sampled_from((0, 5_000, 20_000)),
    minutes_a_week=st.none() | st.just(WeeklyMinutes(least=600, most=1800)),
    earliest_start=times,
    latest_end=times,
    days=weeks,
    available_from=st.none() | st.sampled_from((MARCH_2, date(2026, 6, 1))),
    licences=st.none() | st.lists(codes, max_size=2, unique=True).map(tuple),
    facts=st.dictionaries(codes, st.booleans(), max_size=3).map(lambda each: tuple(each.items())),
    right_to_work=st.none() | st.booleans(),
    pay_floor_pence=st.none() | st.sampled_from((1200, 1500)),
    birth_date=st.none() | st.sampled_from((date(2007, 1, 1), date(2003, 1, 1), date(1980, 1, 1))),
)
work = st.builds(
    OpportunityProfile,
    opportunity_id=st.just("retrofit-1"),
    title=st.just("Retrofit operative"),
    kind=st.none() | st.sampled_from(tuple(OpportunityKind)),
    outcode=st.none() | st.sampled_from(("ZZ1", "ZZ2", "ZZ8")),
    remote=st.booleans(),
    minutes_a_week=st.none() | st.sampled_from((600, 2400)),
    earliest_start=times,
    latest_end=times,
    days=weeks,
    starts_on=st.none() | st.just(MARCH_2),
    hourly_pence=st.none() | st.just(1300),
    standard=st.none() | st.just("ST9001"),
    requirements=st.lists(
        st.builds(Requirement, fact=codes, essential=st.booleans()), max_size=3
    ).map(tuple),
)
unsaid: dict[str, Any] = {
    "outcode": None,
    "max_travel_metres": None,
    "minutes_a_week": None,
    "available_from": None,
    "days": (),
    "licences": None,
    "right_to_work": None,
    "birth_date": None,
    "facts": (),
}


def judged(opportunity: OpportunityProfile, resident: ResidentProfile) -> Eligibility:
    return judge(opportunity, resident, ground=GROUND)


@given(work, people, st.sampled_from(sorted(unsaid)))
def test_taking_something_back_never_excludes_anybody(
    opportunity: OpportunityProfile, resident: ResidentProfile, field: str
) -> None:
    before = judged(opportunity, resident)

    after = judged(opportunity, replace(resident, **{field: unsaid[field]}))

    assert before.answer is NO or after.answer is not NO


@given(work, people)
def test_the_answer_is_the_worst_of_what_was_asked(
    opportunity: OpportunityProfile, resident: ResidentProfile
) -> None:
    found = judged(opportunity, resident)

    answers = {check.answer for check in found.checks}
    assert found.answer is next((each for each in (NO, UNKNOWN) if each in answers), YES)
    assert len({check.code for check in found.checks}) == len(found.checks)


@given(st.lists(work, min_size=1, max_size=5), st.lists(people, min_size=1, max_size=5), st.data())
def test_many_are_answered_as_each_alone_after_any_removals(
    posted: list[OpportunityProfile], crowd: list[ResidentProfile], data: st.DataObject
) -> None:
    rows, kept = rows_for(Side.RESIDENT), list(crowd)
    for resident in crowd:
        rows.append(row_of(resident, ground=GROUND))
    for _ in range(data.draw(st.integers(0, len(kept) - 1))):
        gone = data.draw(st.integers(0, len(kept) - 1))
        rows.remove(gone)
        kept[gone] = kept[-1]
        kept.pop()
    asked = rows_for(Side.OPPORTUNITY)
    asked.append(row_of(posted[0], ground=GROUND))

    found = assess(opportunities=asked, residents=rows)

    assert [found.of(at) for at in range(len(kept))] == [judged(posted[0], one) for one in kept]
    assert found.allowed.tolist() == [judged(posted[0], one).answer is not NO for one in kept]


@given(st.lists(work, min_size=1, max_size=5), people)
def test_a_resident_is_answered_of_many_opportunities_as_of_each_alone(
    posted: list[OpportunityProfile], resident: ResidentProfile
) -> None:
    asked, rows = rows_for(Side.OPPORTUNITY), rows_for(Side.RESIDENT)
    for opportunity in posted:
        asked.append(row_of(opportunity, ground=GROUND))
    rows.append(row_of(resident, ground=GROUND))

    found = assess(opportunities=asked, residents=rows)

    assert [found.of(at).answer for at in range(len(posted))] == [
        judged(one, resident).answer for one in posted
    ]
    for at, one in enumerate(posted):
        assert set(found.of(at).checks) == set(judged(one, resident).checks)


@pytest.mark.parametrize(("given_later", "expected"), [(True, YES), (False, NO)])
def test_a_fact_given_with_its_evidence_goes_before_the_profile(
    given_later: bool, expected: Answer
) -> None:
    asked = replace(WORK, requirements=(Requirement(fact="cscs_card", essential=True),))
    resident = replace(
        LEILA,
        licences=("cscs_card",),
        right_to_work=None,
        facts=(("right_to_work", given_later), ("cscs_card", given_later)),
    )

    assert answer(GateCode.RIGHT_TO_WORK, asked, resident) is expected
    assert answer("cscs_card", asked, resident) is expected
