"""
The contract of a record log, on Apache Kafka.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from kafka import KafkaAdminClient

from services import clock
from services.topology import LARGEST_BATCH
from services.transport.kafka_log import KafkaLog
from tests.contract.record_log import Bench, RecordLogContract

pytestmark = pytest.mark.kafka


@pytest.fixture
def admin(broker: str) -> Iterator[Any]:
    client = KafkaAdminClient(bootstrap_servers=broker.split(","))
    yield client
    client.close()


class TestTheLogOnKafka(RecordLogContract):
    @pytest.fixture
    async def bench(self, broker: str, admin: Any) -> AsyncIterator[Bench]:
        async def make(topic: str, partitions: int) -> None:
            configs = {
                "message.timestamp.type": "LogAppendTime",
                "max.message.bytes": str(LARGEST_BATCH),
            }
            plan = {
                topic: {
                    "num_partitions": partitions,
                    "replication_factor": 1,
                    "configs": configs,
                }
            }
            await asyncio.to_thread(admin.create_topics, plan, wait_for_metadata=True)

        async def remove(topic: str) -> None:
            await asyncio.to_thread(admin.delete_topics, [topic])

        async with KafkaLog(broker) as log:
            yield Bench(log=log, topic=f"contract.{clock.new_id()}", make=make, remove=remove)
