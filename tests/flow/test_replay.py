"""
A market's log, decided again from its export: the same bytes, or the first difference.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from matching.market import fold
from matching.market.record import Draft, Said
from matching.market.state import MarketState
from schemas.answers import SubmissionRefused, SubmissionRepeated
from schemas.log_record import Cause
from schemas.slots import HoldReason, ProposalHeld
from schemas.vocabulary import Clock, Problem
from services.commands.replay import command
from services.transport.records import told_in_log
from services.transport.replaying import Outcome, replayed
from tests.builders import (
    CONTRACT,
    PARTNER,
    SUPPLIER,
    MarketUnderTest,
    amended,
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
    says,
    tick,
    zedford,
)
from tests.exports import ChainedMarket, chained, export, log_of

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


# --- what was said, and suppressed --------------------------------------------------------


def forge(
    market: ChainedMarket,
    thing: Said,
    data: Any,
    *,
    quarantined: bool = False,
    party: str = PARTNER,
) -> None:
    """
    Write an answer of the operator's choice where the market should have decided.
    """
    state = market.state
    of = party if isinstance(data, SubmissionRepeated) else None
    event = fold._event(state, Draft(data=data, party=of), n=1)
    cause = Cause(
        source=thing.source,
        inbox=thing.inbox,
        appended_at=thing.appended_at,
        now=state.now,
        quarantined=quarantined,
        rules_version=state.rules.version if state.rules else 0,
        release="test",
    )
    told = told_in_log(thing.told, (event,))
    fold.evolve(state, cause, told, (event,))
    market.said += 1
    market.log.append((cause, told, (event,)))
    market.chain()
    fold.link(state, sequence=state.writing, digest=state.digest)


@pytest.fixture
def asked() -> ChainedMarket:
    """
    Dilys has answered that she says yes to nothing yet, and then says yes.
    """
    market = chained(zedford())
    market.say(fenced(), by=SUPPLIER, subject=ROOFER)
    market.say(says(DILYS), by=PARTNER, subject=enter(market, DILYS))
    return market


DILYS = "dilys"
RESERVED: dict[str, Any] = {"contract": CONTRACT, "ring_fence": fenced().ring_fence}
INTERNAL = SubmissionRefused(problems=(Problem(code="internal", field=""),))


def yes(market: MarketUnderTest, **changes: Any) -> Said:
    return market.saying(says(DILYS, ROOFER), by=PARTNER, subject=resident(DILYS), **changes)


def test_a_later_answer_is_no_repeat_of_an_earlier_one(asked: ChainedMarket) -> None:
    forge(asked, yes(asked), SubmissionRepeated(of_sequence=asked.state.sequence))

    outcome = replayed(log_of(asked))

    assert "it names a record that said something else" in str(outcome.difference)
    assert outcome.same == len(asked.log) - 1


def test_a_fingerprint_that_is_copied_makes_no_repeat_of_what_is_never_one(
    asked: ChainedMarket,
) -> None:
    first = asked.log[-1][1]["message"]["data"]["fingerprint"]
    forge(asked, yes(asked), SubmissionRepeated(of_sequence=asked.state.sequence))
    cause, told, events = asked.log[-1]
    asked.log[-1] = (cause, {**told, "fingerprint": first}, events)

    outcome = replayed(log_of(asked))

    assert "(SubmissionRepeated, decided again as InterestGivenSealed)" in str(outcome.difference)


def test_an_amendment_is_no_repeat_of_the_posting(asked: ChainedMarket) -> None:
    sequence = asked.state.opportunities[ROOFER].sequence
    told = amended(ROOFER, of_version=1, reference="F-1", positions=3)
    thing = asked.saying(told, by=SUPPLIER, subject=ROOFER)
    forge(asked, thing, SubmissionRepeated(of_sequence=sequence))

    assert replayed(log_of(asked)).difference is not None


def test_an_amended_posting_is_no_repeat_of_its_first_amendment(asked: ChainedMarket) -> None:
    first = amended(ROOFER, of_version=1, reference="F-1", minutes_a_week=2100, **RESERVED)
    asked.say(first, by=SUPPLIER, subject=ROOFER)
    sequence = asked.state.opportunities[ROOFER].sequence
    assert sequence == asked.state.sequence
    other = amended(ROOFER, of_version=2, reference="F-1", minutes_a_week=2000, **RESERVED)
    thing = asked.saying(other, by=SUPPLIER, subject=ROOFER)
    forge(asked, thing, SubmissionRepeated(of_sequence=sequence), party=SUPPLIER)

    outcome = replayed(log_of(asked))

    assert "it names a record that said something else" in str(outcome.difference)


def test_an_answer_sent_twice_under_one_id_is_a_repeat(asked: ChainedMarket) -> None:
    for _ in range(2):
        asked.say(says(DILYS, ROOFER), by=PARTNER, subject=resident(DILYS), id="yes-1")
    other = asked.say(says(DILYS), by=PARTNER, subject=resident(DILYS), id="yes-1")
    assert names(other) == ("SubmissionRepeated",)

    outcome = replayed(log_of(asked))

    assert (outcome.difference, outcome.same) == (None, len(asked.log))


def test_a_repeat_names_the_record_that_its_id_stands_in(asked: ChainedMarket) -> None:
    for _ in range(2):
        asked.say(says(DILYS, ROOFER), by=PARTNER, subject=resident(DILYS), id="yes-1")
    first = asked.log[-1][2][0].data.of_sequence
    replace_event(asked, len(asked.log) - 1, 0, SubmissionRepeated(of_sequence=first - 1))

    assert "(SubmissionRepeated) differs" in str(replayed(log_of(asked)).difference)


def test_what_a_release_decides_it_did_not_set_aside_as_a_failure(asked: ChainedMarket) -> None:
    forge(asked, yes(asked), INTERNAL, quarantined=True)

    outcome = replayed(log_of(asked), release="test")

    assert "the very release that did so decides it: InterestGivenSealed" in str(outcome.difference)
    assert outcome.same == len(asked.log) - 1


def test_what_another_release_set_aside_is_told_loudly(
    asked: ChainedMarket, tmp_path: Path
) -> None:
    forge(asked, yes(asked), INTERNAL, quarantined=True)
    path = export(log_of(asked), tmp_path / "zedford.jsonl")

    result = CliRunner().invoke(command, [str(path)])
    told = json.loads(CliRunner().invoke(command, [str(path), "--json"]).output)

    number = len(asked.log)
    assert result.exit_code == 0
    assert f"{number - 1} records decided again: every byte the same, beside 1 record" in (
        result.output
    )
    assert f"NOT DECIDED: record {number} was set aside as a failure by release test. This" in (
        result.output
    )
    assert "release decides it: InterestGivenSealed." in result.output
    assert told["quarantined"] == [
        {"sequence": number, "release": "test", "decides": ["InterestGivenSealed"]}
    ]


def test_what_fails_here_too_was_set_aside_rightly(
    asked: ChainedMarket, monkeypatch: pytest.MonkeyPatch
) -> None:
    forge(asked, yes(asked), INTERNAL, quarantined=True)
    decide = fold.DECIDE["InterestGivenSealed"]

    def fails_on_a_yes(state: MarketState, said: Said) -> Any:
        return decide(state, said) if not said.data.yes else iter((1 // 0,))

    monkeypatch.setitem(fold.DECIDE, "InterestGivenSealed", fails_on_a_yes)

    outcome = replayed(log_of(asked), release="test")

    assert outcome.difference is None
    assert [each.decides for each in outcome.quarantined] == [None]


def test_nothing_but_the_failure_is_written_for_what_was_set_aside(asked: ChainedMarket) -> None:
    other = SubmissionRefused(problems=(Problem(code="interest_closed", field=""),))
    forge(asked, yes(asked), other, quarantined=True)

    assert "(SubmissionRefused) differs" in str(replayed(log_of(asked)).difference)


# --- the time that a record claims --------------------------------------------------------


def claimed(clock: Clock, now: str, *, appended_at: str) -> Outcome:
    """
    Replay a market of the thirteenth of January whose last record claims a time.
    """
    market = chained(zedford(clock=clock))
    market.say(fenced(), by=SUPPLIER, subject=ROOFER)
    tick(market, "2026-01-13T12:15:00.000Z")
    market.state.now = now
    market.say(registered("amal"), by=PARTNER, subject=resident("amal"), appended_at=appended_at)
    return replayed(log_of(market))


@pytest.mark.parametrize(
    ("now", "appended_at", "told"),
    [
        ("2026-01-13T14:00:00.000Z", "2026-01-13T14:00:00.000Z", None),
        ("2026-01-13T14:02:00.000Z", "2026-01-13T14:00:00.000Z", None),
        ("2026-01-13T14:02:00.001Z", "2026-01-13T14:00:00.000Z", "ahead of the broker's clock"),
        ("2026-01-13T12:04:00.000Z", "2026-01-13T14:00:00.000Z", "goes back"),
        ("2026-01-13T23:59:00.000Z", "2026-01-14T00:01:00.000Z", None),
        ("2026-01-14T00:01:00.000Z", "2026-01-14T00:01:00.000Z", "a day that has not begun"),
        ("2026-01-15T12:00:00.000Z", "2026-01-15T12:00:00.000Z", "a day that has not begun"),
    ],
)
def test_a_real_market_is_as_far_as_the_brokers_clock_and_the_begun_day(
    now: str, appended_at: str, told: str | None
) -> None:
    outcome = claimed(Clock.REAL, now, appended_at=appended_at)

    assert (outcome.difference is None) == (told is None), str(outcome.difference)
    assert (told or "") in str(outcome.difference)


def test_a_simulated_market_is_where_its_last_tick_was() -> None:
    outcome = claimed(
        Clock.SIMULATED, "2026-01-13T14:00:00.000Z", appended_at="2026-01-13T14:00:00.000Z"
    )

    assert "no tick moved it on from 2026-01-13T12:15:00.000Z" in str(outcome.difference)


def test_a_market_opens_at_the_time_of_its_opening(busy_market: MarketUnderTest) -> None:
    cause, told, events = busy_market.log[0]
    busy_market.log[0] = (replace(cause, now="2026-06-01T00:00:00.000Z"), told, events)

    assert "is not that of the market's opening" in str(replayed(log_of(busy_market)).difference)
