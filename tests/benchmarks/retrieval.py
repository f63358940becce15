"""
What it costs to rank 50,000 residents for one opportunity, as ratios within one run.

    OMP_NUM_THREADS=1 python tests/benchmarks/retrieval.py [--residents N] [--rounds R]

Every figure is CPU time of one thread, the variants shuffled inside each round; a ratio is
the median over rounds with the 95 % interval of a bootstrap, and a gate is held against the
interval's worse end. The bound is one pass over the arena's bytes (`sum`). Vectors are
drawn: neighbours around topics, so that some are near. Ends with 1 if a gate is missed.
"""

# ruff: noqa: E402  (threads are read when the libraries are loaded, so they are set first)
import os

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from statistics import median

import numpy as np

from matching.model import OpportunityProfile, ResidentProfile, Side
from matching.ranking.engines.faiss_index import FaissIndex
from matching.ranking.lexical import TermTable
from matching.ranking.pipeline import (
    CANDIDATES,
    Constants,
    Ground,
    Pool,
    Prepared,
    rank_residents,
)
from matching.ranking.ports import Vectors
from matching.ranking.retrieval import ExactIndex
from matching.ranking.scoring import Scale

DIM, TOPICS, STATEMENTS, TERMS = 384, 2_000, 8, 40
SEED = 20_261_124


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """
    A ratio of two variants that must not be passed.
    """

    what: str
    of: str
    to: str
    most: float


GATES = (
    Gate(what="scan, filter and best 400 against one pass", of="faiss", to="pass", most=1.9),
    Gate(what="exact search with NumPy against one pass", of="exact", to="pass", most=2.6),
    Gate(what="one of 32 searched together against one alone", of="batch", to="bare", most=0.35),
    Gate(what="removal and return of one against one search", of="change", to="bare", most=0.05),
    Gate(what="the whole ranking against one pass", of="ranking", to="pass", most=9.0),
)


@dataclass(slots=True, kw_only=True)
class Drawn:
    """
    Residents and an opportunity whose statements lie round drawn topics.
    """

    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(SEED))
    topics: Vectors = field(init=False)

    def __post_init__(self) -> None:
        self.topics = _unit(self.rng.standard_normal((TOPICS, DIM), np.float32))

    def prepared(self, subject: str, *, side: Side) -> Prepared:
        chosen = self.topics[self.rng.integers(TOPICS, size=STATEMENTS)]
        noise = 0.04 * self.rng.standard_normal((STATEMENTS, DIM), np.float32)
        phrases = _unit(chosen + noise)
        terms = np.unique(self.rng.integers(0, 3_000, size=TERMS).astype(np.uint64))
        return Prepared(
            id=subject,
            side=side,
            model="drawn",
            text_hash="0" * 64,
            dense=_unit(phrases.mean(axis=0, keepdims=True))[0],
            dense_level=0.0,
            dense_spread=0.06,
            phrases=phrases.astype(np.float16),
            phrase_hashes=("0" * 64,) * STATEMENTS,
            level=np.zeros(STATEMENTS, np.float32),
            spread=np.full(STATEMENTS, 0.06, np.float32),
            term_ids=terms,
            term_weights=np.full(len(terms), 0.02, np.float32),
            sought=(1, STATEMENTS) if side is Side.OPPORTUNITY else (0, 0),
        )


CONSTANTS = Constants(
    model="drawn",
    background=np.zeros((1, DIM), np.float16),
    terms=TermTable(texts=1, frequencies={}, mean_length=60),
    dense=Scale(mean=0.5, deviation=1.0),
    cover=Scale(mean=1.0, deviation=1.0),
    lexical=Scale(mean=0.1, deviation=0.1),
)


def _unit(vectors: Vectors) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def variants(n: int) -> dict[str, Callable[[], object]]:
    """
    Build the pool, and what is timed over it; each variant does the work of one search.
    """
    drawn, exact, faiss = Drawn(), ExactIndex(dim=DIM), FaissIndex(dim=DIM)
    pool = Pool(side=Side.RESIDENT, index=faiss, ground=Ground())
    for number in range(n):
        profile = ResidentProfile(resident_id=f"resident-{number:06}")
        prepared = drawn.prepared(profile.resident_id, side=Side.RESIDENT)
        pool.put(profile, prepared=prepared)
        exact.append(prepared.dense)
    opportunity = OpportunityProfile(opportunity_id="post", title="Post")
    asked = drawn.prepared("post", side=Side.OPPORTUNITY)
    several = np.stack([drawn.prepared("post", side=Side.OPPORTUNITY).dense for _ in range(32)])
    everybody = np.ones(n, np.bool_)
    moved = f"resident-{n // 2:06}"
    kept = pool.prepared(moved)

    def change() -> None:
        pool.remove(moved)
        pool.put(ResidentProfile(resident_id=moved), prepared=kept)

    def one_pass() -> object:
        return faiss.vectors.sum()

    return {
        "pass": one_pass,
        "bare": lambda: faiss.search_many(asked.dense[None], k=50),
        "faiss": lambda: faiss.search(asked.dense, k=CANDIDATES, allowed=everybody),
        "exact": lambda: exact.search(asked.dense, k=CANDIDATES, allowed=everybody),
        "batch": lambda: faiss.search_many(several, k=50),
        "change": change,
        "ranking": lambda: rank_residents(
            opportunity, prepared=asked, pool=pool, constants=CONSTANTS, top=50
        ),
    }


def rounds(timed: dict[str, Callable[[], object]], n: int) -> Iterator[dict[str, float]]:
    """
    Time every variant in each round, in another order each time; the first round warms up.
    """
    shuffler = random.Random(SEED)
    names = list(timed)
    for number in range(n + 1):
        shuffler.shuffle(names)
        found = {name: _cpu_seconds(timed[name]) for name in names}
        found["batch"] /= 32
        if number:
            yield found


def _cpu_seconds(run: Callable[[], object], *, least: float = 0.02) -> float:
    times, began = 0, time.process_time()
    while (spent := time.process_time() - began) < least:
        run()
        times += 1
    return spent / times


def interval(ratios: list[float]) -> tuple[float, float]:
    """
    Bootstrap the median: 2,000 draws, the middle 95 %.
    """
    drawer = random.Random(SEED)
    medians = sorted(median(drawer.choices(ratios, k=len(ratios))) for _ in range(2_000))
    return medians[50], medians[1_949]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--residents", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=11)
    asked = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}, {asked.residents} residents, {asked.rounds} rounds")
    found = list(rounds(variants(asked.residents), asked.rounds))
    for name in found[0]:
        print(f"  {name:8} {1e3 * median(each[name] for each in found):8.3f} ms")
    missed = 0
    for gate in GATES:
        ratios = [each[gate.of] / each[gate.to] for each in found]
        low, high = interval(ratios)
        verdict = "met" if high <= gate.most else "missed"
        missed += high > gate.most
        told = f"{median(ratios):.3f} [{low:.3f}, {high:.3f}], at most {gate.most}: {verdict}"
        print(f"{gate.what}: {told}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
