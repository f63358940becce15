"""
Contracts: frameworks and call-offs, their clauses, and the terms of a ring fence.
"""

from collections.abc import Iterator
from typing import Annotated

from annotated_types import Ge, Le, MaxLen, MinLen

from schemas.reserves import (
    BASES,
    Standing,
    age_band,
    bases_for,
    category_of,
    form_meant,
    sensitive_traits,
)
from schemas.vocabulary import (
    ClauseName,
    Code,
    ContractId,
    ContractKind,
    Count,
    Date,
    Label,
    MarketCode,
    Open,
    PayFloor,
    Pence,
    Precedence,
    Problem,
    Reference,
    Score,
    Slug,
    Text,
    Version,
    event,
    value,
)

Days = Annotated[int, Ge(0), Le(366)]


@value
class Share:
    """
    A buyer's share of a contract: an exact fraction `n/d`, never a float.
    """

    party: Open[Slug]
    n: Open[Annotated[int, Ge(1), Le(10_000)]]
    d: Open[Annotated[int, Ge(1), Le(10_000)]]


@value
class Basis:
    """
    Why a route into a ring-fenced position is lawful, and until when that was reviewed.
    """

    code: Open[Code]
    aim: Open[Text]
    source: Open[Label]
    source_year: Open[Annotated[int, Ge(1990), Le(2200)]]
    review_on: Open[Date]
    justification: Open[Text | None] = None


@value
class Route:
    """
    One way in: all of these facts.
    """

    route: Open[Code]
    all_of: Open[Annotated[tuple[Code, ...], MinLen(1), MaxLen(12)]]
    basis: Open[Basis]


@value
class Rung:
    """
    From so many working days after posting on, these routes, or everyone in the market.
    """

    after_working_days: Open[Days]
    routes: Open[Annotated[tuple[Code, ...], MaxLen(12)]] = ()
    everyone: Open[bool] = False


@value
class MinimumFit:
    value: Open[Score]
    necessity: Open[Text]


@value
class RingFence:
    """
    The terms of a ring fence. Every window on a party is stated here; none has a default.

    Attributes:
        challenge_working_days: in which somebody outside the partner decides a challenge.
        public_after_working_days: when the supplier may advertise openly, counted from the
            posting; or once the opportunity's closing day is over, if that is sooner.
        round_working_minutes: between the rounds of a working day; without it, the policy's.
        route_disclosed: the one sensitive route is told to whoever sees the offer, so only
            residents who consented to just that come in by it.
    """

    routes: Open[Annotated[tuple[Route, ...], MinLen(1), MaxLen(12)]]
    rungs: Open[Annotated[tuple[Rung, ...], MinLen(1), MaxLen(12)]]
    intake_hours: Open[Annotated[int, Ge(0), Le(2_000)] | None] = None
    release_working_days: Open[Days | None] = None
    answer_working_days: Open[Days | None] = None
    supplier_working_days: Open[Days | None] = None
    challenge_working_days: Open[Days | None] = None
    public_after_working_days: Open[Days | None] = None
    round_working_minutes: Open[Annotated[int, Ge(15), Le(2_400)] | None] = None
    precedence: Open[Precedence]
    order_policy: Open[Code]
    min_fit: Open[MinimumFit | None] = None
    route_disclosed: Open[bool] = False


@value
class Clause:
    clause: Open[ClauseName]
    title: Open[Label]
    pay_floor: Open[PayFloor] = PayFloor.NONE
    ring_fence: Open[RingFence | None] = None


@event()
class ContractRegistered:
    """
    A framework or call-off contract, or a new version of it. Said by the framework owner.

    Its id follows from owner and reference. A posting under it is refused until the
    supplier has agreed to this version.
    """

    reference: Open[Reference]
    kind: Open[ContractKind]
    title: Open[Label]
    framework: Open[ContractId | None] = None
    supplier: Open[Slug]
    tier: Open[Annotated[int, Ge(1), Le(5)]] = 1
    parent: Open[ContractId | None] = None
    buyers: Open[Annotated[tuple[Share, ...], MinLen(1), MaxLen(50)]]
    lots: Open[Annotated[tuple[Label, ...], MaxLen(50)]] = ()
    markets: Open[Annotated[tuple[MarketCode, ...], MinLen(1), MaxLen(50)]]
    starts_on: Open[Date]
    ends_before: Open[Date]
    value_pence: Open[Pence]
    evidence_tier: Open[Annotated[int, Ge(1), Le(3)]] = 1
    clauses: Open[Annotated[tuple[Clause, ...], MaxLen(50)]] = ()
    of_version: Open[Version | None] = None


@event()
class ContractAgreed:
    """
    The supplier agrees to one version of a contract and the pledges made by then.
    """

    contract_id: Open[ContractId]
    version: Open[Version]


WINDOWS = (
    "intake_hours",
    "release_working_days",
    "answer_working_days",
    "supplier_working_days",
    "challenge_working_days",
    "public_after_working_days",
)
# Of these windows a person has to get through another's working day before they can act.
PERSONS_WINDOWS = (
    "release_working_days",
    "answer_working_days",
    "supplier_working_days",
    "challenge_working_days",
)
LEAST_WORKING_DAYS = 2
DAY_HOURS = 24
# How people of one rung follow one another. There is one way, and a contract names it.
ORDER_POLICIES = ("weeks_ready_then_ticket",)


def problems(contract: ContractRegistered) -> tuple[Problem, ...]:
    """
    Return what is wrong across the fields of a contract.
    """
    found = []
    if contract.starts_on >= contract.ends_before:
        found.append(Problem(code="ends_before_it_starts", field="/ends_before"))
    if not _whole(contract.buyers):
        found.append(Problem(code="shares_not_whole", field="/buyers", rule="shares sum to 1"))
    if contract.kind is ContractKind.FRAMEWORK and contract.framework is not None:
        found.append(Problem(code="framework_in_framework", field="/framework"))
    names = [clause.clause for clause in contract.clauses]
    for at, clause in enumerate(contract.clauses):
        if clause.clause in names[:at]:
            found.append(Problem(code="said_twice", field=f"/clauses/{at}/clause"))
        if clause.ring_fence is not None:
            found += _fence_problems(clause.ring_fence, f"/clauses/{at}/ring_fence")
    return tuple(found)


def _whole(buyers: tuple[Share, ...]) -> bool:
    denominator = 1
    for share in buyers:
        denominator *= share.d
    return sum(denominator // share.d * share.n for share in buyers) == denominator


def _fence_problems(fence: RingFence, at: str) -> list[Problem]:
    found = [
        Problem(code="window_missing", field=f"{at}/{window}")
        for window in WINDOWS
        if getattr(fence, window) is None
    ]
    known = [route.route for route in fence.routes]
    if len(set(known)) < len(known):
        found.append(Problem(code="said_twice", field=f"{at}/routes"))
    for n, route in enumerate(fence.routes):
        found += _route_problems(route, f"{at}/routes/{n}")
    if fence.order_policy not in ORDER_POLICIES:
        lawful = ", ".join(ORDER_POLICIES)
        found.append(
            Problem(code="order_policy_unknown", field=f"{at}/order_policy", lawful_value=lawful)
        )
    if fence.min_fit is not None and not fence.min_fit.necessity.strip():
        found.append(Problem(code="necessity_missing", field=f"{at}/min_fit/necessity"))
    found += _window_problems(fence, at)
    return [*found, *_ladder_problems(fence, at), *_telling_rungs(fence, at)]


def _window_problems(fence: RingFence, at: str) -> Iterator[Problem]:
    for window in PERSONS_WINDOWS:
        stated = getattr(fence, window)
        if stated is not None and stated < LEAST_WORKING_DAYS:
            yield Problem(
                code="window_too_short",
                field=f"{at}/{window}",
                lawful_value=str(LEAST_WORKING_DAYS),
            )
    public, intake = fence.public_after_working_days, fence.intake_hours
    # Nobody could be proposed before anybody may apply.
    if public is not None and intake is not None and intake >= DAY_HOURS * public:
        yield Problem(
            code="public_before_intake",
            field=f"{at}/public_after_working_days",
            lawful_value=str(intake // DAY_HOURS + 1),
        )


def _ladder_problems(fence: RingFence, at: str) -> Iterator[Problem]:
    known = {route.route for route in fence.routes}
    days = [rung.after_working_days for rung in fence.rungs]
    if days != sorted(set(days)):
        yield Problem(code="rungs_out_of_order", field=f"{at}/rungs")
    for k, rung in enumerate(fence.rungs):
        if bool(rung.routes) == rung.everyone:
            yield Problem(code="rung_unclear", field=f"{at}/rungs/{k}")
        for n, route in enumerate(rung.routes):
            if route not in known:
                yield Problem(code="route_unknown", field=f"{at}/rungs/{k}/routes/{n}")
    opens = [rung.everyone and not rung.routes for rung in fence.rungs]
    if any(opens[:-1]):
        yield Problem(code="everyone_not_last", field=f"{at}/rungs/{opens.index(True)}")
    public = fence.public_after_working_days
    if public is not None and public <= max(days):
        yield Problem(
            code="public_before_ladder",
            field=f"{at}/public_after_working_days",
            lawful_value=str(max(days) + 1),
        )


def _telling_rungs(fence: RingFence, at: str) -> Iterator[Problem]:
    """
    Find the rungs at which every open route tells one and the same sensitive thing.

    Whoever is proposed then has it, and the supplier knows the contract. A second route
    under another name that asks for the same hides nothing.
    """
    opened: set[str] = set()
    for k, rung in enumerate(fence.rungs):
        if rung.everyone or fence.route_disclosed:
            return
        opened.update(rung.routes)
        told = [sensitive_traits(each.all_of) for each in fence.routes if each.route in opened]
        if told and frozenset.intersection(*told):
            yield Problem(code="single_sensitive_route", field=f"{at}/rungs/{k}")


def _route_problems(route: Route, at: str) -> list[Problem]:
    found = [
        problem
        for n, fact in enumerate(route.all_of)
        if (problem := _fact_problem(fact, f"{at}/all_of/{n}")) is not None
    ]
    if len(set(route.all_of)) < len(route.all_of):
        found.append(Problem(code="said_twice", field=f"{at}/all_of"))
    found += _age_problems(route, at)
    return [*found, *_basis_problems(route, at, judged=not found)]


def _fact_problem(fact: str, field: str) -> Problem | None:
    row = category_of(fact)
    if row is None:
        return Problem(code="fact_uncategorised", field=field, lawful_value=form_meant(fact))
    if row.standing is Standing.RESERVABLE:
        return None
    if row.standing is Standing.INTERVIEW_ONLY:
        return Problem(code="interview_not_a_position", field=field, rule=row.category)
    return Problem(
        code="fact_not_reservable", field=field, rule=row.category, lawful_value=row.instead
    )


def _age_problems(route: Route, at: str) -> Iterator[Problem]:
    bands = [
        (n, band) for n, fact in enumerate(route.all_of) if (band := age_band(fact)) is not None
    ]
    for n, (youngest, oldest) in bands:
        if youngest > oldest:
            yield Problem(code="age_band_backwards", field=f"{at}/all_of/{n}")
    for n, _ in bands[1:]:
        # Of two bands the wider one shuts nobody in: the narrowest is stated alone.
        yield Problem(code="age_band_not_narrowest", field=f"{at}/all_of/{n}")


def _basis_problems(route: Route, at: str, *, judged: bool) -> Iterator[Problem]:
    basis = route.basis
    listed = tuple(row.basis for row in BASES)
    carrying = bases_for(route.all_of)
    if basis.code not in listed:
        lawful = ", ".join(listed)
        yield Problem(code="basis_unknown", field=f"{at}/basis/code", lawful_value=lawful)
    elif judged and basis.code not in carrying:
        lawful = ", ".join(carrying)
        yield Problem(code="basis_unfit", field=f"{at}/basis/code", lawful_value=lawful)
    rows = [row for row in map(category_of, route.all_of) if row is not None]
    demanded = any("justification" in row.demands for row in rows)
    if demanded and not (basis.justification or "").strip():
        yield Problem(code="justification_missing", field=f"{at}/basis/justification")


__all__ = [
    "Basis",
    "Clause",
    "ContractAgreed",
    "ContractRegistered",
    "Count",
    "MinimumFit",
    "RingFence",
    "Route",
    "Rung",
    "Share",
    "problems",
]
