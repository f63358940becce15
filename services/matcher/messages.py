"""
Assessments as messages to the market: cut into parts, named by their natural key.
"""

from collections.abc import Iterator, Sequence

from schemas import codec
from schemas.envelope import CONTENT_TYPE, Envelope, Message, canonical
from schemas.fits import FitsAssessed, Pair, RulesAssessed
from schemas.vocabulary import event_type
from services.topology import MARKET_INBOX
from services.transport.ports import Entry, Outgoing

SOURCE = "/worker/matcher"
LARGEST_PART = 256 * 1000
# Leaves room for the envelope and the fields round the pairs.
LARGEST_PAIRS = LARGEST_PART - 2_000
MOST_PAIRS = 2_000


def fits_assessed(
    pairs: Sequence[Pair], *, subject: str, model: str, as_of: int
) -> tuple[FitsAssessed, ...]:
    """
    Put one assessment into parts that stay below 256 kB each.

    Args:
        pairs: what is carried; none still makes one part, which pays the debt.
        subject: the opportunity or the resident assessed.
        model: the digest of the model that assessed.
        as_of: the market sequence that had been applied.
    """
    cut = tuple(_cut(pairs)) or ((),)
    return tuple(
        FitsAssessed(
            subject=subject, model=model, as_of=as_of, part=number, parts=len(cut), pairs=part
        )
        for number, part in enumerate(cut, start=1)
    )


def outgoing(said: FitsAssessed | RulesAssessed, *, market: str, partition: int) -> Outgoing:
    """
    Address an assessment to its market.
    """
    subject = said.subject if isinstance(said, FitsAssessed) else said.resident
    envelope = Envelope(
        id=_natural_key(said), source=SOURCE, type=event_type(said).wire_name, subject=subject
    )
    entry = Entry(
        key=market.encode(),
        value=codec.write(Message(envelope=envelope, data=said)),
        headers=(("content-type", CONTENT_TYPE.encode()),),
    )
    return Outgoing(topic=MARKET_INBOX, partition=partition, entry=entry)


def _natural_key(said: FitsAssessed | RulesAssessed) -> str:
    if isinstance(said, FitsAssessed):
        return f"fits/{said.subject}/{said.model}/{said.as_of}/{said.part}"
    return f"rules/{said.resident}/{said.as_of}"


def _cut(pairs: Sequence[Pair]) -> Iterator[tuple[Pair, ...]]:
    part: list[Pair] = []
    size = 0
    for pair in pairs:
        weight = len(canonical(codec.plain(pair))) + 1
        if part and (size + weight > LARGEST_PAIRS or len(part) == MOST_PAIRS):
            yield tuple(part)
            part, size = [], 0
        part.append(pair)
        size += weight
    if part:
        yield tuple(part)
