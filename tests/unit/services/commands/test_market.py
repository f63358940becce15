"""
The open markets as the command line lists them.
"""

import json

import pytest
from click.testing import CliRunner, Result

from services.__main__ import main
from tests.broker_in_memory import BrokerInMemory
from tests.builders import zedford
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
    assert f"{opened[:10]} {opened[11:16]} UTC" in table


def test_the_help_says_that_it_is_not_the_present_time() -> None:
    assert "not the present time" in " ".join(listed("--help").stdout.split())
