"""
A broker in memory behind which a party's word is answered: intake, one market, its queue.

It stands in for the connection that commands open. What is sent to an inbox is read by the
real intake and decided by the real market, and the answer is on the queue at once.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import repeat
from types import TracebackType
from typing import Any, Self

from structlog.testing import capture_logs

from matching.market.rights import REGISTER_EVENTS
from schemas import log_record
from schemas.log_record import LogRecord
from schemas.vocabulary import Problem
from services.commands.kafka_access import Message
from services.sealing import Key
from services.topology import MARKET_LOG, party_inbox, party_queue
from services.wording.refusals import explain
from tests.builders import (
    OPERATOR,
    OTHER_PARTNER,
    OTHER_SUPPLIER,
    OWNER,
    PARTNER,
    SUPPLIER,
    MarketUnderTest,
    register_market,
    resident,
    with_contract,
)
from tests.exports import ChainedMarket, log_of
from tests.submissions import Desk, message_in

PARTIES = (OPERATOR, OWNER, SUPPLIER, OTHER_SUPPLIER, PARTNER, OTHER_PARTNER)


@dataclass(slots=True, kw_only=True)
class BrokerInMemory:
    """
    One market, the register, and each party's inbox and queue.

    `said` holds what was sent to inboxes, as plain CloudEvents.
    """

    market: ChainedMarket
    register: MarketUnderTest = field(default_factory=lambda: with_contract(register_market()))
    desk: Desk = field(default_factory=Desk)
    queues: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {each: [] for each in PARTIES}
    )
    said: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, bootstrap: str) -> Self:
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    def knows(self, name: str, *, reference: str, partner: str = PARTNER) -> None:
        """
        Let intake and the partner's queue know whom a reference means.
        """
        subject = resident(name)
        self.desk.keys.references[partner, reference] = subject
        self.desk.keys.create(subject, Key(b"k" * 32))
        named = [{"reference": reference, "id": subject}]
        self._tell(partner, "Receipt", {"ids": named, "origin": {"topic_id": "", "offset": -1}})

    def topic_ids(self) -> dict[str, str]:
        topics = [*map(party_inbox, PARTIES), *map(party_queue, PARTIES)]
        return {topic: f"id-of-{topic.split('.')[1]}" for topic in topics}

    def span(self, topic: str, partition: int = 0) -> tuple[int, int]:
        return 0, len(self.queues[topic.split(".")[1]])

    def send(self, topic: str, value: bytes) -> int:
        party, told = topic.split(".")[1], json.loads(value)
        self.said.append(told)
        with capture_logs():
            message = message_in(self.desk.send(party, told))
        problems = getattr(message.data, "problems", ())
        if message.envelope.event_name != "InputUnreadable":
            named = message.envelope.event_name
            home = self.register if named in REGISTER_EVENTS else self.market
            events = home.say(
                message.data,
                by=party,
                subject=message.envelope.subject,
                id=message.envelope.id,
                who=message.envelope.authid,
            )
            (problems,) = [
                each.data.problems for each in events if each.name == "SubmissionRefused"
            ] or [()]
        self._answer(party, problems)
        return self.desk.offset

    def follow(self, topic: str, *, start: int) -> Iterator[Message | None]:
        yield from self._queue(topic, start=start)
        yield from repeat(None)

    def read(
        self, topic: str, partition: int = 0, *, start: int | None = None
    ) -> Iterator[Message]:
        if topic != MARKET_LOG:
            yield from self._queue(topic, start=start or 0)
            return
        records: tuple[LogRecord, ...] = tuple(self.market.records)
        if partition == 0:
            records = log_of(self.register)
        for offset, record in enumerate(records):
            yield _message(topic, offset, log_record.write(record))

    def _queue(self, topic: str, *, start: int) -> Iterator[Message]:
        for offset, told in enumerate(self.queues[topic.split(".")[1]][start:], start=start):
            yield _message(topic, offset, json.dumps(told).encode())

    def _answer(self, party: str, problems: tuple[Problem, ...]) -> None:
        origin = {"topic_id": f"id-of-{party}", "partition": 0, "offset": self.desk.offset}
        told: dict[str, Any] = {"origin": origin}
        if problems:
            explained = [explain(each) for each in problems]
            told["problems"] = [
                {"code": each.code, "field": each.field, "why": each.why, "mend": each.mend}
                for each in explained
            ]
        self._tell(party, "Refusal" if problems else "Receipt", told)

    def _tell(self, party: str, name: str, data: dict[str, Any]) -> None:
        told = {"id": f"a-{len(self.queues[party])}", "type": f"foothold.{name}.v1", "data": data}
        self.queues[party].append(told)


def _message(topic: str, offset: int, value: bytes) -> Message:
    return Message(
        topic=topic, partition=0, offset=offset, timestamp=0, key=None, value=value, headers={}
    )
