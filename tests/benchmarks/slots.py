"""
The fold with slots: events a second, a tick with nothing to do, and a whole round.

    python -m tests.benchmarks.slots [--residents N] [--opportunities N]

CPU seconds. The fold's rate stands beside decoding and validating the same events, which
the shell does to each before the fold sees it: the ratio says which of the two is dearer.
"""

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from statistics import median
from typing import Any

from matching.market import fold
from matching.market.record import Happened, Said
from schemas import codec
from schemas.envelope import canonical
from schemas.opportunities import FencedPositions
from services.market.agents import dumped
from tests.builders import (
    SUPPLIER,
    MarketUnderTest,
    enter,
    fenced,
    opportunity,
    proposals,
    tick,
    zedford,
)

INTERESTS = 10


@dataclass(slots=True)
class TimedMarket(MarketUnderTest):
    """
    A market that counts the CPU seconds of its decisions, and keeps what was said of it.
    """

    seconds: float = 0.0
    told: list[bytes] = field(default_factory=list)

    def hear(self, thing: Said) -> tuple[Happened, ...] | None:
        """
        Decide one record.
        """
        self.said += 1
        self.told.append(canonical(thing.told["message"]))
        began = time.process_time()
        events = fold.decide(self.state, thing)
        self.seconds += time.process_time() - began
        if events is not None:
            fold.link(self.state, sequence=self.state.writing, digest="ab" * 32)
        return events


def main() -> None:
    """
    Print the figures as one JSON object.
    """
    parser = argparse.ArgumentParser(description="Measure the fold with slots.")
    parser.add_argument("--residents", type=int, default=5_000)
    parser.add_argument("--opportunities", type=int, default=250)
    chosen = parser.parse_args()
    print(json.dumps(measured(chosen.residents, chosen.opportunities), indent=2))


def measured(residents: int, opportunities: int) -> dict[str, Any]:
    """
    Fill a market, and measure its fold, its idle ticks and its first round.
    """
    market = TimedMarket(state=zedford().state)
    names = [f"F-{n}" for n in range(opportunities)]
    for name in names:
        market.say(_posted(name), by=SUPPLIER, subject=opportunity(name))
    for n in range(residents):
        wanted = [opportunity(names[(n * 7 + k * 13) % opportunities]) for k in range(INTERESTS)]
        enter(market, f"person {n}", *dict.fromkeys(wanted), ranked=n % 2 == 0)
    each = market.seconds / market.said
    said = market.said
    idle = [_seconds(partial(tick, market, at)) for at in _minutes("2026-01-14T12", 5)]
    first = _seconds(lambda: proposals(tick(market, "2026-01-15T13:05:00.000Z")))
    again = [_seconds(partial(tick, market, at)) for at in _minutes("2026-01-15T13", 10)]
    return {
        "residents": residents,
        "positions": opportunities * 4,
        "claims": residents * INTERESTS,
        "events_said": said,
        "fold_events_a_second": round(1 / each),
        "decoding_over_fold": round(_decoding(market) / each, 2),
        "idle_tick_ms": round(median(idle) * 1000, 2),
        "first_round_s": round(first, 3),
        "drained_tick_s": round(max(again), 3),
        "state_megabytes": round(len(canonical(dumped(market.state))) / 1e6, 1),
    }


def _posted(name: str) -> Any:
    return fenced(
        name,
        positions=4,
        closes_on=date(2026, 2, 20),
        ring_fence=(FencedPositions(group="starts", clause="4.2", positions=4),),
    )


def _minutes(hour: str, first: int) -> list[str]:
    return [f"{hour}:{minute:02d}:00.000Z" for minute in range(first, 60, 5)]


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _decoding(market: TimedMarket) -> float:
    """
    Return the CPU seconds that decoding and validating one event takes.
    """
    told = market.told[:20_000]
    began = time.process_time()
    for each in told:
        codec.message_of(json.loads(each))
    return (time.process_time() - began) / len(told)


if __name__ == "__main__":
    main()
