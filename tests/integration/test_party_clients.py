"""
What parties' own clients may do to a record, on Apache Kafka.
"""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from kafka import KafkaAdminClient, KafkaProducer
from kafka.record import default_records

from services import clock
from services.topology import party_topics
from services.transport.kafka_log import KafkaLog
from tests.unit.services.transport.test_header_names import hostile

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


async def test_a_header_name_that_is_no_text_stops_nobody(broker: str, inbox: str) -> None:
    async with AIOKafkaProducer(bootstrap_servers=broker) as producer:
        batch = producer.create_batch()
        for word in (b"before", b"hostile", b"after"):
            headers = [(word.decode(), b"told")]
            batch.append(timestamp=None, key=None, value=word.upper(), headers=headers)
        batch.close()
        # No client of ours sends such a name, so the batch is changed when it is built.
        batch._buffer = hostile(batch._build())
        await (await producer.send_batch(batch, inbox, partition=0))
        await producer.send_and_wait(inbox, b"NEXT", partition=0)

    async with KafkaLog(broker) as log:
        read = await log.read(inbox, 0, 0)
        rest = await log.read(inbox, 0, read.next_offset)

    values = [record.value for record in (*read.records, *rest.records)]
    assert values == [b"BEFORE", b"HOSTILE", b"AFTER", b"NEXT"]
