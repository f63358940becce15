"""
Dated law on pay and apprenticeships, judged by the rows that the rules carry.

No figure stands here: wages, living wages and apprenticeship rules are rows of
`RulesAdopted`, each with its source and first day. Pay is judged at the start date.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from schemas.contracts import ContractRegistered
from schemas.opportunities import Terms
from schemas.rules import ApprenticeshipRule, LivingWage, RulesAdopted, Wage
from schemas.vocabulary import Nation, OpportunityKind, PayBasis, PayFloor, Problem

WEEKS_A_YEAR = 52
MINIMUM_BASES = (PayBasis.NATIONAL_MINIMUM, PayBasis.APPRENTICE_MINIMUM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """
    The least lawful hourly pay on a day, in pence, and the row that says so.
    """

    name: str
    hourly_pence: int
    valid_from: date


def pay_problems(
    terms: Terms, *, rules: RulesAdopted, contract: ContractRegistered | None
) -> tuple[Problem, ...]:
    """
    Return what is unlawful about an opportunity's pay at its start date.
    """
    if terms.pay.basis in (*MINIMUM_BASES, PayBasis.UNPAID):
        floor = _contract_floor(contract, rules, terms.starts_on)
        if floor is None or terms.pay.basis is PayBasis.UNPAID or _is_apprenticeship(terms):
            return ()
        return (_pay_problem(terms, floor, "pay_below_contract_floor"),)
    found = []
    statutory = statutory_floor(rules, terms=terms, on=terms.starts_on)
    if statutory is not None and below(terms, statutory):
        code = "pay_below_apprentice_rate" if _is_apprenticeship(terms) else "pay_below_minimum"
        found.append(_pay_problem(terms, statutory, code))
    agreed = _contract_floor(contract, rules, terms.starts_on)
    if agreed is not None and not _is_apprenticeship(terms) and below(terms, agreed):
        found.append(_pay_problem(terms, agreed, "pay_below_contract_floor"))
    return tuple(found)


def apprenticeship_problems(
    terms: Terms, *, rules: RulesAdopted, nation: Nation | None
) -> tuple[Problem, ...]:
    """
    Return what an apprenticeship lacks by its nation's rule in force on its start date.
    """
    rule = _apprenticeship_rule(rules, terms.starts_on, nation)
    if terms.apprenticeship is None or terms.duration_months is None or rule is None:
        return ()
    found = []
    if terms.duration_months < rule.least_months:
        found.append(
            Problem(
                code="apprenticeship_too_short",
                field="/data/duration_months",
                lawful_value=str(rule.least_months),
            )
        )
    if terms.apprenticeship.off_the_job_hours < rule.least_off_the_job_hours:
        found.append(
            Problem(
                code="off_the_job_hours_too_few",
                field="/data/apprenticeship/off_the_job_hours",
                lawful_value=str(rule.least_off_the_job_hours),
            )
        )
    return tuple(found)


def later_floor(terms: Terms, *, rules: RulesAdopted) -> Floor | None:
    """
    Return the first later rate that the pay falls below while the opportunity lasts.

    An opportunity without a duration is taken to last.
    """
    if terms.pay.basis not in (PayBasis.HOURLY, PayBasis.ANNUAL):
        return None
    days = sorted({wage.valid_from for wage in rules.wages if wage.valid_from > terms.starts_on})
    for day in days:
        floor = statutory_floor(rules, terms=terms, on=day)
        if _lasts_until(terms, day) and floor is not None and below(terms, floor):
            return floor
    return None


def second_year_floor(terms: Terms, *, rules: RulesAdopted) -> Floor | None:
    """
    Return the rate that an apprentice of 21 or over must have from the second year on.
    """
    if not _is_apprenticeship(terms) or (terms.duration_months or 0) <= 12:
        return None
    anniversary = _months_after(terms.starts_on, 12)
    floor = _adult_floor(rules, anniversary)
    paid_minimum = terms.pay.basis is PayBasis.APPRENTICE_MINIMUM
    if floor is None or not (paid_minimum or below(terms, floor)):
        return None
    return Floor(name=floor.name, hourly_pence=floor.hourly_pence, valid_from=anniversary)


def statutory_floor(rules: RulesAdopted, *, terms: Terms, on: date) -> Floor | None:
    """
    Return the statutory minimum for an opportunity on a day.

    A job is judged by the rate for the oldest band, since it is open to all ages; an
    apprenticeship by the apprentice rate.
    """
    if not _is_apprenticeship(terms):
        return _adult_floor(rules, on)
    return _latest([wage for wage in rules.wages if wage.apprentice], on)


def below(terms: Terms, floor: Floor) -> bool:
    """
    Tell whether the stated pay lies below a floor; annual pay is judged at 52 weeks.
    """
    pence = terms.pay.pence
    if pence is None:
        return False
    if terms.pay.basis is PayBasis.HOURLY:
        return pence < floor.hourly_pence
    return pence * 60 < floor.hourly_pence * WEEKS_A_YEAR * terms.minutes_a_week


def lawful_pence(terms: Terms, floor: Floor) -> int:
    """
    Return the least lawful figure on the basis that the pay is stated on, in pence.
    """
    if terms.pay.basis is not PayBasis.ANNUAL:
        return floor.hourly_pence
    return -(-floor.hourly_pence * WEEKS_A_YEAR * terms.minutes_a_week // 60)


def hourly_pence(terms: Terms, *, rules: RulesAdopted, on: date) -> Fraction:
    """
    Return what an opportunity pays an hour, in pence, on a day; nothing for what is unpaid.

    Annual pay is spread over 52 weeks of the stated minutes; a statutory minimum is the rate
    of the day.
    """
    if terms.pay.basis is PayBasis.UNPAID:
        return Fraction(0)
    if terms.pay.basis in MINIMUM_BASES:
        floor = statutory_floor(rules, terms=terms, on=on)
        return Fraction(0 if floor is None else floor.hourly_pence)
    pence = terms.pay.pence or 0
    if terms.pay.basis is PayBasis.HOURLY:
        return Fraction(pence)
    return Fraction(pence * 60, WEEKS_A_YEAR * max(terms.minutes_a_week, 1))


def _pay_problem(terms: Terms, floor: Floor, code: str) -> Problem:
    field = "/data/pay/basis" if terms.pay.pence is None else "/data/pay/pence"
    return Problem(
        code=code,
        field=field,
        rule=f"{floor.name} from {floor.valid_from}",
        lawful_value=str(lawful_pence(terms, floor)),
    )


def _is_apprenticeship(terms: Terms) -> bool:
    return terms.kind is OpportunityKind.APPRENTICESHIP


def _adult_floor(rules: RulesAdopted, on: date) -> Floor | None:
    adult = [wage for wage in rules.wages if not wage.apprentice and wage.most_age is None]
    return _latest(adult, on)


def _latest(rows: list[Wage], on: date) -> Floor | None:
    valid = [row for row in rows if row.valid_from <= on]
    if not valid:
        return None
    row = max(valid, key=lambda wage: (wage.valid_from, wage.hourly_pence, wage.name))
    return Floor(name=row.name, hourly_pence=row.hourly_pence, valid_from=row.valid_from)


def _contract_floor(
    contract: ContractRegistered | None, rules: RulesAdopted, on: date
) -> Floor | None:
    if contract is None:
        return None
    named = {clause.pay_floor for clause in contract.clauses} - {PayFloor.NONE}
    rows = [row for row in rules.living_wages if row.name in named and row.valid_from <= on]
    latest: dict[PayFloor, LivingWage] = {}
    for row in sorted(rows, key=lambda living: living.valid_from):
        latest[row.name] = row
    if not latest:
        return None
    row = max(latest.values(), key=lambda living: (living.hourly_pence, living.name))
    return Floor(name=row.name, hourly_pence=row.hourly_pence, valid_from=row.valid_from)


def _apprenticeship_rule(
    rules: RulesAdopted, on: date, nation: Nation | None
) -> ApprenticeshipRule | None:
    rows = [row for row in rules.apprenticeships if row.nation in (None, nation)]
    valid = [row for row in rows if row.valid_from <= on]
    return max(valid, key=lambda row: row.valid_from) if valid else None


def _lasts_until(terms: Terms, day: date) -> bool:
    if terms.duration_months is None:
        return True
    return day < _months_after(terms.starts_on, terms.duration_months)


def _months_after(day: date, months: int) -> date:
    """
    Return the same day of a later month; of a month too short for it, the day after its last.
    """
    years, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + years, month + 1, 1)
    found = first + timedelta(days=day.day - 1)
    return found if found.month == first.month else found.replace(day=1)
