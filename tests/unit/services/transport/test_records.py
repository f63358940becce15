"""
Records of the log and the inbox: made, written, read back the same.
"""

from typing import Any

import pytest

from matching.market.record import Happened
from schemas import codec, log_record
from schemas.answers import SubmissionRepeated
from schemas.envelope import Envelope, Message
from schemas.log_record import Cause, InboxPosition, LogRecord, Position
from schemas.parties import KeyDestroyed
from schemas.ticks import Tick
from services.transport import inbox
from services.transport.ports import Entry, Record
from services.transport.records import at_pointer, compose, event_body, event_from, view
from tests.fakes import NINE_IN_THE_MORNING
from tests.flow.transport.toy import salts, word

CAUSE = Cause(
    source=Position(topic_id="oakline-inbox-id", partition=0, offset=7),
    inbox=InboxPosition(topic_id="market-inbox-id", offset=3),
    appended_at=NINE_IN_THE_MORNING,
    now=NINE_IN_THE_MORNING,
    rules_version=1,
    release="1",
)


def destroyed(reason: str = "erased", *, said: str | None = None) -> Happened:
    return Happened(
        id="tees-5-1",
        name="KeyDestroyed",
        version=1,
        subject="tees-r-1",
        party="oakline",
        data=KeyDestroyed(resident="tees-r-1", reason=reason),
        said=said,
    )


def standing(entry: Entry, *, offset: int = 3, topic: str = "market.inbox.v1") -> Record:
    return Record(
        topic=topic,
        partition=0,
        offset=offset,
        appended_at=NINE_IN_THE_MORNING,
        key=entry.key,
        value=entry.value,
        headers=entry.headers,
    )


def made(told: Any, *events: Happened) -> LogRecord:
    return compose(
        "tees", sequence=5, previous="a" * 64, cause=CAUSE, told=told, events=events, salts=salts
    )


def test_a_log_record_reads_back_as_it_was_made() -> None:
    told = {"message": {"data": {"resident": "tees-r-1", "reason": "erased"}}}
    record = made(told, destroyed(said="/message/data"), destroyed("other"))
    entry = Entry(key=b"tees", value=log_record.write(record))

    found = view(standing(entry, topic="market.log.v1", offset=9), record)

    assert found.events == (destroyed(said="/message/data"), destroyed("other"))
    assert (found.cause, found.told) == (CAUSE, told)
    assert (found.market, found.sequence, found.offset) == ("tees", 5, 9)
    assert (found.digest, found.previous) == (record.digest, "a" * 64)


def test_an_event_that_was_said_names_where_and_is_not_said_again() -> None:
    said, other = event_body(destroyed(said="/message/data")), event_body(destroyed())

    assert "data" not in said
    assert said["said"] == "/message/data"
    assert other["data"] == {"resident": "tees-r-1", "reason": "erased"}


def test_every_leaf_has_the_salt_of_its_place() -> None:
    record = made({"message": {}}, destroyed())

    assert [leaf.salt for leaf in record.leaves] == [salts("tees", 5, at) for at in range(3)]


def test_a_duplicate_keeps_only_what_identifies_it() -> None:
    repeated = Happened(
        id="tees-5-1",
        name="SubmissionRepeated",
        version=1,
        subject=None,
        party="oakline",
        data=SubmissionRepeated(of_sequence=2),
    )
    message = {"id": "s-1", "source": "/party/oakline", "type": "foothold.X.v1", "time": "now"}
    told = {"message": {**message, "data": {"sealed": "c2VhbGVk", "fingerprint": "f" * 64}}}

    kept = made(told, repeated).leaves[1].body

    identity = {name: message[name] for name in ("id", "source", "type")}
    assert kept == {"message": identity, "fingerprint": "f" * 64}


def test_an_event_kind_of_a_newer_release_is_named() -> None:
    body = {**event_body(destroyed()), "type": "NextYear"}

    with pytest.raises(codec.UnknownEvent, match="NextYear"):
        event_from(body, {})


def test_a_pointer_finds_its_place_and_nothing_beside_it() -> None:
    told = {"a/b": {"~": [1, 2]}}

    assert at_pointer(told, "/a~1b/~0/1") == 2
    with pytest.raises(LookupError):
        at_pointer(told, "/a/b")


# --- the inbox ----------------------------------------------------------------------------


def test_what_intake_passes_on_names_where_it_stood() -> None:
    said = inbox.said_in(standing(word("tees", "hello", n=7)), inbox_topic_id="market-inbox-id")

    assert said is not None
    assert said.source == Position(topic_id="oakline-inbox-id", partition=0, offset=7)
    assert said.inbox == InboxPosition(topic_id="market-inbox-id", offset=3)
    assert said.told["message"]["data"]["reason"] == "hello"


def test_what_a_worker_says_has_no_source_and_a_key_of_its_own() -> None:
    message = Message(
        envelope=Envelope(id="t", source="/worker/ticker", type="foothold.Tick.v1"),
        data=Tick(market="tees", at=NINE_IN_THE_MORNING),
    )

    said = inbox.said_in(standing(inbox.entry("tees", message)), inbox_topic_id="x")

    assert said is not None
    assert said.source is None
    assert inbox.natural_key(said.message) == ("tick", NINE_IN_THE_MORNING)


@pytest.mark.parametrize(
    "headers",
    [
        (("source-topic-id", b"t"),),
        (("source-topic-id", b"t"), ("source-partition", b"0"), ("source-offset", b"x")),
        (("source-topic-id", b"\xff"), ("source-partition", b"0"), ("source-offset", b"1")),
    ],
)
def test_a_record_whose_source_is_no_position_is_none_of_ours(
    headers: tuple[tuple[str, bytes], ...],
) -> None:
    entry = word("tees", "hello", n=7)
    broken = Entry(key=entry.key, value=entry.value, headers=headers)

    assert inbox.said_in(standing(broken), inbox_topic_id="x") is None


@pytest.mark.parametrize("value", [b"", b"\xff", b"[]", b'{"specversion":"1.0"}'])
def test_bytes_that_are_no_event_are_none_of_ours(value: bytes) -> None:
    entry = Entry(key=b"tees", value=value)

    assert inbox.said_in(standing(entry), inbox_topic_id="x") is None
