"""
Opportunities: jobs, apprenticeships, work experience and training places.
"""

from typing import Annotated

from annotated_types import Ge, Le, MaxLen, MinLen

from schemas.vocabulary import (
    Base64,
    ClauseName,
    Code,
    Coded,
    ContractId,
    Count,
    Date,
    Day,
    Hex,
    Label,
    Mailbox,
    MinutesAWeek,
    Open,
    OpportunityId,
    OpportunityKind,
    Outcode,
    Pattern,
    PayBasis,
    Pence,
    Positions,
    Problem,
    Reference,
    Sealed,
    Statement,
    Telephone,
    Text,
    TimeOfDay,
    Version,
    event,
    value,
)


@value
class Place:
    outcode: Open[Outcode]
    label: Open[Label | None] = None


@value
class Pay:
    """
    `hourly` and `annual` carry pence; the two minimum rates and `unpaid` carry none.
    """

    basis: Open[PayBasis]
    pence: Open[Pence | None] = None


@value
class Occupation:
    scheme: Open[Annotated[str, Pattern(r"^[A-Za-z0-9]{2,12}$")]]
    id: Open[Annotated[str, MinLen(1), MaxLen(200)]]
    label: Open[Label | None] = None


@value
class Apprenticeship:
    standard_ref: Open[Annotated[str, Pattern(r"^ST[0-9]{4}(_[0-9]+\.[0-9]+)?$")]]
    level: Open[Annotated[int, Ge(2), Le(7)]]
    provider: Open[Label | None] = None
    off_the_job_hours: Open[Count]


@value
class Requirement:
    fact: Open[Code]
    essential: Open[bool]


@value
class FencedPositions:
    """
    So many positions of a posting under one clause; their order is the precedence.
    """

    group: Open[Code]
    clause: Open[ClauseName]
    positions: Open[Positions]


@value
class Terms:
    """
    What the log keeps of an opportunity in clear. Times are the market's local time.
    """

    reference: Open[Reference]
    series: Open[Reference | None] = None
    kind: Open[OpportunityKind]
    occupation: Open[Occupation | None] = None
    place: Open[Place]
    remote: Open[bool] = False
    positions: Open[Positions]
    pay: Open[Pay]
    minutes_a_week: Open[MinutesAWeek]
    guaranteed_minutes_a_week: Open[MinutesAWeek | None] = None
    earliest_start: Open[TimeOfDay | None] = None
    latest_end: Open[TimeOfDay | None] = None
    days: Open[Annotated[tuple[Day, ...], MaxLen(7)]] = ()
    starts_on: Open[Date]
    closes_on: Open[Date]
    duration_months: Open[Annotated[int, Ge(1), Le(72)] | None] = None
    apprenticeship: Open[Apprenticeship | None] = None
    requirements: Open[Annotated[tuple[Requirement, ...], MaxLen(30)]] = ()
    contract: Open[ContractId | None] = None
    ring_fence: Open[Annotated[tuple[FencedPositions, ...], MaxLen(20)]] = ()


@value
class Advert(Terms):
    """
    The terms with the advert's own words and the contact, which are sealed.
    """

    title: Sealed[Label]
    description: Sealed[Text | None] = None
    duties: Sealed[Annotated[tuple[Statement, ...], MaxLen(40)]] = ()
    skills: Sealed[Annotated[tuple[Statement, ...], MaxLen(40)]] = ()
    role_mailbox: Sealed[Mailbox]
    role_telephone: Sealed[Telephone | None] = None


@event(about="opportunity")
class OpportunityPosted(Advert):
    """
    A supplier posts an opportunity. Its id follows from party and reference.

    The advert's words and the contact are sealed under the opportunity's own key, so
    that they can be erased; every figure stays open.
    """


@event(about="opportunity")
class OpportunityPostedSealed(Terms):
    sealed: Coded[Base64]
    fingerprint: Coded[Hex]


@event(about="opportunity")
class OpportunityAmended(Advert):
    """
    The whole opportunity again, as it is from now on; `of_version` is the version it replaces.
    """

    opportunity: Open[OpportunityId]
    of_version: Open[Version]


@event(about="opportunity")
class OpportunityAmendedSealed(Terms):
    opportunity: Open[OpportunityId]
    of_version: Open[Version]
    sealed: Coded[Base64]
    fingerprint: Coded[Hex]


@event()
class OpportunityWithdrawn:
    """
    The supplier takes an opportunity back, with a coded reason.
    """

    opportunity: Open[OpportunityId]
    reason: Open[Code]


UNPAID_KINDS = (OpportunityKind.WORK_EXPERIENCE, OpportunityKind.TRAINING_PLACE)


def problems(terms: Terms) -> tuple[Problem, ...]:
    """
    Return what is wrong across the fields of an opportunity.
    """
    return (
        *_date_problems(terms),
        *_pay_problems(terms),
        *_kind_problems(terms),
        *_fences(terms),
    )


def _date_problems(terms: Terms) -> list[Problem]:
    found = []
    if terms.closes_on > terms.starts_on:
        found.append(
            Problem(
                code="closes_after_start",
                field="/closes_on",
                lawful_value=str(terms.starts_on),
            )
        )
    window = (terms.earliest_start, terms.latest_end)
    # A night shift ends on the next day; only equal times say nothing.
    if window[0] is not None and window[0] == window[1]:
        found.append(Problem(code="ends_before_it_starts", field="/latest_end"))
    if len(set(terms.days)) < len(terms.days):
        found.append(Problem(code="said_twice", field="/days"))
    return found


def _pay_problems(terms: Terms) -> list[Problem]:
    found = []
    needs_pence = terms.pay.basis in (PayBasis.HOURLY, PayBasis.ANNUAL)
    if needs_pence and terms.pay.pence is None:
        found.append(Problem(code="pay_missing", field="/pay/pence"))
    if not needs_pence and terms.pay.pence is not None:
        found.append(Problem(code="pay_not_expected", field="/pay/pence"))
    if terms.pay.basis is PayBasis.UNPAID and terms.kind not in UNPAID_KINDS:
        found.append(Problem(code="unpaid_not_lawful", field="/pay/basis"))
    guaranteed = terms.guaranteed_minutes_a_week
    if guaranteed is not None and guaranteed > terms.minutes_a_week:
        found.append(
            Problem(
                code="more_than_the_week",
                field="/guaranteed_minutes_a_week",
                lawful_value=str(terms.minutes_a_week),
            )
        )
    return found


def _kind_problems(terms: Terms) -> list[Problem]:
    is_apprenticeship = terms.kind is OpportunityKind.APPRENTICESHIP
    found = []
    if is_apprenticeship and terms.apprenticeship is None:
        found.append(Problem(code="apprenticeship_missing", field="/apprenticeship"))
    if is_apprenticeship and terms.duration_months is None:
        found.append(Problem(code="duration_missing", field="/duration_months"))
    if not is_apprenticeship and terms.apprenticeship is not None:
        found.append(Problem(code="apprenticeship_not_expected", field="/apprenticeship"))
    if terms.pay.basis is PayBasis.APPRENTICE_MINIMUM and not is_apprenticeship:
        found.append(Problem(code="apprentice_rate_not_lawful", field="/pay/basis"))
    title = getattr(terms, "title", None)
    if is_apprenticeship and title is not None and "apprentice" not in title.lower():
        found.append(
            Problem(
                code="title_lacks_apprentice",
                field="/title",
                rule="contains 'apprentice'",
            )
        )
    return found


def _fences(terms: Terms) -> list[Problem]:
    found = []
    fenced = sum(group.positions for group in terms.ring_fence)
    if fenced > terms.positions:
        found.append(
            Problem(
                code="fenced_too_many",
                field="/ring_fence",
                lawful_value=str(terms.positions),
            )
        )
    if terms.ring_fence and terms.contract is None:
        found.append(Problem(code="contract_missing", field="/contract"))
    groups = [group.group for group in terms.ring_fence]
    if len(set(groups)) < len(groups):
        found.append(Problem(code="said_twice", field="/ring_fence"))
    return found
