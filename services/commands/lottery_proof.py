"""
The proof of the lotteries of a register, from its exported log alone.

What is checked here is worked out anew from the published formulas with the standard
library, not by the code that made it. What does not hold is told with both figures.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from matching.market.record import Happened
from schemas import codec
from schemas.envelope import canonical
from schemas.log_record import Cause, LogRecord
from schemas.lottery import LotteryCommitted, LotteryContributed, LotteryRevealed
from schemas.parties import PartyRegisteredSealed
from schemas.vocabulary import REGISTER, Role
from services.transport.records import event_from

SAID = frozenset({"LotteryCommitted", "LotteryContributed", "LotteryRevealed"})
READ = SAID | {"PartyRegisteredSealed"}

KEPT = (
    "a market that held a round of the quarter before the commitment keeps the seed that it took "
    "from its own log then, whatever is contributed and revealed."
)


class DoesNotHold(Exception):
    """
    The first thing in a log that is not as the formulas give it.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """
    One thing that was checked and holds; with `caution`, one that no check can make good.
    """

    market: str
    epoch: str
    text: str
    caution: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """
    A nonce: who gave it, in which record, and when that was said.
    """

    owner: str
    nonce: str
    sequence: int
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """
    A party: the record that first registered it, and whether it operates the service.
    """

    since: int
    operates: bool


@dataclass(slots=True, kw_only=True)
class Lottery:
    """
    What a register says of an epoch; `operator` committed to it in record `sequence`, at `at`.
    """

    terms: LotteryCommitted
    at: str
    operator: str
    sequence: int
    given: list[Given] = field(default_factory=list)
    secret: str | None = None
    seed: str | None = None
    revealed_in: int | None = None


def register_lines(records: Sequence[LogRecord], lotteries: dict[str, Lottery]) -> Iterator[Line]:
    """
    Check every lottery of a register.

    Args:
        records: its records from the first on, whose chain was checked.
        lotteries: is filled with what was found, by epoch.

    Yields:
        What holds, in the order in which it was checked.

    Raises:
        DoesNotHold: the first thing that does not.
    """
    parties: dict[str, Known] = {}
    for record in records:
        for event in events_in(record, READ):
            match event.data:
                case PartyRegisteredSealed() as party:
                    since = parties[party.slug].since if party.slug in parties else record.sequence
                    parties[party.slug] = Known(since=since, operates=Role.OPERATOR in party.roles)
                case LotteryCommitted():
                    yield _committed(record, event, lotteries)
                case LotteryContributed():
                    lottery = _lottery(record, event, lotteries)
                    _contributed(record, event, lottery, parties)
                case LotteryRevealed() as revealed:
                    lottery = _lottery(record, event, lotteries)
                    yield from _revealed(record, revealed, lottery, records)
    for epoch, lottery in lotteries.items():
        if lottery.seed is None:
            nonces = counted(len(lottery.given), "nonce")
            yield _line(epoch, f"{nonces} so far; the secret is not revealed yet.")


def _committed(record: LogRecord, event: Happened, lotteries: dict[str, Lottery]) -> Line:
    terms: LotteryCommitted = event.data
    if terms.epoch in lotteries:
        known = lotteries[terms.epoch].sequence
        raise fault(record, f"the lottery of {terms.epoch} was committed to in record {known}")
    if terms.stand_in <= record.sequence:
        raise fault(record, f"the record that stands in, {terms.stand_in}, was written before")
    lotteries[terms.epoch] = Lottery(
        terms=terms,
        at=appended_at(record),
        operator=event.party or "",
        sequence=record.sequence,
    )
    return _line(
        terms.epoch,
        f"record {record.sequence}: {event.party} committed to a secret at "
        f"{appended_at(record)}; owners could contribute until {terms.contribute_by}.",
    )


def _contributed(
    record: LogRecord, event: Happened, lottery: Lottery, parties: Mapping[str, Known]
) -> None:
    owner, at = event.party or "", appended_at(record)
    known = parties.get(owner)
    if known is None:
        raise fault(record, f"{owner} contributed, and is not registered")
    if known.operates:
        raise fault(record, f"{owner} contributed, and operates the service")
    if known.since > lottery.sequence:
        raise fault(
            record,
            f"{owner} contributed, and was registered in record {known.since}, after the "
            f"commitment in record {lottery.sequence}",
        )
    if lottery.seed is not None:
        raise fault(record, f"{owner} contributed after the secret was revealed")
    if any(each.owner == owner for each in lottery.given):
        raise fault(record, f"{owner} contributed twice")
    if at > lottery.terms.contribute_by:
        raise fault(record, f"{owner} contributed after {lottery.terms.contribute_by}")
    given = Given(owner=owner, nonce=event.data.nonce, sequence=record.sequence, at=at)
    lottery.given.append(given)


def _revealed(
    record: LogRecord, revealed: LotteryRevealed, lottery: Lottery, records: Sequence[LogRecord]
) -> Iterator[Line]:
    epoch, at = revealed.epoch, record.sequence
    if lottery.seed is not None:
        raise fault(record, f"the lottery of {epoch} was revealed before")
    found = hashlib.sha256(bytes.fromhex(revealed.secret)).hexdigest()
    if found != lottery.terms.commitment:
        told = lottery.terms.commitment
        raise fault(record, f"the secret's SHA-256 is {found}, and committed to was {told}")
    yield _line(
        epoch, f"record {at}: the secret is the one committed to in record {lottery.sequence}."
    )
    if appended_at(record) <= lottery.terms.contribute_by:
        raise fault(
            record, f"revealed while owners could contribute, until {lottery.terms.contribute_by}"
        )
    _not_told_early(revealed.secret, lottery, records)
    nonces, words = _nonces(record, lottery, records)
    seed = hashlib.sha256(bytes.fromhex(revealed.secret + "".join(nonces))).hexdigest()
    if seed != revealed.seed:
        raise fault(record, f"the seed is {revealed.seed}, but {words} gives {seed}")
    lottery.secret, lottery.seed, lottery.revealed_in = revealed.secret, seed, at
    yield _line(epoch, f"record {at}: {words} gives the seed {seed}.")
    if not lottery.given:
        alone = "nobody contributed: the seed is not proof against the operator."
        yield _line(epoch, alone, caution=True)


def _not_told_early(secret: str, lottery: Lottery, records: Sequence[LogRecord]) -> None:
    """
    Refuse a secret that stood in the log while an owner could still choose a nonce by it.
    """
    last = lottery.given[-1].sequence if lottery.given else 0
    for record in records[:last]:
        if any(secret.encode() in canonical(leaf.body) for leaf in record.leaves):
            raise fault(record, f"the secret stands here, before the contribution in record {last}")


def _nonces(
    record: LogRecord, lottery: Lottery, records: Sequence[LogRecord]
) -> tuple[tuple[str, ...], str]:
    """
    Return what was put after the secret, and what that is in words.
    """
    if lottery.given:
        givers = ", ".join(f"{each.owner} in record {each.sequence}" for each in lottery.given)
        words = f"the secret with {counted(len(lottery.given), 'nonce')} ({givers})"
        return tuple(each.nonce for each in lottery.given), words
    at = lottery.terms.stand_in
    if at >= record.sequence:
        raise fault(record, f"the record that stands in, {at}, was not written yet")
    return (records[at - 1].digest,), f"the secret with the digest of record {at}, standing in,"


def _lottery(record: LogRecord, event: Happened, lotteries: dict[str, Lottery]) -> Lottery:
    found = lotteries.get(event.data.epoch)
    if found is None:
        raise fault(record, f"no lottery of {event.data.epoch} was committed to before")
    return found


def events_in(record: LogRecord, names: frozenset[str]) -> tuple[Happened, ...]:
    """
    Read the events of a record that have these names.

    Raises:
        DoesNotHold: the record is not of our form.
    """
    try:
        _, told, *events = (leaf.body for leaf in record.leaves)
        return tuple(event_from(body, told) for body in events if body["type"] in names)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise fault(record, "what it says cannot be read by this release") from error


def appended_at(record: LogRecord) -> str:
    """
    Return when the broker took in what a record was decided from, as its cause says.

    Raises:
        DoesNotHold: the record is not of our form.
    """
    try:
        cause: Cause = codec.restore(Cause, record.leaves[0].body)
    except ValueError as error:
        raise fault(record, "its cause cannot be read by this release") from error
    return cause.appended_at


def fault(record: LogRecord, why: str) -> DoesNotHold:
    """
    Say what does not hold, and where.
    """
    return DoesNotHold(f"{record.market}, record {record.sequence}: {why}.")


def counted(n: int, noun: str) -> str:
    """
    Count things in words.

    >>> counted(1, "nonce"), counted(2, "nonce")
    ('1 nonce', '2 nonces')
    """
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _line(epoch: str, text: str, *, caution: bool = False) -> Line:
    return Line(market=REGISTER, epoch=epoch, text=text, caution=caution)
