"""
The laws of reserved positions, held over stories that nobody wrote.
"""

from collections import defaultdict, deque
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from matching.market import claims, rounds
from matching.market.entitlement import ALLOWED
from matching.market.record import Happened
from matching.market.state import MarketState
from schemas.fits import RuleCode
from schemas.interests import InterestGivenSealed
from schemas.readiness import ReadinessChanged
from schemas.residents import ResidentPaused, ResidentRegisteredSealed
from schemas.slots import (
    FitOverridden,
    HireRejected,
    HoldReason,
    OfferAccepted,
    OverrideReason,
    ProposalHeld,
    ProposalReleased,
    RejectionReason,
)
from schemas.ticks import Tick
from schemas.vocabulary import Clock, later, moment
from services.market.agents import dumped, loaded
from services.transport.records import event_body, event_from
from tests.builders import (
    PARTNER,
    bytes_of,
    enter,
    fits,
    introducing,
    names,
    pair,
    refusal_codes,
    resident,
    rule_codes,
    says,
)
from tests.reliability.prefix_rules import faults
from tests.unit.matching.market.round_oracle import Oracle, closing
from tests.unit.matching.market.town import (
    CLAUSES,
    ENTRANCES,
    LATER_KINDS,
    LIMITS,
    MOST,
    SECOND,
    SUPPLIERS,
    VACANCIES,
    Step,
    Town,
    fences,
    steps,
    stories,
    town,
)

OFTEN = settings(max_examples=max(120, settings().max_examples))
SELDOM = settings(max_examples=max(25, settings().max_examples // 10))
LIVE = ("proposed", "offered", "accepted")


def log_bytes(played: Town) -> list[bytes]:
    return [bytes_of(events) for _, _, events in played.market.log]


# --- what holds at every moment -----------------------------------------------------------


@OFTEN
@given(story=stories(), limit=LIMITS, most=MOST)
def test_at_every_moment_of_any_story_the_log_keeps_its_rules(
    story: list[Step], limit: int, most: int
) -> None:
    assert faults(town(limit=limit, most=most).play(*story).market.log) == ()


@OFTEN
@given(story=stories(), limit=LIMITS, most=MOST)
def test_every_round_is_what_the_rules_say_by_the_events_before_it(
    story: list[Step], limit: int, most: int
) -> None:
    Oracle().read(town(limit=limit, most=most).play(*story).market.log)


@SELDOM
@given(story=stories())
def test_every_event_of_a_story_can_be_read_back_as_it_was(story: list[Step]) -> None:
    for _, _, events in town().play(*story).market.log:
        told = [event_from(event_body(replace(each, said=None)), {}) for each in events]
        assert told == [replace(each, said=None) for each in events]


@SELDOM
@given(story=stories(), limit=LIMITS)
def test_what_is_refused_or_a_repeat_changes_nothing(story: list[Step], limit: int) -> None:
    played = town(limit=limit)
    for step in story:
        before, length = memory(played), len(played.market.log)
        played.play(step)
        added = [each.name for _, _, events in played.market.log[length:] for each in events]
        if set(added) <= {"SubmissionRefused", "SubmissionRepeated"}:
            assert memory(played) == before


def memory(played: Town) -> Any:
    """
    All that a market knows but of what was read and how far time and log have come.
    """
    told = dumped(played.market.state)
    return {
        name: told[name]
        for name in told
        if name not in ("marks", "recent", "sequence", "digest", "now")
    }


# --- replay, repeats, order ---------------------------------------------------------------


@OFTEN
@given(story=stories(), limit=LIMITS, most=MOST, share=st.floats(0, 1))
def test_a_market_goes_on_alike_from_its_log_and_from_a_snapshot_at_any_point(
    story: list[Step], limit: int, most: int, share: float
) -> None:
    played = town(limit=limit, most=most).play(*story)
    resumed = town(limit=limit, most=most)
    cut = int(share * len(played.heard))
    for at, heard in enumerate(played.heard):
        if at == cut:
            resumed.market.state = loaded(dumped(resumed.market.state))
        resumed.market.hear(heard)

    assert played.market.recovered() == played.market.state
    assert resumed.market.state == played.market.state
    assert log_bytes(resumed) == log_bytes(played)


@OFTEN
@given(story=stories(), limit=LIMITS, most=MOST)
def test_what_is_heard_again_leaves_no_record_and_changes_nothing(
    story: list[Step], limit: int, most: int
) -> None:
    played = town(limit=limit, most=most).play(*story)
    before = dumped(played.market.state)

    again = [played.market.hear(each) for each in played.recorded]

    assert set(again) == {None}
    assert dumped(played.market.state) == before


# Each of these concerns one person, with the answers to their offers, or one posting.
BETWEEN = ("answer",) * 4 + ("wish", "ready", "introduce", "leave", "return", "override", "raise")


@OFTEN
@given(
    story=stories(longest=4),
    between=st.lists(steps(*BETWEEN), min_size=2, max_size=12),
    limit=LIMITS,
    shuffled=st.randoms(use_true_random=False),
)
def test_the_order_of_what_different_people_say_between_two_ticks_is_irrelevant(
    story: list[Step], between: list[Step], limit: int, shuffled: Any
) -> None:
    # Some steps depend on what stands in the market at their time: here each is one's own.
    queues: dict[tuple[str, int], deque[Step]] = defaultdict(deque)
    order = [entity(step) for step in between]
    for step in between:
        queues[entity(step)].append(step)
    shuffled.shuffle(order)
    one, two = (town(limit=limit).play(*story) for _ in range(2))

    one.play(*between)
    two.play(*(queues[each].popleft() for each in order))

    for minutes in (5, 245, 1440):
        assert told_by(one.tick(minutes)) == told_by(two.tick(minutes))


def entity(step: Step) -> tuple[str, int]:
    return ("posting", step.who % 3) if step.kind == "raise" else ("person", step.who % 6)


def told_by(events: tuple[Happened, ...]) -> list[tuple[Any, ...]]:
    return [(each.name, each.subject, each.party, each.data) for each in events]


# --- blindness ----------------------------------------------------------------------------


class Disguised(Town):
    """
    The same town told otherwise: other partners, sealed texts, evidence, reasons and minutes.
    """

    def say(self, data: Any, **how: Any) -> tuple[Happened, ...]:
        if not isinstance(data, Tick):
            how["appended_at"] = later(self.market.state.now, timedelta(seconds=50))
        return super().say(otherwise(data), **how)


def otherwise(data: Any) -> Any:
    """
    Say the same of what may count, and something else of all the rest.
    """
    match data:
        case ResidentRegisteredSealed() | InterestGivenSealed():
            return replace(data, sealed="BBBB", fingerprint="f" * 63 + data.fingerprint[0])
        case ReadinessChanged():
            return replace(data, evidence="certificate", assessor_role="tutor")
        case ProposalHeld():
            swapped = dict(zip(HoldReason, SWAPPED, strict=True))
            return replace(data, reason=swapped[data.reason])
        case HireRejected():
            return replace(data, reason=RejectionReason.TERMS_NOT_AGREED)
        case FitOverridden():
            return replace(data, reason=OverrideReason.SCORE_WRONG)
        case ResidentPaused():
            return replace(data, reason="illness")
        case _:
            return data


# Two reasons take an offer back and two do not: either stays among its like.
SWAPPED = (
    HoldReason.SAFEGUARDING,
    HoldReason.DATA_WRONG,
    HoldReason.RESIDENT_CHANGED_MIND,
    HoldReason.NOT_SUITABLE_NOW,
)
DECISIONS = ("RoundClosed", "ProposalDropped", "StageOpened", "PositionsAdjusted")


@OFTEN
@given(story=stories(), limit=LIMITS, most=MOST)
def test_nothing_said_of_a_person_beyond_the_allow_list_changes_a_decision(
    story: list[Step], limit: int, most: int
) -> None:
    plain = town(limit=limit, most=most)
    hidden = Disguised(market=town(limit=limit, most=most).market)
    hidden.partners = (plain.partners[1], plain.partners[0])

    assert decisions(hidden.play(*story)) == decisions(plain.play(*story))


def decisions(played: Town) -> list[Any]:
    return [
        each.data for _, _, events in played.market.log for each in events if each.name in DECISIONS
    ]


@OFTEN
@given(story=stories(), limit=LIMITS)
def test_nothing_known_of_a_person_beyond_the_allow_list_reaches_a_round(
    story: list[Step], limit: int
) -> None:
    played = town(limit=limit).play(*story)
    played.tick(245)
    state = played.market.state
    subjects = tuple(sorted(state.reserved))
    plain = rounds.closed(state, claims.decided(state, subjects))

    scramble(state)

    assert rounds.closed(state, claims.decided(state, subjects)) == plain


def scramble(state: MarketState) -> None:
    """
    Change everything that is known of each person but what `ALLOWED` names.
    """
    allowed = {name for told in ALLOWED.values() for name in told}
    for subject, entry in state.residents.items():
        entry.rule_codes = tuple(
            replace(each, rests_on=("evt-1",), unknown=("licence",)) for each in entry.rule_codes
        )
        hidden = [each.name for each in fields(entry) if each.name not in allowed]
        assert {"party", "fingerprint", "facts", "asked"} <= set(hidden)
        for name in hidden:
            setattr(entry, name, other_than(getattr(entry, name)))
        for fit in state.fits.get(subject, {}).values():
            for name in {each.name for each in fields(fit)}:
                if f"fit.{name}" not in allowed:
                    setattr(fit, name, other_than(getattr(fit, name)))


def other_than(value: Any) -> Any:
    """
    Make another value of the same kind.
    """
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 7
    if isinstance(value, str):
        return f"other {value}"
    if isinstance(value, dict):
        return {**value, "other": "other"}
    return (*value, "other")


# --- every wait has an end ----------------------------------------------------------------


@SELDOM
@given(story=stories(), limit=LIMITS, most=MOST, minutes=st.sampled_from((60, 235, 1440)))
def test_where_everybody_is_silent_ticks_alone_bring_everything_to_an_end(
    story: list[Step], limit: int, most: int, minutes: int
) -> None:
    played = town(limit=limit, most=most).play(*story)
    while played.market.state.day < "2026-03-20":
        played.tick(minutes)
    state = played.market.state

    assert [each for each, offer in state.offers.items() if offer.status in LIVE] == []
    assert (state.clocks, state.unproposed, state.unadjusted) == ({}, (), ())
    assert rounds.due(state) == ()
    assert faults(played.market.log) == ()
    Oracle().read(played.market.log)


# --- time ---------------------------------------------------------------------------------


@SELDOM
@given(story=stories())
def test_a_simulated_market_goes_by_its_operators_time_whatever_the_gap(story: list[Step]) -> None:
    played = town().play(*story)
    told = names(played.tick(60 * 24 * 9))
    told += tuple(each.name for _, _, events in played.market.log for each in events)

    assert {"WindowsLengthened", "ClockDoubted", "NoticeGiven"} & set(told) <= {"NoticeGiven"}


class RealTime(RuleBasedStateMachine):
    """
    A market with a real clock, whose ticks come in time, late, much too late, or too early.
    """

    @initialize(entrances=ENTRANCES, limit=LIMITS, most=MOST, hours=st.sampled_from((28, 0)))
    def begin(self, entrances: list[Step], limit: int, most: int, hours: int) -> None:
        self.town = town(limit=limit, most=most, clock=Clock.REAL).play(*entrances)
        self.time_passes(hours=hours)

    @property
    def state(self) -> MarketState:
        return self.town.market.state

    @rule(step=steps(*(each for each in LATER_KINDS if each != "tick")))
    def anything(self, step: Step) -> None:
        self.town.play(step)

    @rule(hours=st.integers(1, 30))
    def time_passes(self, hours: int) -> None:
        if self.state.doubted_since is not None:
            return
        for _ in range(6 * hours):
            assert not {"WindowsLengthened", "ClockDoubted"} & set(names(self.town.tick(10)))

    @rule(minutes=st.integers(11, 1440))
    def time_stands_still(self, minutes: int) -> None:
        """
        No more than a day: known as a gap, and where a leap was doubted the end of the doubt.
        """
        runs = bool(self.state.clocks) or self.state.doubted_since is not None
        self.lengthens(minutes) if runs else self.town.tick(minutes)

    @rule(minutes=st.integers(11, 1440))
    def time_stands_still_just_after_an_end(self, minutes: int) -> None:
        """
        What ended has ended, although no tick has acted on it yet.
        """
        ends = [at for key, at in self.state.clocks.items() if key.startswith("offer ")]
        if not ends or self.state.doubted_since is not None:
            return
        while (left := moment(min(ends)) - moment(self.state.now)) > timedelta(minutes=8):
            self.town.tick(8)
        self.town.tick(left // timedelta(minutes=1) + 1)
        self.time_stands_still(minutes)

    def lengthens(self, minutes: int) -> None:
        span = timedelta(minutes=minutes)
        expected, further = self.expected(self.state.now, span), self.further_rungs(span)
        (lengthened,) = [
            each.data for each in self.town.tick(minutes) if each.name == "WindowsLengthened"
        ]
        assert {each.clock: each.ends_at for each in lengthened.windows} == expected
        assert lengthened.seconds == minutes * 60
        assert self.state.doubted_since is None
        found = self.further_rungs(timedelta())
        assert {each: further.get(each, at) for each, at in found.items()} == found

    @rule(minutes=st.integers(1441, 9000))
    def time_leaps(self, minutes: int) -> None:
        if self.state.leap_confirmed or not self.state.clocks:
            return
        doubted, now = self.state.doubted_since is not None, self.state.now
        told = names(self.town.tick(minutes))
        assert told == (() if doubted else ("ClockDoubted", "NoticeGiven"))
        assert self.state.now == now

    @rule(minutes=st.integers(1441, 9000))
    def a_leap_is_confirmed(self, minutes: int) -> None:
        if self.state.doubted_since is None:
            return
        self.town.do_confirm_clock(Step("confirm_clock"))
        self.lengthens(minutes)

    @rule(minutes=st.integers(3, 5000))
    def a_tick_comes_too_early(self, minutes: int) -> None:
        now, before = self.state.now, memory(self.town)
        ahead = Tick(market="zedford", at=later(now, timedelta(minutes=minutes)))
        told = self.town.say(ahead, worker="ticker", appended_at=now)
        assert refusal_codes(told) == ("tick_ahead",)
        assert (self.state.now, memory(self.town)) == (now, before)

    def expected(self, since: str, span: timedelta) -> dict[str, str]:
        """
        When each window ends that runs at an instant, if it ends later by a span.
        """
        found = {
            f"intake {name}": later(entry.until, span)
            for name, entry in self.state.reserved.items()
            if entry.until > since
        }
        for key, at in self.state.clocks.items():
            kind, _, name = key.partition(" ")
            if at > since:
                found[key] = self.moved(kind, name, later(at, span))
        return found

    def further_rungs(self, span: timedelta) -> dict[str, str]:
        """
        When each rung but the next of a group opens, if it does so later by a span.
        """
        return {
            f"{name}/{group.group}/{group.fence.rungs}/{stage}": later(at, span)
            for name, entry in self.state.reserved.items()
            for group in entry.groups
            for stage, at in enumerate(group.rungs)
            if stage > group.stage + 1 and not group.public
        }

    def moved(self, kind: str, name: str, at: str) -> str:
        if kind == "public":
            closes_on = self.state.opportunities[name.partition("/")[0]].terms.closes_on
            return min(at, f"{closes_on + timedelta(days=1)}T00:00:00.000Z")
        if kind not in ("offer", "challenge", "remind", "overdue"):
            return at
        day, off = date.fromisoformat(at[:10]), self.days_off(name)
        is_worked = day.weekday() < 5 and day not in off
        if is_worked and f"{day}T09:00:00.000Z" <= at <= f"{day}T17:00:00.000Z":
            return at
        ends = closing(at, 0, off)
        return ends if kind in ("offer", "challenge") else f"{ends[:10]}T09:00:00.000Z"

    def days_off(self, name: str) -> tuple[date, ...]:
        """
        The days off of whom something waits on; of a delivery, which is the market's, none.
        """
        if name in self.state.challenges:
            return self.state.parties[self.state.challenges[name].decider].party.days_off
        offer = self.state.offers[name]
        if offer.undelivered is not None:
            return ()
        whose = offer.supplier if offer.is_introduced else offer.party
        return self.state.parties[whose].party.days_off

    def teardown(self) -> None:
        if not hasattr(self, "town"):
            return
        log = self.town.market.log
        assert faults(log) == ()
        assert self.town.market.recovered() == self.state
        Oracle().read(log)


RealTime.TestCase.settings = settings(
    max_examples=max(40, settings().max_examples // 4), stateful_step_count=25
)
TestRealTime = RealTime.TestCase


# --- what chance seldom brings about ------------------------------------------------------


def crowd(*names: str, limit: int = 1) -> tuple[Town, list[str]]:
    """
    A town in which each of these said yes to everything, after its first round.
    """
    played = town(limit=limit)
    for name in names:
        enter(played.market, name, *VACANCIES)
        for supplier in set(SUPPLIERS):
            consent = introducing(name, supplier=supplier)
            played.say(consent, by=PARTNER, subject=resident(name))
        told = rule_codes(played.market, name)
        codes = tuple(RuleCode(contract=c, clause=clause, rung=0) for c, clause in CLAUSES)
        played.say(replace(told, codes=codes), worker="matcher")
    played.tick(60 * 26)
    return played, list(played.offers)


def test_who_may_have_two_offers_and_has_one_is_proposed_one_more() -> None:
    played = town(limit=2)
    amal = enter(played.market, "amal", VACANCIES[2])
    code = RuleCode(contract=SECOND, clause="4.2", rung=0)
    told = replace(rule_codes(played.market, "amal"), codes=(code,))
    played.say(told, worker="matcher")
    played.tick(60 * 21 + 5)
    assert len(played.offers) == 1

    codes = tuple(RuleCode(contract=c, clause=clause, rung=0) for c, clause in CLAUSES)
    told = replace(told, codes=codes, as_of=played.market.state.sequence)
    played.say(told, worker="matcher")
    played.say(says("amal", *VACANCIES), by=PARTNER, subject=amal)
    pairs = (pair("amal", each) for each in VACANCIES)
    told_of = fits(amal, *pairs, as_of=played.market.state.sequence)
    played.say(told_of, worker="matcher")
    second = names(played.tick(60 * 30))

    assert len(played.offers) == 2
    assert "ProposalDropped" not in second


def test_of_two_offers_a_cut_takes_the_worse_claim() -> None:
    played, offers = crowd("amal", "bea", "chidi", "dita", "efe", "farah")
    held = played.market.state.offers
    mine = [each for each in offers if held[each].opportunity == VACANCIES[0]]
    waiting = sorted((held[each].place, each) for each in mine if held[each].group == "starts")
    assert len(waiting) == 2

    played.amend(0, fences(0, (1, 1)))
    played.tick(5)

    assert [held[each].status for _, each in waiting] == ["proposed", "withdrawn"]


def test_a_position_that_an_acceptance_saved_from_a_cut_goes_when_it_is_let_go() -> None:
    played, offers = crowd("amal", "bea", "chidi")
    state = played.market.state
    offer = next(each for each in offers if state.offers[each].opportunity == VACANCIES[0])
    played.reply(offer, ProposalReleased(offer=offer))
    played.amend(0, ())
    played.reply(offer, OfferAccepted(offer=offer))
    played.tick(5)
    assert sum(group.standing for group in state.reserved[VACANCIES[0]].groups) == 1

    rejected = HireRejected(offer=offer, reason=RejectionReason.DID_NOT_ATTEND)
    played.reply(offer, rejected)

    assert sum(group.standing for group in state.reserved[VACANCIES[0]].groups) == 0
