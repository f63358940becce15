"""
The laws of what waits: an owner, a clock, one reminder and an end, over stories nobody wrote.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.market.endings import position_of
from matching.market.record import Happened, Said
from matching.market.state import MarketState, OfferEntry
from matching.market.waiting import (
    BY_WAIT,
    ONCE_MORE,
    TAKEN_BACK,
    WAITING,
    Owner,
    Wait,
    operators,
    pending,
    wait_of,
)
from schemas.consents import ConsentGiven, ConsentWithdrawn
from schemas.duties import DaysAway, DutyAssigned
from schemas.slots import (
    HireConfirmed,
    HireRejected,
    LapseReason,
    OfferAccepted,
    OfferDelivered,
    ProposalReleased,
    RejectionReason,
    WithdrawalReason,
)
from schemas.vocabulary import Purpose, later, moment
from services.market.agents import dumped, loaded
from tests.builders import bytes_of
from tests.reliability.prefix_rules import faults
from tests.unit.matching.market.round_oracle import Oracle
from tests.unit.matching.market.town import (
    LATER_KINDS,
    LIMITS,
    MOST,
    STAFF,
    SUPPLIERS,
    VACANCIES,
    Step,
    Town,
    stories,
    town,
)

OFTEN = settings(max_examples=max(120, settings().max_examples))
SELDOM = settings(max_examples=max(40, settings().max_examples // 5))
LIVE = ("proposed", "offered", "accepted")
GRACE = timedelta(minutes=2)
MINUTE = timedelta(minutes=1)

# Ends that no clock brings about, each in the record of what somebody said, or of a new day.
BY_NO_CLOCK = frozenset(
    {
        WithdrawalReason.POSITION_CUT,
        WithdrawalReason.OPPORTUNITY_WITHDRAWN,
        WithdrawalReason.CONSENT_WITHDRAWN,
        WithdrawalReason.CONSENT_ENDED,
        WithdrawalReason.RESIDENT_CLOSED,
        WithdrawalReason.RESIDENT_ERASED,
        WithdrawalReason.SAID_NO,
        WithdrawalReason.ACCEPTED_ANOTHER,
        WithdrawalReason.DATA_WRONG,
        WithdrawalReason.SAFEGUARDING,
    }
)
# Steps after which terms are other, people say no or are cut, and everybody answers anew.
CHANGING = ("worsen",) * 4 + ("race", "cut", "refuse", "wish", "fit", "refer", "leave", "agree")
# Steps after which people are contested for, referred, met, and on duty or not.
CONTESTING = ("contest", "judge", "redress", "duty", "day_off", "refer", "fit", "answer", "wish")
RUN_OUT = ("OfferWithdrawn", "OfferLapsed", "ChallengeUnanswered")


@dataclass(slots=True)
class Watched(Town):
    """
    A town that is looked at after every record.
    """

    changed: set[str] = field(default_factory=set)
    told: dict[str, str] = field(default_factory=dict)

    def hear(self, thing: Said) -> tuple[Happened, ...]:
        # The zero-argument form does not find its class in a slotted dataclass.
        events = Town.hear(self, thing)
        self.note(events)
        watch(self.market.state, self.told)
        self.changed |= {each.data.offer for each in events if each.name == "OfferChanged"}
        for event in events:
            if event.name == "OfferChanged":
                asked_anew(self.market.state, event)
        return events

    def note(self, events: tuple[Happened, ...]) -> None:
        """
        Note until when each wait lasts, as the log last told it.
        """
        for event in events:
            if event.name in DUE:
                about = getattr(event.data, "challenge", None) or event.data.offer
                self.told[about] = getattr(event.data, DUE[event.name])
            elif event.name == "WindowsLengthened":
                for window in event.data.windows:
                    kind, _, about = window.clock.partition(" ")
                    if kind in ("offer", "challenge"):
                        self.told[about] = window.ends_at


def watched(limit: int, most: int) -> Watched:
    return Watched(market=town(limit=limit, most=most).market)


def watch(state: MarketState, told: dict[str, str]) -> None:
    """
    Hold a state to having one clock and one owner for everything that waits, and no other.

    `told` is by offer or challenge the end that the log last said.
    """
    live = {f"offer {each}" for each, offer in state.offers.items() if offer.status in LIVE}
    live |= {f"challenge {n}" for n, each in state.challenges.items() if each.status == "open"}
    clocks = {each: at for each, at in state.clocks.items() if not each.startswith(LADDER)}
    assert {each for each in clocks if each.startswith(("offer ", "challenge "))} == live
    for key, at in clocks.items():
        kind, _, about = key.partition(" ")
        if kind in ("remind", "overdue"):
            named = "challenge" if about in state.challenges else "offer"
            assert at < clocks[f"{named} {about}"], "reminded of what is over"
    waiting = list(pending(state))
    assert Counter(each.about for each in waiting) == Counter(each.split(" ")[1] for each in live)
    for each in waiting:
        assert (each.on, each.due) == (
            owner_of(state, each.wait, each.about),
            told[each.about],
        )
    for name, offer in state.offers.items():
        held(state, name, offer)


DUE = {
    "SlotProposed": "deliver_by",
    "SlotOffered": "deliver_by",
    "OfferChanged": "deliver_by",
    "ReleaseDue": "release_by",
    "AnswerDue": "answer_by",
    "ConsentDue": "consent_by",
    "ConfirmationDue": "confirm_by",
    "DecisionDue": "decide_by",
}
LADDER = ("rung ", "public ", "intake ")


def owner_of(state: MarketState, wait: Wait, about: str) -> str:
    """
    The one party that something waits for, by the table.
    """
    owner = BY_WAIT[wait].owner
    if owner is Owner.OPERATOR:
        (operator,) = operators(state)
        return operator
    if owner is Owner.DECIDER:
        decider = state.challenges[about].decider
        assert decider != state.residents[state.challenges[about].resident].party
        return decider
    offer = state.offers[about]
    return offer.supplier if owner is Owner.SUPPLIER else offer.party


def held(state: MarketState, name: str, offer: OfferEntry) -> None:
    """
    Hold a position to being held by its offer for as long as that is live or filled.
    """
    position = position_of(state, offer)
    if position is not None and offer.status in (*LIVE, "filled"):
        assert (position.status, position.offer) == (offer.status, name)
    elif position is not None:
        assert position.offer != name


def asked_anew(state: MarketState, event: Happened) -> None:
    """
    Hold an offer whose terms got worse to a window that begins anew, with nothing answered.
    """
    offer = state.offers[event.data.offer]
    assert wait_of(offer) is Wait.DELIVERY
    assert state.clocks[f"offer {event.data.offer}"] == event.data.deliver_by > state.now
    assert (offer.contacted, offer.is_introduced) == (False, False)
    assert event.data.offer not in state.residents[offer.resident].placed


# --- an owner, a clock and an end ---------------------------------------------------------


@OFTEN
@given(story=stories(), limit=LIMITS, most=MOST)
def test_whatever_waits_has_one_clock_and_one_owner_after_every_record(
    story: list[Step], limit: int, most: int
) -> None:
    watched(limit, most).play(*story)


@SELDOM
@given(story=stories(kinds=CONTESTING), limit=LIMITS, most=MOST)
def test_whatever_is_contested_or_referred_waits_alike(
    story: list[Step], limit: int, most: int
) -> None:
    played = watched(limit, most).play(*story)
    for _ in range(8):
        played.tick(240)

    assert faults(played.market.log) == ()
    Oracle().read(played.market.log)


@OFTEN
@given(story=stories(kinds=CHANGING), limit=LIMITS, most=MOST)
def test_who_is_asked_again_has_a_window_anew_and_keeps_the_position(
    story: list[Step], limit: int, most: int
) -> None:
    played = watched(limit, most).play(*story)
    for _ in range(8):
        played.tick(240)

    assert faults(played.market.log) == ()
    Oracle().read(played.market.log)


@SELDOM
@given(story=stories(), limit=LIMITS, most=MOST)
def test_silence_ends_each_wait_with_its_clock_and_by_one_cause(
    story: list[Step], limit: int, most: int
) -> None:
    played = town(limit=limit, most=most).play(*story)
    waiting = {each.about: each for each in pending(played.market.state)}
    left = dict(waiting)
    while left:
        events = to_next_end(played, min(each.due for each in left.values()))
        for event in events:
            about = getattr(event.data, "offer", None) or getattr(event.data, "challenge", "")
            if event.name in RUN_OUT and about in left:
                ended(played, event, left.pop(about), ticks=len(waiting))


def to_next_end(played: Town, due: str) -> tuple[Happened, ...]:
    """
    Let time pass to when the first of what waits is over, or where that is past by a minute.
    """
    away = moment(later(due, GRACE)) - moment(played.market.state.now)
    return played.tick(max(away // MINUTE, 1))


def ended(played: Town, event: Happened, waited: Any, *, ticks: int) -> None:
    """
    Hold an end to its time and to the one row of the table that tells it.
    """
    reason = getattr(event.data, "reason", None)
    if reason in BY_NO_CLOCK:
        return
    told = [
        (row.wait, end.cause)
        for row in WAITING
        for end in row.runs_out
        if (end.event, end.reason) == (event.name, reason)
    ]
    assert [wait for wait, _ in told] == [waited.wait]
    # A record ends no more than so many: what is left over ends with the next ticks.
    latest = later(waited.due, GRACE + ticks * MINUTE)
    assert later(waited.due, GRACE) <= played.market.state.now <= latest


def test_every_reason_of_an_end_is_told_by_one_clock_or_by_none() -> None:
    told = Counter(end.reason for row in WAITING for end in row.runs_out if end.reason is not None)

    assert set(told.values()) == {1}
    assert set(told) | BY_NO_CLOCK == {*WithdrawalReason, *LapseReason}
    assert not set(told) & BY_NO_CLOCK
    assert ONCE_MORE | {WithdrawalReason.NOT_DELIVERED, LapseReason.NO_ANSWER} == set(told)
    assert not ONCE_MORE & TAKEN_BACK


# --- reminders ----------------------------------------------------------------------------


@SELDOM
@given(story=stories(kinds=CONTESTING), limit=LIMITS, most=MOST, often=st.integers(1, 9))
def test_each_wait_is_reminded_of_once_whoever_restarts_when(
    story: list[Step], limit: int, most: int, often: int
) -> None:
    played = town(limit=limit, most=most).play(*story)
    while played.market.state.day < "2026-01-30":
        played.tick(240)
    resumed = town(limit=limit, most=most)
    for at, heard in enumerate(played.heard):
        if at % often == 0:
            resumed.market.state = loaded(dumped(resumed.market.state))
        resumed.market.hear(heard)

    given_ = list(reminders(resumed))
    assert given_ == list(reminders(played))
    assert set(Counter(given_).values()) <= {1}
    assert faults(resumed.market.log) == ()


def reminders(played: Town) -> Iterator[tuple[int, str, str]]:
    """
    Yield each reminder, by the record in which what it is about began to wait, and for whom.
    """
    begun: dict[str, int] = {}
    for sequence, (_, _, events) in enumerate(played.market.log):
        for event in events:
            about = getattr(event.data, "offer", None) or getattr(event.data, "challenge", "")
            if event.name == "ReminderGiven":
                yield begun[event.data.about], event.data.about, event.data.party
            elif hasattr(event.data, "remind_at"):
                begun[about or ""] = sequence


# --- nobody else pays ---------------------------------------------------------------------


@OFTEN
@given(
    story=stories(),
    limit=LIMITS,
    leave=st.tuples(st.integers(0, 8), st.integers(0, 5), st.booleans()),
)
def test_a_coordinators_leave_moves_nobodys_weeks_or_ticket(
    story: list[Step], limit: int, leave: tuple[int, int, bool]
) -> None:
    story = by_the_clock(story)
    there, away = town(limit=limit), town(limit=limit)
    there.assigns(0, DutyAssigned(on_duty=STAFF[0], deputy=STAFF[1]))
    away.assigns(0, on_leave(*leave))

    assert_alike(there.play(*story), away.play(*story))


def on_leave(since: int, days: int, deputised: bool) -> DutyAssigned:
    first = date(2026, 1, 13) + timedelta(days=since)
    gone = DaysAway(staff=STAFF[0], first_day=first, last_day=first + timedelta(days=days))
    return DutyAssigned(on_duty=STAFF[0], deputy=STAFF[1] if deputised else None, away=(gone,))


class Prompt(Town):
    """
    A town whose suppliers reject everybody as soon as they hear of them.
    """

    def met(self, offer: str, drawn: int) -> Iterator[Any]:
        yield HireRejected(offer=offer, reason=list(RejectionReason)[drawn % 4])


class Silent(Town):
    """
    The same town, whose suppliers never answer.
    """

    def met(self, offer: str, drawn: int) -> Iterator[Any]:
        yield from ()


@OFTEN
@given(story=stories(), limit=LIMITS)
def test_a_suppliers_silence_moves_nobodys_weeks_or_ticket(story: list[Step], limit: int) -> None:
    story = by_the_clock(story)
    prompt, silent = (kind(market=town(limit=limit).market) for kind in (Prompt, Silent))

    assert_alike(prompt.play(*story), silent.play(*story))


def by_the_clock(story: list[Step]) -> list[Step]:
    """
    The same story, with no step whose time or person follows from what offers there are.
    """
    told = [replace(each, kind="tick") if each.kind == "edge" else each for each in story]
    return [each for each in told if each.kind not in ("change", "again")]


def assert_alike(one: Town, two: Town) -> None:
    """
    Hold two worlds to the same time, readiness, weeks and tickets of everybody.
    """
    assert one.market.state.now == two.market.state.now
    ready = [
        {name: each.ready_since for name, each in town_.market.state.residents.items()}
        for town_ in (one, two)
    ]
    assert ready[0] == ready[1]
    first, second = dict(standings(one)), dict(standings(two))
    for key in first.keys() & second.keys():
        assert first[key] == second[key]


def standings(played: Town) -> Iterator[tuple[tuple[str, str], Any]]:
    """
    Yield the weeks of each proposal by its resident and round, and the ticket by the epoch.
    """
    for _, _, events in played.market.log:
        for event in events:
            if event.name == "SlotProposed":
                made = event.data
                yield (made.resident, made.decided_at), made.weeks_ready
                yield (made.resident, made.epoch), made.ticket


@pytest.mark.parametrize("reason", ["not_released", "supplier_silent"])
def test_whom_others_left_waiting_comes_again_where_they_stood(reason: str) -> None:
    played = town().play(*(Step("enter", who=who, how=6) for who in range(6)))
    played.tick(60 * 26)
    first = list(played.offers)
    for offer in first:
        played.reply(offer, OfferDelivered(offer=offer, event=""))
        if reason == "supplier_silent":
            introduce(played, offer)
    played.tick(60 * 24 * 6)

    offers = played.market.state.offers
    assert {offers[each].reason for each in first} == {reason}
    made = [
        (each.data.resident, each.data.epoch, each.data.ticket)
        for _, _, events in played.market.log
        for each in events
        if each.name == "SlotProposed"
    ]
    assert len(made) > len(set(made)) == len({resident for resident, _, _ in made})


def introduce(played: Town, offer: str) -> None:
    consent = played.consenting(played.market.state.offers[offer], 0)
    for data in (
        consent,
        ProposalReleased(offer=offer),
        OfferDelivered(offer=offer, event=""),
        OfferAccepted(offer=offer),
    ):
        played.reply(offer, data)


# --- whom a supplier hears of -------------------------------------------------------------


@dataclass(slots=True)
class Consents:
    """
    Which consents stand of whom for which supplier, and what was said by them.

    `over` are those that the record at hand has taken back; `carried` is, by its offer, whose
    introduction to whom.
    """

    stands: dict[tuple[str, str], str] = field(default_factory=dict)
    over: set[tuple[str, str]] = field(default_factory=set)
    carried: dict[str, tuple[str, str]] = field(default_factory=dict)

    def read(self, event: Happened) -> None:
        told = event.data
        if event.name in ("ConsentGiven", "ConsentWithdrawn"):
            self._consents(event.subject or "", event)
        elif event.name in ("ResidentClosed", "ResidentErased"):
            for key in [each for each in self.stands if each[0] == event.subject]:
                self._drop(key)
        elif event.name == "IntroductionMade":
            assert self.stands[told.resident, told.supplier] == told.consent
            self.carried[told.offer] = (told.resident, told.supplier)

    def carries(self, offer: str, *, supplier: str) -> bool:
        """
        Tell whether a supplier may be told of an offer; of its end too, in that record alone.
        """
        found = self.carried.get(offer)
        return found is not None and found[1] == supplier and found in {*self.stands, *self.over}

    def _consents(self, resident: str, event: Happened) -> None:
        told = event.data
        if told.purpose is not Purpose.INTRODUCTION:
            return
        if isinstance(told, ConsentGiven) and "contact" in told.fields:
            self.stands[resident, told.supplier or ""] = event.id
        else:
            self._drop((resident, told.supplier or ""))

    def _drop(self, key: tuple[str, str]) -> None:
        if self.stands.pop(key, None) is not None:
            self.over.add(key)


@OFTEN
@given(story=stories(kinds=(*LATER_KINDS, *("introduce", "leave", "worsen") * 3)), limit=LIMITS)
def test_no_supplier_hears_of_a_resident_or_of_an_offer_that_consent_does_not_carry(
    story: list[Step], limit: int
) -> None:
    consents = Consents()
    for _, _, events in town(limit=limit).play(*story).market.log:
        consents.over.clear()
        for event in events:
            consents.read(event)
            if event.party in SUPPLIERS:
                told_lawfully(consents, event)


def shared() -> tuple[Town, str, ConsentWithdrawn]:
    """
    A town, an offer whose resident was introduced, and what would take the consent back.
    """
    played = town().play(*(Step("enter", who=who, how=6) for who in range(6)))
    played.tick(60 * 26)
    offers = played.market.state.offers
    offer = played.offers[0]
    introduce(played, offer)
    told = ConsentWithdrawn(
        resident=offers[offer].resident,
        purpose=Purpose.INTRODUCTION,
        supplier=offers[offer].supplier,
    )
    return played, offer, told


def posting_of(played: Town, offer: str) -> int:
    return VACANCIES.index(played.market.state.offers[offer].opportunity)


def changes(events: tuple[Happened, ...]) -> list[tuple[str, str | None]]:
    return [(e.data.state, e.data.offer) for e in events if e.name == "PositionChanged"]


def test_of_a_hire_that_a_cut_left_over_no_offer_is_named_once_sharing_stopped() -> None:
    played, offer, withdrawn = shared()
    played.reply(offer, HireConfirmed(offer=offer))
    played.reply(offer, withdrawn)

    played.do_withdraw(Step("withdraw", who=posting_of(played, offer)))

    assert changes(played.tick(5)) == [("over", None)]


def test_who_withdraws_consent_while_asked_again_ends_for_the_supplier_at_once() -> None:
    played, offer, withdrawn = shared()
    played.do_worsen(Step("worsen", who=posting_of(played, offer)))
    assert offer in [each.about for each in pending(played.market.state)]

    played.reply(offer, withdrawn)

    assert played.market.state.offers[offer].reason == "consent_withdrawn"
    assert changes(played.market.log[-1][2]) == [("free", offer)]


def told_lawfully(consents: Consents, event: Happened) -> None:
    assert b"zedford-r-" not in bytes_of((event,)), event.name
    offer = getattr(event.data, "offer", None)
    assert offer is None or consents.carries(offer, supplier=event.party or "")
