"""What a release promised still holds, and a promise that is broken on purpose is seen."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import schemas
from schemas import codec
from schemas.envelope import Message
from schemas.publishing import LOG_RECORD, json_schemas
from tests.contract.compatibility import broken

RELEASED = sorted((Path(schemas.__file__).parent / "published" / "released").glob("*.json"))
PROMISED = {path.stem: json.loads(path.read_text("utf-8")) for path in RELEASED}
NOW = json_schemas()

EACH = [(release, name) for release, told in PROMISED.items() for name in sorted(told["schemas"])]
SAMPLES = [
    (release, name) for release, told in PROMISED.items() for name in sorted(told["samples"])
]

Schema = dict[str, Any]


def test_there_is_a_release_to_keep() -> None:
    assert RELEASED


@pytest.mark.parametrize(("release", "name"), EACH)
def test_a_released_schema_keeps_its_promises(release: str, name: str) -> None:
    assert name in NOW, f"{name} of {release} is gone: readers of old logs need it for good"

    found = broken(PROMISED[release]["schemas"][name], NOW[name])

    assert found == [], f"make it a new version of {name}, beside the one of {release}"


@pytest.mark.parametrize(("release", "name"), SAMPLES)
def test_an_event_of_a_released_version_is_still_read(release: str, name: str) -> None:
    event = PROMISED[release]["samples"][name]

    message = codec.read(json.dumps(event).encode())

    assert isinstance(message, Message), message


def test_every_released_event_has_a_sample() -> None:
    for told in PROMISED.values():
        assert told["samples"].keys() == told["schemas"].keys() - {LOG_RECORD}


# --- planted changes ----------------------------------------------------------------------


def data_of(schema: Schema, *path: str) -> Any:
    found: Any = schema["$defs"][path[0]]
    for step in path[1:]:
        found = found[step]
    return found


def a_new_optional_field(schema: Schema) -> None:
    fields = data_of(schema, "OpportunityPosted", "properties")
    fields["shift"] = {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}


def an_optional_field_gone(schema: Schema) -> None:
    del data_of(schema, "OpportunityPosted", "properties")["series"]


def other_words_for_the_same(schema: Schema) -> None:
    data_of(schema, "OpportunityPosted")["description"] = "Another sentence."
    data_of(schema, "OpportunityPosted", "properties", "title")["title"] = "Heading"


def a_definition_renamed(schema: Schema) -> None:
    schema["$defs"]["Where"] = schema["$defs"].pop("Place")
    data_of(schema, "OpportunityPosted", "properties")["place"]["$ref"] = "#/$defs/Where"


def a_new_required_field(schema: Schema) -> None:
    data = data_of(schema, "OpportunityPosted")
    data["properties"]["shift"] = {"type": "string"}
    data["required"].append("shift")


def a_required_field_gone(schema: Schema) -> None:
    data = data_of(schema, "OpportunityPosted")
    del data["properties"]["title"]
    data["required"].remove("title")


def a_required_field_made_optional(schema: Schema) -> None:
    data_of(schema, "OpportunityPosted", "required").remove("minutes_a_week")


def a_word_added_to_a_closed_list(schema: Schema) -> None:
    data_of(schema, "OpportunityKind", "enum").append("gig")


def a_word_gone_from_a_closed_list(schema: Schema) -> None:
    data_of(schema, "OpportunityKind", "enum").remove("training_place")


def a_bound_tightened(schema: Schema) -> None:
    data_of(schema, "OpportunityPosted", "properties", "positions")["maximum"] = 100


def a_bound_loosened(schema: Schema) -> None:
    data_of(schema, "OpportunityPosted", "properties", "positions")["maximum"] = 1000


def a_shorter_text(schema: Schema) -> None:
    data_of(schema, "OpportunityPosted", "properties", "title")["maxLength"] = 50


def a_longer_text(schema: Schema) -> None:
    data_of(schema, "OpportunityPosted", "properties", "title")["maxLength"] = 500


def a_shorter_list(schema: Schema) -> None:
    data_of(schema, "OpportunityPosted", "properties", "duties")["maxItems"] = 10


def pence_that_became_text(schema: Schema) -> None:
    data_of(schema, "OpportunityPosted", "properties")["minutes_a_week"] = {"type": "string"}


def null_forbidden(schema: Schema) -> None:
    fields = data_of(schema, "OpportunityPosted", "properties")
    fields["description"] = fields["description"]["anyOf"][0]


def a_narrower_form(schema: Schema) -> None:
    data_of(schema, "Place", "properties", "outcode")["pattern"] = "^[A-Z][0-9]$"


def a_unit_inside_a_value(schema: Schema) -> None:
    data = data_of(schema, "Pay")
    data["properties"]["pounds"] = data["properties"].pop("basis")
    data["required"] = ["pounds"]


def another_type_name(schema: Schema) -> None:
    schema["properties"]["type"]["const"] = "foothold.JobPosted.v1"


ALLOWED = (
    a_new_optional_field,
    an_optional_field_gone,
    other_words_for_the_same,
    a_definition_renamed,
)
BREAKING: dict[Callable[[Schema], None], set[str]] = {
    a_new_required_field: {"backward"},
    a_required_field_gone: {"forward"},
    a_required_field_made_optional: {"forward"},
    a_word_added_to_a_closed_list: {"forward"},
    a_word_gone_from_a_closed_list: {"backward"},
    a_bound_tightened: {"backward"},
    a_bound_loosened: {"forward"},
    a_shorter_text: {"backward"},
    a_longer_text: {"forward"},
    a_shorter_list: {"backward"},
    pence_that_became_text: {"backward", "forward"},
    null_forbidden: {"backward"},
    a_narrower_form: {"backward"},
    a_unit_inside_a_value: {"backward", "forward"},
    another_type_name: {"backward", "forward"},
}


def changed(change: Callable[[Schema], None]) -> list[str]:
    old = NOW["OpportunityPosted.v1"]
    new = copy.deepcopy(old)
    change(new)
    assert new != old
    return broken(old, new)


@pytest.mark.parametrize("change", ALLOWED)
def test_an_allowed_change_passes(change: Callable[[Schema], None]) -> None:
    assert changed(change) == []


@pytest.mark.parametrize("change", BREAKING)
def test_a_breaking_change_is_convicted(change: Callable[[Schema], None]) -> None:
    found = changed(change)

    assert {verdict.partition(":")[0] for verdict in found} == BREAKING[change], found
