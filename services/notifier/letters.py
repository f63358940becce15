"""
Letters: the message that a row of the outbox becomes when it is sent.

Sealed text is opened here, for the party whose own it is and for nobody else, and the
codes become sentences. What cannot be opened any more is left out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Protocol
from uuid import uuid5

import structlog

from schemas import codec
from schemas.answers import (
    ExplainedProblem,
    NamedId,
    NoticeGiven,
    Origin,
    Receipt,
    Refusal,
    TimetableEntry,
)
from schemas.envelope import Envelope, Message
from schemas.facts import FactAsked
from schemas.matches import Match, MatchesRanked
from schemas.parties import KeyDestroyed
from schemas.slots import IntakeListed, OfferDelivered, ToAsk
from schemas.vocabulary import Problem, event_type
from services.notifier.answers import ANSWERS, answer_id, value_at
from services.notifier.introductions import introduction_received, supplier_introduced
from services.notifier.owed import kind_of
from services.notifier.slots import ON_QUEUES_ALONE, REMINDER, TO_SUPPLIER, TOLD, resident_of
from services.sealing import CannotOpen, Destroyed, Key, open_sealed
from services.wording.fits import (
    missing,
    opportunity_statements,
    resident_statements,
    why,
)
from services.wording.refusals import explain

if TYPE_CHECKING:
    from services.storage.notifications import Advert, NotificationBook, Person
    from services.storage.projections import OutboxRow

log = structlog.get_logger()

SOURCE: Final = "/worker/notifier"
ERASED: Final = "erased"
CONFIRMATION: Final = "confirmation"


class Keys(Protocol):
    """
    The part of the key store that the notifier has: it reads keys, and destroys them.
    """

    def key_for(self, subject: str) -> Key | Destroyed | None:
        """
        Return a subject's key, or that it is destroyed, or nothing where there never was one.
        """

    def destroy(self, subject: str, *, at: str) -> Destroyed:
        """
        Destroy a subject's key for good; `at` is the instant at which it was asked.
        """

    def forget_destroyed(self, before: str) -> int:
        """
        Drop what was destroyed before an instant, and return how many keys that were.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """
    A message ready to send: its event's name, what it is about, and its bytes.

    What goes to a party as it stands in the log is accompanied by the names that its reader
    knows: the party's own `reference` of a resident, and an advert's `title`.
    """

    kind: str
    about: str
    value: bytes
    reference: str | None = None
    title: str | None = None


def letter(row: "OutboxRow", book: "NotificationBook", keys: Keys) -> Letter | None:
    """
    Write the message of a row, or nothing where there is nothing left to tell.

    A resident's key is destroyed here, before it is said to be.
    """
    return WRITERS[kind_of(row.kind)](row, book, keys)


def _letter(data: Any, *, named: str, subject: str | None, answers: str | None = None) -> Letter:
    envelope = Envelope(
        id=named,
        source=SOURCE,
        type=event_type(data).wire_name,
        subject=subject,
        correlationid=answers,
    )
    value = codec.write(Message(envelope=envelope, data=data))
    return Letter(kind=event_type(data).name, about=subject or "", value=value)


def opened(keys: Keys, *, subject: str, kind: str, sealed: str) -> dict[str, Any] | None:
    """
    Open what was sealed for a subject, or nothing where the key is gone.

    Nothing either, and an error in the log, where the key is another one: the other parties'
    letters must not wait for that.
    """
    key = keys.key_for(subject)
    if not isinstance(key, Key):
        return None
    try:
        return open_sealed(sealed, key=key, subject=subject, kind=kind)
    except CannotOpen:
        log.error("what is to be told does not open under its key", event_type=kind)
        return None


# --- answers ------------------------------------------------------------------------------


def _receipt(row: "OutboxRow", book: "NotificationBook", keys: Keys) -> Letter:
    told = row.payload["receipt"]
    receipt = Receipt(
        id=answer_id(row.payload["origin"]),
        submission_id=row.payload["submission_id"],
        origin=Origin(**row.payload["origin"]),
        type=told["type"],
        market=told["market"],
        sequence=told["sequence"],
        said_at=told["said_at"],
        ids=_ids(told, book, keys),
        version=told.get("version"),
        duplicate_of=row.payload["duplicate_of"],
        timetable=tuple(TimetableEntry(**step) for step in told.get("timetable", ())),
    )
    subject = told.get("id") or told.get("about")
    return _letter(receipt, named=receipt.id, subject=subject, answers=receipt.submission_id)


def _ids(told: Mapping[str, Any], book: "NotificationBook", keys: Keys) -> tuple[NamedId, ...]:
    """
    Return the id that we minted, by the sender's reference; a resident's is opened for it.
    """
    if "id" not in told:
        return ()
    reference = told.get("reference")
    if reference is None:
        profile = _profile(book.person(told["id"]), keys)
        reference = profile.get("reference")
    return () if reference is None else (NamedId(reference=reference, id=told["id"]),)


def _refusal(row: "OutboxRow", book: "NotificationBook", keys: Keys) -> Letter:
    del book
    payload = row.payload
    hidden = opened(keys, **payload["sealed"]) if payload.get("sealed") else None
    refusal = Refusal(
        id=answer_id(payload["origin"]),
        submission_id=payload["submission_id"],
        origin=Origin(**payload["origin"]),
        type=payload["type"],
        problems=tuple(_explained(payload, hidden)),
    )
    return _letter(refusal, named=refusal.id, subject=None, answers=refusal.submission_id)


def _explained(
    payload: Mapping[str, Any], hidden: Mapping[str, Any] | None
) -> Iterator[ExplainedProblem]:
    values = payload.get("values", {})
    for told in payload["problems"]:
        problem: Problem = codec.restore(Problem, told)
        value = values.get(problem.field)
        if value is None and hidden is not None:
            value = value_at({"data": hidden}, problem.field)
        yield explain(problem, value=value)


# --- matches ------------------------------------------------------------------------------


def _matches(row: "OutboxRow", book: "NotificationBook", keys: Keys) -> Letter | None:
    person = book.person(row.payload["resident"])
    if person is None:
        return None
    profile = _profile(person, keys)
    if row.payload["matches"] and not profile:
        return None
    matches = (_match(told, person, profile, book, keys) for told in row.payload["matches"])
    ranked = MatchesRanked(
        resident=person.resident,
        reference=profile.get("reference"),
        matches=tuple(match for match in matches if match is not None),
    )
    made = f"{row.log_position}/{person.resident}"
    return _letter(ranked, named=str(uuid5(ANSWERS, made)), subject=person.resident)


def _profile(person: "Person | None", keys: Keys) -> dict[str, Any]:
    if person is None or person.sealed is None or person.kind is None:
        return {}
    found = opened(keys, subject=person.resident, kind=person.kind, sealed=person.sealed)
    return found or {}


def _match(
    told: Mapping[str, Any],
    person: "Person",
    profile: Mapping[str, Any],
    book: "NotificationBook",
    keys: Keys,
) -> Match | None:
    advert = book.advert(told["opportunity"])
    if advert is None:
        return None
    words = opened(keys, subject=advert.opportunity, kind=advert.kind, sealed=advert.sealed)
    if words is None:
        return None
    # Statements are numbered within one version: of another they are not quoted.
    assessed = (told["resident_version"], told["opportunity_version"])
    quotable = assessed == (person.version, advert.version)
    asked = opportunity_statements(words) if quotable else ()
    match: Match = codec.restore(
        Match,
        {
            **_coded(told, advert),
            "title": words["title"],
            "why": why(
                told["reasons"], own=resident_statements(profile) if quotable else (), asked=asked
            ),
            "missing": missing(told["reasons"], asked=asked),
        },
    )
    return match


def _coded(told: Mapping[str, Any], advert: "Advert") -> dict[str, Any]:
    return {
        **{name: told[name] for name in ("rank", "opportunity", "score", "eligible", "asked")},
        **told["parts"],
        "unknown": told["codes"],
        "supplier": advert.supplier,
        "kind": advert.offers,
        "outcode": advert.outcode,
        "closes_on": advert.closes_on,
        "starts_on": advert.starts_on,
    }


# --- intakes ------------------------------------------------------------------------------


def _intake(row: "OutboxRow", book: "NotificationBook", keys: Keys) -> Letter | None:
    """
    List those who can still be asked; of whoever left or answered since, not even the id.
    """
    payload = row.payload
    advert = book.advert(payload["opportunity"])
    title = _title(advert, keys)
    residents = tuple(_to_ask(payload, book, keys))
    if advert is None or title is None or not residents:
        return None
    listed = IntakeListed(
        opportunity=advert.opportunity,
        title=title,
        supplier=advert.supplier,
        until=payload["until"],
        residents=residents,
        more=payload["more"],
    )
    made = f"{row.log_position}/{advert.opportunity}/{row.recipient}"
    return _letter(listed, named=str(uuid5(ANSWERS, made)), subject=advert.opportunity)


def _to_ask(payload: Mapping[str, Any], book: "NotificationBook", keys: Keys) -> Iterator[ToAsk]:
    for each in payload["residents"]:
        resident, opportunity = each["resident"], payload["opportunity"]
        person = book.person(resident)
        if person is None or not person.matched:
            continue
        if not book.intakes.has_answered(resident, opportunity):
            reference = _profile(person, keys).get("reference")
            yield ToAsk(
                resident=resident,
                reference=reference,
                rung=each["rung"],
                unknown=tuple(each["unknown"]),
            )


def _title(advert: "Advert | None", keys: Keys) -> str | None:
    words = _words(advert, keys)
    return None if words is None else str(words["title"])


def _words(advert: "Advert | None", keys: Keys) -> dict[str, Any] | None:
    if advert is None:
        return None
    return opened(keys, subject=advert.opportunity, kind=advert.kind, sealed=advert.sealed)


# --- introductions ------------------------------------------------------------------------


def _supplier_introduced(row: "OutboxRow", book: "NotificationBook", keys: Keys) -> Letter | None:
    made = row.payload["data"]
    advert, office = (
        _words(book.advert(made["opportunity"]), keys),
        book.offices.get(made["supplier"]),
    )
    if advert is None or office is None:
        log.error("whom a partner is to call is not known", event_type=row.kind)
        return None
    told = supplier_introduced(
        made,
        advert=advert,
        supplier_name=office.name,
        supplier=office_of(made["supplier"], book, keys) or {},
        reference=_profile(book.person(made["resident"]), keys).get("reference"),
    )
    return _letter(told, named=_named(row), subject=told.resident)


def _introduction_received(row: "OutboxRow", book: "NotificationBook", keys: Keys) -> Letter | None:
    due = row.payload["data"]
    title = _title(book.advert(due["opportunity"]), keys)
    partner = office_of(row.payload["partner"], book, keys)
    if title is None or partner is None:
        log.error("whom a supplier is to call is not known", event_type=row.kind)
        return None
    told = introduction_received(due, title=title, partner=partner)
    return _letter(told, named=_named(row), subject=told.opportunity)


def office_of(party: str, book: "NotificationBook", keys: Keys) -> dict[str, Any] | None:
    """
    Open how a party's office is reached, or nothing where that is not known any more.
    """
    office = book.offices.get(party)
    if office is None:
        return None
    return opened(keys, subject=f"party:{party}", kind=office.kind, sealed=office.sealed)


def _named(row: "OutboxRow") -> str:
    return str(uuid5(ANSWERS, f"{row.log_position}/{row.kind}/{row.recipient}"))


# --- what is told as it is, and keys ------------------------------------------------------


def _as_it_is(row: "OutboxRow", book: "NotificationBook", keys: Keys) -> Letter:
    del book, keys
    data = codec.restore(AS_IT_IS[kind_of(row.kind)], row.payload["data"])
    return _letter(data, named=row.payload["id"], subject=row.payload["subject"])


def _of_a_position(row: "OutboxRow", book: "NotificationBook", keys: Keys) -> Letter:
    """
    Tell of a reserved position as the log does, so that anybody can prove it from there.
    """
    made, data = _as_it_is(row, book, keys), row.payload["data"]
    return replace(
        made,
        reference=_profile(_own(row, book), keys).get("reference"),
        title=_title(book.advert(_opportunity(data, book)), keys),
    )


def _own(row: "OutboxRow", book: "NotificationBook") -> "Person | None":
    """
    Return whom a message is about, where its recipient reads it as that resident's partner.
    """
    kind, data = kind_of(row.kind), row.payload["data"]
    as_supplier = kind in TO_SUPPLIER or (kind == REMINDER and data["waiting"] == CONFIRMATION)
    resident = None if as_supplier else resident_of(data, book)
    person = None if resident is None else book.person(resident)
    return person if person is not None and person.party == row.recipient else None


def _opportunity(data: Mapping[str, Any], book: "NotificationBook") -> str:
    about = book.offers.get(data.get("offer") or "") or book.challenges.get(
        data.get("challenge") or ""
    )
    return data.get("opportunity") or (about.opportunity if about else "")


def delivered(offer: str, *, event: str) -> Letter:
    """
    Say to the market that an offer stands on its partner's queue, as the event named.
    """
    said = OfferDelivered(offer=offer, event=event)
    return _letter(said, named=f"delivered-{event}", subject=offer)


def _offer_delivered(row: "OutboxRow", book: "NotificationBook", keys: Keys) -> Letter:
    del book, keys
    return delivered(row.payload["offer"], event=row.payload["event"])


def _key_destroyed(row: "OutboxRow", book: "NotificationBook", keys: Keys) -> Letter:
    del book
    resident = row.payload["resident"]
    keys.destroy(resident, at=row.payload["asked_at"])
    destroyed = KeyDestroyed(resident=resident, reason=ERASED)
    return _letter(destroyed, named=f"key-{resident}", subject=resident)


AS_IT_IS: Final[Mapping[str, type]] = {
    "FactAsked": FactAsked,
    "NoticeGiven": NoticeGiven,
    **{name: codec.EVENTS[f"foothold.{name}.v1"] for name in sorted(TOLD - ON_QUEUES_ALONE)},
}

WRITERS: Final = {
    "Receipt": _receipt,
    "Refusal": _refusal,
    "MatchesRanked": _matches,
    "IntakeListed": _intake,
    "FactAsked": _as_it_is,
    "NoticeGiven": _as_it_is,
    **dict.fromkeys(sorted(TOLD - ON_QUEUES_ALONE), _of_a_position),
    "SupplierIntroduced": _supplier_introduced,
    "IntroductionReceived": _introduction_received,
    "OfferDelivered": _offer_delivered,
    "KeyDestroyed": _key_destroyed,
}
