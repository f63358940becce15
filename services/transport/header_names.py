"""
Header names that are no text: the records that carry them are read all the same.

Kafka takes any bytes for the name of a header; aiokafka takes only UTF-8 and reads no
further in a partition where a name is not. So one record would stop every reader of a
party's inbox. Here such a batch is read again with a parser that replaces what is no text.

Source: the record batch, version 2, of Kafka's protocol guide.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.memory_records import MemoryRecords

LOG_OVERHEAD: Final = 12
# base offset, length, leader epoch, magic, CRC, attributes, last offset delta, first and
# largest time stamp, producer's id, epoch and sequence, count of records
HEADER: Final = struct.Struct(">qiibIhiqqqhii")
LOG_APPEND_TIME: Final = 0b1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRecord:
    """
    One record, as aiokafka's own batches give it.
    """

    offset: int
    timestamp: int
    timestamp_type: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]
    checksum: None = None


class ReadableRecords:
    """
    aiokafka's `MemoryRecords`, whose batches read header names that are no text.
    """

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0
        self._records: Any = MemoryRecords(data)

    def size_in_bytes(self) -> int:
        """
        Return how many bytes were fetched.
        """
        return int(self._records.size_in_bytes())

    def has_next(self) -> bool:
        """
        Tell whether a whole batch is left.
        """
        return bool(self._records.has_next())

    def next_batch(self) -> Any:
        """
        Return the next batch.
        """
        batch = self._records.next_batch()
        if batch is None:
            return None
        (length,) = struct.unpack_from(">i", self._data, self._at + 8)
        begins, self._at = self._at, self._at + LOG_OVERHEAD + length
        return _Batch(batch, self._data[begins : self._at])


class _Batch:
    def __init__(self, batch: Any, raw: bytes) -> None:
        self._batch, self._raw = batch, raw

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        given = 0
        try:
            for record in self._batch:
                yield record
                given += 1
        except (UnicodeDecodeError, CorruptRecordException) as error:
            if not isinstance(error, UnicodeDecodeError) and not isinstance(
                error.__cause__, UnicodeDecodeError
            ):
                raise
            yield from islice(records_of(self._raw), given, None)


def records_of(raw: bytes) -> Iterator[ReadRecord]:
    """
    Read an uncompressed batch of version 2, with replacements where a name is no text.
    """
    header = HEADER.unpack_from(raw)
    base_offset, attributes, first, largest, count = (
        header[0],
        header[5],
        header[7],
        header[8],
        header[12],
    )
    appended = bool(attributes & LOG_APPEND_TIME)
    at = HEADER.size
    for _ in range(count):
        length, at = _varint(raw, at)
        ends = at + length
        delta, at = _varint(raw, at + 1)
        offset, at = _varint(raw, at)
        key, at = _bytes(raw, at)
        value, at = _bytes(raw, at)
        headers, at = _headers(raw, at)
        if at != ends:
            raise CorruptRecordException("a record is not as long as it says")
        yield ReadRecord(
            offset=base_offset + offset,
            timestamp=largest if appended else first + delta,
            timestamp_type=int(appended),
            key=key,
            value=value,
            headers=headers,
        )


def read_every_header_name() -> None:
    """
    Let every consumer of this process read header names that are no text.
    """
    fetcher.MemoryRecords = ReadableRecords


def _headers(raw: bytes, at: int) -> tuple[list[tuple[str, bytes | None]], int]:
    count, at = _varint(raw, at)
    found = []
    for _ in range(count):
        name, at = _bytes(raw, at)
        value, at = _bytes(raw, at)
        found.append(((name or b"").decode("utf-8", "replace"), value))
    return found, at


def _bytes(raw: bytes, at: int) -> tuple[bytes | None, int]:
    length, at = _varint(raw, at)
    if length < 0:
        return None, at
    return raw[at : at + length], at + length


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    found = shift = 0
    while True:
        byte = raw[at]
        at += 1
        found |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return (found >> 1) ^ -(found & 1), at
        shift += 7
