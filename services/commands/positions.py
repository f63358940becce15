"""
Messages about reserved positions as a person reads them: what, until when, and the answer.
"""

from collections.abc import Iterator, Mapping
from shlex import quote
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from services.commands.local_words import in_local_time
from services.wording.figures import counted
from services.wording.positions import (
    COMMANDS,
    STATES,
    TELLINGS,
    groups_in_words,
    position_in_words,
    reason_in_words,
    stage_in_words,
    unknown_in_words,
)

if TYPE_CHECKING:
    from services.commands.messages import Names

INSTANTS: Final = ("release_by", "answer_by", "confirm_by", "until", "first_round_at")
TOLD: Final = frozenset(TELLINGS)


def show_position(
    console: Console, name: str, data: Mapping[str, Any], *, party: str, names: "Names"
) -> None:
    """
    Show a message about a reserved position, with the command that answers it.

    Args:
        console: where it is shown.
        name: the event's bare name, one of `TOLD`.
        data: what it tells.
        party: whose queue it stands on.
        names: what that party calls the residents and opportunities.
    """
    console.print(Text(position_in_words(name, _words(name, data, names))))
    for margin, line in _people(data, names):
        console.print(Padding(line, (0, 0, 0, margin), expand=False))
    given = {"party": party, "offer": data.get("offer"), "opportunity": data.get("opportunity")}
    given["listed"] = _only_one(data) or "RESIDENT"
    for lead, command in zip(("answer with ", "or with "), COMMANDS.get(name, ()), strict=False):
        # A command stays in one piece, so that it can be copied.
        told = Text(f"    {lead}{command.format_map(given)}", style="dim")
        console.print(told, soft_wrap=True)


def _words(name: str, data: Mapping[str, Any], names: "Names") -> dict[str, str]:
    words = {field: str(told) for field, told in data.items()}
    words |= {field: in_local_time(data[field]) for field in INSTANTS if field in data}
    if "first_round_at" in words:
        words["first_round_at"] = " at ".join(words["first_round_at"].rsplit(", ", 1))
    words["who"] = names.who(data)
    words["what"] = names.what(data)
    if "tier" in data:
        words["tier"] = str(data["tier"] + 1)
        words["weeks_ready"] = counted(data["weeks_ready"], "whole week")
    if "reason" in data:
        words["reason"] = reason_in_words(name, data["reason"])
    if "state" in data:
        words["state"] = STATES[data["state"]]
    if "groups" in data:
        groups = tuple(
            (each["group"], each["clause"], each["positions"]) for each in data["groups"]
        )
        words["groups"] = groups_in_words(groups)
    if name == "StageOpened":
        words["stage"] = stage_in_words(data.get("stage"))
    if "residents" in data:
        words["residents"] = counted(len(data["residents"]) + data.get("more", 0), "resident")
    return words


def _only_one(data: Mapping[str, Any]) -> str | None:
    """
    Return how the resident is named whom a list names, where it names one alone.
    """
    listed = data.get("residents", ())
    if len(listed) != 1 or data.get("more"):
        return None
    return quote(listed[0].get("reference") or listed[0]["resident"])


def _people(data: Mapping[str, Any], names: "Names") -> Iterator[tuple[int, Text]]:
    """
    Write whom a list names as lines, each with its margin.
    """
    for each in data.get("residents", ()):
        yield 4, Text(f"{names.of(each['resident'])}, by rung {each['rung'] + 1}")
        for code in each.get("unknown", ()):
            yield 8, Text(unknown_in_words(code), style="yellow")
    if data.get("more"):
        yield 4, Text(f"and {data['more']:,} more, who are not listed")
