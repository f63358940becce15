"""
Records whose header names are no text, in batches that Kafka would take.
"""

import struct

import pytest
from aiokafka.record._crc32c import crc as crc32c
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords

from services.transport.header_names import ReadableRecords, records_of


def batch(*names: str) -> bytes:
    """
    A batch of one record for each header name.
    """
    builder = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=0,
        is_transactional=False,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=100_000,
    )
    for n, name in enumerate(names):
        builder.append(n, 1000 + n, b"key", b"value %d" % n, [(name, b"told"), ("last", None)])
    return bytes(builder.build())


def hostile(raw: bytes) -> bytes:
    """
    The same batch with bytes that are no text where a name says `hostile`.
    """
    changed = raw.replace(b"hostile", b"\xff\xfe\xfd\xfc\xfb\xfa\xf9")
    return changed[:17] + struct.pack(">I", crc32c(changed[21:])) + changed[21:]


def values(raw: bytes) -> list[bytes | None]:
    records, found = ReadableRecords(raw), []
    while records.has_next():
        found += [record.value for record in records.next_batch()]
    return found


def test_our_parser_reads_what_aiokafkas_reads() -> None:
    raw = batch("one", "zwei", "drei-é")

    theirs = list(MemoryRecords(raw).next_batch())

    for ours, record in zip(records_of(raw), theirs, strict=True):
        assert (ours.offset, ours.timestamp, ours.timestamp_type) == (
            record.offset,
            record.timestamp,
            record.timestamp_type,
        )
        assert (ours.key, ours.value, ours.headers) == (record.key, record.value, record.headers)


def test_a_name_that_is_no_text_stops_aiokafka() -> None:
    with pytest.raises(Exception, match=r"utf-8|decode"):
        list(MemoryRecords(hostile(batch("good", "hostile", "good"))).next_batch())


def test_records_before_and_behind_such_a_name_are_read_once_each() -> None:
    raw = hostile(batch("good", "hostile", "good")) + batch("good")

    assert values(raw) == [b"value 0", b"value 1", b"value 2", b"value 0"]


def test_such_a_name_is_read_with_replacements() -> None:
    (record,) = ReadableRecords(hostile(batch("hostile"))).next_batch()

    assert record.headers == [("\ufffd" * 7, b"told"), ("last", None)]
