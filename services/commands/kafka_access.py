"""
Kafka for a command that runs for a moment: topics, offsets, reading, sending; all waiting.

Workers use `services.transport`; a command needs no group, no positions and no loop.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import click
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ConfigResource,
    ConfigResourceType,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
)
from kafka.errors import CoordinatorNotAvailableError, KafkaError, SecurityDisabledError

from services.topology import LARGEST_BATCH, Grant, Topic

CONNECT_MS = 8_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """
    One record of a topic.
    """

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes
    headers: dict[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """
    What `topics apply` did or would do to one topic.
    """

    topic: str
    what: str


class Kafka:
    """
    A connection to the broker, opened on first use and closed with the block.
    """

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap.split(",")
        self._admin: Any = None
        self._producer: Any = None
        self._asker: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for client in (self._admin, self._producer, self._asker):
            if client is not None:
                client.close()
        if isinstance(error, KafkaError):
            raise click.ClickException(
                f"The Kafka broker at {','.join(self.bootstrap)} did not do what was asked "
                f"({error})."
            ) from error

    @property
    def admin(self) -> Any:
        """
        The administration client.

        Raises:
            click.ClickException: the broker does not answer.
        """
        if self._admin is None:
            self._admin = self._connected(KafkaAdminClient)
        return self._admin

    def topic_ids(self) -> dict[str, str]:
        """
        Return the id of every topic by name.
        """
        found = self.admin.describe_topics()
        return {each["name"]: each["topic_id"] for each in found if not each["is_internal"]}

    def span(self, topic: str, partition: int = 0) -> tuple[int, int]:
        """
        Return the first offset and the end of a partition.
        """
        if self._asker is None:
            self._asker = self._connected(KafkaConsumer, enable_auto_commit=False)
        place = TopicPartition(topic, partition)
        first = self._asker.beginning_offsets([place])
        end = self._asker.end_offsets([place])
        return first[place], end[place]

    def committed(self, group: str) -> dict[tuple[str, int], int]:
        """
        Return how far a consumer group says it has come, by topic and partition.
        """
        try:
            found = self.admin.list_group_offsets({group: None}).get(group, {})
        except CoordinatorNotAvailableError:
            # No group has ever met on this broker.
            return {}
        return {(place.topic, place.partition): at.offset for place, at in found.items()}

    def is_joined(self, group: str) -> bool:
        """
        Tell whether a consumer group has members, and each knows what it reads.
        """
        try:
            found = self.admin.describe_groups([group])[group]
        except CoordinatorNotAvailableError:
            return False
        return bool(found["members"]) and str(found["group_state"]) == "Stable"

    def read(
        self, topic: str, partition: int = 0, *, start: int | None = None
    ) -> Iterator[Message]:
        """
        Read a partition from an offset to where it ends now.
        """
        first, end = self.span(topic, partition)
        yield from self._until(topic, partition, max(first, start or first), end)

    def follow(self, topic: str, *, start: int, wait_ms: int = 200) -> Iterator[Message | None]:
        """
        Read a topic's only partition from an offset on, for ever; nothing while it is silent.
        """
        with self._reading(TopicPartition(topic, 0), start) as reader:
            while True:
                batch = reader.poll(timeout_ms=wait_ms)
                for records in batch.values():
                    yield from (_message(record) for record in records)
                if not batch:
                    yield None

    @contextmanager
    def listening(self) -> Iterator["Listening"]:
        """
        Listen to several topics at once, to more of them as time goes on.
        """
        reader = self._connected(
            KafkaConsumer, enable_auto_commit=False, max_partition_fetch_bytes=LARGEST_BATCH
        )
        try:
            yield Listening(reader)
        finally:
            reader.close()

    def send(
        self, topic: str, value: bytes, *, partition: int = 0, key: bytes | None = None
    ) -> int:
        """
        Send one record, wait for its receipt and return its offset.

        Raises:
            click.ClickException: the broker did not take it.
        """
        (offset,) = self.send_all(topic, (value,), partition=partition, key=key)
        return offset

    def send_all(
        self,
        topic: str,
        values: Iterable[bytes],
        *,
        partition: int = 0,
        key: bytes | None = None,
    ) -> tuple[int, ...]:
        """
        Send records in one burst, wait for their receipts and return their offsets.

        Raises:
            click.ClickException: the broker did not take all of them.
        """
        if self._producer is None:
            self._producer = self._connected(
                KafkaProducer, acks="all", max_request_size=LARGEST_BATCH, linger_ms=0
            )
        headers = [("content-type", b"application/cloudevents+json; charset=UTF-8")]
        try:
            sent = [
                self._producer.send(
                    topic, value=value, key=key, partition=partition, headers=headers
                )
                for value in values
            ]
            return tuple(int(each.get(timeout=30).offset) for each in sent)
        except KafkaError as error:
            raise click.ClickException(f"{topic} did not take the record: {error}") from error

    def apply(self, plan: Iterable[Topic], *, dry_run: bool = False) -> tuple[Change, ...]:
        """
        Create what is missing and set what differs; deletes nothing and shrinks nothing.

        Raises:
            click.ClickException: a topic has another number of partitions than planned.
        """
        replicas = min(3, len(self.admin.describe_cluster()["brokers"]))
        there = {each["name"]: each for each in self.admin.describe_topics()}
        changes: list[Change] = []
        missing: dict[str, Any] = {}
        for topic in plan:
            wanted = topic.configs(replicas=replicas)
            if topic.name not in there:
                missing[topic.name] = {
                    "num_partitions": topic.partitions,
                    "replication_factor": replicas,
                    "configs": wanted,
                }
                changes.append(Change(topic=topic.name, what="created"))
            else:
                changes += self._aligned(topic, there[topic.name], wanted, dry_run=dry_run)
        if missing and not dry_run:
            self.admin.create_topics(missing, raise_errors=True, wait_for_metadata=True)
        return tuple(changes)

    def grant(self, rules: Iterable[Grant], *, dry_run: bool = False) -> tuple[Change, ...] | None:
        """
        Set the access rules that are missing; takes none away.

        Returns:
            What was set, or nothing at all where the broker has no authorizer.

        Raises:
            click.ClickException: the broker did not take a rule.
        """
        pattern = ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY)
        all_rules = ACLFilter(None, None, ACLOperation.ANY, ACLPermissionType.ANY, pattern)
        try:
            there = set(self.admin.describe_acls(all_rules)[0])
        except SecurityDisabledError:
            return None
        missing = {rule: _acl(rule) for rule in rules if _acl(rule) not in there}
        if missing and not dry_run:
            failed = self.admin.create_acls(list(missing.values()))["failed"]
            if failed:
                raise click.ClickException(f"The broker did not take an access rule: {failed[0]}")
        return tuple(
            Change(topic=rule.name, what=f"{rule.operation.lower()} granted to {rule.principal}")
            for rule in missing
        )

    def _aligned(
        self, topic: Topic, found: dict[str, Any], wanted: dict[str, str], *, dry_run: bool
    ) -> list[Change]:
        partitions = len(found["partitions"])
        if partitions != topic.partitions:
            raise click.ClickException(
                f"{topic.name} has {partitions} partitions and must have {topic.partitions}: the "
                "number is fixed at birth. Use another cluster, or remove the topic by hand."
            )
        current = self._configs(topic.name)
        differing = {name: value for name, value in wanted.items() if current.get(name) != value}
        if not differing:
            return []
        if not dry_run:
            resource = ConfigResource(ConfigResourceType.TOPIC, topic.name, configs=differing)
            self.admin.alter_configs([resource])
        return [Change(topic=topic.name, what="set " + ", ".join(sorted(differing)))]

    def _configs(self, name: str) -> dict[str, str]:
        resource = ConfigResource(ConfigResourceType.TOPIC, name, configs=None)
        found = self.admin.describe_configs([resource], config_filter="all")
        return {key: entry["value"] for key, entry in found["topic"][name].items()}

    def _until(self, topic: str, partition: int, start: int, end: int) -> Iterator[Message]:
        place = TopicPartition(topic, partition)
        with self._reading(place, start) as reader:
            while start < end:
                for records in reader.poll(timeout_ms=1_000).values():
                    yield from (_message(record) for record in records if record.offset < end)
                start = reader.position(place)

    @contextmanager
    def _reading(self, place: TopicPartition, start: int) -> Iterator[Any]:
        reader = self._connected(
            KafkaConsumer, enable_auto_commit=False, max_partition_fetch_bytes=LARGEST_BATCH
        )
        try:
            reader.assign([place])
            reader.seek(place, start)
            yield reader
        finally:
            reader.close()

    def _connected(self, client: Any, **settings: Any) -> Any:
        try:
            return client(
                bootstrap_servers=self.bootstrap, bootstrap_timeout_ms=CONNECT_MS, **settings
            )
        except (KafkaError, ValueError) as error:
            raise click.ClickException(
                f"No Kafka broker answers at {','.join(self.bootstrap)} ({type(error).__name__})."
            ) from error


class Listening:
    """
    One reader of several partitions, each in order from where it was joined.
    """

    def __init__(self, reader: Any) -> None:
        self._reader = reader
        self._places: list[TopicPartition] = []

    def join(self, topic: str, partition: int = 0, *, start: int = 0) -> None:
        """
        Listen to a partition too, from an offset on.
        """
        place = TopicPartition(topic, partition)
        self._places.append(place)
        self._reader.assign(self._places)
        self._reader.seek(place, start)

    def heard(self, *, wait_ms: int) -> tuple[Message, ...]:
        """
        Return what came, after at most so many milliseconds of silence.
        """
        batch = self._reader.poll(timeout_ms=wait_ms)
        return tuple(_message(record) for records in batch.values() for record in records)


def _acl(rule: Grant) -> ACL:
    kind = ACLResourcePatternType.PREFIXED if rule.prefixed else ACLResourcePatternType.LITERAL
    return ACL(
        principal=f"User:{rule.principal}",
        host="*",
        operation=ACLOperation[rule.operation],
        permission_type=ACLPermissionType.ALLOW,
        resource_pattern=ResourcePattern(ResourceType[rule.resource], rule.name, kind),
    )


def _message(record: Any) -> Message:
    return Message(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        timestamp=record.timestamp,
        key=record.key,
        value=record.value or b"",
        headers=dict(record.headers),
    )
