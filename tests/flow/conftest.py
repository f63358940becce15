"""
Every market that a flow test tells something keeps the rules of a log.
"""

from collections.abc import Iterator

import pytest

from matching.market.record import Happened, Said
from tests.builders import MarketUnderTest
from tests.reliability.prefix_rules import Entry, faults


@pytest.fixture(autouse=True)
def every_market_keeps_the_rules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """
    Note each market as it hears, and judge its log when the test is over.
    """
    logs: dict[int, tuple[MarketUnderTest, list[Entry]]] = {}
    hear = MarketUnderTest.hear

    def noted(market: MarketUnderTest, thing: Said) -> tuple[Happened, ...] | None:
        # Some tests falsify a log afterwards: what is judged is the log as it was written.
        _, log = logs.setdefault(id(market), (market, list(market.log)))
        events = hear(market, thing)
        log += market.log[len(log) :]
        return events

    monkeypatch.setattr(MarketUnderTest, "hear", noted)
    yield
    assert [broken for _, log in logs.values() if (broken := faults(log))] == []
