"""What is published is what the code says, and is valid by the standards that it names."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from click.testing import CliRunner

from matching.market.waiting import WAITING
from schemas import codec, log_record
from schemas.envelope import canonical
from schemas.log_record import Cause, Genesis, InboxPosition, Leaf, LogRecord, first_previous
from schemas.publishing import DIALECT, LOG_RECORD, definitions, json_schemas
from schemas.reserves import CATEGORIES
from services import publishing
from services.topology import WORKERS, flow_table
from services.wording.reserves import reserves_table
from services.wording.waiting import waiting_table
from tests.contract import examples
from tests.contract.examples import Invalid

SPECIFICATION = Path(__file__).parent / "vendored" / "asyncapi-specs" / "3.1.0-without-id.json"
VALID = examples.valid()
SCHEMAS = json_schemas()


def document() -> dict[str, Any]:
    told: dict[str, Any] = json.loads((publishing.PUBLISHED / "asyncapi.json").read_text("utf-8"))
    return told


@cache
def specification() -> jsonschema_rs.Draft7Validator:
    return jsonschema_rs.Draft7Validator(json.loads(SPECIFICATION.read_text("utf-8")))


def references(told: Any) -> Iterator[str]:
    """Every `$ref` of a document, but for what stands in its examples."""
    if isinstance(told, dict):
        if isinstance(told.get("$ref"), str):
            yield told["$ref"]
        for key, item in told.items():
            yield from () if key == "examples" else references(item)
    elif isinstance(told, list):
        for item in told:
            yield from references(item)


def resolved(told: Any, reference: str) -> Any:
    """What a JSON pointer within a document names."""
    assert reference.startswith("#/"), reference
    for step in reference[2:].split("/"):
        told = told[step.replace("~1", "/").replace("~0", "~")]
    return told


# --- drift --------------------------------------------------------------------------------


def test_what_is_published_is_what_the_code_says() -> None:
    changed = [path.name for path in publishing.differing()]

    assert changed == [], "run: python -m services.publishing"


def test_the_check_finds_nothing_to_write() -> None:
    result = CliRunner().invoke(publishing.command, ["--check"])

    assert (result.exit_code, result.output) == (0, "")


def test_a_page_keeps_its_words_and_takes_the_flow_between_its_markers() -> None:
    page = "Before\n<!-- flow -->\nan old table\n<!-- /flow -->\nafter\n"

    assert publishing.with_tables(page) == (
        f"Before\n<!-- flow -->\n{flow_table()}\n<!-- /flow -->\nafter\n"
    )


def test_a_page_takes_the_table_of_reserves_between_its_own_markers() -> None:
    page = "Before\n<!-- reserves -->\n\n<!-- /reserves -->\nafter\n"

    table = publishing.with_tables(page)

    assert table == f"Before\n<!-- reserves -->\n{reserves_table()}\n<!-- /reserves -->\nafter\n"
    assert all(f"`{form}`" in table for row in CATEGORIES for form in row.forms)
    assert table.count("| nothing |") == sum(row.standing == "refused" for row in CATEGORIES)


def test_a_page_takes_the_table_of_what_waits_between_its_own_markers() -> None:
    page = "Before\n<!-- waiting -->\n\n<!-- /waiting -->\nafter\n"

    table = publishing.with_tables(page)

    assert table == f"Before\n<!-- waiting -->\n{waiting_table()}\n<!-- /waiting -->\nafter\n"
    assert all(end.event in table for row in WAITING for end in row.runs_out)


def test_a_page_without_markers_is_left_as_it_is() -> None:
    assert publishing.with_tables("No table here.\n") == "No table here.\n"


# --- AsyncAPI -----------------------------------------------------------------------------


def test_the_asyncapi_document_is_valid_by_its_specification() -> None:
    assert [error.message for error in specification().iter_errors(document())] == []


def test_the_specification_convicts_a_wrong_action() -> None:
    told = document()
    told["operations"]["intakeReadsPartyInbox"]["action"] = "listen"

    assert not specification().is_valid(told)


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    told = document()
    found = list(references(told))

    assert len(found) > 100
    for reference in found:
        assert isinstance(resolved(told, reference), dict), reference


def test_a_reference_that_leads_nowhere_is_found() -> None:
    with pytest.raises(KeyError):
        resolved(document(), "#/components/schemas/Nowhere")


def test_every_worker_reads_and_publishes_in_the_document_what_it_does_in_the_flow() -> None:
    told = document()
    by_name = {name: channel["address"] for name, channel in told["channels"].items()}

    for worker in WORKERS:
        ours = {
            key: each for key, each in told["operations"].items() if key.startswith(worker.name)
        }
        sides: dict[str, set[str]] = {"receive": set(), "send": set()}
        for operation in ours.values():
            channel = operation["channel"]["$ref"].rpartition("/")[2]
            sides[operation["action"]].add(by_name[channel].replace("{slug}", "<slug>"))
        assert sides == {"receive": set(worker.reads), "send": set(worker.publishes)}


DECIDED = {
    f"{name}.v1"
    for name in (
        "ClockDoubted",
        "DayBegan",
        "IntroductionMade",
        "ProposalDropped",
        "RoundClosed",
        "SeedFixed",
        "SubmissionRefused",
        "SubmissionRepeated",
        "WindowsLengthened",
    )
}


def test_every_event_stands_in_some_topic_or_is_decided_by_the_market() -> None:
    told = document()
    in_topics = {name for channel in told["channels"].values() for name in channel["messages"]}

    decided = SCHEMAS.keys() - in_topics

    # They stand in log records, or are the market's own form of what was said; of an
    # introduction each side is told its own part.
    assert decided == DECIDED


def test_no_clear_form_of_a_sealed_event_stands_in_a_market_topic() -> None:
    market = document()["channels"]["marketInbox"]["messages"].keys()

    clear = {name for name, cls in _classes().items() if codec.sealed_form(cls) is not None}

    assert clear
    assert not clear & market


def _classes() -> dict[str, type]:
    return {name.removeprefix("foothold."): cls for name, cls in codec.EVENTS.items()}


def test_two_definitions_of_one_name_are_refused() -> None:
    one, other = ({"$defs": {"Place": {"type": kind}}} for kind in ("string", "integer"))

    with pytest.raises(LookupError, match="Place"):
        definitions({"A.v1": one, "B.v1": other})


# --- JSON Schema --------------------------------------------------------------------------


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_published_schema_is_valid_json_schema(name: str) -> None:
    jsonschema_rs.meta.validate(SCHEMAS[name])

    assert SCHEMAS[name]["$schema"] == DIALECT
    assert SCHEMAS[name]["$id"] == f"{name}.json"
    for reference in references(SCHEMAS[name]):
        assert isinstance(resolved(SCHEMAS[name], reference), dict), reference


@pytest.mark.parametrize("name", sorted(VALID))
def test_a_valid_example_is_valid_by_the_published_schema(name: str) -> None:
    validator = jsonschema_rs.Draft202012Validator(SCHEMAS[f"{name}.v1"], validate_formats=True)

    assert [error.message for error in validator.iter_errors(VALID[name])] == []


@pytest.mark.parametrize("case", examples.invalid(), ids=str)
def test_the_published_schema_refuses_what_needs_no_rule_over_fields(case: Invalid) -> None:
    validator = jsonschema_rs.Draft202012Validator(
        SCHEMAS[f"{case.name}.v1"], validate_formats=True
    )
    read_alone = {*codec.ERROR_CODES.values(), "wrong_type"} - {"wrong_form", "out_of_bounds"}

    if any(code in read_alone for code, _ in case.expected):
        assert not validator.is_valid(case.event)


def a_record() -> LogRecord:
    cause = Cause(
        inbox=InboxPosition(topic_id="topic", offset=4),
        appended_at="2026-01-13T09:30:00.000Z",
        now="2026-01-13T09:30:00.000Z",
        rules_version=1,
        release="0.1.0",
        key=("tick", "2026-01-13T09:30:00.000Z"),
    )
    bodies = (codec.plain(cause), {"message": VALID["Tick"]}, {"id": "zedford-1-1"})
    leaves = tuple(Leaf(salt=bytes([n]) * 32, body=body) for n, body in enumerate(bodies))
    return LogRecord(
        market="zedford", sequence=1, previous=first_previous("zedford"), leaves=leaves
    )


def test_a_log_record_is_valid_by_the_published_schema() -> None:
    validator = jsonschema_rs.Draft202012Validator(SCHEMAS[LOG_RECORD])
    genesis = Genesis(genesis="g-1", partition=0, partitions=12)
    whole = json.loads(log_record.write(a_record()))

    assert validator.is_valid(whole)
    assert validator.is_valid(json.loads(log_record.write(genesis)))
    assert not validator.is_valid({**whole, "header": {**whole["header"], "previous": "none"}})
    assert not validator.is_valid({"header": whole["header"], "leaves": whole["leaves"][1:]})
    assert log_record.read(canonical(whole)) == a_record()
