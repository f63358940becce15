"""
A small market for the transport's tests: it counts words, and one word makes it raise.

It keeps the core's interface, so that faults of the shell can be told from the domain's.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from matching.market.record import Happened, Said
from schemas import codec, log_record
from schemas.answers import SubmissionRefused
from schemas.envelope import Envelope, Message, event_id
from schemas.log_record import Cause, LogRecord, Position
from schemas.markets import MarketOpened
from schemas.parties import KeyDestroyed
from schemas.rules import RulesAdopted
from schemas.ticks import Tick
from schemas.vocabulary import Clock, Nation, Problem, event_type, later
from services.topology import MARKET_INBOX, MARKET_LOG
from services.transport import inbox
from services.transport.fold import PartitionFold
from services.transport.ports import Entry, RecordLog
from services.transport.snapshots import Snapshots
from tests.fakes import NINE_IN_THE_MORNING, MemoryLog

INBOX_OF_OAKLINE = "oakline-inbox-id"
POISON = "poison"
SLOW_POISON = "slow_poison"


@dataclass(slots=True, kw_only=True)
class ToyState:
    code: str
    sequence: int = 0
    digest: str = ""
    now: str = "0001-01-01T00:00:00.000Z"
    rules: RulesAdopted | None = None
    words: dict[str, int] = field(default_factory=dict)
    mark: int = -1


class ToyFold:
    """
    Counts each word that is said. `poison` raises, after it has already been counted.
    """

    def __init__(self, *, greeting: str = "") -> None:
        self.greeting = greeting
        self.decided: list[tuple[str, int]] = []

    def empty(self, code: str) -> ToyState:
        return ToyState(code=code, digest=log_record.first_previous(code))

    def decide(self, state: ToyState, said: Said) -> tuple[Happened, ...] | None:
        self.decided.append((state.code, said.inbox.offset))
        if isinstance(said.data, Tick):
            state.now = max(state.now, said.data.at)
            return None
        if said.source is not None and said.source.offset <= state.mark:
            return None
        event = _happened(state, said.data, said="/message/data")
        self._count(state, event)
        if said.data.reason == POISON:
            raise ZeroDivisionError("a bug of the core")
        state.mark = said.source.offset if said.source else state.mark
        return (event,)

    def quarantine(self, state: ToyState, said: Said) -> tuple[Happened, ...]:
        state.mark = said.source.offset if said.source else state.mark
        problem = Problem(code="internal", field="")
        return (_happened(state, SubmissionRefused(problems=(problem,))),)

    def open_market(self, state: ToyState, opened: MarketOpened) -> tuple[Happened, ...]:
        state.now = max(state.now, opened.now)
        return (_happened(state, opened),)

    def evolve(
        self, state: ToyState, cause: Cause, told: dict[str, Any], events: tuple[Happened, ...]
    ) -> None:
        state.now = max(state.now, cause.now)
        for event in events:
            self._count(state, event)
            if isinstance(event.data, MarketOpened):
                state.now = max(state.now, event.data.now)
        if cause.source is not None:
            state.mark = max(state.mark, cause.source.offset)

    def link(self, state: ToyState, *, sequence: int, digest: str) -> None:
        state.sequence, state.digest = sequence, digest

    @staticmethod
    def _count(state: ToyState, event: Happened) -> None:
        if isinstance(event.data, KeyDestroyed):
            word = event.data.reason
            state.words[word] = state.words.get(word, 0) + 1


def _happened(state: ToyState, data: object, *, said: str | None = None) -> Happened:
    kind = event_type(data)
    return Happened(
        id=event_id(state.code, sequence=state.sequence + 1, n=1),
        name=kind.name,
        version=kind.version,
        subject=None,
        party=None,
        data=data,
        said=said,
    )


def word(code: str, reason: str, *, n: int, source: bool = True) -> Entry:
    """
    Say a word to a market, as the `n`th record of a party's inbox.
    """
    message = Message(
        envelope=Envelope(id=f"s-{n}", source="/party/oakline", type="foothold.KeyDestroyed.v1"),
        data=KeyDestroyed(resident=f"r-{n}", reason=reason),
    )
    position = Position(topic_id=INBOX_OF_OAKLINE, partition=0, offset=n) if source else None
    return inbox.entry(code, message, source=position)


def tick(code: str, *, minutes: int) -> Entry:
    """
    Tell a market the time: so many minutes after nine.
    """
    at = later(NINE_IN_THE_MORNING, timedelta(minutes=minutes))
    message = Message(
        envelope=Envelope(id=f"tick-{at}", source="/worker/ticker", type="foothold.Tick.v1"),
        data=Tick(market=code, at=at),
    )
    return inbox.entry(code, message)


def opened(code: str, *, partition: int = 0) -> MarketOpened:
    return MarketOpened(
        code=code,
        name=f"The market of {code}",
        partition=partition,
        outcodes=("TS1",),
        nation=Nation.ENGLAND,
        clock=Clock.SIMULATED,
        now=NINE_IN_THE_MORNING,
    )


def salts(market: str, sequence: int, leaf: int) -> bytes:
    return hashlib.sha256(f"{market}/{sequence}/{leaf}".encode()).digest()


def market_topics(*, partitions: int = 1) -> MemoryLog:
    log = MemoryLog()
    log.make(MARKET_INBOX, partitions=partitions)
    log.make(MARKET_LOG, partitions=partitions)
    return log


def toy_fold(
    log: RecordLog,
    *,
    core: ToyFold | None = None,
    partition: int = 0,
    release: str = "1",
    snapshots: Snapshots[ToyState] | None = None,
    snapshot_every: int = 1,
    genesis: str = "genesis-1",
) -> PartitionFold[ToyState]:
    """
    Run the toy market on a partition; every market but the unknown one stands in the register.
    """

    async def lookup(code: str) -> MarketOpened | None:
        return None if code == "nowhere" else opened(code, partition=partition)

    return PartitionFold(
        partition,
        record_log=log,
        fold=core or ToyFold(),
        salts=salts,
        release=release,
        new_id=lambda: genesis,
        lookup=lookup,
        snapshots=snapshots,
        snapshot_every=snapshot_every,
    )


async def work(fold: PartitionFold[ToyState]) -> PartitionFold[ToyState]:
    """
    Prepare a fold and let it take up all that stands in its inbox.
    """
    await fold.prepare()
    while await fold.step():
        pass
    return fold


def log_records(log: MemoryLog, *, partition: int = 0) -> list[LogRecord]:
    """
    Read every record of a partition of the log but its genesis.
    """
    found = [log_record.read(record.value) for record in log.records(MARKET_LOG, partition)]
    return [record for record in found if isinstance(record, LogRecord)]


def words_logged(log: MemoryLog, code: str, *, partition: int = 0) -> list[str]:
    """
    Name what each record of a market holds, in the order of the log.
    """
    names = []
    for record in log_records(log, partition=partition):
        if record.market == code:
            event, told = record.leaves[2].body, record.leaves[1].body
            words = told["message"].get("data", {})
            plain = event["type"] == "KeyDestroyed"
            names.append(words["reason"] if plain else event["type"])
    return names


def dump(state: ToyState) -> Any:
    return codec.adapter(ToyState).dump_python(state, mode="json")


def load(told: Any) -> ToyState:
    found: ToyState = codec.adapter(ToyState).validate_python(told)
    return found
