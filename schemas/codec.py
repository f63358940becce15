"""
Bytes to events and back: the only module that knows the validator.

Reading is strict and names every problem with a JSON pointer; writing is canonical.
A field's name that a sender made up may describe a person, so a pointer shows an
unknown field only where it is a misspelling of one that we know.
"""

import difflib
import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError

from schemas import (
    answers,
    challenges,
    consents,
    contracts,
    duties,
    facts,
    fits,
    interests,
    introductions,
    lottery,
    markets,
    matches,
    opportunities,
    parties,
    pledges,
    readiness,
    residents,
    rules,
    slots,
    ticks,
)
from schemas.envelope import Envelope, Message, canonical
from schemas.vocabulary import Classification, Problem, event_type

NOUNS = (
    parties,
    contracts,
    pledges,
    lottery,
    opportunities,
    residents,
    consents,
    facts,
    readiness,
    interests,
    fits,
    matches,
    slots,
    introductions,
    challenges,
    duties,
    markets,
    ticks,
    rules,
    answers,
)

LARGEST_SUBMISSION = 256 * 1024
MOST_PROBLEMS = 200
MOST_LEVELS = 32

# Of what the validator finds; what it cannot parse is `wrong_form`, the rest `wrong_type`.
ERROR_CODES = {
    "missing": "field_missing",
    "unexpected_keyword_argument": "field_unknown",
    "string_pattern_mismatch": "wrong_form",
    "enum": "not_in_list",
    "greater_than_equal": "out_of_bounds",
    "less_than_equal": "out_of_bounds",
    "string_too_short": "wrong_length",
    "string_too_long": "wrong_length",
    "too_short": "wrong_length",
    "too_long": "wrong_length",
    "value_error": "wrong_form",
}


def _events() -> Iterator[type]:
    for noun in NOUNS:
        for thing in vars(noun).values():
            ours = isinstance(thing, type) and thing.__module__ == noun.__name__
            if ours and "__event__" in vars(thing):
                yield thing


EVENTS: dict[str, type] = {event_type(cls).wire_name: cls for cls in _events()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """
    What could not be read: every problem found, and what of it could be made out.
    """

    problems: tuple[Problem, ...]
    submission_id: str | None = None
    type: str | None = None


class UnknownEvent(LookupError):
    """
    The log holds an event kind that this release cannot read: a newer release wrote it.
    """


_ADAPTERS: dict[type, TypeAdapter[Any]] = {}


def adapter(cls: type) -> TypeAdapter[Any]:
    """
    Return the validator of a class of the wire, made once.
    """
    if cls not in _ADAPTERS:
        _ADAPTERS[cls] = TypeAdapter(cls)
    return _ADAPTERS[cls]


def plain(thing: Any) -> Any:
    """
    Turn a value of the wire into plain JSON values; what is absent is left out.
    """
    return adapter(type(thing)).dump_python(thing, mode="json", exclude_none=True)


def restore(cls: type, told: Any) -> Any:
    """
    Read plain JSON values back that we wrote ourselves.

    Raises:
        ValueError: they are not of this class.
    """
    return adapter(cls).validate_json(canonical(told), strict=True)


def event_of(name: str, version: int, told: Any) -> Any:
    """
    Read the data of an event of the log.

    Raises:
        UnknownEvent: this release knows no such event.
    """
    cls = EVENTS.get(f"foothold.{name}.v{version}")
    if cls is None:
        raise UnknownEvent(f"event {name} version {version} is not known to this release")
    return restore(cls, told)


def write(message: Message) -> bytes:
    """
    Write an event in structured JSON mode.
    """
    return canonical({**plain(message.envelope), "data": plain(message.data)})


def read(raw: bytes, *, largest: int = LARGEST_SUBMISSION) -> Message | Rejected:
    """
    Read one event in structured JSON mode, with every rule that needs no memory.

    Args:
        raw: the bytes as they stand in a topic.
        largest: the most bytes that are looked at.

    Returns:
        The message, or what is wrong with it.
    """
    if len(raw) > largest:
        return _rejected("too_large", "", lawful_value=f"{largest} bytes")
    told = _loaded(raw)
    if isinstance(told, Rejected):
        return told
    return message_of(told)


def message_of(told: Any) -> Message | Rejected:
    """
    Read one event from plain JSON values.
    """
    if not isinstance(told, dict):
        return _rejected("not_an_object", "")
    submission_id = told.get("id") if isinstance(told.get("id"), str) else None
    type_name = told.get("type") if isinstance(told.get("type"), str) else None
    known = {field.name for field in fields(Envelope)}
    context = {name: item for name, item in told.items() if name in known}
    envelope = _valid(Envelope, context, at="")
    problems = list(envelope) if isinstance(envelope, tuple) else []
    data: Any = None
    cls = EVENTS.get(type_name or "")
    if type_name is not None and cls is None:
        if not any(problem.field == "/type" for problem in problems):
            problems.append(_unknown_type(type_name))
    elif cls is not None:
        data = _data(cls, told)
        problems += data if isinstance(data, tuple) else ()
    if problems:
        return Rejected(
            problems=tuple(problems[:MOST_PROBLEMS]),
            submission_id=_printable(submission_id),
            type=type_name if cls else None,
        )
    return Message(envelope=envelope, data=data)


def _data(cls: type, told: dict[str, Any]) -> Any:
    if "data" not in told:
        return (Problem(code="field_missing", field="/data"),)
    data = _valid(cls, told["data"], at="/data")
    if isinstance(data, tuple):
        return data
    return tuple(_at("/data", problem) for problem in rules_across_fields(data)) or data


def rules_across_fields(data: object) -> tuple[Problem, ...]:
    """
    Return what the noun's own rules over several fields say of an event.
    """
    check = RULES.get(type(data))
    return check(data) if check else ()


def _registration_problems(registered: residents.ResidentRegistered) -> tuple[Problem, ...]:
    """
    Judge the consent that a registration carries as the `ConsentGiven` that it will be.
    """
    found = residents.problems(registered)
    if registered.consent is None:
        return found
    given = consents.ConsentGiven(
        resident=registered.reference,
        **{
            field.name: getattr(registered.consent, field.name)
            for field in fields(residents.Consent)
        },
    )
    return found + tuple(_at("/consent", problem) for problem in consents.problems(given))


def _at(place: str, problem: Problem) -> Problem:
    return replace(problem, field=place + problem.field)


RULES: dict[type, Any] = {
    parties.PartyRegistered: parties.problems,
    contracts.ContractRegistered: contracts.problems,
    pledges.PledgeMade: pledges.problems,
    opportunities.OpportunityPosted: opportunities.problems,
    opportunities.OpportunityAmended: opportunities.problems,
    residents.ResidentRegistered: _registration_problems,
    residents.ResidentUpdated: residents.problems,
    consents.ConsentGiven: consents.problems,
    consents.ConsentWithdrawn: consents.problems,
    duties.DutyAssigned: duties.problems,
    facts.FactGiven: facts.problems,
    interests.InterestGiven: interests.problems,
    markets.MarketOpened: markets.problems,
    rules.RulesAdopted: rules.problems,
}


def _loaded(raw: bytes) -> Any:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return _rejected("not_utf8", "")
    try:
        told = json.loads(
            text,
            object_pairs_hook=_no_repeated_names,
            parse_constant=_no_constants,
            parse_float=_finite,
        )
        json.dumps(told, ensure_ascii=False).encode("utf-8")
    except _RepeatedName:
        return _rejected("name_repeated", "")
    except UnicodeEncodeError:
        return _rejected("not_utf8", "")
    except (ValueError, RecursionError):
        return _rejected("not_json", "")
    return _rejected("not_json", "") if _deeper(told, MOST_LEVELS) else told


def _deeper(told: Any, levels: int) -> bool:
    inner = told.values() if isinstance(told, dict) else told if isinstance(told, list) else ()
    return levels < 0 or any(_deeper(each, levels - 1) for each in inner)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(digits)
    return number


class _RepeatedName(ValueError):
    pass


def _no_repeated_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) < len(pairs):
        raise _RepeatedName
    return told


def _no_constants(name: str) -> Any:
    raise ValueError(name)


def _rejected(code: str, field: str, *, lawful_value: str | None = None) -> Rejected:
    return Rejected(problems=(Problem(code=code, field=field, lawful_value=lawful_value),))


def _printable(text: str | None) -> str | None:
    if text is None or len(text) > 128 or any(not "!" <= letter <= "~" for letter in text):
        return None
    return text


def _unknown_type(type_name: str) -> Problem:
    near = difflib.get_close_matches(type_name, EVENTS, n=1, cutoff=0.6)
    return Problem(code="type_unknown", field="/type", lawful_value=near[0] if near else None)


def _valid(cls: type, told: Any, *, at: str) -> Any:
    try:
        return adapter(cls).validate_json(json.dumps(told), strict=True)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=True, include_input=False)
        broken = {x["loc"][:depth] for x in found for depth in range(len(x["loc"]))}
        # The validator counts valid items alone: a list with a wrong one is not too short.
        shown = [x for x in found if x["type"] != "too_short" or x["loc"] not in broken]
        return tuple(
            _problem(cls, dict(item), at, n) for n, item in enumerate(shown[:MOST_PROBLEMS])
        )


def _problem(cls: type, error: dict[str, Any], at: str, n: int) -> Problem:
    kind, place = error["type"], error["loc"]
    code = ERROR_CODES.get(kind, "wrong_form" if "parsing" in kind else "wrong_type")
    context = error.get("ctx", {})
    lawful = _lawful(context)
    shown = list(place)
    if code == "field_unknown":
        written = str(place[-1])
        lawful = _near(cls, place)
        shown[-1] = written if lawful and _slip(written, lawful) else f"?{n + 1}"
    return Problem(
        code=code,
        field=at + "".join(f"/{part}" for part in shown),
        rule=_rule(kind, context),
        lawful_value=lawful,
    )


def _lawful(context: dict[str, Any]) -> str | None:
    for name in ("expected", "ge", "le", "min_length", "max_length"):
        if name in context:
            return str(context[name])[:120]
    return None


def _rule(kind: str, context: dict[str, Any]) -> str | None:
    return str(context["pattern"])[:120] if "pattern" in context else kind


def _near(cls: type, place: Sequence[Any]) -> str | None:
    """
    Return the field that a misspelt one at this place most likely meant.
    """
    owner = _class_at(cls, place[:-1])
    if owner is None:
        return None
    names = [field.name for field in fields(owner)]
    near = difflib.get_close_matches(str(place[-1]).lower(), names, n=1, cutoff=0.75)
    return near[0] if near else None


def _slip(written: str, meant: str) -> bool:
    """
    Tell whether one name is another but for case, dashes and a slip of a letter or two.

    More than that might be a word of the sender's own, such as a name put after ours.
    """
    if len(meant) < 4 or not re.fullmatch("[A-Za-z_-]+", written):
        return False
    bare = [name.lower().replace("_", "").replace("-", "") for name in (written, meant)]
    return _slips(*bare) <= (1 if len(meant) < 8 else 2)


def _slips(one: str, other: str) -> int:
    """
    Count the letters to put in, leave out, change or swap (optimal string alignment).
    """
    if abs(len(one) - len(other)) > 2:
        return 3
    before: list[int] = []
    row = list(range(len(other) + 1))
    for n, letter in enumerate(one, start=1):
        earlier, before, row = before, row, [n]
        for m, wanted in enumerate(other, start=1):
            least = min(before[m] + 1, row[-1] + 1, before[m - 1] + (letter != wanted))
            if m > 1 and n > 1 and (letter, one[n - 2]) == (other[m - 2], wanted):
                least = min(least, earlier[m - 2] + 1)
            row.append(least)
    return row[-1]


def _class_at(cls: Any, place: Iterable[Any]) -> Any:
    for part in place:
        if isinstance(part, int):
            continue
        hints = get_type_hints(cls, include_extras=True)
        found = list(_classes_in(hints.get(part)))
        if not found:
            return None
        cls = found[0]
    return cls


def _classes_in(hint: Any) -> Iterator[Any]:
    if isinstance(hint, type) and is_dataclass(hint):
        yield hint
    for argument in get_args(hint):
        yield from _classes_in(argument)


# --- classes of fields ------------------------------------------------------------------


_CLASSES: dict[type, dict[str, str]] = {}


def classes_of(cls: type) -> dict[str, str]:
    """
    Return for each field of a class of the wire how it is classified.

    Raises:
        LookupError: a field is not classified.
    """
    if cls not in _CLASSES:
        _CLASSES[cls] = _read_classes(cls)
    return _CLASSES[cls]


def _read_classes(cls: type) -> dict[str, str]:
    hints = get_type_hints(cls, include_extras=True)
    found = {}
    for field in fields(cls):
        marks = [mark for mark in _marks(hints[field.name]) if isinstance(mark, Classification)]
        if not marks:
            raise LookupError(f"{cls.__name__}.{field.name} is not classified")
        found[field.name] = marks[-1].name
    return found


def _marks(hint: Any) -> Iterator[Any]:
    yield from getattr(hint, "__metadata__", ())


def value_classes(cls: type) -> Iterator[type]:
    """
    Walk a class of the wire and every class that stands in its fields.
    """
    yield cls
    hints = get_type_hints(cls, include_extras=True)
    for field in fields(cls):
        for inner in _classes_in(hints[field.name]):
            yield from value_classes(inner)


def sealed_form(cls: type) -> type | None:
    """
    Return the form in which an event about a person or an advert leaves intake.
    """
    if cls.__name__.endswith("Sealed"):
        return None
    kind = event_type(cls)
    return EVENTS.get(f"foothold.{kind.name}Sealed.v{kind.version}")


def clear_form(cls: type) -> type | None:
    """
    Return the form that a sealed form was made of.
    """
    kind = event_type(cls)
    return EVENTS.get(f"foothold.{kind.name.removesuffix('Sealed')}.v{kind.version}")


def split(data: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """
    Part an event's plain values into what stays in clear and what is to be sealed.
    """
    told, classes = plain(data), classes_of(type(data))
    sealed = {name: item for name, item in told.items() if classes[name] == "sealed"}
    return {name: item for name, item in told.items() if name not in sealed}, sealed


def join(data: Any, sealed: dict[str, Any]) -> Any:
    """
    Put the opened part back into a sealed form: the clear event again.
    """
    told = {
        name: item for name, item in plain(data).items() if name not in ("sealed", "fingerprint")
    }
    cls = clear_form(type(data))
    if cls is None:
        raise LookupError(f"{type(data).__name__} has no clear form")
    return restore(cls, {**told, **sealed})


def json_schema(cls: type) -> dict[str, Any]:
    """
    Return the JSON Schema (2020-12) of a class of the wire.
    """
    return adapter(cls).json_schema(mode="validation")
