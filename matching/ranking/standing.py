"""
A standing yes: whether an opportunity is one of those that a resident said yes to beforehand.

Only what is known to lie within the stated terms counts: nobody's yes is presumed.
"""

from dataclasses import dataclass

from matching.model import Day, OpportunityKind, OpportunityProfile


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingYes:
    """
    The terms of a standing yes; what is None or empty sets no term.
    """

    kinds: tuple[OpportunityKind, ...] = ()
    least_minutes_a_week: int | None = None
    most_minutes_a_week: int | None = None
    days: tuple[Day, ...] = ()
    max_travel_metres: int | None = None
    pay_floor_pence: int | None = None
    outcodes: tuple[str, ...] = ()


def stands(yes: StandingYes, opportunity: OpportunityProfile, *, metres: int | None) -> bool:
    """
    Tell whether an opportunity lies within every term of a standing yes.

    Args:
        yes: the terms.
        opportunity: what ranking reads of it.
        metres: how far it is from the resident, if that is known.
    """
    return (
        (not yes.kinds or opportunity.kind in yes.kinds)
        and _at_least(opportunity.minutes_a_week, yes.least_minutes_a_week)
        and _at_most(opportunity.minutes_a_week, yes.most_minutes_a_week)
        and _at_least(opportunity.hourly_pence, yes.pay_floor_pence)
        and (not yes.days or (bool(opportunity.days) and set(opportunity.days) <= set(yes.days)))
        and (opportunity.remote or _at_most(metres, yes.max_travel_metres))
        and (opportunity.remote or not yes.outcodes or opportunity.outcode in yes.outcodes)
    )


def _at_least(told: int | None, term: int | None) -> bool:
    return term is None or (told is not None and told >= term)


def _at_most(told: int | None, term: int | None) -> bool:
    return term is None or (told is not None and told <= term)
