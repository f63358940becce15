"""
The parties' side of the story: they send to their inboxes and listen to their queues.

Nothing here waits for a time to pass: every wait is for a record, and is bounded.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

from services.commands.kafka_access import Kafka
from services.demo.expectations import NotArrived
from services.demo.heard import Answered, Heard, Sent, heard
from services.demo.ledger import Ledger
from services.demo.saying import DESK, saying
from services.topology import MARKET_LOG, party_inbox, party_queue

LONGEST_WAIT_MS = 200
RETRY_SECONDS = 30.0
PATIENCE_SECONDS = 60.0

Report = Callable[[str, int, int], None]


class Exchange:
    """
    Every party at once: what they say, what they hear, and what the log holds meanwhile.

    Args:
        kafka: a connection to the installation's broker.
        monotonic: seconds that never go back.
        failure: tells, in a sentence, that the installation failed.
        report: is told of what is waited for: how many of how many came.
    """

    def __init__(
        self,
        kafka: Kafka,
        *,
        monotonic: Callable[[], float],
        failure: Callable[[], str | None],
        report: Report,
    ) -> None:
        self.kafka, self.monotonic = kafka, monotonic
        self.ledger = Ledger()
        self.heard: list[Heard] = []
        self.sent: list[Sent] = []
        self._failure, self._report = failure, report
        self._answers: dict[tuple[str, int], list[Heard]] = {}
        self._topic_ids: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._listening = self._stack.enter_context(self.kafka.listening())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def follow(self, *partitions: int) -> None:
        """
        Follow these partitions of the markets' log, from their beginning.
        """
        for partition in partitions:
            self._listening.join(MARKET_LOG, partition)

    def join(self, *parties: str, seconds: float = PATIENCE_SECONDS) -> None:
        """
        Wait until these parties have their topics, and listen to their queues.

        Raises:
            NotArrived: they have none in time.
        """
        wanted = {topic for slug in parties for topic in (party_inbox(slug), party_queue(slug))}

        def there() -> bool:
            self._topic_ids = self.kafka.topic_ids()
            return wanted <= self._topic_ids.keys()

        self.until(there, what=f"the topics of {len(parties)} parties", seconds=seconds)
        for slug in parties:
            self._listening.join(party_queue(slug))

    def say(
        self,
        kind: str,
        told: Iterable[Mapping[str, Any]],
        *,
        by: str,
        at: str,
        desk: str = DESK,
    ) -> tuple[Sent, ...]:
        """
        Say one event of a kind for each of these data, in one burst.
        """
        events = [
            saying(kind, data, by=by, at=at, named=self._name(by), desk=desk) for data in told
        ]
        values = [json.dumps(event, ensure_ascii=False).encode() for event in events]
        return self._send(by, values, events)

    def say_raw(self, values: Sequence[bytes], *, by: str) -> tuple[Sent, ...]:
        """
        Send bytes as they are, in one burst.
        """
        return self._send(by, values, [{} for _ in values])

    def answers(
        self, sent: Sequence[Sent], *, what: str, seconds: float = PATIENCE_SECONDS
    ) -> tuple[Answered, ...]:
        """
        Wait until each of these has its answer.

        What is refused only because something is still on its way is said again for a
        while, as `foothold send` does.

        Raises:
            NotArrived: not all came in time.
        """
        retry_until = self.monotonic() + RETRY_SECONDS
        current = list(sent)
        while True:
            self.until_all(
                lambda each: each.origin in self._answers, current, what=what, seconds=seconds
            )
            answered = [self._answered(each) for each in current]
            again = [at for at, each in enumerate(answered) if each.passes]
            if not again or self.monotonic() > retry_until:
                return tuple(answered)
            for at in again:
                old = current[at]
                (current[at],) = self._send(old.party, [old.value], [old.event])

    def asked(
        self,
        kind: str,
        told: Iterable[Mapping[str, Any]],
        *,
        by: str,
        at: str,
        what: str,
        seconds: float = PATIENCE_SECONDS,
    ) -> tuple[Answered, ...]:
        """
        Say events and wait for their answers.
        """
        return self.answers(self.say(kind, told, by=by, at=at), what=what, seconds=seconds)

    def answers_to(self, sent: Sent) -> tuple[Heard, ...]:
        """
        Return every answer that came to one submission so far.
        """
        return tuple(self._answers.get(sent.origin, ()))

    def queue(self, party: str) -> tuple[Heard, ...]:
        """
        Return what a party has heard so far, in order.
        """
        return tuple(each for each in self.heard if each.party == party)

    def until_all(
        self,
        came: Callable[[Any], bool],
        awaited: Sequence[Any],
        *,
        what: str,
        seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """
        Listen until something has come for each that is awaited.

        Raises:
            NotArrived: not for all in time.
        """
        missing = list(awaited)

        def complete() -> bool:
            missing[:] = [each for each in missing if not came(each)]
            self._report(what, len(awaited) - len(missing), len(awaited))
            return not missing

        self.until(complete, what=what, seconds=seconds)

    def until(
        self, met: Callable[[], bool], *, what: str, seconds: float = PATIENCE_SECONDS
    ) -> None:
        """
        Listen until a condition is met.

        Raises:
            NotArrived: it is not met in time, or the installation failed.
        """
        end = self.monotonic() + seconds
        while not met():
            failure = self._failure()
            if failure is not None:
                raise NotArrived(f"{what}: {failure}")
            if self.monotonic() > end:
                raise NotArrived(f"{what}: not there after {seconds:g} s")
            self.listen(wait_ms=LONGEST_WAIT_MS)

    def listen(self, *, wait_ms: int) -> None:
        """
        Take what has come, or wait a moment for it.
        """
        for message in self._listening.heard(wait_ms=wait_ms):
            if message.topic == MARKET_LOG:
                self.ledger.take(message)
                continue
            new = heard(message, at=self.monotonic())
            self.heard.append(new)
            if new.answers is not None:
                self._answers.setdefault(new.answers, []).append(new)

    def _send(
        self, by: str, values: Sequence[bytes], events: Sequence[Mapping[str, Any]]
    ) -> tuple[Sent, ...]:
        topic = party_inbox(by)
        at = self.monotonic()
        offsets = self.kafka.send_all(topic, values)
        sent = tuple(
            Sent(
                party=by,
                topic_id=self._topic_ids[topic],
                offset=offset,
                at=at,
                value=value,
                event=event,
            )
            for offset, value, event in zip(offsets, values, events, strict=True)
        )
        self.sent += sent
        return sent

    def _answered(self, sent: Sent) -> Answered:
        return Answered(sent=sent, answer=self._answers[sent.origin][0])

    def _name(self, party: str) -> str:
        self._counts[party] = self._counts.get(party, 0) + 1
        return f"{party}-{self._counts[party]}"
