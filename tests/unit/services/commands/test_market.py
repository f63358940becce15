"""
The open markets as the command line lists them.
"""

import json

import pytest
from click.testing import CliRunner, Result

from services.__main__ import main
from tests.broker_in_memory import BrokerInMemory
from tests.builders import tick, zedford
from tests.exports import chained


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> BrokerInMemory:
    made = BrokerInMemory(market=chained(zedford()))
    monkeypatch.setattr("services.commands.market.Kafka", made)
    return made


def listed(*words: str) -> Result:
    return CliRunner().invoke(main, ["market", "list", *words, "--broker", "127.0.0.1:1"])


def test_the_time_of_a_markets_opening_is_called_so(broker: BrokerInMemory) -> None:
    told = [json.loads(line) for line in listed("--json").stdout.splitlines()]
    (opened,) = [each["now"] for each in told if each["code"] == "zedford"]

    table = listed().stdout

    assert "opened" in table
    assert opened[:10] in table
    assert f"{opened[11:16]} UTC" in table
    assert "zedford" in table


def test_a_simulated_market_tells_its_present_time(broker: BrokerInMemory) -> None:
    tick(broker.market, "2026-01-15T13:05:00.000Z")

    told = [json.loads(line) for line in listed("--json").stdout.splitlines()]

    times = {each["code"]: each.get("time") for each in told}
    assert times == {"_register": None, "zedford": "2026-01-15T13:05:00.000Z"}
    assert "2026-01-15" in listed().stdout
    assert "13:05 UTC" in listed().stdout


def test_the_help_says_that_it_is_not_the_present_time() -> None:
    assert "not the present time" in " ".join(listed("--help").stdout.split())
