"""
The contract of a record log, on the log in memory.
"""

import pytest

from tests.contract.record_log import Bench, RecordLogContract
from tests.fakes import MemoryLog


class TestTheLogInMemory(RecordLogContract):
    @pytest.fixture
    def bench(self) -> Bench:
        log = MemoryLog()

        async def make(topic: str, partitions: int) -> None:
            log.make(topic, partitions=partitions)

        async def remove(topic: str) -> None:
            log.remove(topic)

        return Bench(log=log, topic="market.log.v1", make=make, remove=remove)
