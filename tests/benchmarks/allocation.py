"""
What a round costs: 1,000 reserved positions, 5,000 residents with 10 interests each.

    python tests/benchmarks/allocation.py [--rounds N] [--growth] [--large]

CPU time of one thread. The same market is also placed by deferred acceptance without
reserves, and by SciPy's optimal assignment if SciPy is installed: solving alone, once with
tickets and once with all the ties that weeks leave, which it solves far sooner. The variants
are shuffled inside each round, and a ratio is the median over rounds with the 95 % interval
of a bootstrap. A gate is held against the interval's worse end. `--growth` goes on to 5 times
as many, `--large` to 20 times. Ends with 1 if a gate is missed.
"""

# ruff: noqa: E402  (threads are read when the libraries are loaded, so they are set first)
import os

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

import argparse
import gc
import heapq
import importlib
import importlib.util
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

from matching.market.allocation import (
    Applicant,
    Claim,
    Group,
    Vacancy,
    allocate,
    choose,
    order_key,
    ticket,
)

SEED = 20_261_124
INTERESTS, POSITIONS = 10, 4
SHAPES = ((4,), (2, 2), (1, 3), (1, 1, 2))  # positions a group, in precedence
TIERS = (0, 0, 0, 1, 2, None)
VACANCIES, RESIDENTS = 250, 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    vacancies: tuple[Vacancy, ...]
    claims: dict[str, tuple[Claim, ...]]
    applicants: tuple[Applicant, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """
    Two variants compared; a gate if there is a figure that must not be passed.
    """

    what: str
    of: str
    to: str
    most: float | None = None


RATIOS = (
    Ratio(what="with reserves against without", of="round", to="plain", most=4.0),
    Ratio(what="the round against an assignment with tickets", of="round", to="drawn"),
    Ratio(what="the round against an assignment without tickets", of="round", to="tied"),
)


def market(vacancies: int, residents: int) -> Market:
    """
    Draw a market: groups of several shapes, rungs open at random, likes drawn evenly.
    """
    drawn = random.Random(SEED)
    posts = tuple(_vacancy(f"post-{at:05}", drawn) for at in range(vacancies))
    claims: dict[str, list[Claim]] = {post.id: [] for post in posts}
    applicants = []
    for at in range(residents):
        name = f"resident-{at:06}"
        key = order_key(
            weeks_ready=drawn.randrange(40),
            most_weeks=26,
            ticket=ticket(b"benchmark", name),
            resident=name,
        )
        liked = drawn.sample(posts, INTERESTS)
        for post in liked:
            tiers = tuple(drawn.choices(TIERS, k=len(post.groups)))
            claims[post.id].append(Claim(resident=name, key=key, tiers=tiers))
        ids = tuple(post.id for post in liked)
        applicants.append(Applicant(resident=name, vacancies=ids, capacity=1))
    by_post = {id_: tuple(each) for id_, each in claims.items()}
    return Market(vacancies=posts, claims=by_post, applicants=tuple(applicants))


def _vacancy(id_: str, drawn: random.Random) -> Vacancy:
    groups = tuple(
        Group(
            name=f"group-{at}",
            free=tuple(f"{id_}/group-{at}/{ordinal}" for ordinal in range(size)),
            stage=drawn.randrange(3),
        )
        for at, size in enumerate(drawn.choice(SHAPES))
    )
    return Vacancy(id=id_, groups=groups)


def plain(drawn: Market) -> dict[str, list[tuple[Any, str]]]:
    """
    Deferred acceptance alone: a vacancy has so many places for anybody, in published order.
    """
    keys = {
        (id_, claim.resident): tuple(-part for part in claim.key[:2])
        for id_, claims in drawn.claims.items()
        for claim in claims
    }
    wishes = {each.resident: iter(each.vacancies) for each in drawn.applicants}
    held: dict[str, list[tuple[Any, str]]] = {each.id: [] for each in drawn.vacancies}
    free = list(wishes)
    while free:
        resident = free.pop()
        for id_ in wishes[resident]:
            ours = (keys[id_, resident], resident)
            if len(held[id_]) < POSITIONS:
                heapq.heappush(held[id_], ours)
                break
            worst = heapq.heappushpop(held[id_], ours)
            if worst is not ours:
                free.append(worst[1])
                break
    return held


def weights(drawn: Market, *, tickets: bool) -> Any:
    """
    Build what an assignment minimises, positions by residents: rung, weeks, perhaps ticket.
    """
    numpy = importlib.import_module("numpy")
    column = {each.resident: at for at, each in enumerate(drawn.applicants)}
    rows = []
    for vacancy in drawn.vacancies:
        for at, group in enumerate(vacancy.groups):
            row = numpy.full(len(column), 1e6)
            for claim in drawn.claims[vacancy.id]:
                tier = claim.tiers[at]
                if tier is not None and tier <= group.stage:
                    row[column[claim.resident]] = (
                        100 * tier + claim.key[0] + tickets * claim.key[1] / 2**64
                    )
            rows += [row] * len(group.free)
    return numpy.stack(rows)


def variants(drawn: Market) -> dict[str, Callable[[], object]]:
    """
    Name what is timed. SciPy is no dependency of the product, so its lines may be absent.
    """
    timed: dict[str, Callable[[], object]] = {
        "round": partial(allocate, drawn.vacancies, drawn.claims, drawn.applicants),
        "plain": partial(plain, drawn),
    }
    if importlib.util.find_spec("scipy") is None:
        print("SciPy is not installed: no line for its optimal assignment")
        return timed
    solve = importlib.import_module("scipy.optimize").linear_sum_assignment
    return timed | {
        "drawn": partial(solve, weights(drawn, tickets=True)),
        "tied": partial(solve, weights(drawn, tickets=False)),
    }


def rounds(timed: dict[str, Callable[[], object]], n: int) -> Iterator[dict[str, float]]:
    """
    Time every variant in each round, in another order each time; the first round warms up.
    """
    shuffler = random.Random(SEED)
    names = list(timed)
    for number in range(n + 1):
        shuffler.shuffle(names)
        found = {name: cpu_seconds(timed[name]) for name in names}
        if number:
            yield found


def cpu_seconds(run: Callable[[], object]) -> float:
    gc.collect()
    began = time.process_time()
    run()
    return time.process_time() - began


def interval(ratios: list[float]) -> tuple[float, float]:
    """
    Bootstrap the median: 2,000 draws, the middle 95 %.
    """
    drawer = random.Random(SEED)
    medians = sorted(median(drawer.choices(ratios, k=len(ratios))) for _ in range(2_000))
    return medians[50], medians[1_949]


def missed(found: list[dict[str, float]]) -> int:
    """
    Print each ratio whose two variants were timed, and count the gates that were missed.
    """
    count = 0
    for each in RATIOS:
        if each.to in found[0]:
            ratios = [spent[each.of] / spent[each.to] for spent in found]
            low, high = interval(ratios)
            count += each.most is not None and high > each.most
            gate = "" if each.most is None else f", at most {each.most}"
            print(f"{each.what}: {median(ratios):.3f} [{low:.3f}, {high:.3f}]{gate}")
    return count


def growth(times: tuple[int, ...]) -> None:
    """
    Print what a round costs as the market grows, in all and for each claim.
    """
    for factor in times:
        drawn = market(factor * VACANCIES, factor * RESIDENTS)
        spent = cpu_seconds(partial(allocate, drawn.vacancies, drawn.claims, drawn.applicants))
        claims = INTERESTS * len(drawn.applicants)
        size = f"{POSITIONS * len(drawn.vacancies):,} x {len(drawn.applicants):,}"
        print(f"  {size:16} {spent:7.2f} s, {1e6 * spent / claims:.1f} µs a claim")


def one_vacancy() -> None:
    """
    Print what one choice costs among many for one vacancy of three groups.
    """
    drawn = random.Random(SEED)
    for positions in (3, 48, 198):
        groups = tuple(
            Group(name=name, free=tuple(f"{name}/{at}" for at in range(positions // 3)), stage=2)
            for name in ("first", "second", "third")
        )
        vacancy = Vacancy(id="post", groups=groups)
        claims = [
            Claim(
                resident=f"resident-{at:04}",
                key=(1, -drawn.randrange(27), drawn.getrandbits(64), f"resident-{at:04}"),
                tiers=tuple(drawn.choices(TIERS, k=3)),
            )
            for at in range(RESIDENTS)
        ]
        spent = median(cpu_seconds(partial(choose, vacancy, claims)) for _ in range(5))
        print(f"  {positions:3} positions among {RESIDENTS:,}: {1e3 * spent:.1f} ms")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--large", action="store_true")
    asked = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}, {asked.rounds} rounds")
    found = list(rounds(variants(market(VACANCIES, RESIDENTS)), asked.rounds))
    for name in found[0]:
        print(f"  {name:8} {median(each[name] for each in found):7.3f} s")
    one_vacancy()
    if asked.growth or asked.large:
        growth((1, 5, 20) if asked.large else (1, 5))
    return 1 if missed(found) else 0


if __name__ == "__main__":
    sys.exit(main())
