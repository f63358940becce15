"""
A whole installation, whose workers are killed in mid-stream: everything is answered once.

Real workers in processes of their own, on the product's own Apache Kafka.
"""

import io
import json
import os
import signal
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas import log_record
from schemas.log_record import LogRecord
from schemas.vocabulary import instant
from services import clock
from services.commands.init import party_of
from services.commands.installation import Installation
from services.commands.kafka_access import Kafka
from services.commands.log import export_market
from services.commands.register import linked
from services.commands.running import Running
from services.demo import people
from services.demo.exchange import Exchange
from services.demo.heard import Sent
from services.topology import party_inbox
from services.transport.replaying import replayed
from tests.reliability.judging import faults_in_markets

DATA = Path("services/demo/data")
OPERATOR, SUPPLIER, PARTNER = "zedford-foothold", "oakline-retrofit", "northgate-homes"
MARKET, PARTITION = "zedford", 1
BURST, BURSTS = 250, 8
KILLED = ("intake", "market", "notifier", "herald", "matcher", "intake", "market", "notifier")

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(600)]


class House:
    """
    An installation with one supplier, one partner and a market with a real clock.
    """

    def __init__(self, running: Running, exchange: Exchange, kafka: Kafka) -> None:
        self.running, self.exchange, self.kafka = running, exchange, kafka

    def kill(self, worker: str) -> None:
        """
        End a worker at once; the supervisor starts it again.
        """
        pid = self.running.pid_of(worker)
        if pid is not None:
            os.kill(pid, signal.SIGKILL)

    def say(self, kind: str, told: list[dict[str, Any]], *, by: str) -> tuple[Sent, ...]:
        return self.exchange.say(kind, told, by=by, at=now())


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    operator = party_of(json.loads((DATA / "operator.json").read_text()))
    place = Installation(data=tmp_path_factory.mktemp("house"), named_broker=None)
    with (
        Running(place, operator=operator, on_progress=print) as running,
        Kafka(running.broker) as kafka,
        Exchange(
            kafka,
            monotonic=clock.monotonic,
            failure=lambda: running.failure,
            report=lambda *_: None,
        ) as exchange,
    ):
        exchange.follow(0, PARTITION)
        exchange.join(OPERATOR)
        market = json.loads((DATA / "market.json").read_text()) | {"clock": "real", "now": now()}
        ask(exchange, "MarketOpened", [market], by=OPERATOR)
        parties = [
            party
            for name in ("suppliers", "partners")
            for party in json.loads((DATA / f"{name}.json").read_text())
            if party["slug"] in (SUPPLIER, PARTNER)
        ]
        ask(exchange, "PartyRegistered", parties, by=OPERATOR)
        exchange.join(SUPPLIER, PARTNER)
        yield House(running, exchange, kafka)
        assert faults_in_markets(kafka) == {}


def ask(exchange: Exchange, kind: str, told: list[dict[str, Any]], *, by: str) -> None:
    exchange.asked(kind, told, by=by, at=now(), what=kind, seconds=180)


def now() -> str:
    return instant(clock.now())


def registrations(count: int, *, prefix: str, consent: bool) -> list[dict[str, Any]]:
    drawn = people.residents(PARTNER, count=100, seed=2026)
    given = {"purpose": "matching", "notice_version": 1, "given_on": now()[:10]}
    made = []
    for n in range(count):
        told = {**drawn[n % len(drawn)], "reference": f"{prefix}-{n:04d}"}
        told.pop("consent", None)
        made.append(told | ({"consent": given} if consent else {}))
    return made


def postings(count: int) -> list[dict[str, Any]]:
    told = json.loads((DATA / "opportunities.json").read_text())
    lawful = [each for per in told.values() for each in per if "contract_reference" not in each]
    closes = (clock.now() + timedelta(days=60)).date()
    dates = {"closes_on": str(closes), "starts_on": str(closes + timedelta(days=30))}
    return [each | dates | {"reference": f"POST-{n}"} for n, each in enumerate(lawful[:count])]


def test_each_worker_killed_in_mid_stream_and_everything_is_answered_exactly_once(
    house: House,
) -> None:
    matched = house.say(
        "ResidentRegistered", registrations(20, prefix="MATCH", consent=True), by=PARTNER
    )
    posted = house.say("OpportunityPosted", postings(6), by=SUPPLIER)
    sent = [*matched, *posted]
    told = registrations(BURST * BURSTS, prefix="MANY", consent=False)

    for n, worker in enumerate(KILLED):
        burst = told[n * BURST : (n + 1) * BURST]
        sent += house.say("ResidentRegistered", burst, by=PARTNER)
        # Killed when the burst's first answer is there, so in the middle of the burst.
        house.exchange.answers(sent[-BURST : -BURST + 1], what="a first answer", seconds=180)
        house.kill(worker)
    answered = house.exchange.answers(sent, what="all answers", seconds=300)

    assert len(sent) == 2026
    assert all(each.accepted for each in answered)
    for each in sent:
        answers = house.exchange.answers_to(each)
        assert len({answer.value for answer in answers}) == 1


def test_the_log_holds_each_submission_once_and_has_no_hole(house: House) -> None:
    records = [each.record for each in linked(house.kafka, partition=PARTITION, market=MARKET)]

    sources = Counter(
        (source["topic_id"], source["offset"])
        for record in records
        if (source := record.leaves[0].body.get("source")) is not None
    )
    inboxes = (party_inbox(PARTNER), party_inbox(SUPPLIER))
    said = sum(house.kafka.span(inbox)[1] for inbox in inboxes)
    assert [record.sequence for record in records] == list(range(1, len(records) + 1))
    assert set(sources.values()) == {1}
    assert len(sources) == said


def test_whoever_consented_is_assessed_all_the_same(house: House) -> None:
    wanted = {fact.subject for fact in house.exchange.ledger.named(MARKET, "ConsentGiven")} | {
        fact.subject for fact in house.exchange.ledger.named(MARKET, "OpportunityPostedSealed")
    }

    house.exchange.until(
        lambda: wanted <= house.exchange.ledger.assessed, what="assessments", seconds=180
    )

    assert len(wanted) == 26


def test_what_was_decided_through_all_that_is_decided_again_to_the_same_bytes(
    house: House,
) -> None:
    file = io.StringIO()
    export_market(house.kafka, MARKET, PARTITION, file)
    records = [log_record.read(line.encode()) for line in file.getvalue().splitlines()[1:]]

    outcome = replayed([each for each in records if isinstance(each, LogRecord)])

    assert outcome.difference is None
    assert outcome.quarantined == ()
    assert outcome.same == len(records)
