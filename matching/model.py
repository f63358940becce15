"""
Values that both rooms of the core share: who is compared with what, and answers with reasons.

Whatever is not known is None or empty, excludes nobody, and is said to be unknown.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from schemas.vocabulary import Answer, Day, OpportunityKind

__all__ = [
    "AgeRule",
    "Answer",
    "Check",
    "Day",
    "Eligibility",
    "Fit",
    "FitCode",
    "GateCode",
    "OpportunityKind",
    "OpportunityProfile",
    "Parts",
    "Ranked",
    "Reason",
    "Requirement",
    "ResidentProfile",
    "Side",
    "WeeklyMinutes",
]


class Side(StrEnum):
    """
    Who is speaking: some encoders take the two sides of a pair differently.
    """

    OPPORTUNITY = "opportunity"
    RESIDENT = "resident"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyMinutes:
    """
    How long somebody can and wants to work, in minutes a week.
    """

    least: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """
    A fact that an opportunity asks for, by its code; only an essential one can exclude.
    """

    fact: str
    essential: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpportunityProfile:
    """
    What ranking reads of an opportunity.

    Attributes:
        minutes_a_week: the hours of the work, in minutes.
        earliest_start: local time of day as HH:MM, as is `latest_end`; an end that is not
            after the start lies on the next day.
        days: the days that may be worked; none means that nothing is said of them.
        hourly_pence: the pay, in pence an hour, whatever its basis was.
        standard: the reference of an apprenticeship's standard, by which age rules go.
    """

    opportunity_id: str
    title: str
    description: str | None = None
    duties: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    kind: OpportunityKind | None = None
    outcode: str | None = None
    remote: bool = False
    minutes_a_week: int | None = None
    earliest_start: str | None = None
    latest_end: str | None = None
    days: tuple[Day, ...] = ()
    starts_on: date | None = None
    hourly_pence: int | None = None
    standard: str | None = None
    requirements: tuple[Requirement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidentProfile:
    """
    What ranking reads of a resident. No name, no barrier, no protected characteristic.

    Attributes:
        max_travel_metres: how far away the work may be, as the crow flies.
        earliest_start: local time of day as HH:MM, as is `latest_end`.
        days: the days on which the resident can work; none means that nobody has said.
        licences: all that the resident holds, by code; None means that nobody has said.
        facts: other facts that were given, each with whether it holds.
        pay_floor_pence: the least pay in pence an hour; None means that there is no floor.
        birth_date: read by the age rule of a kind alone, never put into text.
    """

    resident_id: str
    summary: str | None = None
    skills: tuple[str, ...] = ()
    experience: tuple[str, ...] = ()
    outcode: str | None = None
    max_travel_metres: int | None = None
    minutes_a_week: WeeklyMinutes | None = None
    earliest_start: str | None = None
    latest_end: str | None = None
    days: tuple[Day, ...] = ()
    available_from: date | None = None
    licences: tuple[str, ...] | None = None
    facts: tuple[tuple[str, bool], ...] = ()
    right_to_work: bool | None = None
    pay_floor_pence: int | None = None
    birth_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeRule:
    """
    Between which ages a kind of opportunity can lawfully be started.

    Attributes:
        valid_from: the first day of a start that the rule binds.
        standards: the apprenticeship standards that it binds; none means all of the kind.
        most_age: the age in whole years at the start; None means no limit.
        wider_most_age: the limit for whoever one of the facts `widened_by` holds of.
    """

    kind: OpportunityKind
    valid_from: date
    standards: tuple[str, ...] = ()
    least_age: int = 0
    most_age: int | None = None
    wider_most_age: int | None = None
    widened_by: tuple[str, ...] = ()


class GateCode(StrEnum):
    """
    What eligibility turns on beside the facts that an opportunity asks for by code.
    """

    HOURS = "weekly_hours_suit"
    TRAVEL = "travel_suits"
    START = "start_date_suits"
    TIMES = "working_times_suit"
    DAYS = "working_days_suit"
    PAY = "pay_suits"
    AGE = "age_suits"
    RIGHT_TO_WORK = "right_to_work"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """
    One thing that eligibility turns on. `code` is a `GateCode` or the code of a fact.
    """

    code: str
    answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """
    The answer for one pair, with what it turns on; what an opportunity leaves open is absent.
    """

    answer: Answer
    checks: tuple[Check, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """
        What is not met if the answer is no; otherwise what is unknown.
        """
        return tuple(check.code for check in self.checks if check.answer is self._telling)

    @property
    def unknown_facts(self) -> tuple[str, ...]:
        """
        The unknown codes that a partner can answer with a fact, not with a profile.
        """
        of_the_profile = set(GateCode) - {GateCode.RIGHT_TO_WORK}
        return tuple(
            check.code
            for check in self.checks
            if check.answer is Answer.UNKNOWN and check.code not in of_the_profile
        )

    @property
    def _telling(self) -> Answer:
        return Answer.NO if self.answer is Answer.NO else Answer.UNKNOWN


class FitCode(StrEnum):
    """
    What a reason for a fit says: a statement meets another, or none meets it.
    """

    MEETS = "meets"
    PARTLY_MEETS = "partly_meets"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """
    One reason, as a code and the numbers of the statements that it joins, never their text.

    Attributes:
        strength: 0 to 10,000, how far the two stand out from unrelated phrases.
    """

    code: FitCode
    resident_statement: int | None = None
    opportunity_statement: int | None = None
    strength: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """
    The parts of a score, each 0 to 10,000.
    """

    dense: int
    cover: int
    lexical: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """
    How well a resident and an opportunity suit each other, whoever else there is.

    Attributes:
        score: 0 to 10,000.
    """

    score: int
    parts: Parts
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """
    One place of a ranking: the id of the other side, the fit and the eligibility.
    """

    id: str
    fit: Fit
    eligibility: Eligibility
