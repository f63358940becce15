"""
Challenges: a resident contests what was decided, and somebody outside their partner decides.
"""

from enum import StrEnum

from schemas.vocabulary import (
    Coded,
    ContractId,
    EventId,
    Instant,
    Open,
    OpportunityId,
    Reference,
    ResidentId,
    Slug,
    event,
)

# The event that raised a challenge names it.
ChallengeId = EventId


class Ground(StrEnum):
    """
    What a resident holds to be wrong.
    """

    FACTS_WRONG = "facts_wrong"
    NOT_ASKED = "not_asked"
    NOT_TOLD = "not_told"
    RULE_MISAPPLIED = "rule_misapplied"
    COORDINATOR = "coordinator"
    OTHER = "other"


class Finding(StrEnum):
    """
    What the decider found.
    """

    FACTS_WERE_WRONG = "facts_were_wrong"
    RULE_WAS_MISAPPLIED = "rule_was_misapplied"
    NOT_TREATED_FAIRLY = "not_treated_fairly"
    RULE_WAS_APPLIED = "rule_was_applied"
    NO_LOSS = "no_loss"


@event(about="resident")
class ChallengeRaised:
    """
    A resident contests what a round or anybody did about an opportunity.

    Said by their partner, or for them by the office of the contract's owner, which names the
    resident by our id, from the resident's letter.
    """

    resident: Coded[Reference]
    opportunity: Open[OpportunityId]
    ground: Coded[Ground]


@event()
class DecisionDue:
    """
    A challenge is to be decided, by a party that is not the resident's partner, until then.
    """

    challenge: Coded[ChallengeId]
    resident: Coded[ResidentId]
    opportunity: Open[OpportunityId]
    contract: Open[ContractId]
    ground: Coded[Ground]
    decider: Open[Slug]
    decide_by: Open[Instant]
    remind_at: Open[Instant | None] = None


@event()
class ChallengeDecided:
    """
    The decider upholds a challenge or does not, and what was found.
    """

    challenge: Coded[ChallengeId]
    upheld: Coded[bool]
    finding: Coded[Finding]


@event()
class ChallengeUnanswered:
    """
    Nobody decided a challenge in time: it counts as upheld.
    """

    challenge: Coded[ChallengeId]
    resident: Coded[ResidentId]
    opportunity: Open[OpportunityId]
    decider: Open[Slug]


@event()
class RemedyGranted:
    """
    The resident comes first of their rung at the next position of the same kind and hours.

    It is spent when they have answered an offer of one.
    """

    challenge: Coded[ChallengeId]
    resident: Coded[ResidentId]
    opportunity: Open[OpportunityId]
