"""
What a rule brought, in the figures that are compared.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import mean, median, stdev

from services.simulation.ledger import Trial
from services.simulation.world import DAY_HOURS, ON_FILE_HOURS, Person, World, Yes


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """
    What one rule brought in one world; nothing where nothing was filled.

    Attributes:
        filled_in_fence: positions accepted before their fence ended, and not lost, of all.
        median_hours_to_accept: from the posting, over positions filled in their fence.
        offers_per_fill: offers that reached somebody, for each.
        passed_over: of these, for how many somebody with the stronger claim, whose yes was on
            file within 48 hours, was still there without a place and never had the offer.
        passed_over_free: the same, where that person had nothing else in hand when the position
            was given, neither a proposal nor an offer.
        accepted_but_lost: places accepted and taken away again, for each.
        wait_by_group: median days from being ready to accepting, by group and by how many
            hours a coordinator takes.
        placed_by_group: the share of the people of each that found a place.
        share_of_hindsight_optimum: of the most positions that could have been filled.
    """

    filled_in_fence: float
    median_hours_to_accept: float | None
    offers_per_fill: float | None
    passed_over: float | None
    passed_over_free: float | None
    accepted_but_lost: float | None
    wait_by_group: Mapping[str, float | None]
    placed_by_group: Mapping[str, float | None]
    share_of_hindsight_optimum: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """
    A mean over seeds with its standard error, which one seed alone does not have.
    """

    mean: float
    standard_error: float | None


LAST = 10**9

SCALARS = (
    "filled_in_fence",
    "median_hours_to_accept",
    "offers_per_fill",
    "passed_over",
    "passed_over_free",
    "accepted_but_lost",
    "share_of_hindsight_optimum",
)
BY_GROUP = ("wait_by_group", "placed_by_group")


def measured(world: World, trials: Sequence[Trial], *, optimum: int) -> Figures:
    """
    Measure what became of all trials.
    """
    filled = [trial for trial in trials if trial.in_fence]
    waits = [trial.accepted - trial.posting.at for trial in filled if trial.accepted is not None]
    return Figures(
        filled_in_fence=len(filled) / max(world.positions, 1),
        median_hours_to_accept=median(waits) if waits else None,
        offers_per_fill=_each(sum(trial.offered is not None for trial in trials), filled),
        passed_over=_each(sum(1 for _ in passed_over(world, trials)), filled),
        passed_over_free=_each(sum(1 for _ in passed_over(world, trials, free=True)), filled),
        accepted_but_lost=_each(sum(trial.lost for trial in trials), filled),
        wait_by_group=_waits(world, trials),
        placed_by_group=_placed(world, trials),
        share_of_hindsight_optimum=len(filled) / optimum if optimum else None,
    )


def passed_over(world: World, trials: Sequence[Trial], *, free: bool = False) -> Iterator[Trial]:
    """
    Yield the fills for which somebody with the stronger claim was passed over.

    Args:
        world: where all happened.
        trials: what became of every offer.
        free: count only those who had nothing else in hand.
    """
    turns = defaultdict(list)
    for trial in trials:
        turns[trial.person.id].append(trial)
    for trial in trials:
        if trial.in_fence and any(
            _overlooked(turns[yes.person.id], trial, free=free) and _outranks(world, yes, trial)
            for yes in world.wanted[trial.posting.id]
        ):
            yield trial


def estimates(runs: Iterable[Figures]) -> dict[str, Estimate | dict[str, Estimate | None] | None]:
    """
    Put the figures of several seeds together.
    """
    found = list(runs)
    told: dict[str, Estimate | dict[str, Estimate | None] | None] = {
        name: estimate(getattr(each, name) for each in found) for name in SCALARS
    }
    for name in BY_GROUP:
        groups = sorted({group for each in found for group in getattr(each, name)})
        told[name] = {
            group: estimate(getattr(each, name).get(group) for each in found) for group in groups
        }
    return told


def estimate(values: Iterable[float | None]) -> Estimate | None:
    """
    Return the mean of what is known and its standard error.

    >>> estimate([1.0, 2.0, 3.0, None]).mean
    2.0
    """
    known = [value for value in values if value is not None]
    if not known:
        return None
    error = stdev(known) / sqrt(len(known)) if len(known) > 1 else None
    return Estimate(mean=mean(known), standard_error=error)


def _overlooked(turns: Sequence[Trial], filled: Trial, *, free: bool) -> bool:
    """
    Tell whether somebody with these turns had none at a fill, and no place when it was taken.
    """
    for turn in turns:
        if turn.posting is filled.posting and turn.offered is not None:
            return False
        if turn.stands and (turn.accepted or 0) < (filled.accepted or 0):
            return False
        at_hand = turn.proposed <= filled.proposed < (LAST if turn.until is None else turn.until)
        if free and at_hand:
            return False
    return True


def _outranks(world: World, yes: Yes, trial: Trial) -> bool:
    """
    Tell whether somebody whose yes was early was there all the time, with the stronger claim.
    """
    person, posting = yes.person, yes.posting
    # Also if the position was given before that: not to wait for it is what passes people over.
    on_file = yes.at <= posting.at + ON_FILE_HOURS
    there = person.leaves > (trial.accepted or 0)
    in_reach = posting.opens[person.rung] <= trial.proposed
    return on_file and there and in_reach and _stronger(world, yes, trial)


def _stronger(world: World, yes: Yes, trial: Trial) -> bool:
    posting, at = trial.posting, trial.proposed
    return world.claim(yes.person, posting, at) < world.claim(trial.person, posting, at)


def _each(count: int, filled: Sequence[Trial]) -> float | None:
    return count / len(filled) if filled else None


def _waits(world: World, trials: Sequence[Trial]) -> dict[str, float | None]:
    waits = defaultdict(list)
    for trial in trials:
        for group in _groups(trial.person) if trial.in_fence else ():
            waits[group].append(((trial.accepted or 0) - trial.person.ready) / DAY_HOURS)
    return {group: median(waits[group]) if waits[group] else None for group in _all_groups(world)}


def _placed(world: World, trials: Sequence[Trial]) -> dict[str, float | None]:
    people = Counter(group for person in world.people for group in _groups(person))
    placed = Counter(group for each in trials if each.in_fence for group in _groups(each.person))
    return {
        group: placed[group] / people[group] if people[group] else None
        for group in _all_groups(world)
    }


def _groups(person: Person) -> tuple[str, str]:
    return person.group, f"coordinator_{person.lag}h"


def _all_groups(world: World) -> list[str]:
    return sorted({group for person in world.people for group in _groups(person)})
