"""
The contract of a record log, kept alike by the log in memory and by Kafka.

`test_record_log` beside it runs it in memory, `tests/integration` on a real broker.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from services import clock
from services.transport.ports import Entry, OffsetGone, Place, Record, RecordLog, TopicMissing

SIXTEEN_MIB = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """
    A log under test, a topic of its own that does not exist yet, and how topics are made.
    """

    log: RecordLog
    topic: str
    make: Callable[[str, int], Awaitable[None]]
    remove: Callable[[str], Awaitable[None]]


def said(*words: str) -> tuple[Entry, ...]:
    return tuple(
        Entry(key=b"tees", value=word.encode(), headers=(("content-type", b"text/plain"),))
        for word in words
    )


def words(records: tuple[Record, ...]) -> list[str]:
    return [record.value.decode() for record in records]


class RecordLogContract:
    """
    What every record log keeps; a subclass brings the fixture `bench`.
    """

    async def test_a_new_topic_is_empty_and_has_its_partitions(self, bench: Bench) -> None:
        await bench.make(bench.topic, 3)

        assert await bench.log.partitions(bench.topic) == 3
        assert await bench.log.span(bench.topic, 2) == (0, 0)
        assert (await bench.log.read(bench.topic, 2, 0)).records == ()
        assert (await bench.log.topics())[bench.topic] == await bench.log.topic_id(bench.topic)

    async def test_what_is_appended_is_read_back_in_order_and_whole(self, bench: Bench) -> None:
        await bench.make(bench.topic, 1)

        offsets = await bench.log.append(bench.topic, 0, said("one", "two"))
        offsets += await bench.log.append(bench.topic, 0, said("three"))
        found = await bench.log.read(bench.topic, 0, 0)

        assert offsets == (0, 1, 2)
        assert words(found.records) == ["one", "two", "three"]
        assert [record.offset for record in found.records] == [0, 1, 2]
        assert found.next_offset == 3
        assert found.records[0].key == b"tees"
        assert found.records[0].header("content-type") == b"text/plain"
        assert len(found.records[0].appended_at) == len("2026-01-13T09:00:00.000Z")

    async def test_a_read_begins_and_ends_where_it_is_told(self, bench: Bench) -> None:
        await bench.make(bench.topic, 1)
        await bench.log.append(bench.topic, 0, said(*"abcdefgh"))

        middle = await bench.log.read(bench.topic, 0, 2, at_most=3)
        on = await bench.log.read(bench.topic, 0, middle.next_offset, at_most=3)
        back = await bench.log.read(bench.topic, 0, 1, at_most=2)
        end = await bench.log.read(bench.topic, 0, 8)

        assert words(middle.records) == ["c", "d", "e"]
        assert words(on.records) == ["f", "g", "h"]
        assert words(back.records) == ["b", "c"]
        assert (end.records, end.next_offset) == ((), 8)

    async def test_partitions_are_read_beside_each_other(self, bench: Bench) -> None:
        await bench.make(bench.topic, 2)
        await bench.log.append(bench.topic, 0, said("a", "b"))
        await bench.log.append(bench.topic, 1, said("x", "y"))

        first = await bench.log.read(bench.topic, 0, 0, at_most=1)
        other = await bench.log.read(bench.topic, 1, 0, at_most=1)
        rest = await bench.log.read(bench.topic, 0, first.next_offset)
        other_rest = await bench.log.read(bench.topic, 1, other.next_offset)

        assert words(first.records + rest.records) == ["a", "b"]
        assert words(other.records + other_rest.records) == ["x", "y"]

    async def test_an_offset_outside_the_partition_is_refused(self, bench: Bench) -> None:
        await bench.make(bench.topic, 1)
        await bench.log.append(bench.topic, 0, said("one"))

        with pytest.raises(OffsetGone):
            await bench.log.read(bench.topic, 0, 2)

    async def test_a_topic_that_is_not_there_is_named(self, bench: Bench) -> None:
        with pytest.raises(TopicMissing, match=bench.topic):
            await bench.log.span(bench.topic, 0)
        with pytest.raises(TopicMissing, match=bench.topic):
            await bench.log.append(bench.topic, 0, said("lost"))
        with pytest.raises(TopicMissing, match=bench.topic):
            await bench.log.topic_id(bench.topic)

    async def test_a_topic_made_again_has_another_id(self, bench: Bench) -> None:
        await bench.make(bench.topic, 1)
        before = await bench.log.topic_id(bench.topic)

        await bench.remove(bench.topic)
        await bench.make(bench.topic, 1)

        assert await bench.log.topic_id(bench.topic) != before

    async def test_waiting_ends_when_a_record_comes(self, bench: Bench) -> None:
        await bench.make(bench.topic, 1)
        began = clock.monotonic()

        waiting = asyncio.create_task(bench.log.wait(bench.topic, 0, 0, 20.0))
        await asyncio.sleep(0)
        await bench.log.append(bench.topic, 0, said("here"))
        await waiting

        assert clock.monotonic() - began < 10.0
        assert words((await bench.log.read(bench.topic, 0, 0)).records) == ["here"]

    async def test_waiting_ends_when_nothing_comes(self, bench: Bench) -> None:
        await bench.make(bench.topic, 1)

        await bench.log.wait(bench.topic, 0, 0, 0.05)

        assert (await bench.log.read(bench.topic, 0, 0)).records == ()

    async def test_a_place_in_time_is_found_by_what_was_appended(self, bench: Bench) -> None:
        await bench.make(bench.topic, 1)
        await bench.log.append(bench.topic, 0, said("one"))
        await asyncio.sleep(0.002)
        await bench.log.append(bench.topic, 0, said("two"))
        second = (await bench.log.read(bench.topic, 0, 1)).records[0].appended_at

        assert await bench.log.first_since(bench.topic, 0, "2020-01-01T00:00:00.000Z") == 0
        assert await bench.log.first_since(bench.topic, 0, second) == 1
        assert await bench.log.first_since(bench.topic, 0, "2099-01-01T00:00:00.000Z") == 2

    async def test_what_is_deleted_is_gone_and_the_rest_keeps_its_offsets(
        self, bench: Bench
    ) -> None:
        await bench.make(bench.topic, 1)
        await bench.log.append(bench.topic, 0, said("one", "two", "three"))

        await bench.log.delete_before(bench.topic, 0, 2)
        await bench.log.delete_before(bench.topic, 0, 1)

        assert await bench.log.span(bench.topic, 0) == (2, 3)
        assert words((await bench.log.read(bench.topic, 0, 2)).records) == ["three"]
        with pytest.raises(OffsetGone):
            await bench.log.read(bench.topic, 0, 1)

    async def test_many_entries_keep_their_order_over_batches(self, bench: Bench) -> None:
        await bench.make(bench.topic, 1)
        numbers = [f"{n:05d}" * 200 for n in range(3000)]

        offsets = await bench.log.append(bench.topic, 0, said(*numbers))

        assert offsets == tuple(range(3000))
        assert await _everything(bench.log, Place(bench.topic, 0)) == numbers

    async def test_the_largest_record_passes(self, bench: Bench) -> None:
        await bench.make(bench.topic, 1)
        largest = Entry(key=b"tees", value=b"x" * SIXTEEN_MIB)

        await bench.log.append(bench.topic, 0, (*said("before"), largest, *said("after")))
        found = await bench.log.read(bench.topic, 0, 1, at_most=1)

        assert len(found.records[0].value) == SIXTEEN_MIB
        assert words((await bench.log.read(bench.topic, 0, found.next_offset)).records) == ["after"]


async def _everything(log: RecordLog, place: Place) -> list[str]:
    found, offset = list[str](), 0
    while True:
        read = await log.read(*place, offset)
        if not read.records:
            return found
        found += words(read.records)
        offset = read.next_offset
