"""
`foothold status`: hop by hop, what waits and for how long.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.table import Table

from services import clock
from services.commands.installation import Installation, installation_options
from services.commands.kafka_access import Kafka
from services.commands.register import markets, registered_slugs
from services.settings import Settings
from services.topology import WORKERS, Kind, party_inbox

LATE_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """
    One partition that a worker reads: how many records wait, the oldest for how long.
    """

    worker: str
    topic: str
    partition: int
    waiting: int
    oldest_seconds: float | None

    @property
    def late(self) -> bool:
        """
        Tell whether something has waited too long.
        """
        return self.oldest_seconds is not None and self.oldest_seconds > LATE_SECONDS


@click.command(
    "status",
    epilog="Example: foothold status --json\n\nExit code 1: something has waited over 60 s.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a hop and line.")
@installation_options
def command(installation: Installation, as_json: bool) -> None:
    """
    Show what waits at each hop, from a party's inbox to its queue.
    """
    with Kafka(installation.broker()) as kafka:
        opened, parties = markets(kafka), registered_slugs(kafka)
        used = sorted({0} | {market["partition"] for market in opened.values()})
        hops = tuple(_hops(kafka, parties, used))
    late = [hop for hop in hops if hop.late]
    if as_json:
        for hop in hops:
            click.echo(json.dumps(asdict(hop) | {"late": hop.late}))
    else:
        _show(hops, broker=installation.broker(), parties=len(parties), opened=sorted(opened))
        click.echo(mail_in_words(Settings.read()))
    raise SystemExit(1 if late else 0)


def mail_in_words(settings: Settings) -> str:
    """
    Say whether reminders leave as mail, by which server and from which address.
    """
    if settings.smtp_host is None:
        return "mail, as set here: none is sent (no FOOTHOLD_SMTP_HOST); reminders stand on queues."
    private = "" if settings.smtp_starttls else ", not encrypted"
    return (
        f"mail, as set here: reminders leave by {settings.smtp_host}:{settings.smtp_port}"
        f"{private}, from {settings.smtp_from}."
    )


def _show(hops: tuple[Hop, ...], *, broker: str, parties: int, opened: list[str]) -> None:
    click.echo(f"broker {broker}; {parties} parties; markets: {', '.join(opened) or 'none yet'}")
    table = Table("worker", "reads", "waiting", "oldest")
    for worker in WORKERS:
        theirs = [hop for hop in hops if hop.worker == worker.name]
        if not theirs:
            continue
        waiting = sum(hop.waiting for hop in theirs)
        oldest = max((hop.oldest_seconds or 0.0 for hop in theirs), default=0.0)
        style = "red" if any(hop.late for hop in theirs) else ""
        table.add_row(
            worker.name,
            ", ".join(worker.reads),
            str(waiting),
            f"{oldest:.0f} s" if waiting else "",
            style=style,
        )
    Console().print(table)
    for hop in hops:
        if hop.late:
            click.echo(
                f"{hop.worker} has not taken {hop.waiting} records of {hop.topic}/{hop.partition}; "
                f"the oldest waits {hop.oldest_seconds:.0f} s. Its log file tells why."
            )


def _hops(kafka: Kafka, parties: Sequence[str], used: Sequence[int]) -> Iterator[Hop]:
    now = clock.now()
    topics = kafka.topic_ids()
    slugs = [slug for slug in parties if party_inbox(slug) in topics]
    for worker in WORKERS:
        if worker.kind is Kind.CLOCK:
            continue
        committed = kafka.committed(worker.group)
        for topic, partition in _places(worker.reads, slugs, used):
            yield _hop(kafka, worker.name, topic, partition, committed, now)


def _places(
    reads: tuple[str, ...], slugs: Sequence[str], used: Sequence[int]
) -> Iterator[tuple[str, int]]:
    for name in reads:
        if name.startswith("party."):
            yield from ((party_inbox(slug), 0) for slug in slugs)
        else:
            yield from ((name, partition) for partition in used)


def _hop(
    kafka: Kafka,
    worker: str,
    topic: str,
    partition: int,
    committed: dict[tuple[str, int], int],
    now: datetime,
) -> Hop:
    first, end = kafka.span(topic, partition)
    taken = max(first, committed.get((topic, partition), first))
    oldest = None
    if taken < end:
        for message in kafka.read(topic, partition, start=taken):
            appended = datetime.fromtimestamp(message.timestamp / 1000, tz=UTC)
            oldest = max(0.0, (now - appended).total_seconds())
            break
    return Hop(
        worker=worker,
        topic=topic,
        partition=partition,
        waiting=end - taken,
        oldest_seconds=oldest,
    )
