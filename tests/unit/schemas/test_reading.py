"""What is no event at all is refused for what it is, whatever the bytes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import codec
from schemas.answers import SubmissionRefused
from schemas.codec import EVENTS, LARGEST_SUBMISSION, MOST_PROBLEMS, Rejected
from schemas.envelope import Message
from schemas.publishing import example
from schemas.vocabulary import Problem, event_type
from tests.unit.schemas.events import GONE, problems, read, told

RECEIPT = json.dumps(told("ContractAgreed"))
NAMES = sorted(event_type(cls).name for cls in EVENTS.values())


def why(raw: bytes) -> list[str]:
    found = codec.read(raw)
    assert isinstance(found, Rejected), found
    assert [problem.field for problem in found.problems] == [""]
    return [problem.code for problem in found.problems]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"\xef\xbb\xbf{}", "not_json"),
        (b"\xff\xfe{\x00}\x00", "not_utf8"),
        ('{"name": "é"}'.encode("latin-1"), "not_utf8"),
        (b'{"name": "\\ud800"}', "not_utf8"),
        (b'{"\\udfff": 1}', "not_utf8"),
        (b'{"id": "1", "id": "2"}', "name_repeated"),
        (b'{"data": [{"a": 1, "a": 1}]}', "name_repeated"),
        (b'{"a": NaN}', "not_json"),
        (b'{"a": -Infinity}', "not_json"),
        (b'{"a": 1e400}', "not_json"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not_json"),
        (b"[" * 100_000, "not_json"),
        (b"[" * 200 + b"]" * 200, "not_json"),
        (b'{"a": ' * 100 + b"1" + b"}" * 100, "not_json"),
        (b"[]", "not_an_object"),
        (b'"text"', "not_an_object"),
        (b"null", "not_an_object"),
        (b"12", "not_an_object"),
        (b" " * (LARGEST_SUBMISSION + 1), "too_large"),
    ],
)
def test_what_is_no_event_is_refused_for_what_it_is(raw: bytes, code: str) -> None:
    assert why(raw) == [code]


def test_a_message_of_the_largest_size_is_read_and_one_byte_more_is_not() -> None:
    exactly = RECEIPT + " " * (LARGEST_SUBMISSION - len(RECEIPT))

    assert isinstance(codec.read(exactly.encode()), Message)
    assert why((exactly + " ").encode()) == ["too_large"]


def test_a_reader_may_take_more_than_a_party_may_send() -> None:
    wide = RECEIPT + " " * LARGEST_SUBMISSION

    assert isinstance(codec.read(wide.encode(), largest=2 * LARGEST_SUBMISSION), Message)


def test_nesting_as_deep_as_any_event_is_read() -> None:
    level: Any = "x"
    for _ in range(codec.MOST_LEVELS - 1):
        level = [level]

    assert [problem.code for problem in problems({**told("Tick"), "data": level})] == ["wrong_type"]
    assert why(json.dumps({**told("Tick"), "data": [[level]]}).encode()) == ["not_json"]


def test_an_event_of_no_known_type_is_refused_with_the_nearest() -> None:
    found = problems(told("Tick", type="foothold.OportunityPosted.v1"))

    assert [(each.code, each.field, each.lawful_value) for each in found] == [
        ("type_unknown", "/type", "foothold.OpportunityPosted.v1")
    ]


def test_what_a_made_up_type_was_called_is_not_repeated() -> None:
    found = read(told("Tick", type="foothold.AmalHaddadIsReady.v9"))

    assert isinstance(found, Rejected)
    assert found.type is None
    assert "Amal" not in repr(found)


@pytest.mark.parametrize("type_name", ["com.example.tick", "foothold.Tick.v0", 7, None, ["x"]])
def test_a_type_of_the_wrong_form_is_one_problem(type_name: Any) -> None:
    assert [each.field for each in problems(told("Tick", type=type_name))] == ["/type"]


def test_what_could_be_made_out_is_kept_for_the_answer() -> None:
    found = read(told("Tick", data__at=GONE))

    assert isinstance(found, Rejected)
    assert (found.submission_id, found.type) == (example("Tick")["id"], "foothold.Tick.v1")


@pytest.mark.parametrize("named", ["Amal Haddad", "x" * 129, "té", "", 7, None])
def test_an_id_that_is_none_is_not_repeated(named: Any) -> None:
    found = read(told("Tick", id=named))

    assert isinstance(found, Rejected)
    assert found.submission_id in (None, "")
    assert [problem.field for problem in found.problems] == ["/id"]


def test_the_envelope_and_the_data_are_judged_together() -> None:
    found = problems(told("Tick", specversion="0.3", source="oakline", data__market="Zedford!"))

    assert {each.field for each in found} == {"/specversion", "/source", "/data/market"}


def test_attributes_of_others_are_let_pass() -> None:
    assert isinstance(
        read({**told("Tick"), "traceparent": "00-0af7651916cd43dd", "x": [1]}), Message
    )


def test_however_much_is_wrong_a_refusal_fits_its_event() -> None:
    found = problems(told("Tick", data={f"made_up_{n}": n for n in range(5000)}))

    assert len(found) == MOST_PROBLEMS
    told_on = SubmissionRefused(problems=found)
    assert codec.restore(SubmissionRefused, codec.plain(told_on)) == told_on


@given(st.binary(max_size=300))
def test_reading_answers_whatever_the_bytes(raw: bytes) -> None:
    assert isinstance(codec.read(raw), Message | Rejected)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(JSON)
def test_reading_answers_whatever_the_json(value: Any) -> None:
    assert isinstance(codec.read(json.dumps(value).encode()), Message | Rejected)


@given(st.data())
def test_one_value_swapped_anywhere_is_read_or_refused_where_it_stands(data: st.DataObject) -> None:
    event = told(data.draw(st.sampled_from(NAMES)))
    place = data.draw(st.sampled_from(list(places(event))))
    *path, last = place
    owner: Any = event
    for step in path:
        owner = owner[step]
    owner[last] = data.draw(JSON)

    found = read(event)

    if isinstance(found, Rejected):
        assert all(valid_problem(problem) for problem in found.problems)


def places(told: Any, at: tuple[Any, ...] = ()) -> Any:
    inner = told.items() if isinstance(told, dict) else enumerate(told)
    for step, item in inner:
        yield (*at, step)
        if isinstance(item, dict | list):
            yield from places(item, (*at, step))


def valid_problem(problem: Problem) -> bool:
    """A problem is itself an event's value, and its pointer holds no text of the sender's."""
    return bool(codec.restore(Problem, codec.plain(problem)))


@pytest.mark.parametrize("name", NAMES)
def test_the_canonical_form_does_not_depend_on_how_it_was_written(name: str) -> None:
    event = example(name)
    turned = json.dumps(dict(reversed(event.items())), indent=3, ensure_ascii=False)

    one, other = codec.read(json.dumps(event).encode()), codec.read(turned.encode())

    assert isinstance(one, Message)
    assert isinstance(other, Message)
    assert codec.write(one) == codec.write(other)
    assert codec.read(codec.write(one)) == one
