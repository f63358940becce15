"""
Rules: a version of the decisions together with the law's dated rows, adopted as an event.
"""

from typing import Annotated

from annotated_types import Ge, Le, MaxLen, MinLen

from schemas.vocabulary import (
    Code,
    Count,
    Date,
    Instant,
    Label,
    Nation,
    Open,
    PayFloor,
    Pence,
    Problem,
    Text,
    TimeOfDay,
    Version,
    event,
    value,
)

Age = Annotated[int, Ge(0), Le(120)]


@value
class Wage:
    """
    A statutory hourly minimum from a day on, for an age band or for apprentices.
    """

    name: Open[Code]
    valid_from: Open[Date]
    least_age: Open[Age | None] = None
    most_age: Open[Age | None] = None
    apprentice: Open[bool] = False
    hourly_pence: Open[Pence]
    source: Open[Text]


@value
class LivingWage:
    """
    A voluntary hourly floor that a contract's clause may name, payable from a day on.
    """

    name: Open[PayFloor]
    announced_on: Open[Date | None] = None
    valid_from: Open[Date]
    hourly_pence: Open[Pence]
    source: Open[Text]


@value
class ApprenticeshipRule:
    """
    What an apprenticeship that starts on or after a day must at least have.

    Where it names a nation it binds there alone.
    """

    nation: Open[Nation | None] = None
    valid_from: Open[Date]
    least_months: Open[Annotated[int, Ge(1), Le(72)]]
    least_off_the_job_hours: Open[Count]
    source: Open[Text]


@value
class BankHoliday:
    nation: Open[Nation]
    date: Open[Date]


@value
class ClockChange:
    """
    From this instant on, local time is UTC plus so many minutes.
    """

    nation: Open[Nation]
    at: Open[Instant]
    offset_minutes: Open[Annotated[int, Ge(-720), Le(840)]]


@value
class Policy:
    """
    Numbers of the rules that are neither law nor contract.

    Attributes:
        most_asked_facts: questions to a resident that may stand open at a time.
        duplicate_days: how long a submission's id is remembered.
        day_starts: when a market's working day begins, local time.
        day_ends: when it ends, later on the same day.
        round_working_minutes: between the rounds of a working day, where the contract states
            nothing else.
        most_live_offers: offers that a resident may have to think about at a time.
        most_weeks_ready: weeks of waiting beyond which a longer wait puts nobody further ahead.
        standing_days: how long a standing yes holds before it must be renewed.
        delivery_working_days: how long an offer may take to reach the resident's partner.
        referral_answer_working_days: in which a referred resident consents to an introduction.
        referral_supplier_working_days: in which a supplier answers a referral.
        most_unanswered: offers that a resident who was tried may leave unanswered in a row,
            after which they are paused until their partner has made contact.
        remedy_minutes_apart: by how much a week the hours may differ of a position that is of
            the same hours as the one that was challenged.
        most_proposals_a_record: proposals that one record of the log may carry.
    """

    most_asked_facts: Open[Count] = 3
    duplicate_days: Open[Count] = 7
    day_starts: Open[TimeOfDay] = "09:00"
    day_ends: Open[TimeOfDay] = "17:00"
    round_working_minutes: Open[Annotated[int, Ge(15), Le(2_400)]] = 240
    most_live_offers: Open[Annotated[int, Ge(1), Le(2)]] = 1
    most_weeks_ready: Open[Count] = 26
    standing_days: Open[Count] = 183
    delivery_working_days: Open[Count] = 1
    referral_answer_working_days: Open[Annotated[int, Ge(2), Le(366)]] = 5
    referral_supplier_working_days: Open[Annotated[int, Ge(2), Le(366)]] = 5
    most_unanswered: Open[Annotated[int, Ge(1), Le(100)]] = 2
    remedy_minutes_apart: Open[Count] = 240
    most_proposals_a_record: Open[Annotated[int, Ge(1), Le(2_000)]] = 500


@event()
class RulesAdopted:
    """
    From here on the decisions follow this version, with these rows of law. Said by the operator.
    """

    version: Open[Version]
    wages: Open[Annotated[tuple[Wage, ...], MinLen(1), MaxLen(500)]]
    living_wages: Open[Annotated[tuple[LivingWage, ...], MaxLen(200)]] = ()
    apprenticeships: Open[Annotated[tuple[ApprenticeshipRule, ...], MinLen(1), MaxLen(200)]]
    bank_holidays: Open[Annotated[tuple[BankHoliday, ...], MaxLen(2_000)]] = ()
    clock_changes: Open[Annotated[tuple[ClockChange, ...], MaxLen(2_000)]] = ()
    policy: Open[Policy] = Policy()
    note: Open[Label | None] = None


def problems(rules: RulesAdopted) -> tuple[Problem, ...]:
    """
    Return what is wrong across the fields of a set of rules.
    """
    found = []
    for at, wage in enumerate(rules.wages):
        if wage.least_age and wage.most_age and wage.least_age > wage.most_age:
            found.append(Problem(code="least_above_most", field=f"/wages/{at}/least_age"))
    if rules.policy.day_ends <= rules.policy.day_starts:
        found.append(Problem(code="ends_before_it_starts", field="/policy/day_ends"))
    return tuple(found)
