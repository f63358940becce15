"""
What invented parties send, as plain JSON values, and an intake to send it to.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from schemas import codec
from schemas.envelope import Message
from schemas.markets import MarketOpened
from schemas.vocabulary import Clock, Nation
from services.intake.handlers import LARGEST_SAID, Intake
from services.transport.ports import Outgoing, Record
from tests.keys_in_memory import KeysInMemory

NOON = "2026-01-13T12:00:00.000Z"
BEFORE_NOON = "2026-01-13T11:59:00.000Z"

ZEDFORD = MarketOpened(
    code="zedford",
    name="Zedford and the valley",
    partition=4,
    outcodes=("ZZ1", "ZZ2"),
    nation=Nation.ENGLAND,
    clock=Clock.REAL,
    now="2026-01-01T00:00:00.000Z",
)
YARROW = replace(ZEDFORD, code="yarrow", name="Yarrow", partition=7, outcodes=("YY1",))
REHEARSAL = replace(
    ZEDFORD, code="rehearsal", partition=9, outcodes=("XX1",), clock=Clock.SIMULATED
)

WHO = {"authtype": "user", "authid": "ck-07"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingMarkets:
    markets: Mapping[str, MarketOpened]


@dataclass(frozen=True, slots=True)
class RegisterInMemory:
    """
    Markets with the instant at which each was appended to the register's log.
    """

    opened: tuple[tuple[str, MarketOpened], ...] = tuple(
        ("2026-01-01T00:00:00.000Z", market) for market in (ZEDFORD, YARROW, REHEARSAL)
    )

    def as_of(self, appended_at: str) -> StandingMarkets:
        return StandingMarkets(
            markets={market.code: market for at, market in self.opened if at <= appended_at}
        )


def drawing() -> Callable[[int], bytes]:
    numbers = count(1)
    return lambda size: next(numbers).to_bytes(size)


@dataclass(slots=True, kw_only=True)
class Desk:
    """
    An intake with its key store, and the offsets of each party's inbox.
    """

    keys: KeysInMemory = field(default_factory=KeysInMemory)
    register: RegisterInMemory = field(default_factory=RegisterInMemory)
    largest: int = LARGEST_SAID
    draw: Callable[[int], bytes] = field(default_factory=drawing)
    offset: int = 0

    def intake(self) -> Intake:
        return Intake(
            register=self.register,
            keys=self.keys,
            topic_id=lambda topic: f"id-of-{topic.split('.')[1]}",
            draw=self.draw,
            largest=self.largest,
        )

    def record(self, party: str, raw: bytes, *, at: str = NOON) -> Record:
        self.offset += 1
        return Record(
            topic=f"party.{party}.inbox.v1",
            partition=0,
            offset=self.offset,
            appended_at=at,
            key=None,
            value=raw,
            headers=(),
        )

    def send(self, party: str, told: Any, *, at: str = NOON) -> Outgoing:
        (sent,) = self.intake().forward(self.record(party, json.dumps(told).encode(), at=at))
        return sent


def event(kind: str, data: Mapping[str, Any], *, party: str, **context: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"{kind}-1",
        "source": f"/party/{party}",
        "type": f"foothold.{kind}.v1",
        "time": BEFORE_NOON,
        "data": dict(data),
        **context,
    }


def profile(**changed: Any) -> dict[str, Any]:
    return {"reference": "N-17", "birth_date": "1999-05-04", "outcode": "ZZ1", **changed}


def posting(**changed: Any) -> dict[str, Any]:
    return {
        "reference": "OAK-1",
        "kind": "job",
        "place": {"outcode": "ZZ1"},
        "positions": 2,
        "pay": {"basis": "hourly", "pence": 1350},
        "minutes_a_week": 2250,
        "starts_on": "2026-03-02",
        "closes_on": "2026-02-13",
        "title": "Retrofit assistant",
        "role_mailbox": "jobs@oakline.example",
        **changed,
    }


def registered(**changed: Any) -> dict[str, Any]:
    return event("ResidentRegistered", profile(**changed), party="northfield")


def posted(**changed: Any) -> dict[str, Any]:
    return event("OpportunityPosted", posting(**changed), party="oakline")


def message_in(sent: Outgoing) -> Message:
    """
    Read what intake sent; it must be a valid event.
    """
    found = codec.read(sent.entry.value)
    assert isinstance(found, Message), found
    return found


def problems_in(
    sent: Outgoing, *, market: tuple[str, int] = ("_register", 0)
) -> list[tuple[str, str]]:
    """
    Return code and field of each problem that the register, or another market, is told.
    """
    message = message_in(sent)
    assert message.envelope.event_name == "InputUnreadable"
    assert (sent.entry.key, sent.partition) == (market[0].encode(), market[1])
    return [(problem.code, problem.field) for problem in getattr(message.data, "problems", ())]
