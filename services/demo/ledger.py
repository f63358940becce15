"""
The markets' logs as the narrator reads them: what holds, in order, by market.
"""

from schemas.log_record import LogRecord, NotALogRecord, first_previous, read
from services.commands.kafka_access import Message
from services.commands.register import Fact, facts_of


class Ledger:
    """
    The events of each market, of the records that link and of no others.

    Attributes:
        facts: by market, its events in order.
        values: the records as they stand in the topic.
        assessed: the residents and opportunities of which a whole assessment stands there.
    """

    def __init__(self) -> None:
        self.facts: dict[str, list[Fact]] = {}
        self.values: list[bytes] = []
        self.assessed: set[str] = set()
        self._heads: dict[str, tuple[int, str]] = {}

    def take(self, message: Message) -> None:
        """
        Take one record of the log.
        """
        record = _record(message.value)
        if record is None:
            return
        sequence, digest = self._heads.get(record.market, (0, first_previous(record.market)))
        if record.sequence != sequence + 1 or record.previous != digest:
            return
        self._heads[record.market] = (record.sequence, record.digest)
        self.values.append(message.value)
        new = tuple(facts_of(record))
        self.facts.setdefault(record.market, []).extend(new)
        self.assessed |= {fact.data["subject"] for fact in new if _ends_assessment(fact)}

    def records(self, market: str) -> int:
        """
        Return how many records a market's log holds.
        """
        return self._heads.get(market, (0, ""))[0]

    def named(self, market: str, name: str) -> tuple[Fact, ...]:
        """
        Return the events of one kind, in order.
        """
        return tuple(fact for fact in self.facts.get(market, ()) if fact.name == name)


def _ends_assessment(fact: Fact) -> bool:
    return fact.name == "FitsAssessed" and bool(fact.data["part"] == fact.data["parts"])


def _record(value: bytes) -> LogRecord | None:
    try:
        found = read(value)
    except NotALogRecord:
        return None
    return found if isinstance(found, LogRecord) else None
