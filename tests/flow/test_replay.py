"""
A market's log, decided again from its export: the same bytes, or the first difference.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from schemas.slots import HoldReason, ProposalHeld
from services.commands.replay import command
from services.transport.replaying import replayed
from tests.builders import (
    PARTNER,
    SUPPLIER,
    MarketUnderTest,
    enter,
    fenced,
    fits,
    names,
    opportunity,
    pair,
    posted,
    proposals,
    registered,
    resident,
    tick,
    zedford,
)
from tests.exports import chained, export, log_of

ROOFER = opportunity("F-1")


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
    assert "event 1 (ContractAgreed) differs" in str(outcome.difference)


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


# --- a market that held rounds ------------------------------------------------------------


@pytest.fixture
def held() -> MarketUnderTest:
    """
    Four people and two positions: a round, its proposals, a hold and the round after it.
    """
    market = chained(zedford())
    market.say(fenced(), by=SUPPLIER, subject=ROOFER)
    for name in ("amal", "bea", "chidi", "dilys"):
        enter(market, name, ROOFER)
    first, _ = proposals(tick(market, "2026-01-15T13:05:00.000Z"))
    reason = HoldReason.NOT_SUITABLE_NOW
    market.say(ProposalHeld(offer=first.offer, reason=reason), by=PARTNER, subject=first.offer)
    tick(market, "2026-01-15T13:10:00.000Z")
    return market


def round_at(market: MarketUnderTest) -> tuple[int, int]:
    """
    Find the first round: the number of its record, and of its event there.
    """
    for n, (_, _, events) in enumerate(market.log):
        if "RoundClosed" in names(events):
            return n, names(events).index("RoundClosed")
    raise AssertionError("no round was held")


def replace_event(market: MarketUnderTest, record: int, event: int, data: Any) -> None:
    cause, told, events = market.log[record]
    forged = replace(events[event], data=data)
    market.log[record] = (cause, told, (*events[:event], forged, *events[event + 1 :]))


def test_rounds_proposals_and_refusals_are_decided_again_and_counted(
    held: MarketUnderTest, tmp_path: Path
) -> None:
    path = export(log_of(held), tmp_path / "zedford.jsonl")

    result = CliRunner().invoke(command, [str(path)])

    assert result.exit_code == 0, result.output
    assert "2 rounds, 3 proposals, 0 refusals" in result.output


def test_a_changed_ticket_is_named_by_its_first_byte(held: MarketUnderTest, tmp_path: Path) -> None:
    record, closed = round_at(held)
    proposed = held.log[record][2][closed + 1].data
    last = "0" if proposed.ticket[-1] != "0" else "1"
    replace_event(held, record, closed + 1, replace(proposed, ticket=proposed.ticket[:-1] + last))
    path = export(log_of(held), tmp_path / "zedford.jsonl")

    result = CliRunner().invoke(command, [str(path)])

    assert result.exit_code == 1
    assert f"record {record + 1} " in result.output
    assert f"event {closed + 2} (SlotProposed) differs from byte" in result.output
    assert f'written `{last}"' in result.output
    assert f'decided again `{proposed.ticket[-1]}"' in result.output


def test_a_swapped_decision_is_named(held: MarketUnderTest, tmp_path: Path) -> None:
    record, closed = round_at(held)
    round_ = held.log[record][2][closed].data
    one, other = round_.decisions
    swapped = (
        replace(one, resident=other.resident, ticket=other.ticket),
        replace(other, resident=one.resident, ticket=one.ticket),
    )
    replace_event(held, record, closed, replace(round_, decisions=swapped))
    path = export(log_of(held), tmp_path / "zedford.jsonl")

    result = CliRunner().invoke(command, [str(path), "--json"])

    told = json.loads(result.output)
    assert result.exit_code == 1
    assert (told["sequence"], told["same"]) == (record + 1, record)
    assert f"event {closed + 1} (RoundClosed) differs from byte" in told["difference"]


@pytest.mark.parametrize("left_out", [1, 2])
def test_a_dropped_proposal_is_named(held: MarketUnderTest, tmp_path: Path, left_out: int) -> None:
    record, closed = round_at(held)
    cause, told, events = held.log[record]
    kept = tuple(event for n, event in enumerate(events) if n != closed + left_out)
    held.log[record] = (cause, told, kept)
    path = export(log_of(held), tmp_path / "zedford.jsonl")

    result = CliRunner().invoke(command, [str(path)])

    assert result.exit_code == 1
    assert f"record {record + 1} " in result.output
    assert f"event {closed + 1 + left_out} (SlotProposed)" in result.output


def test_a_round_that_was_left_out_is_named(held: MarketUnderTest, tmp_path: Path) -> None:
    record, closed = round_at(held)
    cause, told, events = held.log[record]
    held.log[record] = (cause, told, events[:closed])
    path = export(log_of(held), tmp_path / "zedford.jsonl")

    result = CliRunner().invoke(command, [str(path)])

    assert result.exit_code == 1
    assert "(RoundClosed) is decided, and is not on the log" in result.output


def test_nothing_is_smuggled_in_beside_a_repeat(held: MarketUnderTest, tmp_path: Path) -> None:
    held.say(fenced(), by=SUPPLIER, subject=ROOFER, id="again-1")
    cause, told, events = held.log[-1]
    assert names(events) == ("SubmissionRepeated",)
    record, closed = round_at(held)
    smuggled = held.log[record][2][closed + 1]
    held.log[-1] = (cause, told, (*events, smuggled))

    outcome = replayed(log_of(held))

    assert outcome.difference is not None
    assert outcome.difference.sequence == len(held.log)


def test_nothing_is_smuggled_in_as_quarantined(held: MarketUnderTest) -> None:
    record, _ = round_at(held)
    cause, told, events = held.log[record]
    held.log[record] = (replace(cause, quarantined=True), told, events)

    outcome = replayed(log_of(held))

    assert outcome.difference is not None
    assert outcome.difference.sequence == record + 1
