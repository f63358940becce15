"""
Invented months, for every rule: the same again for the same seed, and never too much given.
"""

import json
from collections import Counter
from itertools import combinations

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import Rejected, message_of, plain, rules_across_fields
from schemas.contracts import ContractRegistered
from schemas.envelope import Envelope
from schemas.opportunities import OpportunityPostedSealed
from schemas.vocabulary import event_type
from services.simulation.baselines import at_random, first_come
from services.simulation.command import command
from services.simulation.figures import estimate, measured
from services.simulation.hindsight import largest_matching, optimum
from services.simulation.ledger import Trial
from services.simulation.ours import Play
from services.simulation.report import LEGEND
from services.simulation.terms import Conduct, contract, posted
from services.simulation.trying import CONSTRAINTS, constraints_tried, drawn
from services.simulation.world import Setting, World, hour_from

SMALL = ("--days", "12", "--residents", "40", "--interest", "25")


def small(seed: int, interest: int) -> World:
    return drawn(Setting(seed=seed, days=15, residents=40, interest=interest))


def every_rule(world: World) -> dict[str, tuple[Trial, ...]]:
    return {
        "ours": Play(world, Conduct()).run(),
        "first_come": first_come(world),
        "random": at_random(world),
    }


WORLDS = [(1, 12), (2, 50), (3, 100)]


def test_a_seed_gives_the_same_bytes_again() -> None:
    first, again = (
        CliRunner().invoke(command, ["--seed", "7", *SMALL, "--json"]) for _ in range(2)
    )

    assert first.exit_code == 0
    assert first.stdout_bytes == again.stdout_bytes
    assert json.loads(first.stdout)["seeds"] == [7]


def test_the_figures_carry_the_names_of_the_table_for_every_rule_and_interest() -> None:
    answer = CliRunner().invoke(command, [*SMALL, "--interest", "60", "--json"])

    results = json.loads(answer.stdout)["results"]
    assert [(row["interest"], row["rule"]) for row in results] == [
        (interest, rule) for interest in (25, 60) for rule in ("ours", "first_come", "random")
    ]
    assert results[0].keys() - {"interest", "rule", "placed_by_group", "passed_over_free"} == {
        "filled_in_fence",
        "median_hours_to_accept",
        "offers_per_fill",
        "passed_over",
        "accepted_but_lost",
        "wait_by_group",
        "share_of_hindsight_optimum",
    }


def test_several_seeds_give_a_mean_and_its_standard_error() -> None:
    answer = CliRunner().invoke(command, [*SMALL, "--seeds", "3", "--json"])

    told = json.loads(answer.stdout)
    assert told["seeds"] == [1, 2, 3]
    assert all(row["filled_in_fence"]["standard_error"] is not None for row in told["results"])
    found = estimate([1.0, 2.0, 3.0])
    assert found is not None
    assert found.mean == 2
    assert found.standard_error == pytest.approx(3**-0.5)


def test_a_table_names_its_seeds() -> None:
    answer = CliRunner().invoke(command, ["--seed", "5", "--seeds", "2", *SMALL])

    assert answer.exit_code == 0
    assert "Seeds 5 to 6" in answer.stdout
    assert "first come" in answer.stdout


def test_a_table_on_a_page_is_narrow_and_explains_its_columns() -> None:
    answer = CliRunner().invoke(command, ["--seed", "5", *SMALL, "--constraints"])

    assert answer.stdout.startswith("Seed 5;")
    assert max(map(len, answer.stdout.splitlines())) <= 100
    assert "…" not in answer.stdout
    assert answer.stdout.count("accepted") == 2
    told = " ".join(answer.stdout.split())
    for line in LEGEND:
        assert line in told


@pytest.mark.parametrize(("seed", "interest"), WORLDS)
def test_nothing_is_given_twice_and_nobody_holds_two_places(seed: int, interest: int) -> None:
    world = small(seed, interest)

    for trials in every_rule(world).values():
        assert trials
        standing = [each for each in trials if each.stands]
        held = Counter(each.posting.id for each in standing)
        assert all(held[posting.id] <= posting.positions for posting in world.postings)
        assert max(Counter(each.person.id for each in standing).values()) == 1
        pairs = Counter((each.person.id, each.posting.id) for each in trials)
        assert max(pairs.values()) == 1


@pytest.mark.parametrize(("seed", "interest"), WORLDS)
def test_nobody_is_asked_before_their_yes_or_their_rung(seed: int, interest: int) -> None:
    world = small(seed, interest)
    told = {(yes.person.id, yes.posting.id): yes.at for yes in world.yeses}

    for trials in every_rule(world).values():
        for trial in trials:
            assert told[trial.person.id, trial.posting.id] <= trial.proposed
            assert trial.posting.opens[trial.person.rung] <= trial.proposed < trial.person.leaves
            accepted = trial.accepted
            assert accepted is None or world.pair(trial.person, trial.posting).willing
            assert accepted is None or accepted < trial.person.leaves


@pytest.mark.parametrize(("seed", "interest"), WORLDS)
def test_no_rule_fills_more_than_hindsight(seed: int, interest: int) -> None:
    world = small(seed, interest)

    for trials in every_rule(world).values():
        assert sum(each.in_fence for each in trials) <= optimum(world) <= world.positions


@pytest.mark.parametrize(("seed", "interest"), WORLDS)
def test_ours_passes_over_only_who_has_something_else_in_hand(seed: int, interest: int) -> None:
    world = small(seed, interest)

    found = measured(world, Play(world, Conduct()).run(), optimum=optimum(world))

    assert found.passed_over_free == 0


def test_a_world_counts_a_fences_days_as_the_market_does() -> None:
    world = small(1, 12)
    play = Play(world, Conduct())
    play.run()

    for posting in world.postings:
        (group,) = play.state.reserved[posting.id].groups
        assert posting.opens == tuple(max(posting.at, hour_from(at)) for at in group.rungs)


def test_the_contract_and_its_postings_would_be_taken() -> None:
    world = small(1, 12)
    agreed = contract(world.setting, Conduct())

    assert rules_across_fields(agreed) == ()
    for data in (agreed, posted(world.postings[0])):
        assert not isinstance(message_of(cloud_event(data)), Rejected)


def test_each_constraint_can_be_switched_off() -> None:
    setting = Setting(seed=1, days=5, residents=20)

    rows = tuple(constraints_tried(setting, seeds=(1,), interest=50, told=lambda _: None))

    assert [row.name for row in rows] == [each.name for each in CONSTRAINTS]
    base, *others = (row.runs[0] for row in rows)
    assert any(each != base for each in others)


ROOM = st.dictionaries(st.sampled_from("abcd"), st.integers(0, 3), min_size=1)
WILLING = st.fixed_dictionaries(
    {name: st.lists(st.sampled_from("stuvwx"), unique=True) for name in "abcd"}
)


@given(room=ROOM, willing=WILLING)
def test_the_matching_is_as_large_as_the_tightest_set_of_postings_allows(
    room: dict[str, int], willing: dict[str, list[str]]
) -> None:
    """
    The deficiency form of Hall's theorem, by trying every set of postings.
    """
    sets = [each for n in range(len(room) + 1) for each in combinations(room, n)]
    least = min(
        len({person for name in each for person in willing[name]})
        + sum(places for name, places in room.items() if name not in each)
        for each in sets
    )

    assert largest_matching(room, willing) == least


@pytest.mark.parametrize(("seed", "interest"), WORLDS)
def test_the_optimum_is_that_of_another_library(seed: int, interest: int) -> None:
    sparse = pytest.importorskip("scipy.sparse")
    csgraph = pytest.importorskip("scipy.sparse.csgraph")
    world = small(seed, interest)
    people = {each.id: at for at, each in enumerate(world.people)}
    rows, columns, row = [], [], 0
    for posting in world.postings:
        willing = [
            people[yes.person.id]
            for yes in world.wanted[posting.id]
            if world.pair(yes.person, posting).willing
            and max(yes.at, posting.opens[yes.person.rung]) < min(posting.ends, yes.person.leaves)
        ]
        for _ in range(posting.positions):
            rows += [row] * len(willing)
            columns += willing
            row += 1
    graph = sparse.csr_matrix(([1] * len(rows), (rows, columns)), shape=(row, len(people)))

    matched = csgraph.maximum_bipartite_matching(graph)

    assert optimum(world) == int((matched >= 0).sum())


def cloud_event(data: ContractRegistered | OpportunityPostedSealed) -> dict[str, object]:
    envelope = Envelope(id="said-1", source="/party/oakline", type=event_type(data).wire_name)
    return {**plain(envelope), "data": plain(data)}
