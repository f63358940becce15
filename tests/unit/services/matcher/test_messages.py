from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from schemas import codec
from schemas.fits import Pair, Reason, RulesAssessed
from schemas.vocabulary import Answer
from services.matcher.messages import LARGEST_PART, fits_assessed, outgoing
from tests.builders import opportunity, pair, resident

CARE = opportunity("R-1")
LONG = pair(
    "amal",
    CARE,
    eligible=Answer.UNKNOWN,
    codes=tuple(f"a_code_of_some_length_{n}" for n in range(40)),
    reasons=tuple(
        Reason(code="partly_meets", resident_statement=n, opportunity_statement=n, strength=n)
        for n in range(20)
    ),
)


def named(made: Pair, n: int) -> Pair:
    return replace(made, resident=resident(f"resident {n}"))


def test_an_assessment_in_parts_stays_under_the_size() -> None:
    pairs = tuple(named(LONG, n) for n in range(600))

    parts = fits_assessed(pairs, subject=CARE, model="hashing", as_of=7)

    sent = [outgoing(part, market="zedford", partition=1) for part in parts]
    assert len(parts) > 2
    assert all(len(each.entry.value) < LARGEST_PART for each in sent)
    assert tuple(each for part in parts for each in part.pairs) == pairs
    assert [part.part for part in parts] == list(range(1, len(parts) + 1))
    assert {part.parts for part in parts} == {len(parts)}


def test_an_assessment_without_pairs_is_said_all_the_same() -> None:
    (part,) = fits_assessed((), subject=CARE, model="hashing", as_of=7)

    assert (part.part, part.parts, part.pairs) == (1, 1, ())


@given(count=st.integers(0, 4_500))
def test_no_pair_is_lost_and_no_part_holds_more_than_the_wire_allows(count: int) -> None:
    short = pair("amal", CARE)

    parts = fits_assessed((short,) * count, subject=CARE, model="hashing", as_of=7)

    assert sum(len(part.pairs) for part in parts) == count
    assert all(len(part.pairs) <= 2_000 for part in parts)


def test_a_message_is_named_by_its_natural_key_and_can_be_read() -> None:
    said = RulesAssessed(resident=resident("amal"), resident_version=1, as_of=7, codes=())

    sent = outgoing(said, market="zedford", partition=3)

    read = codec.read(sent.entry.value)
    assert not isinstance(read, codec.Rejected)
    assert read.data == said
    assert (read.envelope.source, read.envelope.subject) == ("/worker/matcher", resident("amal"))
    assert (sent.topic, sent.partition, sent.entry.key) == ("market.inbox.v1", 3, b"zedford")
    assert outgoing(said, market="zedford", partition=3) == sent
