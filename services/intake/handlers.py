"""
One record of a party's inbox becomes one record of a market's inbox.

    bytes -> read -> screened -> placed -> sealed -> sized -> to its market
                \\_______\\_________\\________\\________\\__> not accepted: to the register,
                                                           of somebody erased to their market

What is sent follows from the record, the register as it stood when the record was
appended, and the key store alone, so that a second life sends the same bytes.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

import structlog

from schemas import codec
from schemas.answers import InputUnreadable, Origin
from schemas.codec import Rejected
from schemas.envelope import CONTENT_TYPE, Envelope, Message
from schemas.log_record import LARGEST_RECORD
from schemas.residents import ResidentRegistered, ResidentUpdated
from schemas.vocabulary import REGISTER, Problem, event_type
from services.intake.placing import REGISTER_PARTITION, RESIDENT_ID, Placed, market_serving, place
from services.intake.ports import Keys, Markets, Register
from services.intake.reading import read
from services.intake.sayings import ROUTES, Route
from services.intake.screening import age_problems, kept, speaker_problems
from services.sealing import KEY_BYTES, Destroyed, Key, seal_event
from services.topology import MARKET_INBOX, party_of
from services.transport.ports import Entry, Outgoing, Record

log = structlog.get_logger()

RESIDENT_ID_BYTES: Final = 10
# What the log puts around a record: cause, salts, and the events that follow from it.
LARGEST_SAID: Final = LARGEST_RECORD - 256 * 1024
MOST_PROBLEMS: Final = 200
ERASED_SINCE: Final = "erased_since"

# What names a resident in its field of that name, whom intake must know already.
NAMES_RESIDENT: Final = frozenset({Route.RESIDENT, Route.CONTESTED})
ABOUT_RESIDENTS: Final = NAMES_RESIDENT | {Route.NEW_RESIDENT, Route.CHANGED_RESIDENT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """
    Why a submission cannot be accepted, and its id where that could be made out.

    `home` is the market of somebody erased: an earlier life may have sent the submission
    there, and only there is it known as a repeat, so that it is answered once.
    """

    problems: tuple[Problem, ...]
    submission_id: str | None
    home: Placed | None = None


class Intake:
    """
    The forwarder's handler.
    """

    def __init__(
        self,
        *,
        register: Register,
        keys: Keys,
        topic_id: Callable[[str], str],
        draw: Callable[[int], bytes],
        largest: int = LARGEST_SAID,
    ) -> None:
        """
        Args:
            register: read to its end before a batch is forwarded.
            keys: the key store.
            topic_id: gives the broker's id of a topic that is read.
            draw: makes so many random bytes, for ids and keys.
            largest: the most bytes of a record that is sent.
        """
        self._register = register
        self._keys = keys
        self._topic_id = topic_id
        self._draw = draw
        self._largest = largest

    def forward(self, record: Record) -> tuple[Outgoing, ...]:
        """
        Return the one record that a party's record becomes.

        Raises:
            ValueError: the record stands in no party's inbox.
        """
        party = party_of(record.topic)
        if party is None:
            raise ValueError(f"{record.topic} is no party's inbox")
        origin = Origin(
            topic_id=self._topic_id(record.topic), partition=record.partition, offset=record.offset
        )
        judged = self._judged(record, party=party, origin=origin)
        if isinstance(judged, Refused):
            _log_refusal(judged, party=party, origin=origin)
            judged = _unreadable(record, judged, party=party, origin=origin)
        return (judged,)

    def _judged(self, record: Record, *, party: str, origin: Origin) -> Outgoing | Refused:
        message = read(record.value)
        if isinstance(message, Rejected):
            return Refused(problems=message.problems, submission_id=message.submission_id)
        markets = self._register.as_of(record.appended_at)
        problems = _screened(message, record=record, party=party, markets=markets)
        if problems:
            return Refused(problems=problems, submission_id=message.envelope.id)
        placed = place(
            message.data,
            party=party,
            markets=markets,
            keys=self._keys,
            draw=lambda: self._draw(RESIDENT_ID_BYTES),
        )
        if isinstance(placed, Problem):
            return Refused(problems=(placed,), submission_id=message.envelope.id)
        return self._sent(message, placed, record=record, origin=origin)

    def _sent(
        self, message: Message, placed: Placed, *, record: Record, origin: Origin
    ) -> Outgoing | Refused:
        data = self._closed(message.data, placed, origin=origin)
        if data is None or isinstance(data, Destroyed):
            problem = _gone(data, message.data, record=record)
            home = placed if isinstance(data, Destroyed) else None
            return Refused(problems=(problem,), submission_id=message.envelope.id, home=home)
        wire_name = event_type(data).wire_name
        envelope = kept(message.envelope, type_name=wire_name, subject=placed.subject)
        value = codec.write(Message(envelope=envelope, data=data))
        if len(value) > self._largest:
            problem = Problem(code="too_large", field="", lawful_value=f"{self._largest} bytes")
            return Refused(problems=(problem,), submission_id=message.envelope.id)
        return _outgoing(value, market=placed.market, partition=placed.partition, origin=origin)

    def _closed(self, data: Any, placed: Placed, *, origin: Origin) -> Any | Destroyed | None:
        """
        Return the data as it may stand in a market's topic, by our ids and sealed.

        Where there is no key, that it is destroyed, or nothing where there never was one.
        """
        route, subject = ROUTES[type(data)], placed.subject or ""
        has_sealed_form = codec.sealed_form(type(data)) is not None
        if not has_sealed_form and route not in ABOUT_RESIDENTS:
            return data
        known_already = route in NAMES_RESIDENT or route is Route.CHANGED_RESIDENT
        key = self._key(subject, may_create=not known_already)
        if not isinstance(key, Key):
            return key
        if route in NAMES_RESIDENT:
            data = replace(data, resident=subject)
        if not has_sealed_form:
            return data
        return seal_event(data, key=key, subject=subject, origin=named(origin))

    def _key(self, subject: str, *, may_create: bool) -> Key | Destroyed | None:
        found = self._keys.key_for(subject)
        if found is None and may_create:
            return self._keys.create(subject, Key(self._draw(KEY_BYTES)))
        return found


def _log_refusal(refused: Refused, *, party: str, origin: Origin) -> None:
    log.info(
        "a submission could not be accepted",
        party=party,
        topic_id=origin.topic_id,
        partition=origin.partition,
        offset=origin.offset,
        codes=tuple(sorted({problem.code for problem in refused.problems})),
    )


def named(origin: Origin) -> str:
    """
    Name the position of a party's record: topic id, partition and offset.
    """
    return f"{origin.topic_id}/{origin.partition}/{origin.offset}"


def _screened(
    message: Message, *, record: Record, party: str, markets: Markets
) -> tuple[Problem, ...]:
    if type(message.data) not in ROUTES:
        return (Problem(code="type_not_said_by_parties", field="/type"),)
    problems = speaker_problems(message, party=party)
    if isinstance(message.data, (ResidentRegistered, ResidentUpdated)):
        home = market_serving(markets, message.data.outcode)
        problems += age_problems(message, appended_at=record.appended_at, market=home)
    return problems


def _gone(key: Destroyed | None, data: Any, *, record: Record) -> Problem:
    """
    Say why there is no key: erased before this was said, or since, or never there.
    """
    field = "/data/resident" if ROUTES[type(data)] in NAMES_RESIDENT else "/data/reference"
    if key is None:
        return Problem(code="resident_unknown", field=field)
    if record.appended_at <= key.at:
        return Problem(code=ERASED_SINCE, field="")
    if ROUTES[type(data)] is Route.CONTESTED and RESIDENT_ID.matches(data.resident):
        # Whoever names a resident by our id may be another party, which learns no erasure.
        return Problem(code="resident_unknown", field=field)
    return Problem(code="recently_erased", field=field, lawful_value=key.returns_on)


def _unreadable(record: Record, refused: Refused, *, party: str, origin: Origin) -> Outgoing:
    """
    Tell that something stands at an origin, and nothing of what it says.
    """
    erased = any(problem.code == ERASED_SINCE for problem in refused.problems)
    told = InputUnreadable(
        party=party,
        origin=origin,
        # Of somebody erased only the origin goes on: a digest could confirm a guess.
        digest=hashlib.sha256(b"" if erased else record.value).hexdigest(),
        submission_id=None if erased else refused.submission_id,
        problems=refused.problems[:MOST_PROBLEMS],
    )
    envelope = Envelope(
        id=str(uuid5(NAMESPACE_URL, named(origin))),
        source="/worker/intake",
        type=event_type(told).wire_name,
        time=record.appended_at,
    )
    value = codec.write(Message(envelope=envelope, data=told))
    home = refused.home or Placed(market=REGISTER, partition=REGISTER_PARTITION, subject=None)
    return _outgoing(value, market=home.market, partition=home.partition, origin=origin)


def _outgoing(value: bytes, *, market: str, partition: int, origin: Origin) -> Outgoing:
    headers = (
        ("content-type", CONTENT_TYPE.encode()),
        ("source-topic-id", origin.topic_id.encode()),
        ("source-partition", str(origin.partition).encode()),
        ("source-offset", str(origin.offset).encode()),
    )
    entry = Entry(key=market.encode(), value=value, headers=headers)
    return Outgoing(topic=MARKET_INBOX, partition=partition, entry=entry)
