"""
Answers: a receipt or a refusal for each submission, exactly one, decided from the log.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final
from uuid import NAMESPACE_URL, uuid5

from schemas import codec
from schemas.answers import InputUnreadable, SubmissionRefused, SubmissionRepeated
from schemas.envelope import canonical
from schemas.log_record import Position
from schemas.vocabulary import Problem
from services.notifier.owed import Owed
from services.notifier.timetables import timetable

if TYPE_CHECKING:
    from services.storage.notifications import NotificationBook
    from services.transport.records import RecordView

ANSWERS: Final = uuid5(NAMESPACE_URL, "https://foothold.example/answers")
FIRST_EVENT: Final = 2
SAID: Final = 1
# A value is shown to its sender; what is larger than this is named by its field alone.
LARGEST_VALUE: Final = 500
BOOTSTRAP: Final = "/worker/bootstrap"
NAMED: Final = frozenset({"OpportunityPosted", "OpportunityAmended", "ContractRegistered"})
VERSIONED: Final = NAMED | {"ResidentRegistered", "ResidentUpdated"}


def answer_id(origin: Mapping[str, Any]) -> str:
    """
    Name the answer to what stands at an origin: a second copy has the same name.

    >>> answer_id({"topic_id": "t", "partition": 0, "offset": 7})
    'e71700d2-f5f4-5b7f-8873-973a399c459b'
    """
    at = f"{origin['topic_id']}/{origin['partition']}/{origin['offset']}"
    return str(uuid5(ANSWERS, at))


def answers(view: "RecordView", book: "NotificationBook") -> Iterator[Owed]:
    """
    Answer the party that spoke, if a party did.

    Args:
        view: a log record whose events are in the book already.
        book: what the notifier remembers; receipts are kept there for their duplicates.
    """
    message = view.told["message"]
    for leaf, event in enumerate(view.events, start=FIRST_EVENT):
        if isinstance(event.data, InputUnreadable):
            yield _unreadable(event.data, leaf=leaf)
            return
    party = _party_of(message)
    refused = _first(view, SubmissionRefused)
    repeated = _first(view, SubmissionRepeated)
    if refused is not None:
        if view.cause.source is not None and party is not None:
            yield _refusal(view, party, refused[0], refused[1].problems)
    elif repeated is not None:
        if view.cause.source is not None and party is not None:
            yield _repeat(view, party, repeated[1].of_sequence, book)
    elif party is not None or message["source"] == BOOTSTRAP:
        told = _receipt(view, book)
        book.keep_receipt(told, market=view.market, sequence=view.sequence)
        if view.cause.source is not None and party is not None:
            yield _receipt_to(party, view, told)


def _party_of(message: Mapping[str, Any]) -> str | None:
    source = str(message["source"])
    return source.removeprefix("/party/") if source.startswith("/party/") else None


def _first(view: "RecordView", cls: type) -> tuple[int, Any] | None:
    for leaf, event in enumerate(view.events, start=FIRST_EVENT):
        if isinstance(event.data, cls):
            return leaf, event.data
    return None


def clear_type(wire_name: str) -> str:
    """
    Return the type under which a party said what leaves intake sealed.

    >>> clear_type("foothold.OpportunityPostedSealed.v1"), clear_type("foothold.Tick.v1")
    ('foothold.OpportunityPosted.v1', 'foothold.Tick.v1')
    """
    said, _, version = wire_name.removeprefix("foothold.").partition(".")
    return f"foothold.{said.removesuffix('Sealed')}.{version}"


def _origin(at: Position) -> dict[str, Any]:
    return {"topic_id": at.topic_id, "partition": at.partition, "offset": at.offset}


# --- refusals -----------------------------------------------------------------------------


def _unreadable(found: InputUnreadable, *, leaf: int) -> Owed:
    told = codec.plain(found)
    payload = {
        "origin": told["origin"],
        "submission_id": found.submission_id,
        "type": None,
        "problems": told["problems"],
    }
    return Owed(leaf=leaf, recipient=found.party, kind="Refusal", payload=payload)


def _refusal(view: "RecordView", party: str, leaf: int, problems: tuple[Problem, ...]) -> Owed:
    message = view.told["message"]
    assert view.cause.source is not None
    payload = {
        "origin": _origin(view.cause.source),
        "submission_id": message["id"],
        "type": clear_type(message["type"]),
        "problems": [codec.plain(problem) for problem in problems],
        "values": _clear_values(message, problems),
        "sealed": _sealed_part(message),
    }
    return Owed(leaf=leaf, recipient=party, kind="Refusal", payload=payload)


def _clear_values(message: Mapping[str, Any], problems: tuple[Problem, ...]) -> dict[str, Any]:
    said = {**message, "type": clear_type(message["type"])}
    found = {problem.field: value_at(said, problem.field) for problem in problems}
    return {field: value for field, value in found.items() if value is not None}


def _sealed_part(message: Mapping[str, Any]) -> dict[str, str] | None:
    """
    Return what is needed to open the said part, for its sender alone, when it is sent.

    A sealed message's subject is whose key seals it.
    """
    data = message.get("data")
    if not isinstance(data, Mapping) or "sealed" not in data:
        return None
    return {
        "subject": message["subject"],
        "kind": message["type"],
        "sealed": data["sealed"],
    }


def value_at(told: Any, pointer: str) -> Any:
    """
    Return the value at a JSON pointer, or nothing where there is none to show.

    >>> value_at({"data": {"pay": {"pence": 1100}, "days": ["mon"]}}, "/data/pay/pence")
    1100
    >>> value_at({"data": {"days": ["mon"]}}, "/data/days/3") is None
    True
    """
    for step in pointer.split("/")[1:]:
        if isinstance(told, Mapping) and step in told:
            told = told[step]
        elif isinstance(told, list) and step.isdigit() and int(step) < len(told):
            told = told[int(step)]
        else:
            return None
    small = told is not None and len(canonical(told)) <= LARGEST_VALUE
    return told if pointer and small else None


# --- receipts -----------------------------------------------------------------------------


def _receipt(view: "RecordView", book: "NotificationBook") -> dict[str, Any]:
    """
    Return what an accepted record is answered, without what is particular to one copy.
    """
    message = view.told["message"]
    name = clear_type(message["type"]).split(".")[1]
    subject = message.get("subject")
    told: dict[str, Any] = {
        "type": clear_type(message["type"]),
        "market": view.market,
        "sequence": view.sequence,
        "said_at": view.cause.appended_at,
    }
    if name in VERSIONED and subject is not None:
        told["id"] = subject
        told["version"] = book.version(subject)
    for about in ("offer", "challenge") if isinstance(message.get("data"), Mapping) else ():
        if about in message["data"]:
            told["about"] = message["data"][about]
    if name in NAMED:
        told["reference"] = message["data"]["reference"]
    steps = timetable(view, book)
    return told | {"timetable": steps} if steps else told


def _receipt_to(
    party: str, view: "RecordView", told: Mapping[str, Any], *, duplicate_of: int | None = None
) -> Owed:
    assert view.cause.source is not None
    payload = {
        "origin": _origin(view.cause.source),
        "submission_id": view.told["message"]["id"],
        "receipt": dict(told),
        "duplicate_of": duplicate_of,
    }
    return Owed(leaf=SAID, recipient=party, kind="Receipt", payload=payload)


def _repeat(view: "RecordView", party: str, of: int, book: "NotificationBook") -> Owed:
    """
    Give the first answer's content again, under the origin of the duplicate.
    """
    first = book.receipt(market=view.market, sequence=of)
    if first is None:
        raise LookupError(f"record {view.market}/{of} was accepted and has no receipt")
    return _receipt_to(party, view, first, duplicate_of=of)
