"""
What a submission costs, and how long its answer takes, through every worker on a real Kafka.

    python tests/benchmarks/flow.py [--events N] [--residents N] [--postings N]

Latency is told by the broker's own time stamps (append to a party's inbox, append to its
queue), so no client's clock matters. CPU is what the kernel charged to each worker while N
registrations went through, beside a plain aiokafka loop that takes and passes on the same
bytes in the same run: read the ratio, since both share a noisy machine.
"""

import argparse
import asyncio
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from schemas.vocabulary import instant
from services import clock
from services.commands.init import party_of
from services.commands.installation import Installation
from services.commands.kafka_access import Kafka
from services.commands.running import Running
from services.demo import people
from services.demo.exchange import Exchange
from services.demo.heard import Answered, Sent
from services.topology import (
    MARKET_LOG,
    WORKER_NAMES,
    Topic,
    party_inbox,
    party_queue,
)

DATA = Path("services/demo/data")
SUPPLIER, PARTNER, OPERATOR = "oakline-retrofit", "northgate-homes", "zedford-foothold"
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """
    Milliseconds: the half and the hundredth part of a set of waits.
    """

    n: int
    p50: float
    p99: float

    def __str__(self) -> str:
        return f"p50 {self.p50:.0f} ms, p99 {self.p99:.0f} ms (n {self.n})"


def spread(waits: list[float]) -> Spread:
    cuts = quantiles(waits, n=100, method="inclusive")
    return Spread(n=len(waits), p50=cuts[49], p99=cuts[98])


@contextmanager
def installation() -> Iterator[tuple[Running, Exchange, Kafka]]:
    """
    A fresh installation with one supplier, one partner and a market with a real clock.
    """
    with tempfile.TemporaryDirectory() as folder:
        operator = party_of(json.loads((DATA / "operator.json").read_text()))
        place = Installation(data=Path(folder), named_broker=None)
        with (
            Running(place, operator=operator, on_progress=progress) as running,
            Kafka(running.broker) as kafka,
            Exchange(
                kafka,
                monotonic=clock.monotonic,
                failure=lambda: running.failure,
                report=lambda *_: None,
            ) as exchange,
        ):
            exchange.follow(0, 1)
            begin(exchange)
            yield running, exchange, kafka


def begin(exchange: Exchange) -> None:
    exchange.join(OPERATOR)
    market = json.loads((DATA / "market.json").read_text())
    market |= {"clock": "real", "now": now()}
    exchange.asked("MarketOpened", [market], by=OPERATOR, at=now(), what="market", seconds=120)
    parties = [
        party
        for name in ("suppliers", "partners")
        for party in json.loads((DATA / f"{name}.json").read_text())
        if party["slug"] in (SUPPLIER, PARTNER)
    ]
    exchange.asked("PartyRegistered", parties, by=OPERATOR, at=now(), what="parties")
    exchange.join(SUPPLIER, PARTNER)


def now() -> str:
    return instant(clock.now())


def residents(count: int, *, consent: bool, prefix: str) -> list[dict[str, Any]]:
    drawn = people.residents(PARTNER, count=min(count, 400), seed=2026)
    made = []
    for n in range(count):
        told = dict(drawn[n % len(drawn)]) | {"reference": f"{prefix}-{n:05d}"}
        told.pop("consent", None)
        if consent:
            told["consent"] = {
                "purpose": "matching",
                "notice_version": 1,
                "given_on": now()[:10],
            }
        made.append(told)
    return made


def postings(count: int, *, prefix: str) -> list[dict[str, Any]]:
    drawn = json.loads((DATA / "opportunities.json").read_text())
    lawful = [told for each in drawn.values() for told in each if "contract_reference" not in told]
    later = (clock.now() + timedelta(days=60)).date()
    dates = {"closes_on": str(later), "starts_on": str(later + timedelta(days=30))}
    return [
        dict(lawful[n % len(lawful)]) | dates | {"reference": f"{prefix}-{n:05d}"}
        for n in range(count)
    ]


def paced(
    exchange: Exchange, kind: str, told: list[dict[str, Any]], *, by: str, rate: float
) -> tuple[Answered, ...]:
    """
    Say events at so many a second, in bursts of a tenth of a second, and wait for the answers.
    """
    sent: list[Sent] = []
    began, burst = clock.monotonic(), max(1, round(rate / 10))
    for n in range(0, len(told), burst):
        time.sleep(max(0.0, began + n / rate - clock.monotonic()))
        sent += exchange.say(kind, told[n : n + burst], by=by, at=now())
    return exchange.answers(sent, what=kind, seconds=600)


def receipt_waits(kafka: Kafka, answered: tuple[Answered, ...], *, party: str) -> list[float]:
    """
    Milliseconds between the appends of each submission and of its answer.
    """
    said = {each.offset: each.timestamp for each in kafka.read(party_inbox(party))}
    told = {}
    for message in kafka.read(party_queue(party)):
        origin = json.loads(message.value)["data"].get("origin")
        if origin is not None:
            told[origin["offset"]] = message.timestamp
    return [told[each.sent.offset] - said[each.sent.offset] for each in answered]


def match_waits(kafka: Kafka, answered: tuple[Answered, ...]) -> list[float]:
    """
    Milliseconds between the append of a posting and of its whole assessment on the log.
    """
    said = {each.offset: each.timestamp for each in kafka.read(party_inbox(SUPPLIER))}
    assessed: dict[str, int] = {}
    for message in kafka.read(MARKET_LOG, 1):
        for leaf in json.loads(message.value).get("leaves", [])[1:2]:
            told = leaf["body"]["message"]
            if told["type"].startswith("foothold.FitsAssessed."):
                assessed.setdefault(told["data"]["subject"], message.timestamp)
    return [assessed[str(each.our_id)] - said[each.sent.offset] for each in answered]


def cpu_seconds(running: Running) -> dict[str, float]:
    """
    CPU seconds that the kernel has charged to each worker so far.
    """
    found = {}
    for name in WORKER_NAMES:
        fields = Path(f"/proc/{running.pid_of(name)}/stat").read_text().rsplit(")", 1)[1].split()
        found[name] = (int(fields[11]) + int(fields[12])) / TICK
    return found


def resident_megabytes(running: Running) -> dict[str, float]:
    """
    Memory of each worker.
    """
    found = {}
    for name in WORKER_NAMES:
        status = Path(f"/proc/{running.pid_of(name)}/status").read_text()
        found[name] = int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024
    return found


def start_seconds(running: Running) -> dict[str, float]:
    """
    From each worker's start to the first place that it worked on, by its log file.
    """
    booted = clock.now().timestamp() - float(Path("/proc/uptime").read_text().split()[0])
    found = {}
    for name in WORKER_NAMES:
        fields = Path(f"/proc/{running.pid_of(name)}/stat").read_text().rsplit(")", 1)[1].split()
        log = running.installation.logs / f"{name}.log"
        taken = [line for line in log.read_text().splitlines() if '"place taken on"' in line]
        if taken:
            at = datetime.fromisoformat(json.loads(taken[0])["at"]).timestamp()
            found[name] = round(at - booted - int(fields[19]) / TICK, 1)
    return found


async def plain_cpu(bootstrap: str, *, source: str, events: int) -> float:
    """
    CPU seconds of a plain loop: take `events` records, pass each on, await the receipts.
    """
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=None)
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, linger_ms=0
    )
    await consumer.start()
    await producer.start()
    try:
        place = TopicPartition(source, 0)
        consumer.assign([place])
        await consumer.seek_to_beginning(place)
        taken, began = 0, time.process_time()
        while taken < events:
            batch = (await consumer.getmany(place, timeout_ms=1000, max_records=500)).get(place, [])
            sends = [await producer.send("benchmark.plain", each.value) for each in batch]
            await asyncio.gather(*sends)
            taken += len(batch)
        return time.process_time() - began
    finally:
        await consumer.stop()
        await producer.stop()


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    figures: dict[str, Any] = {"load_average": os.getloadavg()[0]}
    with installation() as (running, exchange, kafka):
        # Intake has just been told of the two parties; what is measured comes after that.
        paced(
            exchange,
            "ResidentRegistered",
            residents(5, consent=False, prefix="WARM"),
            by=PARTNER,
            rate=5,
        )
        progress("100 registrations, five a second")
        quiet = paced(
            exchange,
            "ResidentRegistered",
            residents(100, consent=False, prefix="LOW"),
            by=PARTNER,
            rate=5,
        )
        figures["receipt_at_5_a_second"] = spread(receipt_waits(kafka, quiet, party=PARTNER))

        progress(f"{arguments.events} registrations, 100 a second")
        before = cpu_seconds(running)
        busy = paced(
            exchange,
            "ResidentRegistered",
            residents(arguments.events, consent=False, prefix="BUSY"),
            by=PARTNER,
            rate=100,
        )
        after = cpu_seconds(running)
        figures["receipt_at_100_a_second"] = spread(receipt_waits(kafka, busy, party=PARTNER))
        figures["cpu_us_per_event"] = {
            name: round(1e6 * (after[name] - before[name]) / len(busy)) for name in after
        }

        progress("the same records through a plain aiokafka loop")
        plain = Topic(
            name="benchmark.plain",
            partitions=1,
            retention_ms=-1,
            segment_ms=86_400_000,
            largest_batch=1024 * 1024,
            flush_each=True,
        )
        kafka.apply([plain])
        seconds = asyncio.run(
            plain_cpu(running.broker, source=party_inbox(PARTNER), events=len(busy))
        )
        figures["plain_cpu_us_per_event"] = round(1e6 * seconds / len(busy))
        whole = sum(figures["cpu_us_per_event"].values())
        figures["cpu_ratio_to_plain"] = round(whole / figures["plain_cpu_us_per_event"], 1)

        progress(f"{arguments.residents} residents to be matched")
        put_forward = residents(arguments.residents, consent=True, prefix="MATCH")
        answered = paced(exchange, "ResidentRegistered", put_forward, by=PARTNER, rate=100)
        exchange.until_all(
            lambda each: each.our_id in exchange.ledger.assessed,
            answered,
            what="assessments of residents",
            seconds=600,
        )
        progress(f"{arguments.postings} postings, two a second")
        told = postings(arguments.postings, prefix="POST")
        posted = paced(exchange, "OpportunityPosted", told, by=SUPPLIER, rate=2)
        exchange.until_all(
            lambda each: each.our_id in exchange.ledger.assessed,
            posted,
            what="assessments",
            seconds=600,
        )
        figures["match_at_2_postings_a_second"] = spread(match_waits(kafka, posted))
        figures["start_seconds"] = start_seconds(running)
        figures["memory_mb"] = {
            name: round(size) for name, size in resident_megabytes(running).items()
        }
    return figures


def progress(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--events", type=int, default=2000)
    parser.add_argument("--residents", type=int, default=200)
    parser.add_argument("--postings", type=int, default=30)
    figures = measure(parser.parse_args())
    for name, figure in figures.items():
        print(f"{name:32} {figure}")


if __name__ == "__main__":
    main()
