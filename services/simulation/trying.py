"""
Each rule tried on each world, and the product's rule with one constraint switched off at a time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from matching.market.local_time import nation_calendar
from schemas.vocabulary import Nation
from services.simulation.baselines import at_random, first_come
from services.simulation.figures import Figures, measured
from services.simulation.hindsight import optimum
from services.simulation.ledger import Trial
from services.simulation.market import packaged_rules
from services.simulation.ours import Play
from services.simulation.terms import Conduct
from services.simulation.world import Setting, World, world

Told = Callable[[str], None]
Rule = Callable[[World], tuple[Trial, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """
    The rule with something about it, or about the world, changed.
    """

    name: str
    conduct: Conduct = field(default_factory=Conduct)
    setting: Mapping[str, Any] = field(default_factory=dict)


BASE = Variant(name="nothing")
# What is switched off, one at a time. The fence that does not end ends after 40 working days.
CONSTRAINTS = (
    BASE,
    Variant(name="intake", conduct=Conduct(intake_hours=0)),
    Variant(name="answer_window", conduct=Conduct(silence_told=True)),
    Variant(name="one_live_offer", conduct=Conduct(live_offers=2)),
    Variant(name="release_lag", conduct=Conduct(release_at_once=True)),
    Variant(name="four_hours_between_rounds", conduct=Conduct(round_working_minutes=60)),
    Variant(name="fence_end", setting={"rungs": (0, 5, 40)}),
    Variant(name="second_rung", setting={"one_rung": True}),
    Variant(name="coordinators_lag", setting={"prompt": True}),
    Variant(name="silent_residents", setting={"silent": 0}),
    # What is left when nothing holds anybody up but the two that a contract asks for.
    Variant(
        name="all_but_intake_and_fence_end",
        conduct=Conduct(
            silence_told=True, live_offers=2, release_at_once=True, round_working_minutes=60
        ),
        setting={"one_rung": True, "prompt": True, "silent": 0},
    ),
    Variant(
        name="all_of_these",
        conduct=Conduct(
            intake_hours=0,
            silence_told=True,
            live_offers=2,
            release_at_once=True,
            round_working_minutes=60,
        ),
        setting={"rungs": (0, 5, 40), "one_rung": True, "prompt": True, "silent": 0},
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    What one rule brought at one level of interest, seed by seed.
    """

    interest: int
    name: str
    runs: tuple[Figures, ...]


def rules_tried(
    setting: Setting, *, seeds: Sequence[int], interest: Sequence[int], told: Told
) -> Iterator[Row]:
    """
    Try ours, first come and random on the same worlds.

    Args:
        setting: what every world has, but for its seed and interest.
        seeds: one world each.
        interest: levels, of a hundred.
        told: hears what is being done.
    """
    rules: dict[str, Rule] = {"ours": _ours, "first_come": first_come, "random": at_random}
    for level in interest:
        found: dict[str, list[Figures]] = {name: [] for name in rules}
        for seed in seeds:
            made = drawn(replace(setting, seed=seed, interest=level))
            best = optimum(made)
            for name, rule in rules.items():
                told(f"seed {seed}, {level} % interest: {name}")
                found[name].append(measured(made, rule(made), optimum=best))
        for name, runs in found.items():
            yield Row(interest=level, name=name, runs=tuple(runs))


def constraints_tried(
    setting: Setting, *, seeds: Sequence[int], interest: int, told: Told
) -> Iterator[Row]:
    """
    Try ours with each constraint switched off.
    """
    for variant in CONSTRAINTS:
        runs = []
        for seed in seeds:
            told(f"seed {seed}, {interest} % interest, without {variant.name}")
            changes = {**variant.setting, "seed": seed, "interest": interest}
            made = drawn(replace(setting, **changes))
            trials = Play(made, variant.conduct).run()
            runs.append(measured(made, trials, optimum=optimum(made)))
        yield Row(interest=interest, name=variant.name, runs=tuple(runs))


def drawn(setting: Setting) -> World:
    """
    Draw a world on the calendar of the packaged rules.
    """
    return world(setting, nation_calendar(packaged_rules(), Nation.ENGLAND))


def _ours(made: World) -> tuple[Trial, ...]:
    return Play(made, Conduct()).run()
