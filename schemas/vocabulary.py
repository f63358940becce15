"""
The words of the wire: identifiers, bounds, closed lists and how fields are classified.

Every other module of this package builds on this one and this one on nothing. It
imports no validator: the markers below carry what a validator needs to know, and
`schemas.codec` alone reads them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, TypeVar, dataclass_transform

from annotated_types import Ge, Le, MaxLen, MinLen

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Classification:
    """
    Who may read a field where it travels between workers.

    `open` may be shown to anybody; `coded` is about a person and carries a code, an
    opaque id or a number, never text; `sealed` describes a person (or is contact data
    or advert text) and leaves intake only encrypted.
    """

    name: str

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {**handler(schema), "x-classification": self.name}


OPEN, CODED, SEALED = (
    Classification("open"),
    Classification("coded"),
    Classification("sealed"),
)

Open = Annotated[T, OPEN]
Coded = Annotated[T, CODED]
Sealed = Annotated[T, SEALED]


@dataclass(frozen=True, slots=True)
class Pattern:
    """
    A regular expression that the whole of a string must match.
    """

    expression: str

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> dict[str, Any]:
        return {**handler(source), "pattern": self.expression}

    def matches(self, text: str) -> bool:
        """
        Tell whether the whole of a text has this form.
        """
        return re.fullmatch(self.expression, text) is not None


@dataclass(frozen=True, slots=True)
class RealTime:
    """
    A string that has the form of an instant names one that exists: no 30 February.
    """

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> dict[str, Any]:
        check = {"type": "no-info", "function": _real}
        return {"type": "function-after", "function": check, "schema": handler(source)}


def _real(at: str) -> str:
    moment(at)
    return at


@dataclass(frozen=True, slots=True)
class WrittenOut:
    """
    A day is written as year, month and day: a number in quotes is no count of seconds.
    """

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> dict[str, Any]:
        check = {"type": "no-info", "function": _written_out}
        return {"type": "function-before", "function": check, "schema": handler(source)}


def _written_out(told: Any) -> Any:
    if not isinstance(told, str):
        return told
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", told):
        raise ValueError("not a day")
    return date.fromisoformat(told)


@dataclass(frozen=True, slots=True)
class EventType:
    """
    What the decorator `event` knows of a class: its name, version and subject.
    """

    name: str
    version: int
    about: str | None

    @property
    def wire_name(self) -> str:
        """
        Return the CloudEvents `type`.
        """
        return f"foothold.{self.name}.v{self.version}"


@dataclass_transform(frozen_default=True, kw_only_default=True)
def value(cls: type[T]) -> type[T]:
    """
    Make a class a value of the wire: frozen, slotted, keyword-only, no unknown fields.
    """
    cls.__pydantic_config__ = {"extra": "forbid"}  # type: ignore[attr-defined]
    return dataclass(frozen=True, slots=True, kw_only=True)(cls)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(*, about: str | None = None, version: int = 1) -> Callable[[type[T]], type[T]]:
    """
    Make a class an event of the wire.

    Args:
        about: whose key seals its sealed fields: `resident`, `opportunity` or `party`.
        version: the version in the event's type name.
    """

    def decorate(cls: type[T]) -> type[T]:
        made = value(cls)
        made.__event__ = EventType(cls.__name__, version, about)  # type: ignore[attr-defined]
        return made

    return decorate


def event_type(thing: object) -> EventType:
    """
    Return the event type of an event or of its class.

    Raises:
        AttributeError: the thing is no event.
    """
    found: EventType = thing.__event__  # type: ignore[attr-defined]
    return found


# --- identifiers ------------------------------------------------------------------------

REGISTER = "_register"

Slug = Annotated[str, Pattern(r"^[a-z][a-z0-9-]{1,31}$")]
StaffCode = Annotated[str, Pattern(r"^[a-z0-9-]{2,32}$")]
MarketCode = Annotated[str, Pattern(r"^([a-z][a-z0-9]{1,15}|_register)$")]
ResidentId = Annotated[str, Pattern(r"^[a-z][a-z0-9]{1,15}-r-[a-z2-7]{16}$")]
OpportunityId = Annotated[str, Pattern(r"^[a-z][a-z0-9]{1,15}-o-[a-z2-7]{16}$")]
ContractId = Annotated[str, Pattern(r"^c-[a-z2-7]{16}$")]
# Any of our ids, or a party's slug, where an event may be about one or the other.
AnyId = Annotated[str, Pattern(r"^[a-z_][a-z0-9:_-]{0,63}$")]
OfferId = Annotated[str, Pattern(r"^[a-z][a-z0-9]{1,15}-f-[a-z2-7]{16}$")]
PositionId = Annotated[
    str,
    MaxLen(120),
    Pattern(r"^[a-z][a-z0-9]{1,15}-o-[a-z2-7]{16}/[a-z][a-z0-9_]{0,47}/[1-9][0-9]{0,3}$"),
]
EventId = Annotated[str, Pattern(r"^(_register|[a-z][a-z0-9]{1,15})-[0-9]{1,15}-[0-9]{1,6}$")]
Outcode = Annotated[str, Pattern(r"^[A-Z]{1,2}[0-9][0-9A-Z]?$")]
Reference = Annotated[str, Pattern(r"^[A-Za-z0-9][A-Za-z0-9 ._/:-]{0,63}$")]
Code = Annotated[str, Pattern(r"^[a-z][a-z0-9_]{0,47}$")]
ClauseName = Annotated[str, Pattern(r"^[A-Za-z0-9][A-Za-z0-9.()-]{0,23}$")]
# A quarter of a year, for which one lottery holds.
Epoch = Annotated[str, Pattern(r"^20[0-9]{2}Q[1-4]$")]
Hex = Annotated[str, Pattern(r"^[0-9a-f]{64}$")]
Base64 = Annotated[str, Pattern(r"^[A-Za-z0-9+/]*={0,2}$")]

# Of names that we know and numbers, never a sender's own word: it stands in the log.
Pointer = Annotated[str, MaxLen(300), Pattern(r"^(/[A-Za-z0-9_?-]{1,60})*$")]

# --- bounded values ---------------------------------------------------------------------

Label = Annotated[str, MinLen(1), MaxLen(200), Pattern(r"^[^\x00-\x1f\x7f]+$")]
Text = Annotated[str, MinLen(1), MaxLen(8000), Pattern(r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+$")]
Statement = Annotated[str, MinLen(1), MaxLen(500), Pattern(r"^[^\x00-\x1f\x7f]+$")]
Statements = Annotated[tuple[Statement, ...], MaxLen(40)]
Mailbox = Annotated[str, MaxLen(254), Pattern(r"^[^@\s]{1,64}@[A-Za-z0-9.-]{1,189}$")]
Telephone = Annotated[str, Pattern(r"^\+?[0-9][0-9 ()-]{6,24}$")]
TimeOfDay = Annotated[str, Pattern(r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Count = Annotated[int, Ge(0), Le(10_000_000)]
Positions = Annotated[int, Ge(1), Le(500)]
Pence = Annotated[int, Ge(0), Le(1_000_000_000_000)]
MinutesAWeek = Annotated[int, Ge(0), Le(10_080)]
Metres = Annotated[int, Ge(0), Le(2_000_000)]
Score = Annotated[int, Ge(0), Le(10_000)]
# A number that every reader of JSON holds exactly.
LARGEST = 2**53 - 1
Sequence = Annotated[int, Ge(0), Le(LARGEST)]
Version = Annotated[int, Ge(1), Le(LARGEST)]

# Days and instants of three centuries, so that adding a span never leaves the calendar.
Date = Annotated[date, Ge(date(1900, 1, 1)), Le(date(2199, 12, 31)), WrittenOut()]
# An instant is a string of fixed width, so that comparing two compares their times.
Instant = Annotated[
    str,
    Pattern(r"^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$"),
    RealTime(),
]


def instant(moment: datetime) -> str:
    """
    Write a moment as an instant: UTC, whole milliseconds.

    >>> instant(datetime(2026, 1, 13, 9, 0, tzinfo=UTC))
    '2026-01-13T09:00:00.000Z'
    """
    return (
        moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
    )


def moment(at: str) -> datetime:
    """
    Read an instant.

    >>> moment('2026-01-13T09:00:00.000Z').isoformat()
    '2026-01-13T09:00:00+00:00'
    """
    return datetime.fromisoformat(at)


def later(at: str, span: timedelta) -> str:
    """
    Return the instant that lies `span` after another.

    >>> later('2026-01-13T09:00:00.000Z', timedelta(hours=48))
    '2026-01-15T09:00:00.000Z'
    """
    return instant(moment(at) + span)


# --- closed lists -----------------------------------------------------------------------


class Role(StrEnum):
    OPERATOR = "operator"
    OWNER = "framework_owner"
    SUPPLIER = "supplier"
    PARTNER = "partner"


class Nation(StrEnum):
    ENGLAND = "england"
    WALES = "wales"
    SCOTLAND = "scotland"
    NORTHERN_IRELAND = "northern_ireland"


class Day(StrEnum):
    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class OpportunityKind(StrEnum):
    JOB = "job"
    APPRENTICESHIP = "apprenticeship"
    WORK_EXPERIENCE = "work_experience"
    TRAINING_PLACE = "training_place"


class PayBasis(StrEnum):
    HOURLY = "hourly"
    ANNUAL = "annual"
    NATIONAL_MINIMUM = "national_minimum"
    APPRENTICE_MINIMUM = "apprentice_minimum"
    UNPAID = "unpaid"


class PayFloor(StrEnum):
    NONE = "none"
    REAL_LIVING_WAGE = "real_living_wage"
    LONDON_LIVING_WAGE = "london_living_wage"


class ContractKind(StrEnum):
    FRAMEWORK = "framework"
    CALL_OFF = "call_off"


class Precedence(StrEnum):
    """
    Whether reserved positions count wherever they are filled, or come on top.
    """

    MINIMUM_GUARANTEE = "minimum_guarantee"
    OVER_AND_ABOVE = "over_and_above"


class Purpose(StrEnum):
    MATCHING = "matching"
    INTRODUCTION = "introduction"


class Clock(StrEnum):
    REAL = "real"
    SIMULATED = "simulated"


class Answer(StrEnum):
    """
    Three-valued: what is not known is neither met nor failed.
    """

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class AuthType(StrEnum):
    USER = "user"
    SYSTEM = "system"


class FactStatus(StrEnum):
    TRUE = "true"
    FALSE = "false"
    DECLINED = "declined"


# --- problems ---------------------------------------------------------------------------


@value
class Problem:
    """
    One thing that is wrong with a submission: which rule, at which field, the lawful figure.

    In the log it carries no value; the value is filled in for its sender alone.
    """

    code: Coded[Code]
    field: Coded[Pointer]
    rule: Coded[Annotated[str, MaxLen(120)] | None] = None
    lawful_value: Coded[Annotated[str, MaxLen(120)] | None] = None
