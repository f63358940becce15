import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from services.commands.model import command as model
from services.commands.rank import command as rank

OPPORTUNITIES: tuple[dict[str, Any], ...] = (
    {
        "opportunity_id": "school-cleaner",
        "title": "School cleaner",
        "duties": ["clean classrooms"],
        "skills": ["cleaning", {"scheme": "ESCO", "id": "7a", "label": "use chemicals safely"}],
        "minutes_a_week": 1200,
        "supplier_note": "not read",
    },
    {"opportunity_id": "bricklayer", "title": "Bricklayer", "description": "You lay bricks."},
)
RESIDENTS: tuple[dict[str, Any], ...] = (
    {"resident_id": "amal", "skills": ["clean classrooms"], "experience": None},
    {"resident_id": "tomasz", "experience": ["lay bricks"], "skills": []},
    {"resident_id": "grace"},
)


def written(path: Path, lines: tuple[Any, ...]) -> str:
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return str(path)


@pytest.fixture
def offers(tmp_path: Path) -> str:
    return written(tmp_path / "opportunities.jsonl", OPPORTUNITIES)


@pytest.fixture
def people(tmp_path: Path) -> str:
    return written(tmp_path / "residents.jsonl", RESIDENTS)


def ranked(*asked: str) -> Result:
    return CliRunner().invoke(rank, [*asked, "--encoder", "hashing"])


def lines(result: Result) -> dict[str, dict[str, Any]]:
    assert result.exit_code == 0, result.output
    read = map(json.loads, result.stdout.splitlines())
    return {line["query_id"]: line for line in read}


def test_each_resident_is_given_a_ranking_of_opportunities(offers: str, people: str) -> None:
    found = lines(ranked("--opportunities", offers, "--residents", people, "--for", "residents"))

    assert list(found) == ["amal", "tomasz", "grace"]
    assert found["amal"]["ranked"] == ["school-cleaner", "bricklayer"]
    assert found["tomasz"]["ranked"] == ["bricklayer", "school-cleaner"]
    assert len(found["grace"]["ranked"]) == 2
    assert found["amal"]["scores"] == sorted(found["amal"]["scores"], reverse=True)
    assert found["amal"]["reasons"][0][0]["code"] == "meets"


def test_each_opportunity_is_given_a_ranking_of_residents(
    offers: str, people: str, tmp_path: Path
) -> None:
    out = tmp_path / "run.jsonl"

    result = ranked(
        *("--opportunities", offers, "--residents", people, "--for", "opportunities"),
        *("--top", "1", "--out", str(out)),
    )

    assert result.exit_code == 0
    assert result.stdout == ""
    found = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [(each["query_id"], each["ranked"]) for each in found] == [
        ("school-cleaner", ["amal"]),
        ("bricklayer", ["tomasz"]),
    ]


def test_both_sides_are_told_the_same_score(offers: str, people: str) -> None:
    asked = ("--opportunities", offers, "--residents", people, "--for")

    ours, theirs = (lines(ranked(*asked, side)) for side in ("residents", "opportunities"))

    def pairs(found: dict[str, dict[str, Any]]) -> dict[frozenset[str], int]:
        return {
            frozenset((one, other)): score
            for one, line in found.items()
            for other, score in zip(line["ranked"], line["scores"], strict=True)
        }

    assert pairs(ours) == pairs(theirs)


def test_whom_the_terms_bar_is_not_ranked(offers: str, tmp_path: Path) -> None:
    people = written(
        tmp_path / "few.jsonl",
        ({**RESIDENTS[0], "minutes_a_week": {"least": 300, "most": 600}},),
    )

    found = lines(ranked("--opportunities", offers, "--residents", people, "--for", "residents"))

    assert found["amal"]["ranked"] == ["bricklayer"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"resident_id": "ife"', "line 2: not JSON"),
        ('["ife"]', "line 2: not an object"),
        ("{}", "line 2: resident_id is missing"),
        ('{"resident_id": "amal"}', "line 2: the same id as in line 1"),
        ('{"resident_id": "ife", "skills": "cook"}', "line 2: skills must be a list"),
        ('{"resident_id": "ife", "skills": [7]}', "line 2: skills must be a list of texts"),
        (
            '{"resident_id": "ife", "minutes_a_week": {"least": "1"}}',
            "line 2: minutes_a_week: least must be a whole number",
        ),
        ('{"resident_id": "ife", "birth_date": "1.2.90"}', "line 2: birth_date must be a date"),
        ('{"resident_id": "ife", "earliest_start": "9:00"}', "line 2: earliest_start must be"),
        ('{"resident_id": "ife", "days": ["someday"]}', "line 2: days must be a list of mon"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_without_its_words(
    offers: str, tmp_path: Path, line: str, told: str
) -> None:
    path = tmp_path / "residents.jsonl"
    path.write_text(f'{{"resident_id": "amal"}}\n{line}\n', encoding="utf-8")

    result = ranked("--opportunities", offers, "--residents", str(path), "--for", "residents")

    assert result.exit_code == 2
    assert f"residents.jsonl, {told}" in result.stderr
    assert "someday" not in result.stderr


def test_an_opportunity_without_a_title_is_named(people: str, tmp_path: Path) -> None:
    path = written(tmp_path / "opportunities.jsonl", ({"opportunity_id": "post"},))

    result = ranked("--opportunities", path, "--residents", people, "--for", "residents")

    assert result.exit_code == 2
    assert "opportunities.jsonl, line 1: title is missing" in result.stderr


def test_no_encoder_of_that_name_is_wrong_use(offers: str, people: str) -> None:
    result = CliRunner().invoke(
        rank,
        [
            *("--opportunities", offers, "--residents", people, "--for", "residents"),
            *("--encoder", "word2vec"),
        ],
    )

    assert result.exit_code == 2
    assert "There is no encoder word2vec" in result.stderr


def test_an_encoder_is_shown_with_its_digest() -> None:
    shown = CliRunner().invoke(model, ["show", "--encoder", "hashing", "--json"])

    assert shown.exit_code == 0
    told = json.loads(shown.stdout)
    assert told["state"] == "ready"
    assert len(told["model"]) == 64
    assert told["others"] == ["e5-small-v2", "all-minilm-l6-v2"]


def test_an_encoder_without_files_is_prepared_at_once() -> None:
    result = CliRunner().invoke(model, ["prepare", "--encoder", "hashing"])

    assert result.exit_code == 0
    assert "hashing is ready" in result.stdout
