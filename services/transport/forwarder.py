"""
The forwarder: what stands in the parties' inboxes is passed on, each record once in order.

Its position is a row of its own store, raised only after every receipt; what the group
has committed is never read. A topic that was made again goes on at the old offset without
an error, so its id is asked for before anything is sent of what was fetched.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NoReturn, Protocol

import structlog

from schemas.vocabulary import Instant, instant
from services.topology import PARTY_DAYS, party_inbox, party_of
from services.transport import metrics
from services.transport.exit_codes import INBOXES_CHANGED, STATE_AHEAD, TOPIC_RECREATED, leave
from services.transport.ports import (
    BrokerLost,
    Outgoing,
    Place,
    PositionStore,
    Record,
    RecordLog,
    TopicMissing,
)
from services.transport.sending import send_all

BATCH_RECORDS: Final = 100
WATCH_SECONDS: Final = 1.0
FORGET_EVERY_SECONDS: Final = 3600.0

log = structlog.get_logger()


class Forward(Protocol):
    """
    A forwarder's handler: total, and the same for the same record in another life.
    """

    def forward(self, record: Record) -> tuple[Outgoing, ...]:
        """
        Return what follows from a record of a party's inbox.
        """


async def nothing_before() -> None:
    """
    Ask for nothing before a batch is handled.
    """


class Forwarder:
    """
    Reads party inboxes by position and passes on what a handler makes of them.

    Args:
        record_log: the topics.
        positions: where it has come to.
        handler: makes outputs of a record.
        before: brings what the handler looks at up to date, after a batch was fetched.
    """

    def __init__(
        self,
        record_log: RecordLog,
        *,
        positions: PositionStore,
        handler: Forward,
        before: Callable[[], Awaitable[None]] = nothing_before,
    ) -> None:
        self._log, self._positions = record_log, positions
        self._handler, self._before = handler, before
        self._ids: dict[Place, str] = {}
        self._next: dict[Place, int] = {}

    def position(self, place: Place) -> int:
        """
        Return the next offset that was not passed on yet.
        """
        return self._next.get(place, 0)

    async def prepare(self, place: Place) -> None:
        """
        Stand where the store says, at the inbox's start where it says nothing.

        Raises:
            Leave: the inbox ends before the position.
        """
        topic_id = await self._log.topic_id(place.topic)
        first, end = await self._log.span(*place)
        stands = self._positions.next_offset(topic_id, place.partition)
        if stands is not None and stands > end:
            leave(STATE_AHEAD, f"{place.topic} ends at {end}, and the position is {stands}")
        if first > (stands or 0):
            log.warning(
                "an inbox lost records that were not passed on",
                topic=place.topic,
                position=stands,
                offset=first,
            )
        self._ids[place] = topic_id
        self._next[place] = max(first, stands or 0)

    async def step(self, place: Place) -> bool:
        """
        Pass on what stands in an inbox, up to one batch.

        Returns:
            Whether there was anything.

        Raises:
            Leave: the inbox was made again; nothing of the batch was sent.
            AppendFailed: a receipt is missing; the position stays.
        """
        read = await self._log.read(*place, self._next[place], at_most=BATCH_RECORDS)
        if read.next_offset == self._next[place]:
            return False
        await self._before()
        outgoing = [each for record in read.records for each in self._handled(record)]
        await self._refuse_recreated(place)
        await send_all(self._log, outgoing)
        self._positions.raise_to(self._ids[place], place.partition, read.next_offset)
        self._next[place] = read.next_offset
        metrics.FORWARDED.labels(place.topic).inc(len(read.records))
        return True

    async def forget(self, before: Instant) -> None:
        """
        Delete what was appended before an instant and was passed on; nothing unread.
        """
        for place, position in sorted(self._next.items()):
            old = await self._log.first_since(*place, before)
            await self._log.delete_before(*place, min(position, old))

    async def forget_for_ever(self, now: Callable[[], datetime]) -> NoReturn:
        """
        Delete every hour what is older than a party topic keeps a person's text.
        """
        while True:
            try:
                await self.forget(instant(now() - timedelta(days=PARTY_DAYS)))
            except (BrokerLost, TopicMissing):
                log.exception("what is old could not be deleted; it is tried again in an hour")
            await asyncio.sleep(FORGET_EVERY_SECONDS)

    def lose(self, place: Place) -> None:
        """
        Let a place go; another process may take it.
        """

    def _handled(self, record: Record) -> tuple[Outgoing, ...]:
        try:
            return self._handler.forward(record)
        except Exception:
            log.exception("a handler raised", topic=record.topic, offset=record.offset)
            raise

    async def _refuse_recreated(self, place: Place) -> None:
        found = await self._log.topic_id(place.topic)
        if found != self._ids[place]:
            leave(TOPIC_RECREATED, f"{place.topic} was made again")


async def party_inboxes(record_log: RecordLog) -> Mapping[str, str]:
    """
    Return the ids of the party inboxes that are there, by name.
    """
    topics = await record_log.topics()
    return {name: topics[name] for name in topics if name == party_inbox(party_of(name) or "")}


def refuse_lost_inboxes(taken: Mapping[str, str], *, found: Mapping[str, str]) -> None:
    """
    Leave when an inbox that is read went, or was made again.

    A group has been seen to drop a topic that went, and not to take it up when it came
    back: so ids are compared, and not only names.

    Raises:
        Leave: an inbox went, or was made again.
    """
    if not taken.keys() <= found.keys():
        leave(INBOXES_CHANGED)
    if any(found[name] != taken[name] for name in taken):
        leave(TOPIC_RECREATED)


async def new_inboxes(record_log: RecordLog, taken: Mapping[str, str]) -> Mapping[str, str]:
    """
    Look every second until inboxes have come, and return all that are there.

    Raises:
        Leave: one of those that are read went, or was made again.
    """
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        found = await party_inboxes(record_log)
        refuse_lost_inboxes(taken, found=found)
        if found.keys() != taken.keys():
            return found


def inboxes_to_come(
    record_log: RecordLog, taken: Mapping[str, str]
) -> Callable[[], Awaitable[Sequence[str]]]:
    """
    Return what waits until inboxes have come, each time, and names all that are there.

    Args:
        record_log: the topics.
        taken: the inboxes that are read at first, with their ids.
    """
    reading = taken

    async def others() -> Sequence[str]:
        nonlocal reading
        reading = await new_inboxes(record_log, reading)
        return sorted(reading)

    return others
