"""
A market's log, decided again from its export: the same bytes, or the first difference.
"""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.commands.replay import command
from services.transport.replaying import replayed
from tests.builders import (
    PARTNER,
    SUPPLIER,
    MarketUnderTest,
    fits,
    opportunity,
    pair,
    posted,
    registered,
    resident,
    tick,
    zedford,
)
from tests.exports import export, log_of


@pytest.fixture
def busy_market() -> MarketUnderTest:
    """
    A day in Zedford: accepted, refused, said twice, assessed, and a night in between.
    """
    market = zedford()
    amal, roofer = resident("amal"), opportunity("R-1")
    market.say(posted(), by=SUPPLIER, subject=roofer, id="mine-1")
    market.say(posted(), by=SUPPLIER, subject=roofer, id="mine-1")
    market.say(posted(), by=SUPPLIER, subject=roofer)
    market.say(posted(positions=9), by=SUPPLIER, subject=roofer)
    market.say(registered("amal"), by=PARTNER, subject=amal)
    market.say(fits(roofer, pair("amal", roofer), as_of=5), worker="matcher")
    tick(market, "2026-01-14T08:00:00.000Z")
    market.say(registered("bea", consent=False), by=PARTNER, subject=resident("bea"))
    return market


def test_every_record_is_decided_again_to_the_same_bytes(busy_market: MarketUnderTest) -> None:
    outcome = replayed(log_of(busy_market))

    assert outcome.difference is None
    assert outcome.same == len(busy_market.log)


def test_the_replayed_state_is_the_markets_own(busy_market: MarketUnderTest) -> None:
    outcome = replayed(log_of(busy_market))

    busy_market.state.digest = outcome.state.digest
    assert outcome.state == busy_market.state


def test_a_decision_that_was_changed_is_named(busy_market: MarketUnderTest) -> None:
    at = next(n for n, (_, _, events) in enumerate(busy_market.log) if events[0].party == SUPPLIER)
    cause, told, events = busy_market.log[at]
    busy_market.log[at] = (cause, told, (replace(events[0], party="brightwork"), *events[1:]))

    outcome = replayed(log_of(busy_market))

    assert outcome.difference is not None
    assert outcome.difference.sequence == at + 1
    assert "event 1 differs" in str(outcome.difference)


def test_the_command_says_how_many_came_out_the_same(
    busy_market: MarketUnderTest, tmp_path: Path
) -> None:
    path = export(log_of(busy_market), tmp_path / "zedford.jsonl")

    result = CliRunner().invoke(command, [str(path)])

    assert result.exit_code == 0, result.output
    assert f"{len(busy_market.log)} records decided again" in result.output


def test_one_changed_byte_breaks_the_chain(busy_market: MarketUnderTest, tmp_path: Path) -> None:
    path = export(log_of(busy_market), tmp_path / "zedford.jsonl")
    path.write_text(path.read_text().replace('"positions":2', '"positions":3', 1))

    result = CliRunner().invoke(command, [str(path)])

    assert result.exit_code == 1
    assert "the chain breaks at sequence" in result.output


def test_a_file_that_is_no_export_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "other.jsonl"
    path.write_text('{"a": 1}\n')

    result = CliRunner().invoke(command, [str(path)])

    assert result.exit_code == 1
    assert "foothold log export" in result.output
