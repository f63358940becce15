"""
Workers on Apache Kafka: membership, assignment, commits, ends and new starts.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient, TopicPartition
from kafka.structs import OffsetAndMetadata

from services import clock
from services.topology import MARKET_INBOX, MARKET_LOG, party_inbox, party_queue, topic_plan
from services.transport.chain import Chain
from services.transport.exit_codes import (
    BROKER_LOST,
    INBOXES_CHANGED,
    NOT_ALONE,
    RACE_LOST,
    STOPPED,
    TOPIC_RECREATED,
    ExitCode,
)
from services.transport.fold import Folds
from services.transport.forwarder import Forwarder, inboxes_to_come, party_inboxes
from services.transport.kafka_log import KafkaLog
from services.transport.ports import Entry, Place, Record
from services.transport.projector import Projector
from services.transport.worker import Desk, Make, Work, work
from tests.fakes import MemoryPositions, MemoryProjectionStore, Overtaken
from tests.flow.transport.test_forwarder import Echo
from tests.flow.transport.test_projector import Courier
from tests.flow.transport.toy import ToyState, toy_fold, word

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

SESSION_SECONDS = 6.0
OAKLINE = party_inbox("oakline")


@pytest.fixture
def admin(broker: str) -> Iterator[Any]:
    client = KafkaAdminClient(bootstrap_servers=broker.split(","))
    yield client
    client.close()


@pytest.fixture
async def log(broker: str, admin: Any) -> AsyncIterator[KafkaLog]:
    """
    The topics of an installation with one party, made anew.
    """
    there = await asyncio.to_thread(admin.list_topics)
    ours = [name for name in there if name.startswith(("market.", "party."))]
    if ours:
        await asyncio.to_thread(admin.delete_topics, ours)
    await _make(admin, "oakline")
    async with KafkaLog(broker) as opened:
        yield opened


async def _make(admin: Any, *slugs: str, only: str = "") -> None:
    plan = {
        topic.name: {
            "num_partitions": topic.partitions,
            "replication_factor": 1,
            "configs": topic.configs(replicas=1),
        }
        for topic in topic_plan(slugs)
        if topic.name.startswith(only)
    }
    await asyncio.to_thread(admin.create_topics, plan, wait_for_metadata=True)


class Running:
    """
    A worker in this process, and a way to stop it.
    """

    def __init__(self, broker: str, make: Make, *, group: str) -> None:
        self.stop = asyncio.Event()
        self.task = asyncio.create_task(
            work(
                "test",
                group=group,
                bootstrap=broker,
                make=make,
                stop=self.stop,
                session_seconds=SESSION_SECONDS,
            )
        )

    async def ended(self) -> ExitCode:
        self.stop.set()
        return await self.task


async def until(
    happened: Callable[[], Coroutine[Any, Any, bool]], *, seconds: float = 45.0
) -> None:
    """
    Look every fifth of a second until something happened.
    """
    async with asyncio.timeout(seconds):
        while not await happened():  # noqa: ASYNC110 - it happens in a broker
            await asyncio.sleep(0.2)


async def everything(log: KafkaLog, place: Place) -> list[Record]:
    found, offset = list[Record](), 0
    _, end = await log.span(*place)
    while offset < end:
        read = await log.read(*place, offset)
        found += read.records
        offset = read.next_offset
    return found


async def history(log: KafkaLog, partition: int) -> tuple[list[str], int]:
    """
    Return the words that hold in a partition, in order, and how much noise stands there.
    """
    chain, words = Chain(), list[str]()
    for record in await everything(log, Place(MARKET_LOG, partition)):
        view = chain.take(record)
        words += (
            [getattr(event.data, "reason", event.name) for event in view.events] if view else []
        )
    return words, chain.noise


def a_market(*, release: str = "1") -> Make:
    async def make(desk: Desk) -> Work:
        def fold(partition: int) -> Any:
            return toy_fold(
                desk.record_log, partition=partition, release=release, genesis=clock.new_id()
            )

        folds: Folds[ToyState] = Folds(fold)
        return Work(topics=(MARKET_INBOX,), reader=folds, close=folds.snapshot)

    return make


def an_intake(positions: MemoryPositions) -> Make:
    async def make(desk: Desk) -> Work:
        taken = await party_inboxes(desk.record_log)
        forwarder = Forwarder(desk.record_log, positions=positions, handler=Echo())
        others = inboxes_to_come(desk.record_log, taken)
        return Work(topics=tuple(taken), reader=forwarder, others=others)

    return make


def a_notifier(store: MemoryProjectionStore, *, whole: bool = True) -> Make:
    async def make(desk: Desk) -> Work:
        projector = Projector(
            desk.record_log,
            topic=MARKET_LOG,
            store=store,
            projection=Courier(),
            overtaken=Overtaken,
            read_to_end_before_send=True,
        )
        projector.reach = desk.reach
        return Work(topics=(MARKET_LOG,), reader=projector, whole=whole, beside=(projector.relay,))

    return make


async def say(log: KafkaLog, *words: str, partition: int = 0, first: int = 0) -> None:
    market = f"market{partition}"
    entries = tuple(word(market, each, n=first + n) for n, each in enumerate(words))
    await log.append(MARKET_INBOX, partition, entries)


def group() -> str:
    return f"test.{clock.new_id()}"


async def committed(admin: Any, name: str) -> dict[Place, int]:
    found = await asyncio.to_thread(admin.list_group_offsets, name)
    return {Place(*place): at.offset for place, at in found.get(name, {}).items()}


async def test_a_worker_takes_up_what_stands_and_what_comes_and_commits_what_it_applied(
    broker: str, admin: Any, log: KafkaLog
) -> None:
    mine = group()
    await say(log, "before")
    running = Running(broker, a_market(), group=mine)

    async def both_logged() -> bool:
        return await history(log, 0) == (["MarketOpened", "before", "after"], 0)

    async def first_logged() -> bool:
        return (await history(log, 0))[0] == ["MarketOpened", "before"]

    async def both_committed() -> bool:
        return (await committed(admin, mine)).get(Place(MARKET_INBOX, 0)) == 2

    await until(first_logged)
    await say(log, "after", first=1)
    await until(both_logged)
    await until(both_committed)
    began = clock.monotonic()
    assert await running.ended() is STOPPED
    assert clock.monotonic() - began < 5.0


async def test_two_owners_at_once_write_one_history(broker: str, log: KafkaLog) -> None:
    ended: list[ExitCode] = []
    stop = asyncio.Event()

    async def own_everything(name: str) -> None:
        # A group of its own gives each of the two all partitions; a loser starts anew.
        while not stop.is_set():
            code = await work(
                name,
                group=group(),
                bootstrap=broker,
                make=a_market(release=name),
                stop=stop,
                session_seconds=SESSION_SECONDS,
            )
            ended.append(code)

    owners = [asyncio.create_task(own_everything(name)) for name in ("left", "right")]
    wanted = [f"w{n}" for n in range(300)]
    for n in range(0, 300, 5):
        await say(log, *wanted[n : n + 5], first=n)
        await asyncio.sleep(0.1)

    async def all_logged() -> bool:
        return len((await history(log, 0))[0]) > 300

    await until(all_logged)
    stop.set()
    await asyncio.gather(*owners)

    assert (await history(log, 0))[0] == ["MarketOpened", *wanted]
    assert set(ended) <= {RACE_LOST, STOPPED}


async def test_partitions_are_shared_among_processes_and_taken_over(
    broker: str, log: KafkaLog
) -> None:
    shared = group()
    first = Running(broker, a_market(), group=shared)
    second = Running(broker, a_market(), group=shared)
    for partition in range(12):
        await say(log, "one", "two", partition=partition)

    async def all_logged(count: int) -> bool:
        found = [await history(log, partition) for partition in range(12)]
        return all(len(words) >= count for words, _ in found)

    await until(lambda: all_logged(3))
    await second.ended()
    for partition in range(12):
        await say(log, "three", partition=partition, first=2)
    await until(lambda: all_logged(4))
    await first.ended()

    for partition in range(12):
        words, noise = await history(log, partition)
        assert words == ["MarketOpened", "one", "two", "three"]
        assert noise == 0


async def test_commits_moved_forward_lose_nothing(broker: str, admin: Any, log: KafkaLog) -> None:
    mine, positions = group(), MemoryPositions()
    place = Place(MARKET_INBOX, 0)
    for words in (("0:a", "0:b"),):
        await log.append(OAKLINE, 0, tuple(Entry(key=None, value=w.encode()) for w in words))
    offsets = {TopicPartition(OAKLINE, 0): OffsetAndMetadata(2, "", -1)}
    await asyncio.to_thread(admin.alter_group_offsets, mine, offsets)
    assert await committed(admin, mine) == {Place(OAKLINE, 0): 2}

    running = Running(broker, an_intake(positions), group=mine)

    async def all_arrived() -> bool:
        return [record.value for record in await everything(log, place)] == [b"a", b"b"]

    await until(all_arrived)
    assert await running.ended() is STOPPED
    assert list(positions.rows.values()) == [2]


async def test_a_topic_recreated_under_a_running_intake_loses_nothing(
    broker: str, admin: Any, log: KafkaLog
) -> None:
    positions = MemoryPositions()
    place = Place(MARKET_INBOX, 0)
    await log.append(OAKLINE, 0, (Entry(key=None, value=b"0:before"),))
    running = Running(broker, an_intake(positions), group=group())

    async def arrived(*words: bytes) -> bool:
        return [record.value for record in await everything(log, place)] == list(words)

    await until(lambda: arrived(b"before"))
    await asyncio.to_thread(admin.delete_topics, [OAKLINE])
    await _make(admin, "oakline", only="party.oakline.inbox")
    async with KafkaLog(broker) as party:
        entries = tuple(Entry(key=None, value=b"0:" + each) for each in (b"one", b"two", b"three"))
        await party.append(OAKLINE, 0, entries)

    code = await asyncio.wait_for(running.task, 60)
    again = Running(broker, an_intake(positions), group=group())
    await until(lambda: arrived(b"before", b"one", b"two", b"three"))
    await again.ended()

    assert code.at_once
    assert code in (TOPIC_RECREATED, INBOXES_CHANGED)


async def test_an_inbox_that_comes_is_read_by_the_same_intake(
    broker: str, admin: Any, log: KafkaLog
) -> None:
    running, place = (
        Running(broker, an_intake(MemoryPositions()), group=group()),
        Place(MARKET_INBOX, 0),
    )
    await log.append(OAKLINE, 0, (Entry(key=None, value=b"0:first"),))

    async def arrived(*words: bytes) -> bool:
        return [record.value for record in await everything(log, place)] == list(words)

    await until(lambda: arrived(b"first"))
    await _make(admin, "harbour", only="party.harbour")
    await log.append(party_inbox("harbour"), 0, (Entry(key=None, value=b"0:late"),))
    await until(lambda: arrived(b"first", b"late"))
    await log.append(OAKLINE, 0, (Entry(key=None, value=b"0:after"),))
    await until(lambda: arrived(b"first", b"late", b"after"))

    assert await running.ended() is STOPPED


async def test_a_projector_tells_a_party_what_the_log_holds(broker: str, log: KafkaLog) -> None:
    store, place = MemoryProjectionStore(), Place(party_queue("oakline"), 0)
    market = Running(broker, a_market(), group=group())
    notifier = Running(broker, a_notifier(store), group=group())
    await say(log, "one_to_oakline", "silent", "two_to_oakline")

    async def told() -> bool:
        found = [record.value for record in await everything(log, place)]
        return found == [b"one_to_oakline@2", b"two_to_oakline@4"]

    await until(told)
    assert await notifier.ended() is STOPPED
    assert await market.ended() is STOPPED
    assert store.unsent() == ()
    assert len(store.applied()) == 12


async def test_a_second_process_of_a_projector_on_one_database_leaves(
    broker: str, log: KafkaLog
) -> None:
    shared, store = group(), MemoryProjectionStore()
    market = Running(broker, a_market(), group=group())
    first = Running(broker, a_notifier(store), group=shared)

    async def all_applied() -> bool:
        return len(store.applied()) == 12

    await until(all_applied)
    second = Running(broker, a_notifier(MemoryProjectionStore()), group=shared)

    assert await asyncio.wait_for(second.task, 40) is NOT_ALONE
    await say(log, "one_to_oakline")

    async def told() -> bool:
        return len(await everything(log, Place(party_queue("oakline"), 0))) == 1

    await until(told)
    assert await first.ended() is STOPPED
    assert await market.ended() is STOPPED


async def test_a_worker_that_is_killed_again_and_again_loses_nothing(
    broker: str, log: KafkaLog
) -> None:
    mine, wanted = group(), [f"w{n}" for n in range(400)]

    async def process() -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.integration.market_process",
            broker,
            mine,
            cwd=Path(__file__).parents[2],
            env={**os.environ},
        )

    running = await process()
    for n in range(0, 400, 10):
        await say(log, *wanted[n : n + 10], first=n)
        await asyncio.sleep(0.25)
        if n in (100, 200, 300):
            running.kill()
            await running.wait()
            running = await process()

    async def all_logged() -> bool:
        return len((await history(log, 0))[0]) > 400

    await until(all_logged)
    running.send_signal(signal.SIGTERM)
    began = clock.monotonic()
    code = await asyncio.wait_for(running.wait(), 15)

    assert code == STOPPED.number
    assert clock.monotonic() - began < 8.0
    assert (await history(log, 0))[0] == ["MarketOpened", *wanted]


async def test_a_worker_without_a_broker_leaves_with_a_code_of_its_own() -> None:
    running = Running("127.0.0.1:1", a_market(), group=group())

    assert await asyncio.wait_for(running.task, 15) is BROKER_LOST
