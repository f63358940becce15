"""
Matches: a resident's best opportunities, as advice on their own partner's queue only.
"""

from typing import Annotated

from annotated_types import Ge, Le, MaxLen

from schemas.vocabulary import (
    Answer,
    Code,
    Coded,
    Date,
    Label,
    Open,
    OpportunityId,
    OpportunityKind,
    Outcode,
    Reference,
    ResidentId,
    Score,
    Slug,
    Statement,
    event,
    value,
)


@value
class Match:
    """
    One opportunity for a resident: the score with its parts, and why in plain words.
    """

    rank: Open[Annotated[int, Ge(1), Le(10)]]
    opportunity: Open[OpportunityId]
    title: Open[Label]
    supplier: Open[Slug]
    kind: Open[OpportunityKind]
    outcode: Open[Outcode]
    closes_on: Open[Date]
    starts_on: Open[Date]
    eligible: Coded[Answer]
    score: Coded[Score]
    dense: Coded[Score]
    cover: Coded[Score]
    lexical: Coded[Score]
    why: Coded[Annotated[tuple[Statement, ...], MaxLen(20)]]
    missing: Coded[Annotated[tuple[Statement, ...], MaxLen(40)]] = ()
    unknown: Coded[Annotated[tuple[Code, ...], MaxLen(40)]] = ()
    asked: Coded[bool] = False


@event()
class MatchesRanked:
    """
    The at most ten best opportunities of one resident, best first. On queues only.

    An unchanged ranking is not sent again; an empty one takes back what was sent.
    """

    resident: Coded[ResidentId]
    reference: Coded[Reference | None] = None
    matches: Coded[Annotated[tuple[Match, ...], MaxLen(10)]]
