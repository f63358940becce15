"""
Answers to what was just sent: waited for on the sender's own queue, and shown.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.text import Text

from services.commands.kafka_access import Kafka, Message
from services.commands.local_words import in_local_time
from services.topology import party_queue
from services.wording.positions import step_in_words

RETRIED_CODES = {"contract_not_here_yet", "party_unknown", "rules_not_here_yet"}


@dataclass(slots=True, kw_only=True)
class Answers:
    """
    The answers on a party's queue from an offset on, by the offset of what they answer.
    """

    kafka: Kafka
    party: str
    topic_id: str
    monotonic: Callable[[], float]
    start: int = 0
    found: dict[int, dict[str, Any]] = field(default_factory=dict)

    def wait(self, offsets: set[int], *, seconds: float) -> Iterator[tuple[int, dict[str, Any]]]:
        """
        Yield each answer to one of these offsets as it comes, until all came or time is up.
        """
        end = self.monotonic() + seconds
        waiting = set(offsets)
        for message in self.kafka.follow(party_queue(self.party), start=self.start):
            if message is not None:
                self.start = message.offset + 1
                answer = answer_of(message)
                origin = (answer or {}).get("data", {}).get("origin", {})
                if (
                    answer
                    and origin.get("topic_id") == self.topic_id
                    and origin["offset"] in waiting
                ):
                    waiting.discard(origin["offset"])
                    yield origin["offset"], answer
            if not waiting or self.monotonic() > end:
                return


def answer_of(message: Message) -> dict[str, Any] | None:
    """
    Return a receipt or a refusal as plain values; nothing for other messages.
    """
    event: dict[str, Any] = json.loads(message.value)
    return event if is_receipt(event) or is_refusal(event) else None


def is_receipt(event: dict[str, Any]) -> bool:
    """
    Tell whether a queue's event is a receipt.
    """
    return str(event.get("type")).startswith("foothold.Receipt.")


def is_refusal(event: dict[str, Any]) -> bool:
    """
    Tell whether a queue's event is a refusal.
    """
    return str(event.get("type")).startswith("foothold.Refusal.")


def wants_retry(event: dict[str, Any]) -> bool:
    """
    Tell whether a refusal passes by itself: what it waits for is on its way.
    """
    problems = event["data"].get("problems", []) if is_refusal(event) else []
    return bool(problems) and all(problem["code"] in RETRIED_CODES for problem in problems)


def show(console: Console, label: str, event: dict[str, Any]) -> None:
    """
    Show one answer: what was accepted under which id, or each problem and how to mend it.
    """
    data = event["data"]
    if is_receipt(event):
        ids = ", ".join(f"{each['reference']} is {each['id']}" for each in data.get("ids", []))
        again = " (said before; this is the first answer again)" if "duplicate_of" in data else ""
        version = f", version {data['version']}" if data.get("version") else ""
        console.print(Text.assemble((f"{label}: ", "bold"), "accepted", version, again))
        if ids:
            console.print(Text(f"    {ids}"))
        for step in data.get("timetable", ()):
            told = f"{in_local_time(step['at'])}: {step_in_words(step['what'])}"
            console.print(Text(f"    {told}"))
        return
    console.print(Text.assemble((f"{label}: ", "bold"), ("refused", "red")))
    # What several fields are told alike is told once, as of a table with many unknown columns.
    for (value, why, mend), alike in groupby(data["problems"], key=_told):
        places = ", ".join(problem["field"] or "the message" for problem in alike)
        console.print(Text(f"    {places}{value}: {why}"))
        console.print(Text(f"    What to do: {mend}", style="dim"))


def _told(problem: dict[str, Any]) -> tuple[str, str, str]:
    sent = problem.get("value")
    value = "" if sent is None else f" (you sent {json.dumps(sent, ensure_ascii=False)})"
    return value, problem["why"], problem["mend"]
