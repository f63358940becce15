"""
The laws of the fold: one answer each, nothing from refusals, the state is its log.
"""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from matching.market import fold
from matching.market.state import empty
from schemas.consents import ConsentWithdrawn
from schemas.facts import FactGivenSealed
from schemas.interests import InterestGivenSealed
from schemas.opportunities import OpportunityWithdrawn
from schemas.readiness import ReadinessChanged
from schemas.residents import ResidentClosed, ResidentErased, ResidentPaused, ResidentResumed
from schemas.vocabulary import Answer, Purpose
from tests.builders import (
    OPERATOR,
    OTHER_PARTNER,
    PARTNER,
    SUPPLIER,
    TODAY,
    MarketUnderTest,
    amended,
    bytes_of,
    consents,
    fenced,
    fits,
    names,
    opportunity,
    pair,
    posted,
    refusal_codes,
    registered,
    resident,
    snapshot,
    tick,
    updated,
    zedford,
)

PEOPLE = ("amal", "bea", "chidi")
ROLES = ("R-1", "R-2")


def test_said_equals_logged_and_repeats_and_idle_ticks() -> None:
    market = zedford()
    first = market.saying(posted(), by=SUPPLIER, subject=opportunity())

    market.hear(first)
    market.hear(first)

    # The first record of the log is the market's opening, which nobody said.
    assert market.said == len(market.log) - 1 + market.silent
    assert market.silent == 1


def test_a_record_seen_before_is_a_repeat_and_leaves_none() -> None:
    market = zedford()
    market.say(posted(), by=SUPPLIER, subject=opportunity(), offset=7)
    before = snapshot(market.state)

    assert market.say(posted("R-2"), by=SUPPLIER, subject=opportunity("R-2"), offset=7) == ()
    assert market.say(posted("R-2"), by=SUPPLIER, subject=opportunity("R-2"), offset=6) == ()
    assert market.state == before


def test_the_same_id_again_is_answered_with_the_first_record() -> None:
    market = zedford()
    market.say(posted(), by=SUPPLIER, subject=opportunity(), id="mine-1")
    accepted_at = market.state.sequence

    (event,) = market.say(posted("R-2"), by=SUPPLIER, subject=opportunity("R-2"), id="mine-1")

    assert (event.name, event.data.of_sequence) == ("SubmissionRepeated", accepted_at)
    assert opportunity("R-2") not in market.state.opportunities


def test_the_same_content_again_is_a_duplicate_and_other_content_is_refused() -> None:
    market = zedford()
    market.say(posted(), by=SUPPLIER, subject=opportunity())

    again = market.say(posted(), by=SUPPLIER, subject=opportunity())
    other = market.say(posted(positions=5), by=SUPPLIER, subject=opportunity())

    assert names(again) == ("SubmissionRepeated",)
    assert refusal_codes(other) == ("already_registered",)


def test_a_refusal_reserves_neither_id_nor_reference() -> None:
    market = zedford()
    unlawful = posted(pay=replace(posted().pay, pence=500))

    refused = market.say(unlawful, by=SUPPLIER, subject=opportunity(), id="mine-1")
    mended = market.say(posted(), by=SUPPLIER, subject=opportunity(), id="mine-1")

    assert refusal_codes(refused) == ("pay_below_minimum",)
    assert names(mended)[0] == "OpportunityPostedSealed"


def test_a_refusal_changes_nothing_but_the_mark() -> None:
    market = zedford()
    before = snapshot(market.state)

    market.say(posted(pay=replace(posted().pay, pence=500)), by=SUPPLIER, subject=opportunity())

    after = replace_bookkeeping(market, before)
    assert market.state == after


def replace_bookkeeping(market: MarketUnderTest, before: Any) -> Any:
    """
    The state before, with sequence, digest and marks as they are now.
    """
    before.sequence, before.digest = market.state.sequence, market.state.digest
    before.marks = dict(market.state.marks)
    return before


def test_a_duplicate_is_forgotten_after_a_week_of_log_time() -> None:
    market = zedford()
    market.say(ResidentPausedOf("amal"), by=PARTNER, subject=resident("amal"), id="x")
    market.say(registered("amal"), by=PARTNER, subject=resident("amal"), id="mine-1")

    tick(market, "2026-01-20T11:00:00.000Z")
    within = market.say(registered("bea"), by=PARTNER, subject=resident("bea"), id="mine-1")
    tick(market, "2026-01-21T13:00:00.000Z")
    after = market.say(registered("bea"), by=PARTNER, subject=resident("bea"), id="mine-1")

    assert names(within) == ("SubmissionRepeated",)
    assert names(after)[0] == "ResidentRegisteredSealed"


def ResidentPausedOf(name: str) -> ResidentPaused:  # noqa: N802 - reads as the event
    return ResidentPaused(resident=resident(name), reason="away")


def test_every_problem_of_a_posting_is_named_at_once() -> None:
    market = zedford()
    wrong = fenced(
        "F-1",
        pay=replace(posted().pay, pence=500),
        contract="c-aaaaaaaaaaaaaaaa",
        closes_on=TODAY.replace(day=1),
    )

    events = market.say(wrong, by=SUPPLIER, subject=opportunity("F-1"))

    assert refusal_codes(events) == (
        "closing_date_past",
        "contract_not_here_yet",
        "pay_below_minimum",
    )


def test_a_market_that_was_quarantined_goes_on() -> None:
    market = zedford()
    thing = market.saying(posted(), by=SUPPLIER, subject=opportunity())

    events = fold.quarantine(market.state, thing)

    assert refusal_codes(events) == ("internal",)
    assert market.state.marks[f"party-topic-{SUPPLIER}/0"] == thing.source.offset  # type: ignore[union-attr]


# --- laws ------------------------------------------------------------------------------

Step = tuple[Any, dict[str, Any]]


def _about(name: str, data: Any) -> Step:
    return data, {"by": PARTNER, "subject": resident(name)}


def _steps() -> st.SearchStrategy[Step]:
    people, roles = st.sampled_from(PEOPLE), st.sampled_from(ROLES)
    versions, pence = st.integers(1, 3), st.sampled_from([500, 1300, 1400])
    score = st.integers(0, 10_000)
    return st.one_of(
        st.builds(
            lambda ref, pay: (
                posted(ref, pay=replace(posted().pay, pence=pay)),
                {"by": SUPPLIER, "subject": opportunity(ref)},
            ),
            roles,
            pence,
        ),
        st.builds(
            lambda ref, of, n: (
                amended(opportunity(ref), of_version=of, reference=ref, positions=n),
                {"by": SUPPLIER, "subject": opportunity(ref)},
            ),
            roles,
            versions,
            st.integers(1, 4),
        ),
        st.builds(
            lambda ref: (
                OpportunityWithdrawn(opportunity=opportunity(ref), reason="filled"),
                {"by": SUPPLIER, "subject": opportunity(ref)},
            ),
            roles,
        ),
        st.builds(lambda who, ok: _about(who, registered(who, consent=ok)), people, st.booleans()),
        st.builds(lambda who, of: _about(who, updated(who, of_version=of)), people, versions),
        st.builds(lambda who: _about(who, ResidentPausedOf(who)), people),
        st.builds(lambda who: _about(who, ResidentResumed(resident=resident(who))), people),
        st.builds(
            lambda who: _about(who, ResidentClosed(resident=resident(who), reason="moved")), people
        ),
        st.builds(lambda who: _about(who, ResidentErased(resident=resident(who))), people),
        st.builds(lambda who: _about(who, consents(who)), people),
        st.builds(
            lambda who: _about(
                who, ConsentWithdrawn(resident=resident(who), purpose=Purpose.MATCHING)
            ),
            people,
        ),
        st.builds(
            lambda who, ref: _about(
                who,
                InterestGivenSealed(
                    resident=resident(who),
                    yes=(opportunity(ref),),
                    sealed="AAAA",
                    fingerprint="3" * 64,
                ),
            ),
            people,
            roles,
        ),
        st.builds(
            lambda who, ready: _about(
                who,
                ReadinessChanged(
                    resident=resident(who),
                    ready=ready,
                    evidence="interview",
                    assessor_role="coordinator",
                    assessed_on=TODAY,
                ),
            ),
            people,
            st.booleans(),
        ),
        st.builds(
            lambda who: _about(
                who,
                FactGivenSealed(
                    resident=resident(who),
                    evidence="card_seen",
                    assessor_role="coordinator",
                    assessed_on=TODAY,
                    sealed="AAAA",
                    fingerprint="4" * 64,
                ),
            ),
            people,
        ),
        st.builds(
            lambda who, ref, of, points, at: (
                fits(
                    opportunity(ref),
                    pair(
                        who,
                        opportunity(ref),
                        resident_version=of,
                        score=points,
                        eligible=Answer.UNKNOWN,
                        unknown=("right_to_work",),
                    ),
                    as_of=at,
                ),
                {"worker": "matcher"},
            ),
            people,
            roles,
            versions,
            score,
            st.integers(1, 40),
        ),
        st.builds(
            lambda hours: (
                None,
                {"tick": f"2026-01-{13 + hours // 24:02d}T{hours % 24:02d}:30:00.000Z"},
            ),
            st.integers(0, 200),
        ),
    )


def play(steps: list[Step]) -> MarketUnderTest:
    market = zedford()
    for data, how in steps:
        if "tick" in how:
            tick(market, how["tick"])
        else:
            market.say(data, **how)
    return market


@settings(max_examples=120, deadline=None)
@given(st.lists(_steps(), max_size=30))
def test_the_state_of_a_market_equals_its_log_evolved_from_the_start(steps: list[Step]) -> None:
    market = play(steps)

    assert market.recovered() == market.state


@settings(max_examples=60, deadline=None)
@given(st.lists(_steps(), max_size=25))
def test_what_a_party_says_is_answered_by_exactly_one_record(steps: list[Step]) -> None:
    market = play(steps)

    answered = [cause.source for cause, _, _ in market.log if cause.source is not None]
    said = [how for data, how in steps if "by" in how or "tick" in how]
    assert len(answered) == len(set(answered)) == len(said) + 1  # zedford() ticks once


@settings(max_examples=60, deadline=None)
@given(st.lists(_steps(), max_size=25))
def test_the_same_saying_decides_the_same_bytes(steps: list[Step]) -> None:
    first, second = play(steps), play(steps)

    assert [bytes_of(events) for _, _, events in first.log] == [
        bytes_of(events) for _, _, events in second.log
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(_steps(), max_size=25), st.integers(0, 30))
def test_saying_a_range_again_changes_nothing(steps: list[Step], start: int) -> None:
    market, heard = zedford(), []
    for data, how in steps:
        if "tick" not in how:
            heard.append(market.saying(data, **how))
            market.hear(heard[-1])
    before, length = snapshot(market.state), len(market.log)

    for thing in heard[start:]:
        market.hear(thing)

    assert len(market.log) == length
    assert market.state == before


@settings(max_examples=60, deadline=None)
@given(st.lists(_steps(), max_size=30))
def test_who_is_not_in_the_index_has_no_fits(steps: list[Step]) -> None:
    state = play(steps).state

    for subject, carried in state.fits.items():
        assert state.residents[subject].matched or not carried
        for each in carried:
            assert state.opportunities[each].status == "open"


def test_another_partner_cannot_disturb_a_market() -> None:
    market = zedford()
    market.say(registered("amal"), by=PARTNER, subject=resident("amal"))

    events = market.say(
        ResidentErased(resident=resident("amal")), by=OTHER_PARTNER, subject=resident("amal")
    )

    assert refusal_codes(events) == ("resident_unknown",)
    assert market.state.residents[resident("amal")].matched


def test_a_fresh_market_is_empty() -> None:
    assert empty("zedford").sequence == 0
    assert tick(zedford(), "2026-01-13T12:00:00.000Z")[0].name == "SubmissionRefused"
    assert OPERATOR in zedford().state.parties
