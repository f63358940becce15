"""Parties send and listen: every wait is for a record, and is bounded."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from services.commands.kafka_access import Kafka, Message
from services.demo.exchange import Exchange
from services.demo.expectations import NotArrived
from services.topology import party_inbox, party_queue
from tests.unit.services.demo.queues import message


@dataclass
class Town:
    """
    A broker of two parties' topics in memory, with a clock that runs while one listens.

    Each submission gets the next of the answers that are prepared, or none.
    """

    answers: list[dict[str, Any]] = field(default_factory=list)
    waiting: list[Message] = field(default_factory=list)
    inbox: list[bytes] = field(default_factory=list)
    now: float = 0.0

    def topic_ids(self) -> dict[str, str]:
        return {party_inbox("oakline"): "inbox", party_queue("oakline"): "queue"}

    @contextmanager
    def listening(self) -> Iterator["Town"]:
        yield self

    def join(self, topic: str, partition: int = 0, *, start: int = 0) -> None:
        """Listen to another topic; there is only one anyway."""

    def heard(self, *, wait_ms: int) -> tuple[Message, ...]:
        self.now += wait_ms / 1000
        came, self.waiting = tuple(self.waiting), []
        return came

    def send_all(self, topic: str, values: list[bytes]) -> tuple[int, ...]:
        assert topic == party_inbox("oakline")
        first = len(self.inbox)
        self.inbox += values
        for offset in range(first, len(self.inbox)):
            if self.answers:
                answer = self.answers.pop(0)
                origin = {"topic_id": "inbox", "partition": 0, "offset": offset}
                kind = "Refusal" if "problems" in answer else "Receipt"
                self.waiting.append(message(kind, {"origin": origin} | answer, party="oakline"))
        return tuple(range(first, len(self.inbox)))


def refusal(code: str) -> dict[str, Any]:
    return {"problems": [{"code": code, "field": "/data/contract", "why": "w", "mend": "m"}]}


@contextmanager
def exchange_in(town: Town, *, failure: str | None = None) -> Iterator[Exchange]:
    with Exchange(
        cast(Kafka, town),
        monotonic=lambda: town.now,
        failure=lambda: failure,
        report=lambda what, came, of: None,
    ) as exchange:
        if failure is None:
            exchange.join("oakline")
        yield exchange


def test_each_submission_gets_its_own_answer() -> None:
    town = Town(answers=[{"ids": [{"reference": "R-1", "id": "o-1"}]}, refusal("said_twice")])
    with exchange_in(town) as exchange:
        first, second = exchange.asked("Tick", [{}, {}], by="oakline", at="", what="answers")

    assert (first.accepted, first.our_id) == (True, "o-1")
    assert (second.accepted, second.problems[0]["code"]) == (False, "said_twice")


def test_what_is_only_on_its_way_is_said_again() -> None:
    town = Town(answers=[refusal("contract_not_here_yet"), {}])
    with exchange_in(town) as exchange:
        (answered,) = exchange.asked("Tick", [{}], by="oakline", at="", what="an answer")

    assert answered.accepted
    assert len(town.inbox) == 2
    assert town.inbox[0] == town.inbox[1]


def test_another_refusal_is_final() -> None:
    town = Town(answers=[refusal("contract_unknown"), {}])
    with exchange_in(town) as exchange:
        (answered,) = exchange.asked("Tick", [{}], by="oakline", at="", what="an answer")

    assert not answered.accepted
    assert len(town.inbox) == 1


def test_what_does_not_come_is_named_after_a_bounded_wait() -> None:
    town = Town()
    with exchange_in(town) as exchange, pytest.raises(NotArrived, match="a receipt: not there"):
        exchange.asked("Tick", [{}], by="oakline", at="", what="a receipt", seconds=5)

    assert 5 <= town.now < 6


def test_a_failed_installation_ends_the_wait_at_once() -> None:
    town = Town()
    with (
        exchange_in(town, failure="intake ended 9 times") as exchange,
        pytest.raises(NotArrived, match="intake ended 9 times"),
    ):
        exchange.until(lambda: False, what="anything")

    assert town.now == 0


def test_parties_without_topics_are_waited_for() -> None:
    with exchange_in(Town()) as exchange, pytest.raises(NotArrived, match="topics of 1 parties"):
        exchange.join("larkfold", seconds=2)
