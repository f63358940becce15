import pytest

from matching.model import Day, OpportunityKind, OpportunityProfile
from matching.ranking.standing import StandingYes, stands

CARE = OpportunityProfile(
    opportunity_id="zedford-o-aaaaaaaaaaaaaaaa",
    title="Care assistant",
    kind=OpportunityKind.JOB,
    outcode="ZZ1",
    minutes_a_week=1500,
    days=(Day.MON, Day.TUE),
    hourly_pence=1300,
)


def test_a_yes_without_terms_covers_everything() -> None:
    assert stands(StandingYes(), CARE, metres=None)


@pytest.mark.parametrize(
    ("yes", "met"),
    [
        (StandingYes(kinds=(OpportunityKind.JOB,)), True),
        (StandingYes(kinds=(OpportunityKind.APPRENTICESHIP,)), False),
        (StandingYes(least_minutes_a_week=1500, most_minutes_a_week=1500), True),
        (StandingYes(least_minutes_a_week=1501), False),
        (StandingYes(most_minutes_a_week=1499), False),
        (StandingYes(days=(Day.MON, Day.TUE, Day.WED)), True),
        (StandingYes(days=(Day.MON,)), False),
        (StandingYes(pay_floor_pence=1300), True),
        (StandingYes(pay_floor_pence=1301), False),
        (StandingYes(outcodes=("ZZ1", "ZZ2")), True),
        (StandingYes(outcodes=("ZZ2",)), False),
        (StandingYes(max_travel_metres=5_000), True),
        (StandingYes(max_travel_metres=4_999), False),
    ],
)
def test_every_stated_term_must_be_met(yes: StandingYes, met: bool) -> None:
    assert stands(yes, CARE, metres=5_000) is met


@pytest.mark.parametrize(
    "yes",
    [
        StandingYes(pay_floor_pence=1),
        StandingYes(least_minutes_a_week=1),
        StandingYes(days=(Day.MON,)),
        StandingYes(kinds=(OpportunityKind.JOB,)),
        StandingYes(max_travel_metres=1_000_000),
    ],
)
def test_nobody_is_presumed_to_say_yes_to_what_is_not_known(yes: StandingYes) -> None:
    bare = OpportunityProfile(opportunity_id="zedford-o-aaaaaaaaaaaaaaaa", title="Work")

    assert not stands(yes, bare, metres=None)


def test_work_from_home_is_near_everybody() -> None:
    yes = StandingYes(max_travel_metres=0, outcodes=("ZZ9",))
    from_home = OpportunityProfile(
        opportunity_id="zedford-o-aaaaaaaaaaaaaaaa", title="Caller", remote=True
    )

    assert stands(yes, from_home, metres=None)
