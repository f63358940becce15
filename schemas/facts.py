"""
Facts: asked of a partner once, given with their evidence; the fact itself is sealed.
"""

from schemas.vocabulary import (
    Base64,
    Code,
    Coded,
    Date,
    EventId,
    FactStatus,
    Hex,
    OpportunityId,
    Problem,
    Reference,
    ResidentId,
    Sealed,
    event,
    value,
)


@event(about="resident")
class FactAsked:
    """
    The market asks a resident's partner for a fact that a match turns on, once.
    """

    resident: Coded[ResidentId]
    fact: Coded[Code]
    opportunity: Coded[OpportunityId]


@value
class Evidence:
    """
    How a fact is known: the kind of evidence, in which role it was assessed, and when.
    """

    resident: Coded[Reference]
    evidence: Coded[Code]
    assessor_role: Coded[Code]
    assessed_on: Coded[Date]
    asked: Coded[EventId | None] = None


@event(about="resident")
class FactGiven(Evidence):
    """
    A partner gives a fact about a resident; `asked` names the question that it answers.
    """

    fact: Sealed[Code]
    status: Sealed[FactStatus]
    first_day: Sealed[Date | None] = None
    last_day: Sealed[Date | None] = None


@event(about="resident")
class FactGivenSealed(Evidence):
    sealed: Coded[Base64]
    fingerprint: Coded[Hex]


def problems(given: FactGiven) -> tuple[Problem, ...]:
    """
    Return what is wrong across the fields of a fact.
    """
    if given.first_day and given.last_day and given.last_day < given.first_day:
        return (Problem(code="ends_before_it_starts", field="/last_day"),)
    return ()
