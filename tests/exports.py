"""
A market's log as the shell writes it, and as `foothold log export` writes it to a file.
"""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from matching.market.record import Happened, Said
from schemas import log_record
from schemas.log_record import Cause, LogRecord, first_previous
from services.transport.records import compose
from tests.builders import MarketUnderTest


def salt(market: str, sequence: int, leaf: int) -> bytes:
    return sha256(f"{market}/{sequence}/{leaf}".encode()).digest()


@dataclass(slots=True)
class ChainedMarket(MarketUnderTest):
    """
    A market under test whose digests are those of the records that would be exported.

    A seed that is taken from the log's head comes out the same when the export is replayed.
    """

    records: list[LogRecord] = field(default_factory=list)

    def hear(self, thing: Said) -> tuple[Happened, ...] | None:
        events = MarketUnderTest.hear(self, thing)
        if events is not None:
            self.chain()
        return events

    def chain(self) -> None:
        """
        Compose what is on the log and in no record yet.
        """
        for entry in self.log[len(self.records) :]:
            self.records.append(_composed(self.code, self.records, entry))
        self.state.digest = self.records[-1].digest


def chained(market: MarketUnderTest) -> ChainedMarket:
    """
    Take over a market, and chain it from now on.
    """
    made = ChainedMarket(
        code=market.code, state=market.state, log=market.log, said=market.said, silent=market.silent
    )
    made.chain()
    return made


def log_of(market: MarketUnderTest) -> tuple[LogRecord, ...]:
    """
    The market's log as the shell writes it.
    """
    records: list[LogRecord] = []
    for entry in market.log:
        records.append(_composed(market.code, records, entry))
    return tuple(records)


def _composed(
    market: str,
    records: list[LogRecord],
    entry: tuple[Cause, dict[str, Any], tuple[Happened, ...]],
) -> LogRecord:
    cause, told, events = entry
    return compose(
        market,
        sequence=len(records) + 1,
        previous=records[-1].digest if records else first_previous(market),
        cause=cause,
        told=told,
        events=events,
        salts=salt,
    )


def export(records: tuple[LogRecord, ...], path: Path) -> Path:
    first = {
        "format": log_record.FORMAT,
        "market": records[0].market,
        "genesis": "g",
        "partition": 1,
        "head": {"sequence": len(records), "digest": records[-1].digest},
    }
    lines = [json.dumps(first), *(log_record.write(record).decode() for record in records)]
    path.write_text("\n".join(lines) + "\n")
    return path
