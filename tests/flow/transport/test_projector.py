"""
A projector at work, on a log and a store in memory: effects once, messages at least once.
"""

from collections.abc import Sequence
from typing import Any

import pytest

from schemas import codec
from schemas.log_record import Genesis, write
from services.topology import MARKET_INBOX, MARKET_LOG, party_queue
from services.transport.exit_codes import NOT_OUR_LOG, OVERTAKEN, PARTITIONS_DIFFER, STATE_AHEAD
from services.transport.ports import AppendFailed, Entry, Outgoing, Place
from services.transport.projector import Projector
from services.transport.records import RecordView
from tests.fakes import (
    MemoryLog,
    MemoryProjectionStore,
    MemoryTransaction,
    Overtaken,
    Row,
    refuse_append,
)
from tests.flow.transport.leaving import leaves_with
from tests.flow.transport.toy import market_topics, toy_fold, word, work

PLACE = Place(MARKET_LOG, 0)
QUEUE = party_queue("oakline")


class Courier:
    """
    Notes every word, and tells the party that is named after it: `hello-oakline`.
    """

    def __init__(self) -> None:
        self.fails_at: str | None = None

    def project(self, view: RecordView, transaction: MemoryTransaction) -> None:
        for leaf, event in enumerate(view.events, start=2):
            said = getattr(event.data, "reason", event.name)
            if said == self.fails_at:
                raise ZeroDivisionError
            transaction.effects.append(said)
            _, _, recipient = said.partition("_to_")
            if recipient:
                transaction.post(
                    Row(
                        partition=view.partition,
                        market=view.market,
                        sequence=view.sequence,
                        leaf=leaf,
                        recipient=recipient,
                        kind=said,
                        appended_at=view.appended_at,
                    )
                )

    async def compose(self, row: Row) -> tuple[Outgoing, ...]:
        if row.kind.startswith("dropped"):
            return ()
        entry = Entry(key=None, value=f"{row.kind}@{row.sequence}".encode())
        return (Outgoing(topic=party_queue(row.recipient), partition=0, entry=entry),)


def start(
    log: MemoryLog, store: MemoryProjectionStore, courier: Courier | None = None, **options: Any
) -> Projector[MemoryTransaction]:
    return Projector(
        log,
        topic=MARKET_LOG,
        store=store,
        projection=courier or Courier(),
        overtaken=Overtaken,
        **options,
    )


async def say(log: MemoryLog, *words: str, first: int = 0) -> None:
    log.put(MARKET_INBOX, 0, *(word("tees", each, n=first + n) for n, each in enumerate(words)))
    await work(toy_fold(log))


async def apply(projector: Projector[MemoryTransaction], place: Place = PLACE) -> None:
    await projector.prepare(place)
    while await projector.step(place):
        pass


def told(log: MemoryLog, slug: str = "oakline") -> list[str]:
    return [record.value.decode() for record in log.records(party_queue(slug))]


async def test_every_record_has_its_effect_once_over_restarts() -> None:
    log, store = market_topics(), MemoryProjectionStore()
    await say(log, "a", "b")
    await apply(start(log, store))
    await say(log, "c", first=2)

    await apply(start(log, store))

    assert store.effects == ("MarketOpened", "a", "b", "c")
    assert store.applied()[0].next_offset == 5
    assert store.heads()["tees"].sequence == 4


async def test_a_batch_is_one_transaction() -> None:
    log, store = market_topics(), MemoryProjectionStore()
    await say(log, *(f"w{n}" for n in range(30)))

    await apply(start(log, store))

    assert store.commits == 1


async def test_a_bug_in_the_middle_of_a_batch_leaves_nothing_of_it() -> None:
    log, store, courier = market_topics(), MemoryProjectionStore(), Courier()
    await say(log, "a", "b")
    courier.fails_at = "b"
    with pytest.raises(ZeroDivisionError):
        await apply(start(log, store, courier))
    assert store.commits == 0
    courier.fails_at = None

    await apply(start(log, store, courier))

    assert store.effects == ("MarketOpened", "a", "b")


async def test_noise_in_the_log_has_no_effect() -> None:
    log, store = market_topics(), MemoryProjectionStore()
    await say(log, "a")
    copied = log.records(MARKET_LOG)[2]
    log.put(MARKET_LOG, 0, Entry(key=copied.key, value=copied.value))
    log.put(MARKET_LOG, 0, Entry(key=b"tees", value=b"noise"))
    await say(log, "b", first=1)

    await apply(start(log, store))

    assert store.effects == ("MarketOpened", "a", "b")


async def test_two_processes_on_one_database_apply_each_record_once() -> None:
    log, store = market_topics(), MemoryProjectionStore()
    await say(log, "a")
    first, second = start(log, store), start(log, store)
    await first.prepare(PLACE)
    await second.prepare(PLACE)
    await first.step(PLACE)

    with leaves_with(OVERTAKEN):
        await second.step(PLACE)

    assert store.effects == ("MarketOpened", "a")


async def test_an_unknown_event_kind_ends_the_process_before_its_batch_is_applied() -> None:
    log, store = market_topics(), MemoryProjectionStore()
    await say(log, "a")
    newer = log.records(MARKET_LOG)[2].value.replace(b'"type":"KeyDestroyed"', b'"type":"NextYear"')
    log._topics[MARKET_LOG].logs[0].pop()
    log.put(MARKET_LOG, 0, Entry(key=b"tees", value=newer))

    with pytest.raises(codec.UnknownEvent):
        await apply(start(log, store))

    assert store.effects == ()


async def test_a_database_that_is_ahead_of_the_log_is_refused() -> None:
    log, store = market_topics(), MemoryProjectionStore()
    await say(log, "a", "b")
    await apply(start(log, store))
    log._topics[MARKET_LOG].logs[0].pop()

    with leaves_with(STATE_AHEAD):
        await start(log, store).prepare(PLACE)


async def test_a_database_of_another_log_is_refused() -> None:
    log, store = market_topics(), MemoryProjectionStore()
    await say(log, "a")
    await apply(start(log, store))
    other = market_topics()
    await work(toy_fold(other, genesis="genesis-2"))

    with leaves_with(STATE_AHEAD):
        await start(other, store).prepare(PLACE)


async def test_a_projector_waits_at_a_log_that_has_not_begun() -> None:
    log, store = market_topics(), MemoryProjectionStore()
    projector = start(log, store)
    await apply(projector)
    await say(log, "a")

    while await projector.step(PLACE):
        pass

    assert store.effects == ("MarketOpened", "a")


async def test_a_log_divided_otherwise_than_its_genesis_says_is_refused() -> None:
    log, store = market_topics(partitions=2), MemoryProjectionStore()
    genesis = Genesis(genesis="genesis-1", partition=0, partitions=12)
    log.put(MARKET_LOG, 0, Entry(key=None, value=write(genesis)))

    with leaves_with(PARTITIONS_DIFFER):
        await start(log, store).prepare(PLACE)
    log.put(MARKET_LOG, 1, Entry(key=None, value=b"no genesis"))
    with leaves_with(NOT_OUR_LOG):
        await start(log, store).prepare(Place(MARKET_LOG, 1))


# --- the relay ----------------------------------------------------------------------------


async def test_rows_are_sent_in_order_and_struck_after_their_receipts() -> None:
    log, store = market_topics(), MemoryProjectionStore()
    log.make(QUEUE)
    await say(log, "one_to_oakline", "silent", "two_to_oakline", "dropped_to_oakline")
    projector = start(log, store)
    await apply(projector)

    assert await projector.send()

    assert told(log) == ["one_to_oakline@2", "two_to_oakline@4"]
    assert store.unsent() == ()
    assert not await projector.send()


async def test_rows_without_a_receipt_are_sent_by_the_next_life() -> None:
    log, store = market_topics(), MemoryProjectionStore()
    log.make(QUEUE)
    await say(log, "one_to_oakline")
    projector = start(log, store)
    await apply(projector)
    log.before_append = refuse_append
    with pytest.raises(AppendFailed):
        await projector.send()
    log.before_append = None

    again = start(log, store)
    await apply(again)
    await again.send()

    assert told(log) == ["one_to_oakline@2"]
    assert store.unsent() == ()


async def test_a_party_without_its_topic_yet_holds_up_nobody() -> None:
    log, store = market_topics(), MemoryProjectionStore()
    log.make(QUEUE)
    await say(log, "one_to_harbour", "two_to_oakline", "three_to_harbour")
    projector = start(log, store)
    await apply(projector)

    await projector.send()
    kept = [row.kind for row in store.unsent()]
    log.make(party_queue("harbour"))
    await projector.send()

    assert told(log) == ["two_to_oakline@3"]
    assert kept == ["one_to_harbour", "three_to_harbour"]
    assert told(log, "harbour") == ["one_to_harbour@2", "three_to_harbour@4"]


async def test_before_a_batch_is_sent_the_log_is_read_to_its_end_and_rows_are_dropped() -> None:
    log, store = market_topics(), MemoryProjectionStore()
    log.make(QUEUE)

    def unless_withdrawn(rows: Sequence[Row]) -> Sequence[Row]:
        return [row for row in rows if "withdrawn" not in store.effects]

    projector = start(log, store, read_to_end_before_send=True, before_send=unless_withdrawn)
    await say(log, "offer_to_oakline")
    await apply(projector)
    await say(log, "withdrawn", first=1)

    await projector.send()

    assert told(log) == []
    assert store.unsent() == ()


async def test_rows_of_a_partition_that_others_own_are_left_to_them() -> None:
    log, store = market_topics(), MemoryProjectionStore()
    log.make(QUEUE)
    await say(log, "one_to_oakline")
    projector = start(log, store)
    await apply(projector)
    projector.lose(PLACE)

    assert not await projector.send()
    assert not await projector.step(PLACE)

    assert told(log) == []
    assert len(store.unsent()) == 1
