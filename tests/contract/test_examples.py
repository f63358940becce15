"""Each packaged example says what it claims, to us and to the CloudEvents SDK."""

import json
from collections import Counter
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_structured_event, to_structured_event
from cloudevents.core.formats.json import JSONFormat

from schemas import codec
from schemas.envelope import CONTENT_TYPE, Message, canonical
from schemas.vocabulary import event_type, instant, moment
from tests.contract import examples
from tests.contract.examples import EXAMPLES, Invalid

VALID = examples.valid()
INVALID = examples.invalid()
NAMES = [event_type(cls).name for cls in codec.EVENTS.values()]


def reading(event: dict[str, Any]) -> Message | codec.Rejected:
    return codec.read(json.dumps(event).encode())


@pytest.mark.parametrize("name", NAMES)
def test_every_event_has_a_valid_example_and_two_that_are_refused(name: str) -> None:
    assert name in VALID
    assert Counter(case.name for case in INVALID)[name] >= 2


def test_there_are_examples_of_nothing_else() -> None:
    strangers = [
        path
        for path in EXAMPLES.rglob("*")
        if path.is_file() and path.name != "valid.json" and not path.match("invalid-*.json")
    ]

    assert strangers == []
    assert {path.name for path in EXAMPLES.iterdir()} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_valid_example_is_accepted_as_what_it_is(name: str) -> None:
    message = reading(VALID[name])

    assert isinstance(message, Message), message
    assert event_type(message.data).name == name


@pytest.mark.parametrize("case", INVALID, ids=str)
def test_an_invalid_example_is_refused_for_exactly_what_is_wrong_with_it(case: Invalid) -> None:
    found = reading(case.event)

    assert isinstance(found, codec.Rejected), case.why
    assert sorted((problem.field, problem.code) for problem in found.problems) == [
        (field, code) for code, field in case.expected
    ]


@pytest.mark.parametrize("case", INVALID, ids=str)
def test_an_invalid_example_says_why_in_a_sentence(case: Invalid) -> None:
    assert case.why[0].isupper()
    assert case.why.endswith(".")
    assert case.event["type"] == VALID[case.name]["type"]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_read_is_written_as_it_was_told(name: str) -> None:
    message = reading(VALID[name])
    assert isinstance(message, Message)

    written = codec.write(message)

    assert codec.read(written) == message
    assert codec.write(message) == written
    assert holds(json.loads(written), VALID[name])


def holds(written: Any, told: Any) -> bool:
    """All that was told stands as it was; what was left out may stand as its default."""
    if isinstance(told, dict):
        return all(name in written and holds(written[name], told[name]) for name in told)
    if isinstance(told, list):
        pairs = zip(written, told, strict=True)
        return len(written) == len(told) and all(holds(one, other) for one, other in pairs)
    return bool(written == told) and type(written) is type(told)


@pytest.mark.parametrize("name", NAMES)
def test_our_bytes_load_in_the_cloudevents_sdk_and_come_back_equal(name: str) -> None:
    message = reading(VALID[name])
    assert isinstance(message, Message)
    ours = codec.write(message)
    record = KafkaMessage(headers={"content-type": CONTENT_TYPE.encode()}, key=None, value=ours)

    event = from_structured_event(record, JSONFormat())
    back = to_structured_event(event, JSONFormat())

    assert event.get_attributes()["type"] == message.envelope.type
    assert event.get_data() == codec.plain(message.data)
    assert canonical(as_we_write(json.loads(back.value), json.loads(ours))) == ours


def as_we_write(back: dict[str, Any], ours: dict[str, Any]) -> dict[str, Any]:
    """The SDK writes a time in another form, and makes one up where there was none."""
    if "time" not in ours:
        return {name: item for name, item in back.items() if name != "time"}
    return {**back, "time": instant(moment(back["time"]))}
