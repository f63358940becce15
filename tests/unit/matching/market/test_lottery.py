"""
The lottery: who may say what when, and that nobody determines its seed alone.
"""

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from matching.market import fold
from matching.market.lottery import commitment_of, fixed_seed, log_head_seed, seed_of
from matching.market.record import Draft, Happened
from matching.market.state import LotteryEntry
from schemas.codec import plain, restore
from schemas.lottery import (
    LotteryCommitted,
    LotteryContributed,
    LotteryRevealed,
    SeedFixed,
    SeedSource,
)
from schemas.vocabulary import Problem, Role
from tests.builders import (
    NOON,
    OPERATOR,
    OWNER,
    MarketUnderTest,
    market_of,
    names,
    party,
    refusal_codes,
    register_market,
    tell_facts,
)

SECRET, OTHER_SECRET = "1a" * 32, "2b" * 32
NONCE, OTHER_NONCE = "3c" * 32, "4d" * 32
TERM = "2026-03-20T17:00:00.000Z"
IN_TIME, TOO_LATE = "2026-03-20T17:00:00.000Z", "2026-03-20T17:00:00.001Z"
SPRING, SUMMER = "2026Q2", "2026Q3"
OTHER_OWNER = "harbour-council"

HEX = st.binary(min_size=32, max_size=32).map(bytes.hex)


def committed(**changes: Any) -> LotteryCommitted:
    made = LotteryCommitted(
        epoch=SPRING, commitment=commitment_of(SECRET), contribute_by=TERM, stand_in=40
    )
    return replace(made, **changes)


def contributed(nonce: str = NONCE, *, epoch: str = SPRING) -> LotteryContributed:
    return LotteryContributed(epoch=epoch, nonce=nonce)


def revealed(secret: str = SECRET, *, epoch: str = SPRING, **told: Any) -> LotteryRevealed:
    return LotteryRevealed(epoch=epoch, secret=secret, **told)


def say_at(register: MarketUnderTest, data: Any, *, by: str, at: str) -> tuple[Happened, ...]:
    """
    Say something that the broker appended at a certain time.
    """
    said = register.saying(data, by=by)
    return register.hear(replace(said, appended_at=at)) or ()


def lottery_of(*said: tuple[Any, str]) -> MarketUnderTest:
    """
    A register with a second owner, a commitment, and what else was said.
    """
    register = register_market()
    register.say(party(OTHER_OWNER, Role.OWNER), by=OPERATOR, subject=OTHER_OWNER)
    register.say(committed(), by=OPERATOR)
    for data, by in said:
        tell(register, data, by=by)
    return register


def tell(register: MarketUnderTest, data: Any, *, by: str) -> tuple[Happened, ...]:
    """
    Say something when its time has come: a secret once the term is over, all else before.
    """
    at = TOO_LATE if isinstance(data, LotteryRevealed) else NOON
    return say_at(register, data, by=by, at=at)


def seed_in(events: tuple[Happened, ...]) -> str:
    (event,) = events
    assert isinstance(event.data, LotteryRevealed), event.data
    assert event.data.seed is not None
    return event.data.seed


def problem_in(events: tuple[Happened, ...]) -> Problem:
    (event,) = events
    problem: Problem = event.data.problems[0]
    return problem


def until_record(register: MarketUnderTest, sequence: int) -> str:
    """
    Let the register grow to a record, and return its digest.
    """
    while register.state.sequence < sequence:
        register.say(contributed(epoch="2099Q4"), by=OWNER)
    return register.state.digest


def test_the_seed_is_the_digest_of_the_secret_and_the_nonces_as_they_were_accepted() -> None:
    register = lottery_of((contributed(OTHER_NONCE), OTHER_OWNER), (contributed(), OWNER))

    events = tell(register, revealed(), by=OPERATOR)

    worked = hashlib.sha256(bytes.fromhex(SECRET + OTHER_NONCE + NONCE)).hexdigest()
    assert seed_in(events) == worked == seed_of(SECRET, (OTHER_NONCE, NONCE))
    assert (events[0].subject, events[0].party, events[0].said) == (SPRING, OPERATOR, None)
    assert register.recovered() == register.state


def test_the_order_of_contributions_outlives_a_snapshot() -> None:
    register = lottery_of((contributed(OTHER_NONCE), OTHER_OWNER), (contributed(), OWNER))

    lottery = register.state.lotteries[SPRING]
    kept = restore(LotteryEntry, plain(lottery))

    assert kept == lottery
    assert [each.owner for each in kept.contributions] == [OTHER_OWNER, OWNER]


def test_a_commitment_is_made_once_an_epoch() -> None:
    register = lottery_of()

    again = register.say(committed(), by=OPERATOR)
    other = register.say(committed(commitment=commitment_of(OTHER_SECRET)), by=OPERATOR)
    next_quarter = register.say(committed(epoch=SUMMER), by=OPERATOR)

    assert names(again) == ("SubmissionRepeated",)
    assert refusal_codes(other) == ("lottery_committed",)
    assert names(next_quarter) == ("LotteryCommitted",)


def test_a_stand_in_is_no_record_that_is_written_or_being_written() -> None:
    register = register_market()
    writing = register.state.writing

    at_once = register.say(committed(stand_in=writing), by=OPERATOR)
    ahead = register.say(committed(stand_in=register.state.writing + 1), by=OPERATOR)

    assert refusal_codes(at_once) == ("stand_in_past",)
    assert problem_in(at_once).lawful_value == str(writing + 1)
    assert names(ahead) == ("LotteryCommitted",)


def test_the_term_for_contributions_lies_ahead() -> None:
    register = register_market()

    over = say_at(register, committed(), by=OPERATOR, at=TERM)

    assert refusal_codes(over) == ("contribute_by_past",)
    assert register.state.lotteries == {}


@pytest.mark.parametrize(("data", "by"), [(contributed(), OWNER), (revealed(), OPERATOR)])
def test_nothing_is_said_of_a_lottery_that_nobody_committed_to(data: Any, by: str) -> None:
    assert refusal_codes(register_market().say(data, by=by)) == ("lottery_unknown",)


def test_an_owner_contributes_once() -> None:
    register = lottery_of((contributed(), OWNER))

    again = register.say(contributed(), by=OWNER)
    another = register.say(contributed(OTHER_NONCE), by=OWNER)
    of_another = register.say(contributed(OTHER_NONCE), by=OTHER_OWNER)

    assert names(again) == ("SubmissionRepeated",)
    assert refusal_codes(another) == ("already_contributed",)
    assert names(of_another) == ("LotteryContributed",)


def test_an_owner_that_operates_the_service_is_no_second_side() -> None:
    register = lottery_of()
    register.say(party(OTHER_OWNER, Role.OWNER, Role.OPERATOR), by=OPERATOR, subject=OTHER_OWNER)

    assert refusal_codes(register.say(contributed(), by=OTHER_OWNER)) == ("contributor_operates",)
    assert register.state.lotteries[SPRING].contributions == ()


def test_an_owner_that_is_registered_after_the_commitment_waits_for_the_next() -> None:
    register = lottery_of()
    late = "late-council"
    register.say(party(late, Role.OWNER), by=OPERATOR, subject=late)

    at_once = register.say(contributed(), by=late)
    register.say(committed(epoch=SUMMER, stand_in=90), by=OPERATOR)
    next_quarter = register.say(contributed(epoch=SUMMER), by=late)

    assert refusal_codes(at_once) == ("contributor_too_new",)
    assert names(next_quarter) == ("LotteryContributed",)


def test_an_owner_is_no_newcomer_for_being_registered_again() -> None:
    register = lottery_of()
    first = register.state.parties[OWNER]
    renamed = replace(first.party, name="Zedford Borough Council", fingerprint="5e" * 32)
    register.say(renamed, by=OPERATOR, subject=OWNER)

    assert register.state.parties[OWNER].since == first.since < register.state.sequence
    assert names(register.say(contributed(), by=OWNER)) == ("LotteryContributed",)
    assert register.recovered() == register.state


def test_contributions_close_by_the_brokers_clock() -> None:
    register = lottery_of()

    late = say_at(register, contributed(), by=OWNER, at=TOO_LATE)
    in_time = say_at(register, contributed(), by=OWNER, at=IN_TIME)

    assert refusal_codes(late) == ("contribution_closed",)
    assert problem_in(late).lawful_value == TERM
    assert names(in_time) == ("LotteryContributed",)


def test_contributions_close_with_the_reveal() -> None:
    register = lottery_of((contributed(), OWNER), (revealed(), OPERATOR))

    after = register.say(contributed(OTHER_NONCE), by=OTHER_OWNER)

    assert refusal_codes(after) == ("contribution_closed",)


def test_another_secret_than_the_one_committed_to_is_no_reveal() -> None:
    register = lottery_of((contributed(), OWNER))

    wrong = tell(register, revealed(OTHER_SECRET), by=OPERATOR)

    assert [(each.code, each.field) for each in wrong[0].data.problems] == [
        ("secret_mismatch", "/data/secret")
    ]
    assert register.state.lotteries[SPRING].seed is None


def test_a_seed_that_is_said_with_the_secret_must_follow_from_it() -> None:
    register = lottery_of((contributed(), OWNER))
    seed = seed_of(SECRET, (NONCE,))

    wrong = tell(register, revealed(seed="0" * 64), by=OPERATOR)
    right = tell(register, revealed(seed=seed), by=OPERATOR)

    assert (problem_in(wrong).code, problem_in(wrong).field) == ("secret_mismatch", "/data/seed")
    assert (seed_in(right), right[0].said) == (seed, "/message/data")
    assert register.recovered() == register.state


@pytest.mark.parametrize("given", [(), ((contributed(), OWNER),)])
def test_a_reveal_waits_for_the_term_whoever_has_contributed(
    given: tuple[tuple[Any, str], ...],
) -> None:
    register = lottery_of(*given)

    early = say_at(register, revealed(), by=OPERATOR, at=IN_TIME)

    assert refusal_codes(early) == ("contribution_awaited",)
    assert problem_in(early).lawful_value == TERM
    assert register.state.lotteries[SPRING].seed is None


def test_after_the_term_a_reveal_waits_for_the_record_that_stands_in() -> None:
    register = lottery_of()

    early = say_at(register, revealed(), by=OPERATOR, at=TOO_LATE)
    digest = until_record(register, 40)
    events = say_at(register, revealed(), by=OPERATOR, at=TOO_LATE)

    assert refusal_codes(early) == ("stand_in_not_here_yet",)
    assert seed_in(events) == seed_of(SECRET, (digest,))
    assert register.recovered() == register.state


def test_where_somebody_contributed_the_stand_in_does_not_count() -> None:
    register = lottery_of((contributed(), OWNER))
    until_record(register, 41)

    events = say_at(register, revealed(), by=OPERATOR, at=TOO_LATE)

    assert seed_in(events) == seed_of(SECRET, (NONCE,))


def test_a_lottery_is_revealed_once() -> None:
    register = lottery_of((contributed(), OWNER), (revealed(), OPERATOR))

    again = tell(register, revealed(), by=OPERATOR)
    another = tell(register, revealed(OTHER_SECRET), by=OPERATOR)

    assert names(again) == ("SubmissionRepeated",)
    assert again[0].data.of_sequence == register.state.lotteries[SPRING].revealed_sequence
    assert refusal_codes(another) == ("lottery_revealed",)
    assert register.recovered() == register.state


# --- in a market --------------------------------------------------------------------------


def fix(market: MarketUnderTest, epoch: str) -> SeedFixed:
    """
    Let a market fix its seed of an epoch, as its first round does.
    """
    fixed = fixed_seed(market.state, epoch)
    assert fixed is not None
    fold._evolve_event(market.state, fold._event(market.state, Draft(data=fixed), n=1))
    return fixed


def test_a_market_takes_the_seed_of_the_revealed_lottery() -> None:
    register = lottery_of((contributed(), OWNER), (revealed(), OPERATOR))
    market = market_of(register)

    fixed = fix(market, SPRING)

    assert fixed == SeedFixed(
        epoch=SPRING, seed=seed_of(SECRET, (NONCE,)), source=SeedSource.LOTTERY
    )
    assert fixed_seed(market.state, SPRING) is None
    assert market.recovered().lotteries == market.state.lotteries


def test_a_market_without_a_lottery_takes_its_seed_from_its_own_log() -> None:
    market = market_of(lottery_of((contributed(), OWNER)))
    digest = market.state.digest

    fixed = fix(market, SPRING)

    worked = hashlib.sha256(b"log head" + bytes.fromhex(digest) + b"2026Q2").hexdigest()
    assert fixed == SeedFixed(epoch=SPRING, seed=worked, source=SeedSource.LOG_HEAD)
    assert log_head_seed(digest, SUMMER) != worked


def test_a_seed_once_fixed_does_not_change_with_a_later_reveal() -> None:
    register = lottery_of((contributed(), OWNER))
    market = market_of(register)
    fixed = fix(market, SPRING)

    facts = tell(register, revealed(), by=OPERATOR)
    tell_facts(market, facts, sequence=register.state.sequence)

    assert market.state.lotteries[SPRING].seed == seed_of(SECRET, (NONCE,))
    assert market.state.seeds == {SPRING: fixed}
    assert fixed_seed(market.state, SPRING) is None


def test_epochs_are_revealed_in_any_order() -> None:
    register = lottery_of((contributed(), OWNER))
    register.say(committed(epoch=SUMMER, commitment=commitment_of(OTHER_SECRET)), by=OPERATOR)
    register.say(contributed(OTHER_NONCE, epoch=SUMMER), by=OWNER)
    tell(register, revealed(OTHER_SECRET, epoch=SUMMER), by=OPERATOR)
    market = market_of(register)

    assert fix(market, SUMMER).source is SeedSource.LOTTERY
    assert fix(market, SPRING).source is SeedSource.LOG_HEAD


def test_a_market_notes_no_stand_in_of_its_own_log() -> None:
    market = market_of(lottery_of())
    market.state.sequence = 39
    fold.link(market.state, sequence=40, digest="9" * 64)

    assert market.state.lotteries[SPRING].stand_in_digest is None


# --- neither party alone ------------------------------------------------------------------


@given(secret=HEX, nonce=HEX, other=HEX)
def test_whoever_knows_the_secret_still_gets_another_seed_from_another_nonce(
    secret: str, nonce: str, other: str
) -> None:
    assume(nonce != other)

    assert seed_of(secret, (nonce,)) != seed_of(secret, (other,))


@given(secret=HEX, other=HEX, nonce=HEX)
def test_whoever_sees_the_nonces_cannot_change_the_secret(
    secret: str, other: str, nonce: str
) -> None:
    assume(secret != other)
    register = register_market()
    register.say(committed(commitment=commitment_of(secret)), by=OPERATOR)
    register.say(contributed(nonce), by=OWNER)

    assert refusal_codes(tell(register, revealed(other), by=OPERATOR)) == ("secret_mismatch",)
    assert seed_in(tell(register, revealed(secret), by=OPERATOR)) == seed_of(secret, (nonce,))


@given(nonces=st.lists(HEX, min_size=2, max_size=4, unique=True))
def test_the_same_nonces_in_another_order_give_another_seed(nonces: list[str]) -> None:
    assert seed_of(SECRET, nonces) != seed_of(SECRET, nonces[::-1])
