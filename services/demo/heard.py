"""
What parties said and heard: records of their inboxes and queues, as plain values.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.commands.answers import RETRIED_CODES, is_receipt, is_refusal
from services.commands.kafka_access import Message
from services.topology import party_of

Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """
    One submission: who sent it, where it stands in the inbox, and when it was sent.

    `at` is in seconds of a clock that never goes back. `event` is empty where the bytes
    are no event.
    """

    party: str
    topic_id: str
    offset: int
    at: float
    value: bytes
    event: Event

    @property
    def origin(self) -> tuple[str, int]:
        """
        The position that an answer names.
        """
        return self.topic_id, self.offset


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """
    One record of a party's queue, and when it was heard.
    """

    party: str
    at: float
    event: Event
    headers: Mapping[str, bytes]
    value: bytes

    @property
    def name(self) -> str:
        """
        The event's bare name, such as `Receipt`.
        """
        return str(self.event["type"]).split(".")[1]

    @property
    def data(self) -> Mapping[str, Any]:
        """
        The event's data.
        """
        told: Mapping[str, Any] = self.event["data"]
        return told

    @property
    def answers(self) -> tuple[str, int] | None:
        """
        The origin that this answers, if it is an answer.
        """
        if not (is_receipt(dict(self.event)) or is_refusal(dict(self.event))):
            return None
        origin = self.data["origin"]
        return origin["topic_id"], origin["offset"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """
    A submission with its answer.
    """

    sent: Sent
    answer: Heard

    @property
    def accepted(self) -> bool:
        """
        Tell whether the answer is a receipt.
        """
        return self.answer.name == "Receipt"

    @property
    def problems(self) -> tuple[Mapping[str, Any], ...]:
        """
        What is wrong, where the answer is a refusal.
        """
        return () if self.accepted else tuple(self.answer.data["problems"])

    @property
    def milliseconds(self) -> int:
        """
        From sending to hearing the answer.
        """
        return round(1000 * (self.answer.at - self.sent.at))

    @property
    def our_id(self) -> str | None:
        """
        The id that we minted, as the receipt gives it.
        """
        ids = self.answer.data.get("ids", ()) if self.accepted else ()
        return str(ids[0]["id"]) if ids else None

    @property
    def passes(self) -> bool:
        """
        Tell whether a refusal passes by itself: what it waits for is on its way.
        """
        codes = {problem["code"] for problem in self.problems}
        return bool(codes) and codes <= RETRIED_CODES


def heard(message: Message, *, at: float) -> Heard:
    """
    Read one record of a queue.
    """
    return Heard(
        party=party_of(message.topic) or "",
        at=at,
        event=json.loads(message.value),
        headers=message.headers,
        value=message.value,
    )


def minted(heard: Iterable[Heard]) -> dict[tuple[str, str], str]:
    """
    Return the ids that we minted, by party and the party's own reference, from receipts.
    """
    return {
        (each.party, named["reference"]): str(named["id"])
        for each in heard
        if each.name == "Receipt"
        for named in each.data.get("ids", ())
    }
