"""
Reminders: one of each thing that waits, and the owner's notice of a release that is overdue.
"""

from collections.abc import Iterator

from matching.market.duties import first_asked, may_release
from matching.market.local_time import horizon
from matching.market.record import Draft, Happened
from matching.market.state import MarketState
from matching.market.waiting import Wait, operators, owner_of, wait_of, waits_on
from schemas.duties import ReleaseOverdue, ReminderGiven

KINDS = ("remind", "overdue")


def given(state: MarketState) -> Iterator[Draft]:
    """
    Remind, at a tick, of what is half-way through its time; the longest due first.

    What ends at this very tick is not reminded of any more.
    """
    latest = horizon(state)
    due = sorted(
        (at, key)
        for key, at in state.clocks.items()
        if key.partition(" ")[0] in KINDS and at <= latest and _still_runs(state, key, latest)
    )
    for _, key in due[: state.policy.most_proposals_a_record]:
        kind, _, about = key.partition(" ")
        if kind == "overdue":
            yield from _overdue(state, about)
        elif about in state.challenges:
            yield _of_challenge(state, about)
        else:
            yield from _of_offer(state, about)


def evolve_reminder_given(state: MarketState, event: Happened) -> None:
    reminder: ReminderGiven = event.data
    state.clocks.pop(f"remind {reminder.about}", None)


def evolve_release_overdue(state: MarketState, event: Happened) -> None:
    state.clocks.pop(f"overdue {event.data.offer}", None)


def _still_runs(state: MarketState, key: str, latest: str) -> bool:
    about = key.partition(" ")[2]
    kind = "challenge" if about in state.challenges else "offer"
    return state.clocks[f"{kind} {about}"] > latest


def _of_offer(state: MarketState, about: str) -> Iterator[Draft]:
    offer = state.offers[about]
    wait = wait_of(offer)
    assert wait is not None, "a clock runs only on what waits"
    due = state.clocks[f"offer {about}"]
    for slug in operators(state) if wait is Wait.DELIVERY else (waits_on(offer, wait),):
        yield Draft(
            data=ReminderGiven(
                waiting=wait.value,
                about=about,
                party=slug,
                staff=_asked(state, slug) if wait is Wait.RELEASE else None,
                opportunity=offer.opportunity,
                due=due,
            ),
            subject=about,
            party=slug,
        )


def _of_challenge(state: MarketState, about: str) -> Draft:
    challenge = state.challenges[about]
    return Draft(
        data=ReminderGiven(
            waiting=Wait.DECISION.value,
            about=about,
            party=challenge.decider,
            opportunity=challenge.opportunity,
            due=state.clocks[f"challenge {about}"],
        ),
        subject=about,
        party=challenge.decider,
    )


def _asked(state: MarketState, party: str) -> str | None:
    """
    Return who is reminded of a release: the deputy, who may act from now on, if there.
    """
    there = may_release(state, party, late=True)
    return there[-1] if there else first_asked(state, party)


def _overdue(state: MarketState, about: str) -> Iterator[Draft]:
    offer = state.offers[about]
    owner = owner_of(state, offer.opportunity)
    assert owner is not None, "a proposal is made under a contract"
    yield Draft(
        data=ReleaseOverdue(
            offer=about,
            opportunity=offer.opportunity,
            contract=state.reserved[offer.opportunity].contract,
            partner=offer.party,
            release_by=state.clocks[f"offer {about}"],
        ),
        subject=about,
        party=owner,
    )
