"""A record's digest covers every byte, and one leaf can be shown without the others."""

import base64
import hashlib
import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from schemas.envelope import canonical
from schemas.log_record import (
    Genesis,
    Leaf,
    LogRecord,
    NotALogRecord,
    digest_from,
    first_previous,
    read,
    write,
)

RECORD = LogRecord(
    market="zedford",
    sequence=7,
    previous=hashlib.sha256(b"the record before").hexdigest(),
    leaves=tuple(
        Leaf(salt=bytes([n]) * 32, body=body)
        for n, body in enumerate(
            (
                {"now": "2026-01-13T09:30:00.000Z", "release": "0.1.0"},
                {"message": {"id": "oak-201-1", "data": {"positions": 3}}},
                {"id": "zedford-7-1", "type": "OpportunityPostedSealed", "said": "/message/data"},
            )
        )
    ),
)
WRITTEN = write(RECORD)


def slowly(raw: bytes) -> str:
    """The digest as the specification tells it, from the bytes and nothing of ours."""
    told = json.loads(raw)

    def in_order(value: Any) -> str:
        if isinstance(value, dict):
            parts = (f"{json.dumps(name)}:{in_order(value[name])}" for name in sorted(value))
            return "{" + ",".join(parts) + "}"
        if isinstance(value, list):
            return "[" + ",".join(map(in_order, value)) + "]"
        return json.dumps(value)

    node = hashlib.sha256()
    node.update(b"\x01")
    node.update(in_order(told["header"]).encode("ascii"))
    for leaf in told["leaves"]:
        one = hashlib.sha256()
        one.update(b"\x00")
        one.update(base64.b64decode(leaf["salt"]))
        one.update(in_order(leaf["body"]).encode("ascii"))
        node.update(one.digest())
    return node.hexdigest()


BODIES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
LEAVES = st.builds(Leaf, salt=st.binary(min_size=32, max_size=32), body=BODIES)
RECORDS = st.builds(
    LogRecord,
    market=st.sampled_from(["zedford", "_register"]),
    sequence=st.integers(min_value=1, max_value=2**53),
    previous=st.binary(min_size=32, max_size=32).map(bytes.hex),
    leaves=st.lists(LEAVES, min_size=2, max_size=5).map(tuple),
)


@given(RECORDS)
def test_the_digest_is_that_of_the_specification(record: LogRecord) -> None:
    assert record.digest == slowly(write(record))


@given(RECORDS)
def test_what_is_written_is_read_back_as_the_same_record(record: LogRecord) -> None:
    assert read(write(record)) == record
    assert read(write(record) + b"\n") == record


@given(st.data())
def test_any_byte_changed_is_seen(data: st.DataObject) -> None:
    at = data.draw(st.integers(min_value=0, max_value=len(WRITTEN) - 1))
    byte = data.draw(st.integers(min_value=0, max_value=255))
    assume(byte != WRITTEN[at])
    changed = WRITTEN[:at] + bytes([byte]) + WRITTEN[at + 1 :]

    try:
        found = read(changed)
    except NotALogRecord:
        return

    assert isinstance(found, LogRecord)
    assert found.digest != RECORD.digest


@given(st.data())
def test_any_bit_of_a_salt_flipped_is_seen(data: st.DataObject) -> None:
    which = data.draw(st.integers(min_value=0, max_value=len(RECORD.leaves) - 1))
    bit = data.draw(st.integers(min_value=0, max_value=255))
    leaf = RECORD.leaves[which]
    salt = (int.from_bytes(leaf.salt) ^ (1 << bit)).to_bytes(32)

    assert Leaf(salt=salt, body=leaf.body).digest != leaf.digest


@given(RECORDS, st.data())
def test_one_leaf_is_proved_while_of_the_others_only_the_digest_is_known(
    record: LogRecord, data: st.DataObject
) -> None:
    shown = data.draw(st.integers(min_value=0, max_value=len(record.leaves) - 1))
    hidden = [leaf.digest for leaf in record.leaves]
    header = json.loads(write(record))["header"]

    proved = tuple(
        record.leaves[shown].digest if n == shown else digest for n, digest in enumerate(hidden)
    )

    assert digest_from(header, proved) == record.digest
    another = Leaf(salt=record.leaves[shown].salt, body={"instead": "of it"})
    forged = tuple(another.digest if n == shown else digest for n, digest in enumerate(hidden))
    assume(another.body != record.leaves[shown].body)
    assert digest_from(header, forged) != record.digest


def test_leaves_in_another_order_are_another_record() -> None:
    one, two, three = (leaf.digest for leaf in RECORD.leaves)

    assert digest_from(RECORD.header, (one, three, two)) != RECORD.digest


@pytest.mark.parametrize(
    "digests", [(), (b"",) * 3, (b"x" * 32,) * 2, (b"x" * 31, b"x" * 33, b"x" * 32)]
)
def test_digests_that_are_none_prove_nothing(digests: tuple[bytes, ...]) -> None:
    with pytest.raises(ValueError, match="one digest of 32 bytes for each"):
        digest_from(RECORD.header, digests)


def test_a_leaf_is_not_taken_for_a_record() -> None:
    body = {"a": 1}
    leaf = Leaf(salt=b"\x01" * 32, body=body)

    assert leaf.digest == hashlib.sha256(b"\x00" + b"\x01" * 32 + canonical(body)).digest()
    assert leaf.digest != hashlib.sha256(b"\x01" * 33 + canonical(body)).digest()


def test_the_chain_of_a_market_begins_with_its_code() -> None:
    assert first_previous("zedford") == hashlib.sha256(b"zedford").hexdigest()
    assert first_previous("zedford") != first_previous("_register")


def test_a_partition_says_which_log_it_is_of() -> None:
    genesis = Genesis(genesis="g-1", partition=3, partitions=12)

    assert write(genesis) == b'{"genesis":"g-1","partition":3,"partitions":12}'
    assert read(write(genesis)) == genesis


def test_a_log_of_a_later_format_is_named_as_one() -> None:
    later = WRITTEN.replace(b'"format":1', b'"format":2')

    with pytest.raises(NotALogRecord, match="format 2 is not known to this release"):
        read(later)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"7",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        b'{"genesis":7,"partition":0,"partitions":12}',
        b'{"genesis":"g","partition":true,"partitions":12}',
        b'{"genesis":"g","partition":0,"partitions":12,"more":1}',
        b" " + WRITTEN,
        WRITTEN + b"\n\n",
        WRITTEN.replace(b'"sequence":7', b'"sequence":7.0'),
        WRITTEN.replace(b'"sequence":7', b'"sequence":true'),
        WRITTEN.replace(b'"format":1', b'"format":true'),
        WRITTEN.replace(b'"leaf_count":3', b'"leaf_count":2'),
        WRITTEN.replace(b'"market":"zedford"', b'"market":"zedford","more":1'),
        WRITTEN.replace(b'"positions":3', b'"positions":3,"positions":3'),
        WRITTEN.replace(b'"positions":3', b'"positions":NaN'),
        WRITTEN.replace(b"AAAA=", b"AAAB="),
        WRITTEN.replace(b"AAAA=", b"="),
        WRITTEN.replace(b'"salt"', b'"salz"'),
    ],
)
def test_what_is_no_record_in_its_one_form_is_refused(raw: bytes) -> None:
    assert raw != WRITTEN

    with pytest.raises(NotALogRecord):
        read(raw)


@given(st.binary(max_size=200))
def test_reading_a_record_answers_whatever_the_bytes(raw: bytes) -> None:
    with pytest.raises(NotALogRecord):
        read(raw)
