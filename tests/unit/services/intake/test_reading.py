import json

import pytest

from schemas import codec
from schemas.codec import Rejected
from services.intake.reading import outcode_of, read
from tests.submissions import event, posted, registered


@pytest.mark.parametrize(
    ("written", "outcode"),
    [
        ("ZZ1 9AA", "ZZ1"),
        ("zz19aa", "ZZ1"),
        ("  Z9Z 9zz ", "Z9Z"),
        ("ZZ11 1AA", "ZZ11"),
        ("ZZ1", None),
        ("1 Hope Street", None),
        ("", None),
    ],
)
def test_a_full_postcode_is_told_from_what_is_none(written: str, outcode: str | None) -> None:
    assert outcode_of(written) == outcode


def test_cutting_a_postcode_hides_no_other_problem() -> None:
    told = posted(place={"outcode": "ZZ1 9AA"}, positions=0, closes_on="2026-04-01")

    found = read(json.dumps(told).encode())

    assert isinstance(found, Rejected)
    assert [(problem.code, problem.field) for problem in found.problems] == [
        ("out_of_bounds", "/data/positions")
    ]


def test_a_word_in_place_of_an_outcode_is_a_mere_mistake() -> None:
    found = read(json.dumps(registered(outcode="Zedford")).encode())

    assert isinstance(found, Rejected)
    assert [problem.code for problem in found.problems] == ["wrong_form"]


@pytest.mark.parametrize(
    "name", ["OpportunityPostedSealed", "InputUnreadable", "SubmissionRefused"]
)
def test_what_parties_do_not_say_is_not_read_further(name: str) -> None:
    found = read(json.dumps(event(name, {"what": "ever"}, party="oakline")).encode())

    assert isinstance(found, Rejected)
    assert [problem.code for problem in found.problems] == ["type_not_said_by_parties"]


def test_what_the_codec_reads_is_read_alike() -> None:
    raw = json.dumps(posted()).encode()

    assert read(raw) == codec.read(raw)
