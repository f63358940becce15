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
    """

    most_asked_facts: Open[Count] = 3
    duplicate_days: Open[Count] = 7


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
    return tuple(found)
