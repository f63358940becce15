"""
A contract's terms in plain English: who comes when into its reserved positions, and why.

Lines come with their depth, so that a reader can indent them.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from matching.market.working_time import Calendar, local
from schemas.contracts import Clause, ContractRegistered, RingFence, Route, Rung
from schemas.pledges import PledgeMade
from schemas.rules import Policy
from schemas.vocabulary import ContractKind, PayFloor, Precedence
from services.wording.facts import condition
from services.wording.figures import (
    code_in_words,
    counted,
    day_in_words,
    minutes_in_words,
    pounds,
)
from services.wording.ladders import DAY, Ladder, Step

Line = tuple[int, str]

PRECEDENCE: Final = {
    Precedence.MINIMUM_GUARANTEE: (
        "At least so many: somebody of the group who is taken on in a position that is not"
        " reserved counts towards it."
    ),
    Precedence.OVER_AND_ABOVE: (
        "On top: only reserved positions count, whoever else of the group is taken on besides."
    ),
}
ORDER: Final = {
    "weeks_ready_then_ticket": (
        "Among people of one rung, whoever an upheld challenge put first comes first; then whoever"
        " has been ready for work longer, counted in whole weeks up to {weeks}; among equals a"
        " lottery ticket decides, drawn anew for each quarter. How well somebody fits puts nobody"
        " ahead."
    ),
}
PLACES: Final = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth")


def contract_in_words(contract: ContractRegistered, *, owner: str | None) -> Iterator[Line]:
    """
    Tell who agrees what with whom, for how much and how long.
    """
    kind = "a framework" if contract.kind is ContractKind.FRAMEWORK else "a call-off contract"
    yield 0, f"{contract.reference}, “{contract.title}”: {kind}."
    yield 1, f"Owner: {owner or 'the framework owner who sends it'}."
    tier = "" if contract.tier == 1 else f", as a subcontractor of tier {contract.tier}"
    yield 1, f"Supplier: {contract.supplier}{tier}."
    shares = ", ".join(_share(each.party, each.n, each.d) for each in contract.buyers)
    yield 1, f"Paid for by {shares}."
    yield 1, f"Value: {pounds(contract.value_pence)}."
    last = day_in_words(contract.ends_before - DAY)
    yield 1, f"Period: {day_in_words(contract.starts_on)} to {last}, both included."
    yield 1, f"Where: {', '.join(contract.markets)}."
    if contract.lots:
        yield 1, f"Lots: {'; '.join(contract.lots)}."
    yield 1, "Positions can be posted under it once the supplier has agreed to this version."


def _share(party: str, n: int, d: int) -> str:
    return party if n == d else f"{party} ({n}/{d})"


def clause_in_words(clause: Clause) -> Iterator[Line]:
    """
    Tell what a clause binds to, without its reserved positions.
    """
    yield 0, f"Clause {clause.clause}, “{clause.title}”"
    if clause.pay_floor is not PayFloor.NONE:
        yield 1, f"Pay: at least the {code_in_words(clause.pay_floor)}, on the start date."
    if clause.pay_floor is PayFloor.NONE and clause.ring_fence is None:
        yield 1, "It states neither a pay floor nor reserved positions: nothing follows from it."


def fence_in_words(
    fence: RingFence, laid: Ladder, *, calendar: Calendar, policy: Policy, last_day: date | None
) -> Iterator[Line]:
    """
    Tell the whole course of a reserved position, and by which rules somebody gets it.
    """
    yield 1, f"A reserved position that is posted on {moment_in_words(calendar, laid.posted)}:"
    routes = {route.route: route for route in fence.routes}
    for at, (rung, step) in enumerate(zip(fence.rungs, laid.steps, strict=True)):
        yield 2, _rung(at, rung, step, routes, calendar)
    until = moment_in_words(calendar, laid.taken_in_until)
    hours = counted(fence.intake_hours or 0, "hour")
    yield 2, f"Residents' yeses are taken in until {until} ({hours}). Until then nobody is chosen."
    yield 2, _rounds(fence, laid.steps[0], calendar, policy)
    yield from _sides(fence, laid.steps[0], calendar, policy)
    yield 2, _public(laid, calendar)
    yield 1, _last_day(last_day)
    yield 1, PRECEDENCE[fence.precedence]
    yield 1, _order(fence, policy)
    yield 1, _minimum_fit(fence)
    yield 1, _challenge(fence)
    if fence.route_disclosed:
        yield (
            1,
            (
                "Whoever sees an offer can tell by which route it came: only residents who agreed"
                " to just that come in."
            ),
        )
    yield 1, "Why this is lawful:"
    for route in fence.routes:
        yield 2, _basis(route)


def _rung(at: int, rung: Rung, step: Step, routes: dict[str, Route], calendar: Calendar) -> str:
    place = PLACES[at] if at < len(PLACES) else f"Number {at + 1}"
    if rung.after_working_days == 0:
        begins = "from the posting on"
    else:
        days = counted(rung.after_working_days, "working day")
        begins = f"from {day_of(calendar, step.opens)} on ({days} later)"
    return f"{place}, {begins}: {who(rung, routes)}."


def who(rung: Rung, routes: dict[str, Route]) -> str:
    """
    Tell who comes in with a rung.
    """
    if rung.everyone:
        return "everyone in the market"
    return "; or ".join(route_in_words(routes[name]) for name in rung.routes)


def route_in_words(route: Route) -> str:
    """
    Tell who comes in by a route.
    """
    return "people who " + " and ".join(condition(code) for code in route.all_of)


def _rounds(fence: RingFence, first: Step, calendar: Calendar, policy: Policy) -> str:
    minutes = fence.round_working_minutes or policy.round_working_minutes
    apart = minutes_in_words(minutes)
    return (
        f"The first round proposes people on {moment_in_words(calendar, first.proposals)}; further"
        f" rounds follow on working days, every {apart} from {calendar.starts} to before"
        f" {calendar.ends}, while a position is free."
    )


def _sides(fence: RingFence, first: Step, calendar: Calendar, policy: Policy) -> Iterator[Line]:
    release, answer = fence.release_working_days or 0, fence.answer_working_days or 0
    yield (
        2,
        (
            f"The resident's partner has {_window(release)} to release a proposal, from when it is"
            f" delivered: of the first round, until"
            f" {moment_in_words(calendar, first.released_by)}."
        ),
    )
    delivery = _window(policy.delivery_working_days)
    yield (
        2,
        (
            f"The resident has {_window(answer)} to answer an offer, from when it is delivered"
            f" (within {delivery}): at the latest until"
            f" {moment_in_words(calendar, first.answered_by)}. Silence counts as theirs only where"
            f" the partner recorded that it tried to reach them."
        ),
    )
    yield (
        2,
        (
            f"Whoever accepted has {_window(answer)} more to say that the supplier may hear of"
            f" them: until {moment_in_words(calendar, first.introduced_by)}. Until then it hears"
            f" of nobody."
        ),
    )
    yield (
        2,
        (
            f"The supplier has {_window(fence.supplier_working_days or 0)} to confirm or reject"
            f" whoever was introduced, and as long once more after an interview: at the latest"
            f" until {moment_in_words(calendar, first.confirmed_by)}."
        ),
    )
    yield (
        2,
        (
            "No such time is shorter than two working days, and each is reminded of once, half-way."
            " What others left undone when it is over costs the resident nothing."
        ),
    )


def _window(working_days: int) -> str:
    return counted(working_days, "working day") if working_days else "what is left of the day"


def _public(laid: Ladder, calendar: Calendar) -> str:
    return (
        f"The supplier may advertise it openly from {day_of(calendar, laid.public)} on, or once its"
        " closing day is over, if that is sooner."
    )


def _last_day(last_day: date | None) -> str:
    if last_day is None:
        return (
            "The contract is too short for this ladder: even of a position that is posted on its"
            " first day, the last rung has not had its course when it ends."
        )
    return (
        f"Last day to post, so that the last rung has had its course when the contract ends:"
        f" {weekday_in_words(last_day)}."
    )


def _order(fence: RingFence, policy: Policy) -> str:
    words = ORDER.get(fence.order_policy)
    if words is None:
        return f"The order among people of one rung, {fence.order_policy}, is not known here."
    return words.format(weeks=policy.most_weeks_ready)


def _minimum_fit(fence: RingFence) -> str:
    if fence.min_fit is None:
        return "No minimum fit: whoever meets the position's requirements may be proposed."
    percent = f"{fence.min_fit.value / 100:g}%"
    return (
        f"Minimum fit {percent}: below it nobody is proposed, unless their partner puts them past"
        f" it with a reason or too little is known to judge. Why it is needed:"
        f" {fence.min_fit.necessity}"
    )


def _challenge(fence: RingFence) -> str:
    return (
        "Whoever holds a decision to be wrong may challenge it. The owner decides, or an operator"
        f" where the owner is the resident's own partner, within"
        f" {_window(fence.challenge_working_days or 0)}; what nobody decides in time counts as"
        " upheld. Upheld, the resident comes first of their rung at the next position of the same"
        " kind and hours."
    )


def _basis(route: Route) -> str:
    basis = route.basis
    review = day_in_words(basis.review_on)
    source = f"{basis.source}, {basis.source_year}"
    words = f"{route_in_words(route).capitalize()}: {code_in_words(basis.code)}. {basis.aim}"
    because = f" {basis.justification}" if basis.justification else ""
    return f"{words}{because} Source: {source}. To be reviewed by {review}."


def pledge_in_words(pledge: PledgeMade, *, clauses: frozenset[str]) -> Iterator[Line]:
    """
    Tell what is pledged, for whom and by when.
    """
    group = pledge.target_group
    of = f", of {code_in_words(group.code)}" if group else ""
    amount = f"{pledge.quantity:,} {code_in_words(pledge.unit)}"
    yield 0, f"Pledge {pledge.reference}: {code_in_words(pledge.measure)}, {amount}{of}."
    if pledge.clause is not None:
        missing = "" if pledge.clause in clauses else ", which this contract does not have"
        yield 1, f"Under clause {pledge.clause}{missing}."
    for due in pledge.due:
        yield 1, f"By {day_in_words(due.by)}: {due.quantity:,} in all."


def moment_in_words(calendar: Calendar, at: str) -> str:
    """
    Write an instant in local time: day of the week, day, hour and minute.
    """
    day, time = local(calendar, at)
    return f"{weekday_in_words(day)}, {time[:5]}"


def day_of(calendar: Calendar, at: str) -> str:
    """
    Write the local day of an instant.
    """
    return weekday_in_words(local(calendar, at)[0])


def weekday_in_words(day: date) -> str:
    """
    Write a day out with its name.

    >>> weekday_in_words(date(2026, 4, 1))
    'Wednesday 1 April 2026'
    """
    return f"{day:%A} {day_in_words(day)}"
