"""
Markets so small that every hour in them was worked out by hand.
"""

import pytest

from services.simulation.baselines import at_random, first_come
from services.simulation.figures import Figures, measured
from services.simulation.hindsight import optimum
from services.simulation.ledger import Trial
from services.simulation.ours import Play
from services.simulation.terms import Conduct
from services.simulation.world import World
from tests.unit.services.simulation.worlds import (
    ACCEPTS,
    DECLINES,
    RUNGS,
    SILENT,
    everybody_wants,
    person,
    posting,
)

AMAL = person("amal", "northfield", weeks=12)
BEA = person("bea", "harbour-homes", weeks=2)

# Posted on Monday at five past nine, intake ends on Wednesday at the same time; the next
# round is that day's second.
WEDNESDAY_13, THURSDAY_9 = 2 * 24 + 13, 3 * 24 + 9
FRIDAY_17, NEXT_MONDAY_9 = 4 * 24 + 17, 7 * 24 + 9


def ours(world: World, **changes: object) -> list[tuple[str, int, int | None, int | None]]:
    return told(Play(world, Conduct(**changes)).run())  # type: ignore[arg-type]


def told(trials: tuple[Trial, ...]) -> list[tuple[str, int, int | None, int | None]]:
    """
    Of each turn: whose, and the hours of proposal, offer and acceptance.
    """
    return [(each.person.id, each.proposed, each.offered, each.accepted) for each in trials]


def figures(world: World, trials: tuple[Trial, ...]) -> Figures:
    return measured(world, trials, optimum=optimum(world))


def test_the_longest_ready_is_asked_first_and_who_declines_is_followed_by_the_next() -> None:
    world = everybody_wants(posting(), answers={AMAL: DECLINES, BEA: ACCEPTS})

    assert ours(world) == [
        (AMAL.id, WEDNESDAY_13, WEDNESDAY_13 + 1, None),
        (BEA.id, THURSDAY_9, THURSDAY_9 + 8, THURSDAY_9 + 16),
    ]


def test_silence_ends_with_the_second_working_day_and_the_next_round_goes_on() -> None:
    world = everybody_wants(posting(), answers={AMAL: SILENT, BEA: ACCEPTS})

    first, second = Play(world, Conduct()).run()

    assert (first.offered, first.until) == (WEDNESDAY_13 + 1, FRIDAY_17)
    assert (second.person, second.proposed) == (BEA, NEXT_MONDAY_9)


def test_what_is_released_at_once_saves_a_coordinators_hours() -> None:
    world = everybody_wants(posting(), answers={BEA: ACCEPTS})

    assert ours(world) == [(BEA.id, WEDNESDAY_13, WEDNESDAY_13 + 8, WEDNESDAY_13 + 16)]
    at_once = ours(world, release_at_once=True)
    assert at_once == [(BEA.id, WEDNESDAY_13, WEDNESDAY_13, WEDNESDAY_13 + 8)]


def test_without_intake_the_next_round_is_held() -> None:
    world = everybody_wants(posting(), answers={AMAL: ACCEPTS})

    # Posted at five past nine, so the first round is at one o'clock on the same Monday.
    assert ours(world, intake_hours=0) == [(AMAL.id, 13, 14, 15)]


def test_a_place_for_the_second_rung_is_proposed_when_it_opens() -> None:
    chidi = person("chidi", "northfield", weeks=20, rung=1)
    world = everybody_wants(posting(), answers={chidi: ACCEPTS})

    assert ours(world) == [(chidi.id, RUNGS[1] + 9, RUNGS[1] + 10, RUNGS[1] + 11)]


def test_who_leaves_before_answering_gives_the_place_back() -> None:
    amal = person("amal", "northfield", weeks=12, leaves=WEDNESDAY_13 + 1)
    world = everybody_wants(posting(), answers={amal: ACCEPTS, BEA: ACCEPTS})

    (gone, offered, _), (next_, *_) = (each[1:] for each in ours(world))

    assert (gone, offered) == (WEDNESDAY_13, None)
    assert next_ == THURSDAY_9


def test_first_come_rewards_the_coordinator_who_answers_first() -> None:
    quick, slow = person("quick", "northfield", weeks=2), person("slow", "castleside", weeks=12)
    world = everybody_wants(posting(), answers={quick: ACCEPTS, slow: ACCEPTS})

    trials = first_come(world)

    assert told(trials) == [(quick.id, 10, 10, 11)]
    assert figures(world, trials).passed_over == 1
    fair = Play(world, Conduct()).run()
    assert [each.person for each in fair] == [slow]
    assert figures(world, fair).passed_over == 0


def test_a_random_order_waits_for_the_same_intake_and_rounds() -> None:
    world = everybody_wants(posting(), answers={AMAL: ACCEPTS})

    assert told(at_random(world)) == [(AMAL.id, WEDNESDAY_13, WEDNESDAY_13, WEDNESDAY_13 + 1)]


def test_figures_count_what_the_hand_counts() -> None:
    world = everybody_wants(posting(positions=2), answers={AMAL: DECLINES, BEA: ACCEPTS})

    found = figures(world, Play(world, Conduct()).run())

    accepted = WEDNESDAY_13 + 16
    assert optimum(world) == 1
    assert (found.filled_in_fence, found.share_of_hindsight_optimum) == (0.5, 1)
    assert (found.median_hours_to_accept, found.offers_per_fill) == (accepted - 9, 2)
    assert (found.passed_over, found.accepted_but_lost) == (0, 0)
    assert found.wait_by_group["local_unemployed"] == pytest.approx(14 + accepted / 24)
    assert found.placed_by_group["local_unemployed"] == 0.5
