"""
What was decided on its way to the log: in order, in batches, each awaited.

The receipt tells whether another process wrote in between. If it did, the log is read
back, and where its records are the ones that link, this process has lost and leaves.
"""

from dataclasses import dataclass, field
from typing import Generic

from schemas import log_record
from schemas.log_record import LARGEST_RECORD, LogRecord
from services.transport.chain import Head
from services.transport.core import Market, S
from services.transport.exit_codes import RACE_LOST, leave
from services.transport.ports import Entry, RecordLog
from services.transport.recovery import Memory


class RecordTooLarge(ValueError):
    """
    A decision makes a record that the log does not take.
    """


@dataclass(slots=True)
class Delivery(Generic[S]):
    """
    Records that wait for their receipt.
    """

    record_log: RecordLog
    memory: Memory[S]
    size: int = 0
    _entries: list[Entry] = field(default_factory=list)
    _written: list[tuple[Market[S], Head]] = field(default_factory=list)

    def add(self, market: Market[S], record: LogRecord) -> None:
        """
        Put a record behind those that wait.

        Raises:
            RecordTooLarge: the log does not take it.
        """
        value = log_record.write(record)
        if len(value) > LARGEST_RECORD:
            raise RecordTooLarge(f"a record of {len(value)} bytes")
        key = record.market.encode()
        self._entries.append(Entry(key=key, value=value, headers=(("market", key),)))
        self._written.append((market, Head(record.sequence, record.digest)))
        self.size += len(value)

    async def deliver(self) -> int:
        """
        Append what waits, and make sure that it is what holds.

        Returns:
            How many records were delivered.

        Raises:
            AppendFailed: there is no receipt; this process must end.
            Leave: another process wrote first.
        """
        if not self._entries:
            return 0
        entries, written = tuple(self._entries), tuple(self._written)
        self._entries, self._written, self.size = [], [], 0
        memory = self.memory
        offsets = await self.record_log.append(*memory.place, entries)
        end = memory.log_next
        if offsets == tuple(range(end, end + len(entries))):
            for market, head in written:
                memory.chain.heads[market.code] = head
            memory.log_next = end + len(entries)
        else:
            await self._settle(frozenset(offsets))
        for (market, _), offset in zip(written, offsets, strict=True):
            market.written = offset
        return len(entries)

    async def _settle(self, ours: frozenset[int]) -> None:
        memory, end = self.memory, max(ours) + 1
        while memory.log_next < end:
            read = await self.record_log.read(*memory.place, memory.log_next)
            for record in read.records:
                if record.offset >= end:
                    break
                links = memory.chain.accept(record) is not None
                if links != (record.offset in ours):
                    leave(RACE_LOST, f"partition {record.partition} at offset {record.offset}")
            memory.log_next = min(read.next_offset, end)
