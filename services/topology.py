"""
The flow as data: workers, topics with their settings, and who may read and write them.

The README's table, `foothold topics`, the access rules and the AsyncAPI document are
made from this module or tested against it.
"""

from dataclasses import dataclass
from enum import StrEnum

PARTITIONS = 12
MARKET_INBOX = "market.inbox.v1"
MARKET_LOG = "market.log.v1"
CHECKPOINTS = "market.checkpoints.v1"
PARTY_INBOX = "party.<slug>.inbox.v1"
PARTY_QUEUE = "party.<slug>.queue.v1"

DAY_MS = 24 * 60 * 60 * 1000
PARTY_DAYS = 7
INBOX_DAYS = 90
# A record of the log takes 16 MiB; what surrounds it in a batch takes a little more.
LARGEST_BATCH = 17 * 1024 * 1024
LARGEST_PARTY_BATCH = 1024 * 1024


class Kind(StrEnum):
    """
    The kinds of worker: how each knows what it has read.
    """

    FORWARDER = "forwarder"
    FOLD = "fold"
    PROJECTOR = "projector"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """
    One worker of the flow: what it reads, decides and publishes, and what it never does.
    """

    name: str
    kind: Kind
    reads: tuple[str, ...]
    decides: str
    publishes: tuple[str, ...]
    never: str

    @property
    def group(self) -> str:
        """
        Name the consumer group by which Faust shares the worker's partitions out.
        """
        return f"foothold.{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """
    One topic with every setting that we do not leave to a broker's default.
    """

    name: str
    partitions: int
    retention_ms: int
    segment_ms: int
    largest_batch: int
    cleanup: str = "delete"
    flush_each: bool = False

    def configs(self, *, replicas: int) -> dict[str, str]:
        """
        Return the topic's configuration for a cluster with so many replicas.
        """
        settings = {
            "cleanup.policy": self.cleanup,
            "message.timestamp.type": "LogAppendTime",
            # The broker unpacks whatever a party's client packed: ours read no zstd, lz4 or snappy.
            "compression.type": "uncompressed",
            "retention.ms": str(self.retention_ms),
            "retention.bytes": "-1",
            "segment.ms": str(self.segment_ms),
            "max.message.bytes": str(self.largest_batch),
            "min.insync.replicas": "2" if replicas > 1 else "1",
        }
        # Kafka leaves flushing to the operating system; one node alone must not.
        if self.flush_each and replicas == 1:
            settings["flush.messages"] = "1"
        return settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """
    One access rule: a principal may do this on a resource.
    """

    principal: str
    operation: str
    resource: str
    name: str
    prefixed: bool = False


WORKERS = (
    Worker(
        name="intake",
        kind=Kind.FORWARDER,
        reads=(PARTY_INBOX,),
        decides="shape, size, vocabulary; which market; seals what describes a person",
        publishes=(MARKET_INBOX,),
        never="guesses a missing fact, writes a queue",
    ),
    Worker(
        name="market",
        kind=Kind.FOLD,
        reads=(MARKET_INBOX,),
        decides="rights, references, versions, duplicates, dated law; what holds",
        publishes=(MARKET_LOG,),
        never="reads a clock, calls a model",
    ),
    Worker(
        name="herald",
        kind=Kind.PROJECTOR,
        reads=(MARKET_LOG,),
        decides="nothing: carries the register's accepted events to every market",
        publishes=(MARKET_INBOX,),
        never="changes an event",
    ),
    Worker(
        name="matcher",
        kind=Kind.PROJECTOR,
        reads=(MARKET_LOG,),
        decides="eligibility, similarity, fit",
        publishes=(MARKET_INBOX,),
        never="sees a name, orders an offer",
    ),
    Worker(
        name="notifier",
        kind=Kind.PROJECTOR,
        reads=(MARKET_LOG,),
        decides="who may be told what",
        publishes=(PARTY_QUEUE, MARKET_INBOX),
        never="tells one party another's facts",
    ),
    Worker(
        name="ticker",
        kind=Kind.CLOCK,
        reads=(MARKET_LOG,),
        decides="when time is told",
        publishes=(MARKET_INBOX,),
        never="ticks a simulated market",
    ),
)

WORKER_NAMES = tuple(worker.name for worker in WORKERS)

MARKET_TOPICS = (
    Topic(
        name=MARKET_INBOX,
        partitions=PARTITIONS,
        retention_ms=INBOX_DAYS * DAY_MS,
        segment_ms=PARTY_DAYS * DAY_MS,
        largest_batch=LARGEST_BATCH,
        flush_each=True,
    ),
    Topic(
        name=MARKET_LOG,
        partitions=PARTITIONS,
        retention_ms=-1,
        segment_ms=PARTY_DAYS * DAY_MS,
        largest_batch=LARGEST_BATCH,
        flush_each=True,
    ),
    Topic(
        name=CHECKPOINTS,
        partitions=PARTITIONS,
        retention_ms=-1,
        segment_ms=PARTY_DAYS * DAY_MS,
        largest_batch=LARGEST_PARTY_BATCH,
        cleanup="compact",
        flush_each=True,
    ),
)


def party_inbox(slug: str) -> str:
    """
    Name the topic in which a party speaks.
    """
    return f"party.{slug}.inbox.v1"


def party_queue(slug: str) -> str:
    """
    Name the topic in which a party is answered.
    """
    return f"party.{slug}.queue.v1"


def party_of(topic: str) -> str | None:
    """
    Return the party of a party's inbox or queue.

    >>> party_of("party.oakline.inbox.v1"), party_of("market.log.v1")
    ('oakline', None)
    """
    head, _, rest = topic.partition(".")
    slug, _, tail = rest.partition(".")
    return slug if head == "party" and tail in ("inbox.v1", "queue.v1") else None


def party_topics(slug: str) -> tuple[Topic, Topic]:
    """
    Return a party's two topics.

    The inbox has no limit by time: what intake has passed on is deleted by position, so
    that nothing unread is lost. The queue's segments are a seventh of its days, or the
    days would double.
    """
    inbox = Topic(
        name=party_inbox(slug),
        partitions=1,
        retention_ms=-1,
        segment_ms=DAY_MS,
        largest_batch=LARGEST_PARTY_BATCH,
        flush_each=True,
    )
    queue = Topic(
        name=party_queue(slug),
        partitions=1,
        retention_ms=PARTY_DAYS * DAY_MS,
        segment_ms=DAY_MS,
        largest_batch=LARGEST_PARTY_BATCH,
    )
    return inbox, queue


def topic_plan(slugs: tuple[str, ...]) -> tuple[Topic, ...]:
    """
    Return every topic that an installation with these parties has.
    """
    party = tuple(topic for slug in sorted(slugs) for topic in party_topics(slug))
    return (*MARKET_TOPICS, *party)


def grants(slugs: tuple[str, ...]) -> tuple[Grant, ...]:
    """
    Return the access rules: each worker its topics, each party its own two and its groups.
    """
    rules: list[Grant] = []
    for worker in WORKERS:
        rules += _worker_grants(worker)
    for slug in sorted(slugs):
        who = f"party.{slug}"
        rules += [
            Grant(principal=who, operation="WRITE", resource="TOPIC", name=party_inbox(slug)),
            Grant(principal=who, operation="READ", resource="TOPIC", name=party_queue(slug)),
            Grant(principal=who, operation="READ", resource="GROUP", name=f"{who}.", prefixed=True),
        ]
    return tuple(rules)


def _worker_grants(worker: Worker) -> list[Grant]:
    # The register stands in the log, so every worker reads it.
    reads = dict.fromkeys((*worker.reads, MARKET_LOG))
    if worker.kind is Kind.FOLD:
        reads[MARKET_INBOX] = None
    return [
        *(_topic_grant(worker.name, "READ", name) for name in reads),
        *(_topic_grant(worker.name, "WRITE", name) for name in worker.publishes),
        Grant(principal=worker.name, operation="READ", resource="GROUP", name=worker.group),
    ]


def _topic_grant(principal: str, operation: str, name: str) -> Grant:
    every_party = name.startswith("party.")
    return Grant(
        principal=principal,
        operation=operation,
        resource="TOPIC",
        name="party." if every_party else name,
        prefixed=every_party,
    )


def flow_table() -> str:
    """
    Write the flow as the README's Markdown table.
    """
    rows = ["| worker | kind | reads | decides | publishes | never |", "|---|---|---|---|---|---|"]
    for worker in WORKERS:
        reads = ", ".join(f"`{name}`" for name in worker.reads)
        publishes = ", ".join(f"`{name}`" for name in worker.publishes)
        rows.append(
            f"| {worker.name} | {worker.kind} | {reads} | {worker.decides} "
            f"| {publishes} | {worker.never} |"
        )
    return "\n".join(rows)
