"""
What needs a party today: all that waits on it, the oldest clock first, and nothing else.

What waits by a clock is `waiting.pending`; beside it stand an intake that runs out with
people who may still be asked, and what has no clock: it comes last.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from matching.market.duties import may_release
from matching.market.entitlement import opens_at, reach, wants
from matching.market.introductions import fields_of
from matching.market.state import BEFORE_TIME, MarketState, OfferEntry, ReservedEntry
from matching.market.waiting import Pending, Wait, operators, owner_of, pending, wait_of
from schemas.vocabulary import REGISTER, Answer

# Of those who may be asked so many are named; the others are counted.
MOST_NAMED: Final = 5


class Task(StrEnum):
    """
    What a party is to do.
    """

    DELIVERY = Wait.DELIVERY
    RELEASE = Wait.RELEASE
    ANSWER = Wait.ANSWER
    CONSENT = Wait.CONSENT
    CONFIRMATION = Wait.CONFIRMATION
    DECISION = Wait.DECISION
    OVERDUE = "overdue"
    INTAKE = "intake"
    QUESTION = "question"
    AGREEMENT = "agreement"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToDo:
    """
    One thing that waits on a party, with what the command that ends it needs.

    Attributes:
        task: what is to be done.
        about: the id of the offer, challenge, opportunity, question, contract or market.
        due: until when; nothing where no clock runs.
        opportunity: our id, where it is about one.
        residents: whom it is about, by our ids: a partner's own, or who contests; at most
            `MOST_NAMED` of them.
        many: how many they are.
        supplier: who would be introduced, of a consent.
        fields: what that consent must name.
        partner: whose release is overdue.
        fact: the code of the fact that is asked for.
        staff: who may release now; nobody where any of the staff may, or none is there.
        is_assigned: whether the partner said who is on duty.
        is_contacted: whether an attempt to reach the resident is recorded.
        interview: `offered` or `held`, where there is one.
    """

    task: Task
    about: str
    due: str | None = None
    opportunity: str | None = None
    residents: tuple[str, ...] = ()
    many: int = 1
    supplier: str | None = None
    fields: tuple[str, ...] = ()
    partner: str | None = None
    fact: str | None = None
    staff: tuple[str, ...] = ()
    is_assigned: bool = False
    is_contacted: bool = False
    interview: str | None = None


def today(state: MarketState, party: str) -> tuple[ToDo, ...]:
    """
    Return all that waits on a party in a market, or in the register.

    A doubted clock comes first: while it stands still, so does everything else.
    """
    found = [_waiting(state, each) for each in pending(state) if each.on == party]
    found += [*_overdue(state, party), *_intakes(state, party), *_questions(state, party)]
    found += [*_agreements(state, party), *_clock(state, party)]
    return tuple(sorted(found, key=order))


def order(each: ToDo) -> tuple[bool, bool, str, str, str]:
    """
    Order by clock, the oldest first, and then what has none.
    """
    return (each.task is not Task.CLOCK, each.due is None, each.due or "", each.task, each.about)


def _waiting(state: MarketState, row: Pending) -> ToDo:
    if row.wait is Wait.DECISION:
        return ToDo(
            task=Task.DECISION,
            about=row.about,
            due=row.due,
            opportunity=row.opportunity,
            residents=(state.challenges[row.about].resident,),
        )
    offer = state.offers[row.about]
    is_theirs = row.on == offer.party and row.wait in (Wait.RELEASE, Wait.ANSWER, Wait.CONSENT)
    named, duty = offer.party, state.duties.get(offer.party)
    return ToDo(
        task=Task(row.wait),
        about=row.about,
        due=row.due,
        opportunity=row.opportunity,
        residents=(offer.resident,) if is_theirs else (),
        supplier=offer.supplier if row.wait is Wait.CONSENT else None,
        fields=fields_of(state, offer) if row.wait is Wait.CONSENT else (),
        staff=_staff(state, offer, named) if row.wait is Wait.RELEASE else (),
        is_assigned=row.wait is Wait.RELEASE and duty is not None,
        is_contacted=offer.contacted,
        interview=_interview(offer) if row.wait is Wait.CONFIRMATION else None,
    )


def _staff(state: MarketState, offer: OfferEntry, party: str) -> tuple[str, ...]:
    late = offer.remind_at is not None and state.now >= offer.remind_at
    return may_release(state, party, late=late) or ()


def _interview(offer: OfferEntry) -> str | None:
    if "InterviewHeld" in offer.answered:
        return "held"
    return "offered" if "InterviewOffered" in offer.answered else None


def _overdue(state: MarketState, party: str) -> Iterator[ToDo]:
    """
    Find the releases whose last day has begun, under the contracts of their owner.
    """
    for about, offer in state.offers.items():
        if wait_of(offer) is not Wait.RELEASE or owner_of(state, offer.opportunity) != party:
            continue
        is_told = f"overdue {about}" not in state.clocks and offer.remind_at is not None
        if is_told and state.now >= (offer.remind_at or ""):
            yield ToDo(
                task=Task.OVERDUE,
                about=about,
                due=state.clocks[f"offer {about}"],
                opportunity=offer.opportunity,
                partner=offer.party,
            )


def _intakes(state: MarketState, party: str) -> Iterator[ToDo]:
    own = sorted(name for name, entry in state.residents.items() if entry.party == party)
    for subject, entry in state.reserved.items():
        if entry.last_round != BEFORE_TIME or entry.until <= state.now or not entry.has_free:
            continue
        unasked = [name for name in own if _may_be_asked(state, name, subject, entry)]
        if unasked:
            yield ToDo(
                task=Task.INTAKE,
                about=subject,
                due=entry.until,
                opportunity=subject,
                residents=tuple(unasked[:MOST_NAMED]),
                many=len(unasked),
            )


def _may_be_asked(state: MarketState, name: str, subject: str, entry: ReservedEntry) -> bool:
    """
    Tell whether only a resident's own answer is missing for some rung, now or later.
    """
    resident = state.residents[name]
    if not resident.matched or resident.placed or subject in (*resident.yes, *resident.no):
        return False
    fit = state.fits.get(name, {}).get(subject)
    if (fit is not None and fit.eligible is Answer.NO) or wants(state, name, resident, subject):
        return False
    is_near = any(tier is not None for tier in reach(state, resident, entry))
    return is_near or opens_at(state, resident, entry) is not None


def _questions(state: MarketState, party: str) -> Iterator[ToDo]:
    for name, resident in state.residents.items():
        if resident.party == party and resident.matched:
            for fact, event in resident.asked.items():
                if event in resident.open_questions:
                    yield ToDo(task=Task.QUESTION, about=event, residents=(name,), fact=fact)


def _agreements(state: MarketState, party: str) -> Iterator[ToDo]:
    """
    Find what a supplier has not agreed to: in the register, which alone can be told so.
    """
    for named, entry in state.contracts.items() if state.code == REGISTER else ():
        if entry.terms.supplier == party and entry.agreed_version < entry.version:
            yield ToDo(task=Task.AGREEMENT, about=named, partner=entry.owner)


def _clock(state: MarketState, party: str) -> Iterator[ToDo]:
    if state.doubted_since is not None and party in operators(state):
        yield ToDo(task=Task.CLOCK, about=state.code)
