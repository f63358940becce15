"""
Fits and rule codes: what the matcher's model and rules found, entered as data.
"""

from typing import Annotated

from annotated_types import Ge, Le, MaxLen

from schemas.vocabulary import (
    Answer,
    AnyId,
    ClauseName,
    Code,
    Coded,
    ContractId,
    Date,
    EventId,
    Open,
    OpportunityId,
    ResidentId,
    Score,
    Sequence,
    Version,
    event,
    value,
)

Ordinal = Annotated[int, Ge(0), Le(1000)]
Part = Annotated[int, Ge(1), Le(10_000)]


@value
class Reason:
    """
    One reason for a fit, as a code and the numbers of the statements that it joins.
    """

    code: Coded[Code]
    resident_statement: Coded[Ordinal | None] = None
    opportunity_statement: Coded[Ordinal | None] = None
    strength: Coded[Score | None] = None


@value
class Parts:
    """
    The parts of a score, each 0 to 10,000.
    """

    dense: Coded[Score]
    cover: Coded[Score]
    lexical: Coded[Score]


@value
class Pair:
    """
    One resident and one opportunity, with the fit version of either side that was read.

    `codes` are the codes of what is not met or unknown, `unknown` those of the facts that
    its partner can be asked for; `thin` says that too little is known of the resident for
    the score to speak against them. A fit belongs to the pair and depends on nobody else.
    """

    resident: Coded[ResidentId]
    resident_version: Coded[Version]
    opportunity: Coded[OpportunityId]
    opportunity_version: Coded[Version]
    eligible: Coded[Answer]
    codes: Coded[Annotated[tuple[Code, ...], MaxLen(40)]] = ()
    unknown: Coded[Annotated[tuple[Code, ...], MaxLen(40)]] = ()
    standing: Coded[bool] = False
    thin: Coded[bool] = False
    score: Coded[Score]
    parts: Coded[Parts]
    reasons: Coded[Annotated[tuple[Reason, ...], MaxLen(20)]] = ()


@event()
class FitsAssessed:
    """
    Part `part` of `parts` of one assessment of a subject. Said by the matcher.

    `as_of` is the market sequence that the matcher had applied. Per pair the larger
    `as_of` holds; the parts take effect together, with the last.
    """

    subject: Coded[AnyId]
    model: Open[Annotated[str, MaxLen(64)]]
    as_of: Open[Sequence]
    part: Open[Part]
    parts: Open[Part]
    pairs: Coded[Annotated[tuple[Pair, ...], MaxLen(2000)]]


@value
class RuleCode:
    """
    Which rung of a clause a resident meets first, and from when until when; never a route.

    The days are classed as personal data: what depends on age flips on the exact day.
    """

    contract: Coded[ContractId]
    clause: Coded[ClauseName]
    rung: Coded[Ordinal | None] = None
    first_day: Coded[Date | None] = None
    last_day: Coded[Date | None] = None
    rests_on: Coded[Annotated[tuple[EventId, ...], MaxLen(40)]] = ()
    unknown: Coded[Annotated[tuple[Code, ...], MaxLen(40)]] = ()


@event()
class RulesAssessed:
    """
    The rule codes of one resident for all ring-fence clauses. Said by the matcher.
    """

    resident: Coded[ResidentId]
    resident_version: Coded[Version]
    as_of: Open[Sequence]
    codes: Coded[Annotated[tuple[RuleCode, ...], MaxLen(400)]]
