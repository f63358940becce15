"""
The command line as people meet it: examples in every help, a sentence for every wrong use.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from schemas.vocabulary import Role
from services.__main__ import COMMANDS, main


def every(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """
    Walk over all commands and groups.
    """
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from every(found, (*path, name))


@pytest.mark.parametrize("path", list(every(main)), ids=" ".join)
def test_every_help_has_an_example(path: tuple[str, ...]) -> None:
    outcome = CliRunner().invoke(main, [*path, "--help"])

    assert outcome.exit_code == 0
    assert "Example" in outcome.output


def test_a_folder_that_cannot_be_made_is_named_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    folder = tmp_path / "file" / "data"

    outcome = CliRunner().invoke(main, ["up", "--operator", "zedford", "--data", str(folder)])

    assert outcome.exit_code == 1
    assert outcome.stderr.startswith(f"Error: {folder}")


def test_a_market_to_open_leaves_partition_and_time_to_the_command() -> None:
    outcome = CliRunner().invoke(main, ["template", "market"])

    assert not {"partition", "now"} & set(json.loads(outcome.stdout))


@pytest.mark.parametrize("exits", [(), ("--exits",)])
def test_codes_are_json_lines_on_request(exits: tuple[str, ...]) -> None:
    outcome = CliRunner().invoke(main, ["codes", "--json", *exits])

    assert all(json.loads(line) for line in outcome.stdout.splitlines())


def test_a_file_of_no_market_or_of_several_opens_none(tmp_path: Path) -> None:
    path = tmp_path / "two.json"
    path.write_text('[{"code": "a-b"}, {"code": "c-d"}]')
    wanted = ["market", "open", str(path), "--operator", "zedford", "--broker", "127.0.0.1:1"]

    outcome = CliRunner().invoke(main, wanted)

    assert outcome.exit_code == 2
    assert "holds 2" in outcome.stderr


def test_a_name_in_place_of_a_staff_code_is_not_sent(tmp_path: Path) -> None:
    path = tmp_path / "residents.csv"
    path.write_text("reference\nNH-1\n")

    outcome = CliRunner().invoke(main, ["send", "northfield", str(path), "--by", "Jo Smith"])

    assert outcome.exit_code == 2
    assert "your own code, never a name" in outcome.stderr


def test_the_readme_names_commands_that_there_are() -> None:
    readme = (Path(__file__).parents[4] / "README.md").read_text("utf-8")
    named = {line.split()[1] for line in readme.splitlines() if line.startswith("foothold ")}

    assert named <= set(COMMANDS)
    assert {"interest", "release", "confirm", "why", "replay"} <= named


def test_the_readme_writes_each_role_as_a_file_does() -> None:
    readme = (Path(__file__).parents[4] / "README.md").read_text("utf-8")

    assert [role for role in Role if f"`{role}`" not in readme] == []


def test_the_exit_code_of_what_was_not_answered_in_time_is_listed() -> None:
    outcome = CliRunner().invoke(main, ["codes", "--exits"])

    assert "   3  unanswered:" in outcome.stdout


def test_only_an_opportunity_has_a_template_that_reserves() -> None:
    outcome = CliRunner().invoke(main, ["template", "resident", "--reserved"])

    assert outcome.exit_code == 2
    assert "opportunity alone" in outcome.stderr


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("2026-02-30", "There is no 30 February 2026."),
        ("2026-13-01", "There is no month 13."),
        ("tomorrow", "'tomorrow' is no day. Write it as 2026-01-13."),
    ],
)
def test_a_day_that_there_is_not_is_told_in_a_sentence(said: str, told: str) -> None:
    offer = "zedford-f-aaaaaaaaaaaaaaaa"
    words = ["interview", "offer", "oakline", offer, "--on", said, "--by", "jo-1"]

    outcome = CliRunner().invoke(main, words)

    assert outcome.exit_code == 2
    assert told in outcome.stderr
