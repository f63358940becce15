"""
The forwarder at work, on a log in memory.
"""

from collections.abc import Callable

import pytest

from services.topology import party_inbox
from services.transport.exit_codes import INBOXES_CHANGED, STATE_AHEAD, TOPIC_RECREATED
from services.transport.forwarder import (
    Forwarder,
    new_inboxes,
    party_inboxes,
    refuse_lost_inboxes,
)
from services.transport.ports import AppendFailed, Entry, Outgoing, Place, Record
from tests.fakes import MemoryLog, MemoryPositions, refuse_append
from tests.flow.transport.leaving import leaves_with

OAKLINE, RIVERSIDE = (Place(party_inbox(slug), 0) for slug in ("oakline", "riverside"))
MARKETS = "market.inbox.v1"


class Echo:
    """
    Passes every word on to the partition that it names: `1:hello` to partition 1.
    """

    def __init__(self, then: Callable[[], object] = lambda: None) -> None:
        self.then = then

    def forward(self, record: Record) -> tuple[Outgoing, ...]:
        self.then()
        at, _, word = record.value.decode().partition(":")
        if not word:
            return ()
        entry = Entry(key=record.topic.encode(), value=word.encode())
        return (Outgoing(topic=MARKETS, partition=int(at), entry=entry),)


def inboxes() -> MemoryLog:
    log = MemoryLog()
    log.make(OAKLINE.topic)
    log.make(RIVERSIDE.topic)
    log.make(MARKETS, partitions=2)
    return log


def say(log: MemoryLog, place: Place, *words: str) -> None:
    log.put(*place, *(Entry(key=None, value=word.encode()) for word in words))


def arrived(log: MemoryLog, partition: int = 0) -> list[str]:
    return [record.value.decode() for record in log.records(MARKETS, partition)]


def start(log: MemoryLog, positions: MemoryPositions, handler: Echo | None = None) -> Forwarder:
    return Forwarder(log, positions=positions, handler=handler or Echo())


async def forward(forwarder: Forwarder, *places: Place) -> None:
    for place in places or (OAKLINE,):
        await forwarder.prepare(place)
        while await forwarder.step(place):
            pass


async def test_what_a_party_says_is_passed_on_in_its_order() -> None:
    log, positions = inboxes(), MemoryPositions()
    say(log, OAKLINE, "0:a", "1:b", "dropped", "0:c")

    await forward(start(log, positions))

    assert arrived(log, 0) == ["a", "c"]
    assert arrived(log, 1) == ["b"]
    assert positions.rows == {(await log.topic_id(OAKLINE.topic), 0): 4}


async def test_intakes_position_is_raised_only_after_every_receipt() -> None:
    log, positions = inboxes(), MemoryPositions()
    say(log, OAKLINE, "0:a", "1:b")

    def refuse_the_second(place: Place, entries: tuple[Entry, ...]) -> None:
        if place.partition == 1:
            raise AppendFailed

    log.before_append = refuse_the_second
    with pytest.raises(AppendFailed):
        await forward(start(log, positions))

    assert arrived(log, 0) == ["a"]
    assert positions.raised == []
    log.before_append = None
    await forward(start(log, positions))
    assert arrived(log, 0) == ["a", "a"]
    assert arrived(log, 1) == ["b"]


async def test_a_new_start_goes_on_where_the_store_says() -> None:
    log, positions = inboxes(), MemoryPositions()
    say(log, OAKLINE, "0:a")
    await forward(start(log, positions))
    say(log, OAKLINE, "0:b")

    await forward(start(log, positions))

    assert arrived(log) == ["a", "b"]


async def test_a_topic_recreated_under_a_running_intake_loses_nothing() -> None:
    log, positions = inboxes(), MemoryPositions()
    say(log, OAKLINE, "0:a", "0:b")
    running = start(log, positions)
    await forward(running)
    log.make(OAKLINE.topic)
    say(log, OAKLINE, "0:c", "0:d", "0:e")

    with leaves_with(TOPIC_RECREATED):
        await running.step(OAKLINE)

    assert arrived(log) == ["a", "b"]
    await forward(start(log, positions))
    assert arrived(log) == ["a", "b", "c", "d", "e"]


async def test_a_topic_recreated_between_reading_and_sending_sends_nothing_of_it() -> None:
    log, positions = inboxes(), MemoryPositions()
    say(log, OAKLINE, "0:a")
    handler = Echo(then=lambda: log.make(OAKLINE.topic))

    with leaves_with(TOPIC_RECREATED):
        await forward(start(log, positions, handler))

    assert arrived(log) == []
    assert positions.raised == []


async def test_a_record_on_which_the_handler_raises_leaves_other_parties_served() -> None:
    class Fragile(Echo):
        def forward(self, record: Record) -> tuple[Outgoing, ...]:
            if record.value == b"0:odd":
                raise ZeroDivisionError
            return super().forward(record)

    log, positions = inboxes(), MemoryPositions()
    say(log, OAKLINE, "0:odd")
    say(log, RIVERSIDE, "0:fine")
    forwarder = start(log, positions, Fragile())

    await forward(forwarder, RIVERSIDE)
    with pytest.raises(ZeroDivisionError):
        await forward(forwarder, OAKLINE)

    assert arrived(log) == ["fine"]


async def test_what_the_handler_looks_at_is_brought_up_to_date_after_reading() -> None:
    log, positions, order = inboxes(), MemoryPositions(), list[str]()
    say(log, OAKLINE, "0:a")

    async def register() -> None:
        order.append("register read")

    handler = Echo(then=lambda: order.append("judged"))
    await forward(Forwarder(log, positions=positions, handler=handler, before=register))

    assert order == ["register read", "judged"]


async def test_an_inbox_that_ends_before_the_position_is_not_read_on() -> None:
    log, positions = inboxes(), MemoryPositions()
    positions.raise_to(await log.topic_id(OAKLINE.topic), 0, 5)

    with leaves_with(STATE_AHEAD):
        await start(log, positions).prepare(OAKLINE)


async def test_an_inbox_whose_beginning_was_deleted_goes_on_at_what_is_left() -> None:
    log, positions = inboxes(), MemoryPositions()
    say(log, OAKLINE, "0:a", "0:b")
    log.forget_before(*OAKLINE, 1)

    await forward(start(log, positions))

    assert arrived(log) == ["b"]


async def test_a_failed_receipt_is_tried_again_by_the_next_life() -> None:
    log, positions = inboxes(), MemoryPositions()
    say(log, OAKLINE, "0:a")
    log.before_append = refuse_append
    with pytest.raises(AppendFailed):
        await forward(start(log, positions))
    log.before_append = None

    await forward(start(log, positions))

    assert arrived(log) == ["a"]


async def test_only_what_is_old_and_passed_on_is_deleted() -> None:
    log, positions = inboxes(), MemoryPositions()
    say(log, OAKLINE, "0:a", "0:b")
    forwarder = start(log, positions)
    await forward(forwarder)
    log.at("2026-01-20T09:00:00.000Z")
    say(log, OAKLINE, "0:fresh")
    say(log, RIVERSIDE, "0:unread")
    await forwarder.prepare(RIVERSIDE)

    await forwarder.forget("2026-01-20T00:00:00.000Z")
    await forward(forwarder)
    await forwarder.forget("2026-01-20T00:00:00.000Z")

    assert await log.span(*OAKLINE) == (2, 3)
    assert await log.span(*RIVERSIDE) == (0, 1)
    assert arrived(log) == ["a", "b", "fresh"]
    await forwarder.forget("2026-02-01T00:00:00.000Z")
    assert await log.span(*OAKLINE) == (3, 3)
    assert await log.span(*RIVERSIDE) == (0, 1)


async def test_an_inbox_that_came_is_named_with_all_others() -> None:
    log = inboxes()
    taken = await party_inboxes(log)

    log.make(party_inbox("harbour-homes"))

    found = await new_inboxes(log, taken)
    assert found.keys() == {*taken, party_inbox("harbour-homes")}


async def test_an_inbox_that_went_ends_the_process() -> None:
    taken = await party_inboxes(inboxes())
    found = {name: taken[name] for name in taken if name != OAKLINE.topic}

    with leaves_with(INBOXES_CHANGED):
        refuse_lost_inboxes(taken, found=found)


async def test_an_inbox_made_again_under_its_name_ends_the_process() -> None:
    log = inboxes()
    taken = await party_inboxes(log)

    log.make(OAKLINE.topic)

    with leaves_with(TOPIC_RECREATED):
        refuse_lost_inboxes(taken, found=await party_inboxes(log))
