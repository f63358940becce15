"""
Files to events: JSON, JSON lines and CSV; decimals become whole pence and minutes.
"""

import csv
import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from matching.market.rights import RIGHTS
from schemas import codec
from schemas.envelope import Message
from services.__main__ import main
from services.commands.kinds import CLASSES, NOUNS, find_kind
from services.commands.submissions import Speaker, Submission, read_files
from services.commands.template import example_of

SPEAKER = Speaker(party="oakline", staff="jo-1", time="2026-01-13T12:00:00.000Z")

ROOFER: dict[str, Any] = {
    "reference": "R-1",
    "kind": "job",
    "title": "Roofer",
    "place": {"outcode": "ZZ1"},
    "positions": 2,
    "pay": {"basis": "hourly", "pence": 1350},
    "minutes_a_week": 2250,
    "starts_on": "2026-03-02",
    "closes_on": "2026-02-10",
    "role_mailbox": "jobs@oakline.example",
}


def ids() -> Iterator[str]:
    return (f"id-{n}" for n in count(1))


def read(path: Path, *, kind: str | None = None) -> tuple[Submission, ...]:
    return read_files((path,), kind=kind, speaker=SPEAKER, ids=ids())


def test_a_bare_object_is_told_by_its_fields(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text(json.dumps(ROOFER))

    (submission,) = read(path)

    assert submission.event["type"] == "foothold.OpportunityPosted.v1"
    assert submission.event["source"] == "/party/oakline"
    assert submission.event["authid"] == "jo-1"
    assert isinstance(codec.message_of(submission.event), Message)


def test_a_bare_object_with_a_misspelt_field_is_still_told(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    told = {**ROOFER, "positons": 2}
    del told["positions"]
    path.write_text(json.dumps(told))

    assert read(path)[0].event["type"] == "foothold.OpportunityPosted.v1"


def test_an_unclear_object_is_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text(json.dumps({"resident": "NH-1"}))

    with pytest.raises(click.UsageError, match="Say --as KIND"):
        read(path)


def test_json_lines_and_lists_are_read_one_by_one(tmp_path: Path) -> None:
    lines, whole = tmp_path / "many.jsonl", tmp_path / "many.json"
    second = {**ROOFER, "reference": "R-2"}
    lines.write_text(json.dumps(ROOFER) + "\n\n" + json.dumps(second) + "\n")
    whole.write_text(json.dumps([ROOFER, second]))

    assert [each.label for each in read(lines)] == ["many.jsonl line 1", "many.jsonl line 3"]
    assert [each.event["data"]["reference"] for each in read(whole)] == ["R-1", "R-2"]


def test_a_cloud_event_is_sent_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "event.json"
    event = {
        "specversion": "1.0",
        "id": "mine",
        "source": "/party/oakline",
        "type": "foothold.OpportunityPosted.v1",
        "data": ROOFER,
    }
    path.write_text(json.dumps(event))

    assert read(path)[0].event == event


HEADER = (
    "reference,kind,title,place.outcode,positions,pay.basis,pay.pounds,hours_a_week,"
    "days,duties,starts_on,closes_on,role_mailbox"
)
ENDS = "2026-03-02,2026-02-10,jobs@oakline.example"
CSV = f"""{HEADER}
R-1,job,Roofer,ZZ1,2,hourly,13.50,37.5,mon;tue,Lay slates;Fix battens,{ENDS}
R-2,job,"Roofer, senior",ZZ1,1,annual,"£28,000.00",37.5,,,{ENDS}
"""


def test_a_table_row_becomes_a_valid_event(tmp_path: Path) -> None:
    path = tmp_path / "vacancies.csv"
    path.write_text(CSV)

    first, second = read(path, kind="opportunity")

    assert first.event["data"]["pay"] == {"basis": "hourly", "pence": 1350}
    assert first.event["data"]["minutes_a_week"] == 2250
    assert first.event["data"]["days"] == ["mon", "tue"]
    assert second.event["data"]["pay"]["pence"] == 2_800_000
    for each in (first, second):
        assert isinstance(codec.message_of(each.event), Message), each.event


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_spreadsheet_may_part_its_columns_otherwise(tmp_path: Path, delimiter: str) -> None:
    commas, other = tmp_path / "commas.csv", tmp_path / "other.csv"
    commas.write_text(CSV.replace("\n", "\r\n"))
    rows = list(csv.reader(CSV.splitlines()))
    with other.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)

    told = [each.event["data"] for each in read(other, kind="opportunity")]

    assert told == [each.event["data"] for each in read(commas, kind="opportunity")]
    assert told[0]["duties"] == ["Lay slates", "Fix battens"]


def test_a_row_whose_cells_were_emptied_is_no_row(tmp_path: Path) -> None:
    path = tmp_path / "vacancies.csv"
    path.write_text(CSV + ",,,,,\n\n")

    assert len(read(path, kind="opportunity")) == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("reference,title,title\nR-1,Roofer,Tiler\n", "the column title twice"),
        ("reference,title\nR-1,Roofer,senior\n", "row 2 has more cells"),
    ],
)
def test_a_cell_whose_column_is_not_clear_is_asked_about(
    tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "odd.csv"
    path.write_text(text)

    with pytest.raises(click.UsageError, match=told):
        read(path, kind="opportunity")


@pytest.mark.parametrize("cell", ["13.505", "thirteen"])
def test_a_figure_that_is_not_whole_pence_is_left_for_the_refusal_to_name(
    tmp_path: Path, cell: str
) -> None:
    path = tmp_path / "vacancies.csv"
    path.write_text(CSV.replace("13.50", cell))

    rejected = codec.message_of(read(path, kind="opportunity")[0].event)

    assert isinstance(rejected, codec.Rejected)
    assert rejected.problems[0].field == "/data/pay/pence"


def test_a_table_without_a_header_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_text("")

    with pytest.raises(click.UsageError, match="foothold template"):
        read(path, kind="opportunity")


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("opportunity", "OpportunityPosted"),
        ("OpportunityPosted", "OpportunityPosted"),
        ("opportunity-posted", "OpportunityPosted"),
        ("foothold.ResidentErased.v1", "ResidentErased"),
        ("release", "ProposalReleased"),
        ("hold", "ProposalHeld"),
        ("acceptance", "OfferAccepted"),
        ("decline", "OfferDeclined"),
        ("confirmation", "HireConfirmed"),
        ("rejection", "HireRejected"),
        ("override", "FitOverridden"),
        ("clock", "ClockConfirmed"),
    ],
)
def test_a_kind_is_found_by_any_of_its_names(typed: str, name: str) -> None:
    assert find_kind(typed).__name__ == name


def test_what_is_answered_to_an_offer_is_never_guessed(tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    path.write_text(json.dumps({"offer": "zedford-f-aaaaaaaaaaaaaaaa"}))

    with pytest.raises(click.UsageError, match=r"--as KIND.*release.*acceptance.*decline"):
        read(path)

    (sent,) = read(path, kind="decline")
    assert sent.event["type"] == "foothold.OfferDeclined.v1"


@pytest.mark.parametrize("noun", CLASSES)
def test_of_everything_that_a_party_may_send_there_is_a_template(noun: str) -> None:
    assert example_of(CLASSES[noun])


def test_a_party_has_a_word_for_everything_that_it_may_say() -> None:
    assert set(NOUNS.values()) == {right.event for right in RIGHTS}


def test_a_kind_that_is_not_there_names_the_nearest() -> None:
    with pytest.raises(click.UsageError, match="Did you mean opportunity"):
        find_kind("oportunity")


@pytest.mark.parametrize("cell", ["²", "--5", "9" * 5000, "5.0.0", "[" * 100_000])
def test_a_cell_that_is_no_figure_goes_as_it_stands(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "odd.csv"
    path.write_text(f"reference,positions\nR-1,{cell}\n", encoding="utf-8")

    (submission,) = read(path, kind="opportunity")

    assert submission.event["data"]["positions"] == cell


@pytest.mark.parametrize("cell", ["inf", "NaN", "1e999999", "13.123"])
def test_pounds_that_are_no_amount_go_as_they_stand(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "odd.csv"
    path.write_text(f"reference,pay.pounds\nR-1,{cell}\n")

    (submission,) = read(path, kind="opportunity")

    assert submission.event["data"]["pay"]["pence"] == cell


def test_columns_that_exclude_each_other_are_named(tmp_path: Path) -> None:
    path = tmp_path / "clash.csv"
    path.write_text("reference,pay,pay.pence\nR-1,good,1350\n")

    with pytest.raises(click.UsageError, match=r"pay and pay\.pence"):
        read(path, kind="opportunity")


def test_brackets_without_end_are_no_json(tmp_path: Path) -> None:
    path = tmp_path / "deep.json"
    path.write_text("[" * 200_000)

    with pytest.raises(click.UsageError, match="is not JSON"):
        read(path, kind="opportunity")


@pytest.mark.parametrize("form", ["json", "csv"])
def test_the_template_of_a_reserved_posting_can_be_sent_as_it_is(tmp_path: Path, form: str) -> None:
    as_csv = ["--csv"] if form == "csv" else []
    printed = CliRunner().invoke(main, ["template", "opportunity", "--reserved", *as_csv])
    path = tmp_path / f"reserved.{form}"
    path.write_text(printed.stdout, encoding="utf-8")

    (submission,) = read(path, kind="opportunity")

    assert submission.event["data"]["contract"].startswith("c-")
    assert submission.event["data"]["ring_fence"] == [
        {"group": "starts", "clause": "4.2", "positions": 2}
    ]
    assert isinstance(codec.message_of(submission.event), Message)
