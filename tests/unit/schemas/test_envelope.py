"""Ids are minted as they always were, and events are written in one form."""

import base64
import hashlib
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.envelope import (
    Envelope,
    canonical,
    contract_id,
    event_id,
    market_of,
    opportunity_id,
    position_id,
    resident_id,
)


def by_hand(*parts: str) -> str:
    """The first ten bytes of SHA-256 over the JSON of the parts, in base 32."""
    told = "[" + ",".join(json.dumps(part) for part in parts) + "]"
    return base64.b32encode(hashlib.sha256(told.encode()).digest()[:10]).decode().lower()


def test_ids_never_change_from_one_release_to_the_next() -> None:
    assert opportunity_id("zedford", party="oakline-retrofit", reference="OAK-201") == (
        "zedford-o-52fdzuywceaioagj"
    )
    assert contract_id(owner="zedford-council", reference="ZBC-2026-03") == "c-xsn2c27ccxsua7ap"
    assert resident_id("zedford", bytes(range(10))) == "zedford-r-aaaqeayeaudaocaj"
    assert event_id("_register", sequence=7, n=1) == "_register-7-1"
    assert position_id("zedford-o-aaaaaaaaaaaaaaaa", group="reserved", ordinal=2) == (
        "zedford-o-aaaaaaaaaaaaaaaa/reserved/2"
    )


@given(st.text(max_size=20), st.text(max_size=20))
def test_an_opportunity_is_named_by_its_party_and_reference_alone(
    party: str, reference: str
) -> None:
    found = opportunity_id("zedford", party=party, reference=reference)

    assert found == f"zedford-o-{by_hand(party, reference)}"
    assert re.fullmatch(r"zedford-o-[a-z2-7]{16}", found)
    assert contract_id(owner=party, reference=reference) == f"c-{by_hand(party, reference)}"


def test_party_and_reference_do_not_run_into_each_other() -> None:
    one = opportunity_id("zedford", party="oak", reference="line-1")

    assert one != opportunity_id("zedford", party="oakline", reference="-1")
    assert one != opportunity_id("zedford", party="line-1", reference="oak")


@pytest.mark.parametrize("size", [0, 9, 11, 16])
def test_a_resident_takes_ten_random_bytes(size: int) -> None:
    with pytest.raises(ValueError, match="ten random bytes"):
        resident_id("zedford", bytes(size))


@pytest.mark.parametrize(
    ("identifier", "market"),
    [
        ("zedford-r-aaaaaaaaaaaaaaaa", "zedford"),
        ("zedford-o-aaaaaaaaaaaaaaaa", "zedford"),
        ("c-aaaaaaaaaaaaaaaa", None),
        ("NH-0001", None),
        ("_register-7-1", None),
        ("zedford", None),
        ("", None),
    ],
)
def test_our_ids_begin_with_their_market(identifier: str, market: str | None) -> None:
    assert market_of(identifier) == market


def test_the_canonical_form_is_sorted_ascii_and_without_spaces() -> None:
    assert canonical({"b": [1, True, None], "a": {"z": "é", "y": "☃"}}) == (
        b'{"a":{"y":"\\u2603","z":"\\u00e9"},"b":[1,true,null]}'
    )


def test_what_is_no_number_is_not_written() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical({"score": float("nan")})


def test_an_envelope_tells_who_speaks_and_of_what() -> None:
    party = Envelope(id="1", source="/party/oakline", type="foothold.OpportunityPosted.v1")
    worker = Envelope(id="1", source="/worker/matcher", type="foothold.FitsAssessed.v1")

    assert (party.party, party.event_name) == ("oakline", "OpportunityPosted")
    assert (worker.party, worker.event_name) == (None, "FitsAssessed")
