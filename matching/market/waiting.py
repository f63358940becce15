"""
What waits for somebody: on whom, for how long, reminded when, and how it ends by itself.

`WAITING` is the one table of it. The code reads its windows, owners and ends from here, and
`foothold waiting` prints it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from matching.market.local_time import market_calendar, party_calendar
from matching.market.state import MarketState, OfferEntry
from matching.market.working_time import Calendar, deadline, instant_at, local, working_day_after
from schemas.slots import LapseReason, WithdrawalReason
from schemas.vocabulary import Role


class Owner(StrEnum):
    """
    On whom something waits, or who caused its end.
    """

    OPERATOR = "the operator"
    PARTNER = "the resident's partner"
    RESIDENT = "the resident"
    SUPPLIER = "the position's supplier"
    DECIDER = "who decides the challenge"


class Wait(StrEnum):
    """
    The states in which something waits.
    """

    DELIVERY = "delivery"
    RELEASE = "release"
    ANSWER = "answer"
    CONSENT = "consent"
    CONFIRMATION = "confirmation"
    DECISION = "decision"


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """
    How a state ends by its clock: the event, its reason, and who caused it.
    """

    event: str
    reason: WithdrawalReason | LapseReason | None
    cause: Owner


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """
    One state in which something waits.

    Attributes:
        owner: on whom.
        begins: the event that starts its clock.
        window: the contract's term that says for how many working days; of a referral, which
            has no contract, the policy's.
        then: who is told or may act as well once half of the time is over.
        ended_by: what ends it in time, said by whom it waits on.
        runs_out: how it ends when nobody said that.
    """

    wait: Wait
    owner: Owner
    begins: str
    window: str
    referral_window: str | None
    then: str
    ended_by: tuple[str, ...]
    runs_out: tuple[End, ...]


WAITING: Final = (
    Waiting(
        wait=Wait.DELIVERY,
        owner=Owner.OPERATOR,
        begins="SlotProposed, SlotOffered or OfferChanged",
        window="policy.delivery_working_days",
        referral_window="delivery_working_days",
        then="the operator is reminded",
        ended_by=("OfferDelivered",),
        runs_out=(
            End(
                event="OfferWithdrawn",
                reason=WithdrawalReason.NOT_DELIVERED,
                cause=Owner.OPERATOR,
            ),
        ),
    ),
    Waiting(
        wait=Wait.RELEASE,
        owner=Owner.PARTNER,
        begins="ReleaseDue",
        window="release_working_days",
        referral_window=None,
        then="the deputy may act; on the last day the contract's owner is told",
        ended_by=("ProposalReleased", "ProposalHeld"),
        runs_out=(
            End(
                event="OfferWithdrawn",
                reason=WithdrawalReason.NOT_RELEASED,
                cause=Owner.PARTNER,
            ),
        ),
    ),
    Waiting(
        wait=Wait.ANSWER,
        owner=Owner.PARTNER,
        begins="AnswerDue",
        window="answer_working_days",
        referral_window="referral_answer_working_days",
        then="the partner is reminded",
        ended_by=("OfferAccepted", "OfferDeclined"),
        runs_out=(
            End(event="OfferLapsed", reason=LapseReason.NOT_REACHED, cause=Owner.PARTNER),
            End(event="OfferLapsed", reason=LapseReason.NO_ANSWER, cause=Owner.RESIDENT),
        ),
    ),
    Waiting(
        wait=Wait.CONSENT,
        owner=Owner.PARTNER,
        begins="ConsentDue",
        window="answer_working_days",
        referral_window="referral_answer_working_days",
        then="the partner is reminded",
        ended_by=("ConsentGiven",),
        runs_out=(
            End(
                event="OfferWithdrawn",
                reason=WithdrawalReason.NOT_INTRODUCED,
                cause=Owner.PARTNER,
            ),
        ),
    ),
    Waiting(
        wait=Wait.CONFIRMATION,
        owner=Owner.SUPPLIER,
        begins="ConfirmationDue",
        window="supplier_working_days",
        referral_window="referral_supplier_working_days",
        then="the supplier is reminded",
        ended_by=("HireConfirmed", "HireRejected"),
        runs_out=(
            End(
                event="OfferWithdrawn",
                reason=WithdrawalReason.SUPPLIER_SILENT,
                cause=Owner.SUPPLIER,
            ),
        ),
    ),
    Waiting(
        wait=Wait.DECISION,
        owner=Owner.DECIDER,
        begins="DecisionDue",
        window="challenge_working_days",
        referral_window=None,
        then="the decider is reminded",
        ended_by=("ChallengeDecided",),
        runs_out=(End(event="ChallengeUnanswered", reason=None, cause=Owner.DECIDER),),
    ),
)

BY_WAIT: Final = {row.wait: row for row in WAITING}

# An end that somebody else caused takes nothing from a resident: the pair may be proposed
# again, always where nobody could have acted, else once, so that no position waits for ever.
TAKEN_BACK: Final = frozenset({WithdrawalReason.POSITION_CUT, WithdrawalReason.NOT_DELIVERED})
ONCE_MORE: Final = frozenset(
    end.reason
    for row in WAITING
    for end in row.runs_out
    if end.cause in (Owner.PARTNER, Owner.SUPPLIER) and end.reason is not None
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """
    A window of working time: its end, when its reminder is due, when its last day begins.

    Both are nothing where they would not lie inside the window.
    """

    ends_at: str
    remind_at: str | None
    overdue_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """
    Something that waits now: `about` is an offer's or a challenge's id, `on` a party's slug.
    """

    wait: Wait
    about: str
    on: str
    opportunity: str
    due: str


def window(calendar: Calendar, since: str, working_days: int) -> Window:
    """
    Return the window of so many working days after an instant.

    Half of its days, rounded up, after the start, it is reminded of as the working day begins;
    so, too, the last day begins.
    """
    ends_at = deadline(calendar, since, working_days)
    day, _ = local(calendar, since)

    def opening(days: int) -> str | None:
        if days < 1:
            return None
        at = instant_at(calendar, working_day_after(calendar, day, days), calendar.starts)
        return at if since < at < ends_at else None

    return Window(
        ends_at=ends_at,
        remind_at=opening((working_days + 1) // 2),
        overdue_at=opening(working_days),
    )


def wait_of(offer: OfferEntry) -> Wait | None:
    """
    Return in which state an offer waits; nothing where it has ended or is filled.
    """
    if offer.status in ("proposed", "offered"):
        if offer.undelivered is not None:
            return Wait.DELIVERY
        return Wait.RELEASE if offer.status == "proposed" else Wait.ANSWER
    if offer.status == "accepted":
        return Wait.CONFIRMATION if offer.is_introduced else Wait.CONSENT
    return None


def opened_window(state: MarketState, offer: OfferEntry, wait: Wait) -> Window:
    """
    Return the window that opens now for an offer in a state, on its owner's calendar.
    """
    return window(calendar_of(state, offer, wait), state.now, days_of(state, offer, wait))


def days_of(state: MarketState, offer: OfferEntry, wait: Wait) -> int:
    """
    Return for how many working days an offer may wait in a state.
    """
    row = BY_WAIT[wait]
    if wait is Wait.DELIVERY or offer.group is None:
        return int(getattr(state.policy, row.referral_window or ""))
    fence = state.reserved[offer.opportunity].named(offer.group).fence
    return int(getattr(fence, row.window) or 0)


def calendar_of(state: MarketState, offer: OfferEntry, wait: Wait) -> Calendar:
    """
    Return the calendar of whom an offer waits for in a state; the market's for a delivery.
    """
    if wait is Wait.DELIVERY:
        return market_calendar(state)
    return party_calendar(state, waits_on(offer, wait))


def waits_on(offer: OfferEntry, wait: Wait) -> str:
    """
    Return the party that an offer waits for in a state; of a delivery, its recipient.
    """
    return offer.supplier if BY_WAIT[wait].owner is Owner.SUPPLIER else offer.party


def operators(state: MarketState) -> tuple[str, ...]:
    """
    Return the operators, sorted.
    """
    return tuple(
        slug for slug, entry in sorted(state.parties.items()) if Role.OPERATOR in entry.party.roles
    )


def pending(state: MarketState) -> Iterator[Pending]:
    """
    Yield everything that waits, in the order of its clocks.
    """
    for key, due in sorted(state.clocks.items(), key=lambda each: (each[1], each[0])):
        kind, _, about = key.partition(" ")
        if kind == "offer":
            yield from _of_offer(state, about, due)
        elif kind == "challenge":
            challenge = state.challenges[about]
            yield Pending(
                wait=Wait.DECISION,
                about=about,
                on=challenge.decider,
                opportunity=challenge.opportunity,
                due=due,
            )


def owner_of(state: MarketState, opportunity: str) -> str | None:
    """
    Return the owner of the contract under which an opportunity was posted, where there is one.
    """
    named = state.opportunities[opportunity].terms.contract
    return state.contracts[named].owner if named is not None else None


def decider_of(state: MarketState, opportunity: str, *, partner: str) -> str | None:
    """
    Return who decides: the contract's owner, unless it has a part in what is contested.

    The resident's own partner and the position's supplier have; then it is the first operator
    who is neither.
    """
    concerned = (partner, state.opportunities[opportunity].party)
    asked = (owner_of(state, opportunity), *operators(state))
    return next((each for each in asked if each and each not in concerned), None)


def _of_offer(state: MarketState, about: str, due: str) -> Iterator[Pending]:
    offer = state.offers[about]
    wait = wait_of(offer)
    assert wait is not None, "a clock runs only on what waits"
    on = operators(state) if wait is Wait.DELIVERY else (waits_on(offer, wait),)
    for slug in on:
        yield Pending(wait=wait, about=about, on=slug, opportunity=offer.opportunity, due=due)
