"""
The proof of a market's seeds and tickets, from its exported log and the register's lotteries.

A ticket is the first 64 bits of HMAC-SHA256(seed, resident's id). Those of every decision
and every proposal are drawn again here with the standard library, not by the code that drew
them.
"""

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from matching.market.record import Happened
from schemas.log_record import LogRecord
from schemas.lottery import LotteryContributed, LotteryRevealed, SeedFixed, SeedSource
from schemas.residents import ResidentRegisteredSealed
from schemas.slots import IntakeOpened, RoundClosed, SlotProposed
from services.commands.lottery_proof import (
    KEPT,
    Line,
    Lottery,
    appended_at,
    counted,
    events_in,
    fault,
)

TICKET_DIGITS = 16
READ = frozenset(
    {
        "IntakeOpened",
        "LotteryContributed",
        "LotteryRevealed",
        "ResidentRegisteredSealed",
        "RoundClosed",
        "SeedFixed",
        "SlotProposed",
    }
)


@dataclass(slots=True, kw_only=True)
class Market:
    """
    What a market's log has said so far; records by epoch, or by resident where they `joined`.

    From `known_from` on, and after the instant `known_after`, the operator knows the seed.
    """

    code: str
    epochs: dict[str, str] = field(default_factory=dict)
    contributed: dict[str, int] = field(default_factory=dict)
    heard: dict[str, int] = field(default_factory=dict)
    seeds: dict[str, str] = field(default_factory=dict)
    known_from: dict[str, int] = field(default_factory=dict)
    known_after: dict[str, str] = field(default_factory=dict)
    from_log: dict[str, LogRecord] = field(default_factory=dict)
    joined: dict[str, tuple[int, str]] = field(default_factory=dict)
    decided: Counter[str] = field(default_factory=Counter)
    proposed: Counter[str] = field(default_factory=Counter)
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
                    joined = (record.sequence, appended_at(record))
                    market.joined.setdefault(event.subject or "", joined)
                case IntakeOpened() as intake:
                    market.epochs[intake.opportunity] = intake.epoch
                case LotteryContributed() as contributed:
                    market.contributed[contributed.epoch] = record.sequence
                case LotteryRevealed():
                    _heard(record, event, market, lotteries)
                case SeedFixed() as fixed:
                    yield _fixed(record, fixed, market, lotteries)
                case RoundClosed() as closed:
                    _decided(record, closed, market)
                case SlotProposed() as proposed:
                    _proposed(record, proposed, market)
    for epoch in market.seeds:
        yield from _ticket_lines(market, epoch)
    for epoch, record in market.from_log.items():
        yield from _not_withheld(record, epoch, lotteries)


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
    market.known_from[epoch] = record.sequence
    if fixed.source is SeedSource.LOG_HEAD:
        market.from_log[epoch] = record
    else:
        # Whoever knows the secret knows the seed as soon as the last nonce is there.
        _known_early(market, epoch, lotteries[epoch])
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


def _known_early(market: Market, epoch: str, lottery: Lottery) -> None:
    heard = market.heard[epoch]
    market.known_from[epoch] = market.contributed.get(epoch, heard)
    if lottery.given:
        market.known_after[epoch] = lottery.given[-1].at


def _decided(record: LogRecord, closed: RoundClosed, market: Market) -> None:
    quarters = {part.opportunity: part.epoch for part in closed.opportunities}
    for decision in closed.decisions:
        epoch = quarters.get(decision.opportunity, "")
        _of_its_quarter(record, market, decision.opportunity, epoch)
        _drawn(record, market, epoch=epoch, resident=decision.resident, ticket=decision.ticket)
        market.decided[epoch] += 1


def _proposed(record: LogRecord, proposed: SlotProposed, market: Market) -> None:
    epoch = proposed.epoch
    _of_its_quarter(record, market, proposed.opportunity, epoch)
    _drawn(record, market, epoch=epoch, resident=proposed.resident, ticket=proposed.ticket)
    market.proposed[epoch] += 1


def _of_its_quarter(record: LogRecord, market: Market, opportunity: str, epoch: str) -> None:
    """
    Refuse a draw by another quarter's seed than that of the day on which it was posted.
    """
    own = market.epochs.get(opportunity, epoch)
    if epoch != own:
        raise fault(record, f"{opportunity} is of {own}, and was drawn for by {epoch or 'none'}")


def _drawn(record: LogRecord, market: Market, *, epoch: str, resident: str, ticket: str) -> None:
    if epoch not in market.seeds:
        raise fault(record, f"a ticket of {epoch} was drawn before its seed was fixed")
    expected = ticket_of(market.seeds[epoch], resident)
    if ticket != expected:
        raise fault(record, f"the ticket of {resident} is {ticket}, but the seed gives {expected}")
    sequence, at = market.joined.get(resident, (0, ""))
    late = at > market.known_after[epoch] if epoch in market.known_after else False
    if late or sequence > market.known_from[epoch]:
        market.newcomers.setdefault(epoch, set()).add(resident)


def _not_withheld(
    record: LogRecord, epoch: str, lotteries: Mapping[str, Lottery]
) -> Iterator[Line]:
    """
    Refuse a seed from the market's own log where owners had given to the quarter's lottery.

    One that was fixed before the commitment was due when there was nothing to reveal.
    """
    lottery = lotteries.get(epoch)
    if lottery is None:
        return
    if appended_at(record) < lottery.at:
        yield Line(market=record.market, epoch=epoch, text=KEPT, caution=True)
        return
    if not lottery.given:
        return
    givers = ", ".join(f"{each.owner} in record {each.sequence}" for each in lottery.given)
    since = (
        "it is not revealed yet"
        if lottery.revealed_in is None
        else f"it was revealed in record {lottery.revealed_in}"
    )
    raise fault(
        record,
        f"the seed of {epoch} was taken from the market's own log at {appended_at(record)}, "
        f"though the register holds a lottery of it with {counted(len(lottery.given), 'nonce')} "
        f"({givers}): the operator did not reveal it in time ({since})",
    )


def _ticket_lines(market: Market, epoch: str) -> Iterator[Line]:
    def line(text: str, *, caution: bool = False) -> Line:
        return Line(market=market.code, epoch=epoch, text=text, caution=caution)

    yield line(
        f"{counted(market.decided[epoch], 'ticket')} of decisions and "
        f"{market.proposed[epoch]} of proposals drawn again: the same."
    )
    if epoch in market.from_log:
        yield line(
            "the seed comes from the market's own log, so it is not proof against the operator.",
            caution=True,
        )
    if epoch in market.newcomers:
        people = counted(len(market.newcomers[epoch]), "resident")
        yield line(
            f"{people} drawn for joined when the operator could know the seed, with ids that the "
            "operator's service drew.",
            caution=True,
        )
