"""
Answers: each submission gets exactly one, a receipt or a refusal, on its sender's queue.
"""

from typing import Annotated, Any

from annotated_types import Ge, MaxLen, MinLen

from schemas.vocabulary import (
    AnyId,
    Code,
    Coded,
    Hex,
    Instant,
    MarketCode,
    Open,
    OpportunityId,
    Pointer,
    Problem,
    Sequence,
    Slug,
    event,
    value,
)

AnswerId = Annotated[str, MaxLen(64)]
Problems = Annotated[tuple[Problem, ...], MinLen(1), MaxLen(200)]


@value
class Origin:
    """
    Where a submission stands: topic, topic id, partition, offset.
    """

    topic_id: Open[Annotated[str, MaxLen(64)]]
    partition: Open[Annotated[int, Ge(0)]]
    offset: Open[Annotated[int, Ge(0)]]


@event()
class SubmissionRefused:
    """
    What was said does not hold, for these reasons. In the log, without values.
    """

    problems: Coded[Problems]


@event()
class SubmissionRepeated:
    """
    What was said is a duplicate of an accepted record, whose answer is given again.
    """

    of_sequence: Open[Sequence]


@event()
class InputUnreadable:
    """
    Intake could not read or accept what stands at an origin. Said by intake to the register.
    """

    party: Open[Slug]
    origin: Open[Origin]
    digest: Open[Hex]
    submission_id: Open[Annotated[str, MaxLen(128)] | None] = None
    problems: Coded[Problems]


@value
class NamedId:
    """
    The id that we minted for one of the sender's references.
    """

    reference: Coded[Annotated[str, MaxLen(64)]]
    id: Coded[Annotated[str, MaxLen(64)]]


@value
class TimetableEntry:
    what: Open[Code]
    at: Open[Instant]


@event()
class Receipt:
    """
    A submission was accepted. On the sender's queue only.
    """

    id: Open[AnswerId]
    submission_id: Open[Annotated[str, MaxLen(128)] | None] = None
    origin: Open[Origin]
    type: Open[Annotated[str, MaxLen(80)]]
    market: Open[MarketCode]
    sequence: Open[Sequence]
    said_at: Open[Instant]
    ids: Coded[Annotated[tuple[NamedId, ...], MaxLen(20)]] = ()
    version: Open[Sequence | None] = None
    duplicate_of: Open[Sequence | None] = None
    timetable: Open[Annotated[tuple[TimetableEntry, ...], MaxLen(60)]] = ()


@value
class ExplainedProblem:
    """
    A problem as its sender is told it: with the value that was sent and how to mend it.
    """

    code: Coded[Code]
    field: Coded[Pointer]
    value: Coded[Any] = None
    rule: Coded[Annotated[str, MaxLen(120)] | None] = None
    lawful_value: Coded[Annotated[str, MaxLen(120)] | None] = None
    why: Coded[Annotated[str, MaxLen(600)]]
    mend: Coded[Annotated[str, MaxLen(600)]]


@event()
class Refusal:
    """
    A submission was refused: every problem, why, and how to mend it. On the sender's queue only.
    """

    id: Open[AnswerId]
    submission_id: Open[Annotated[str, MaxLen(128)] | None] = None
    origin: Open[Origin]
    type: Open[Annotated[str, MaxLen(80)] | None] = None
    problems: Coded[Annotated[tuple[ExplainedProblem, ...], MinLen(1), MaxLen(200)]]


@event()
class RegisterFacts:
    """
    The accepted events of one record of the register. Said by herald to every market.
    """

    register_sequence: Open[Sequence]
    events: Open[Annotated[tuple[dict[str, Any], ...], MinLen(1), MaxLen(50)]]


@event()
class NoticeGiven:
    """
    Something that a party should know of its own contracts or people. Said by the market.
    """

    party: Open[Slug]
    notice: Open[Code]
    about: Coded[AnyId]
    lawful_value: Open[Annotated[str, MaxLen(120)] | None] = None
    on: Open[Annotated[str, MaxLen(10)] | None] = None
    opportunity: Open[OpportunityId | None] = None
