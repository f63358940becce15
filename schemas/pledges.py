"""
Pledges: what a contract promises, in which unit, for whom and by when.
"""

from typing import Annotated

from annotated_types import MaxLen, MinLen

from schemas.vocabulary import (
    ClauseName,
    Code,
    ContractId,
    Count,
    Date,
    Open,
    Problem,
    Reference,
    Version,
    event,
    value,
)


@value
class TargetGroup:
    code: Open[Code]
    version: Open[Version]


@value
class Due:
    """
    By this day, so many of the pledged units in all.
    """

    by: Open[Date]
    quantity: Open[Count]


@event()
class PledgeMade:
    """
    A promise under a contract. Said by the framework owner; the supplier agrees with the contract.
    """

    contract: Open[ContractId]
    reference: Open[Reference]
    clause: Open[ClauseName | None] = None
    measure: Open[Code]
    unit: Open[Code]
    quantity: Open[Count]
    target_group: Open[TargetGroup | None] = None
    due: Open[Annotated[tuple[Due, ...], MinLen(1), MaxLen(120)]]


def problems(pledge: PledgeMade) -> tuple[Problem, ...]:
    """
    Return what is wrong across the fields of a pledge: its profile rises to its quantity.
    """
    found = []
    days = [due.by for due in pledge.due]
    if days != sorted(set(days)):
        found.append(Problem(code="days_out_of_order", field="/due"))
    quantities = [due.quantity for due in pledge.due]
    if quantities != sorted(quantities) or quantities[-1] != pledge.quantity:
        found.append(
            Problem(
                code="profile_not_whole",
                field="/due",
                lawful_value=str(pledge.quantity),
            )
        )
    return tuple(found)
