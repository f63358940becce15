"""
The proof of a market's seeds and tickets, from its exported log and the register's lotteries.

A ticket is the first 64 bits of HMAC-SHA256(seed, resident's id). It is drawn again here
with the standard library, not by the code that drew it.
"""

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from matching.market.record import Happened
from schemas.log_record import LogRecord
from schemas.lottery import LotteryRevealed, SeedFixed, SeedSource
from schemas.residents import ResidentRegisteredSealed
from schemas.slots import SlotProposed
from services.commands.lottery_proof import Line, Lottery, counted, events_in, fault

TICKET_DIGITS = 16
READ = frozenset({"LotteryRevealed", "SeedFixed", "SlotProposed", "ResidentRegisteredSealed"})


@dataclass(slots=True, kw_only=True)
class Market:
    """
    What a market's log has said so far; records by epoch, or by resident where they `joined`.
    """

    code: str
    heard: dict[str, int] = field(default_factory=dict)
    seeds: dict[str, str] = field(default_factory=dict)
    known_from: dict[str, int] = field(default_factory=dict)
    from_log: set[str] = field(default_factory=set)
    joined: dict[str, int] = field(default_factory=dict)
    tickets: Counter[str] = field(default_factory=Counter)
    newcomers: dict[str, set[str]] = field(default_factory=dict)


def ticket_of(seed: str, resident: str) -> str:
    """
    Draw a resident's ticket from a seed: 16 hexadecimal digits.

    >>> ticket_of("00" * 32, "zedford-r-aaaaaaaaaaaaaaaa")
    '82bb7b8e4bc3a84b'
    """
    drawn = hmac.new(bytes.fromhex(seed), resident.encode(), hashlib.sha256)
    return drawn.hexdigest()[:TICKET_DIGITS]


def market_lines(records: Sequence[LogRecord], lotteries: Mapping[str, Lottery]) -> Iterator[Line]:
    """
    Check each seed that a market fixed, and each ticket of its proposals.

    Args:
        records: the market's records from the first on, whose chain was checked.
        lotteries: those of the register, checked, by epoch.

    Yields:
        What holds, in the order in which it was checked.

    Raises:
        DoesNotHold: the first thing that does not.
    """
    market = Market(code=records[0].market if records else "")
    for record in records:
        for event in events_in(record, READ):
            match event.data:
                case ResidentRegisteredSealed():
                    market.joined.setdefault(event.subject or "", record.sequence)
                case LotteryRevealed():
                    _heard(record, event, market, lotteries)
                case SeedFixed() as fixed:
                    yield _fixed(record, fixed, market, lotteries)
                case SlotProposed() as proposed:
                    _drawn(record, proposed, market)
    for epoch in market.seeds:
        yield from _ticket_lines(market, epoch)


def _heard(
    record: LogRecord, event: Happened, market: Market, lotteries: Mapping[str, Lottery]
) -> None:
    told: LotteryRevealed = event.data
    lottery = lotteries.get(told.epoch)
    if lottery is None or (told.secret, told.seed) != (lottery.secret, lottery.seed):
        raise fault(record, f"the reveal of {told.epoch} is not the one in the register's export")
    market.heard[told.epoch] = record.sequence


def _fixed(
    record: LogRecord, fixed: SeedFixed, market: Market, lotteries: Mapping[str, Lottery]
) -> Line:
    epoch = fixed.epoch
    if epoch in market.seeds:
        raise fault(record, f"the seed of {epoch} was fixed before")
    expected, words = _expected(record, fixed, market, lotteries)
    if fixed.seed != expected:
        raise fault(record, f"the seed of {epoch} is {fixed.seed}, but {words} gives {expected}")
    market.seeds[epoch] = fixed.seed
    market.known_from[epoch] = market.heard.get(epoch, record.sequence)
    if fixed.source is SeedSource.LOG_HEAD:
        market.from_log.add(epoch)
    return Line(
        market=market.code,
        epoch=epoch,
        text=f"record {record.sequence}: the seed is what {words} gives.",
    )


def _expected(
    record: LogRecord, fixed: SeedFixed, market: Market, lotteries: Mapping[str, Lottery]
) -> tuple[str | None, str]:
    """
    Return the seed that a market had to fix, and where it comes from in words.
    """
    epoch, heard = fixed.epoch, fixed.epoch in market.heard
    if fixed.source is SeedSource.LOTTERY:
        if not heard:
            raise fault(record, f"no lottery of {epoch} had been revealed to this market")
        return lotteries[epoch].seed, "the revealed lottery"
    if heard:
        raise fault(record, f"the lottery of {epoch} was revealed to this market, and not taken")
    head = b"log head" + bytes.fromhex(record.previous) + epoch.encode()
    return hashlib.sha256(head).hexdigest(), f"the digest of record {record.sequence - 1}"


def _drawn(record: LogRecord, proposed: SlotProposed, market: Market) -> None:
    epoch, resident = proposed.epoch, proposed.resident
    if epoch not in market.seeds:
        raise fault(record, f"a ticket of {epoch} was drawn before its seed was fixed")
    expected = ticket_of(market.seeds[epoch], resident)
    if proposed.ticket != expected:
        raise fault(
            record, f"the ticket of {resident} is {proposed.ticket}, but the seed gives {expected}"
        )
    market.tickets[epoch] += 1
    if market.joined.get(resident, 0) > market.known_from[epoch]:
        market.newcomers.setdefault(epoch, set()).add(resident)


def _ticket_lines(market: Market, epoch: str) -> Iterator[Line]:
    def line(text: str, *, caution: bool = False) -> Line:
        return Line(market=market.code, epoch=epoch, text=text, caution=caution)

    yield line(f"{counted(market.tickets[epoch], 'ticket')} of proposals drawn again: the same.")
    if epoch in market.from_log:
        yield line(
            "the seed comes from the market's own log, so it is not proof against the operator.",
            caution=True,
        )
    if epoch in market.newcomers:
        people = counted(len(market.newcomers[epoch]), "resident")
        yield line(
            f"{people} proposed joined when the seed was known, with ids that the operator's "
            "service drew.",
            caution=True,
        )
