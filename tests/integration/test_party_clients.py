"""
What parties' own clients may do to a record, on Apache Kafka.
"""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.record import default_records

from services import clock
from services.topology import party_topics
from services.transport.kafka_log import KafkaLog

pytestmark = pytest.mark.kafka

ZSTD_FRAME = bytes.fromhex("28b52ffd")
RUN = b"w" * 5_000


def zstd_packed(content: bytes) -> bytes:
    """
    Pack the long run in a content as a Zstandard frame: a raw block, a run, a raw block.

    Source: RFC 8878, sections 3.1.1.1 and 3.1.1.2.
    """
    begins = content.index(RUN)
    ends = begins + len(RUN)
    descriptor = bytes([0b1010_0000])
    return b"".join(
        (
            ZSTD_FRAME + descriptor + len(content).to_bytes(4, "little"),
            _block(0, begins) + content[:begins],
            _block(1, len(RUN)) + RUN[:1],
            _block(0, len(content) - ends, last=True) + content[ends:],
        )
    )


def _block(kind: int, size: int, *, last: bool = False) -> bytes:
    return (size << 3 | kind << 1 | last).to_bytes(3, "little")


@pytest.fixture
def inbox(broker: str) -> Iterator[str]:
    topic, _ = party_topics(f"p{clock.new_id()[:8]}")
    client: Any = KafkaAdminClient(bootstrap_servers=broker.split(","))
    configs = topic.configs(replicas=1)
    plan = {topic.name: {"num_partitions": 1, "replication_factor": 1, "configs": configs}}
    client.create_topics(plan, wait_for_metadata=True)
    yield topic.name
    client.delete_topics([topic.name])
    client.close()


async def test_what_a_party_packed_with_a_codec_that_we_lack_is_read(
    broker: str, inbox: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(default_records, "zstd_encode", zstd_packed)
    monkeypatch.setattr("kafka.codec.has_zstd", lambda: True)
    monkeypatch.setitem(KafkaProducer._COMPRESSORS, "zstd", (lambda: True, 4))
    producer = KafkaProducer(bootstrap_servers=broker.split(","), compression_type="zstd")
    sent = producer.send(inbox, RUN)
    await asyncio.to_thread(sent.get, 20)
    producer.close()

    async with KafkaLog(broker) as log:
        read = await log.read(inbox, 0, 0)

    assert [record.value for record in read.records] == [RUN]
