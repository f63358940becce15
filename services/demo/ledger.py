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
        compared: the pairs of a resident and an opportunity that assessments hold, each with
            whether it lies within a standing yes.
        rules_owed: by resident, the record with their last fact, as long as no rule code
            that knows of it stands there.
    """

    def __init__(self) -> None:
        self.facts: dict[str, list[Fact]] = {}
        self.values: list[bytes] = []
        self.assessed: set[str] = set()
        self.compared: dict[tuple[str, str], bool] = {}
        self.rules_owed: dict[str, int] = {}
        self._heads: dict[str, tuple[int, str]] = {}
        self._times: dict[str, list[str]] = {}

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
        self._note_times(record.market, new, since=record.leaves[0].body["now"])
        self.assessed |= {fact.data["subject"] for fact in new if _ends_assessment(fact)}
        for fact in new:
            if fact.name == "FitsAssessed":
                self.compared |= _pairs(fact)
            elif fact.name == "FactGivenSealed":
                self.rules_owed[fact.subject or ""] = record.sequence
            elif fact.name == "RulesAssessed":
                self._ruled(fact)

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

    def timed(self, market: str) -> tuple[tuple[str, Fact], ...]:
        """
        Return all events of a market in order, each with the market's time when it was decided.
        """
        facts = self.facts.get(market, ())
        return tuple(zip(self._times.get(market, ()), facts, strict=True))

    def now(self, market: str) -> str:
        """
        Return a market's time, as the last tick that stands there set it.
        """
        return str(self.named(market, "Tick")[-1].data["at"])

    def _ruled(self, fact: Fact) -> None:
        resident = fact.data["resident"]
        if fact.data["as_of"] >= self.rules_owed.get(resident, 0):
            self.rules_owed.pop(resident, None)

    def _note_times(self, market: str, new: tuple[Fact, ...], *, since: str) -> None:
        times = self._times.setdefault(market, [])
        now = max(since, times[-1]) if times else since
        for fact in new:
            now = max(now, fact.data["at"]) if fact.name == "Tick" else now
            times.append(now)


def _pairs(fact: Fact) -> dict[tuple[str, str], bool]:
    """
    Return the pairs of an assessment; one of few pairs is one part, and so in force with it.
    """
    return {
        (pair["resident"], pair["opportunity"]): bool(pair.get("standing", False))
        for pair in fact.data["pairs"]
    }


def _ends_assessment(fact: Fact) -> bool:
    return fact.name == "FitsAssessed" and bool(fact.data["part"] == fact.data["parts"])


def _record(value: bytes) -> LogRecord | None:
    try:
        found = read(value)
    except NotALogRecord:
        return None
    return found if isinstance(found, LogRecord) else None
