"""
Age rules as days of birth: between which days somebody must have been born.
"""

from datetime import date
from math import inf, nan

from matching.model import AgeRule, OpportunityProfile


def day_number(day: date | None) -> float:
    """
    Return a day as a number, or NaN.
    """
    return nan if day is None else float(day.toordinal())


def binding_rule(opportunity: OpportunityProfile, rules: tuple[AgeRule, ...]) -> AgeRule | None:
    """
    Return the rule that binds an opportunity: of its standard before its kind's, the latest.
    """
    binding = [
        rule
        for rule in rules
        if rule.kind is opportunity.kind
        and (not rule.standards or opportunity.standard in rule.standards)
        and (opportunity.starts_on is None or rule.valid_from <= opportunity.starts_on)
    ]
    return max(binding, key=lambda rule: (bool(rule.standards), rule.valid_from), default=None)


def birth_bounds(rule: AgeRule | None, starts_on: date | None) -> dict[str, float]:
    """
    Return the last and the first lawful day of birth, the latter also as widened.
    """
    if rule is None or starts_on is None:
        return dict.fromkeys(("born_by", "born_from", "born_from_wider"), nan)
    return {
        "born_by": _born(starts_on, years=rule.least_age),
        "born_from": _born_after(starts_on, most_age=rule.most_age),
        "born_from_wider": _born_after(starts_on, most_age=rule.wider_most_age or rule.most_age),
    }


def _born(day: date, *, years: int) -> float:
    """
    Return the last day of birth of whoever has reached an age on a day.

    Who was born on 29 February comes of age on 1 March, so on 29 February and on
    28 February of other years nobody born on the 29th counts yet.
    """
    year = day.year - years
    try:
        return float(day.replace(year=year).toordinal())
    except ValueError:
        return float(date(year, 2, 28).toordinal())


def _born_after(day: date, *, most_age: int | None) -> float:
    if most_age is None:
        return -inf
    return _born(day, years=most_age + 1) + 1
