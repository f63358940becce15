"""
Messages about reserved positions as a person reads them: what, until when, and the answer.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from shlex import quote
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from services.commands.local_words import in_local_time
from services.wording.figures import counted, day_in_words
from services.wording.introductions import (
    REMINDED_OF,
    changes_in_words,
    fields_in_words,
    finding_in_words,
    ground_in_words,
    grounds_in_words,
    lead_of,
    office_in_words,
    waiting_in_words,
)
from services.wording.positions import (
    COMMANDS,
    TELLINGS,
    groups_in_words,
    position_in_words,
    reason_in_words,
    stage_in_words,
    state_in_words,
    unknown_in_words,
)

if TYPE_CHECKING:
    from services.commands.messages import Names

INSTANTS: Final = (
    "release_by",
    "answer_by",
    "confirm_by",
    "consent_by",
    "decide_by",
    "due",
    "until",
    "first_round_at",
)
TOLD: Final = frozenset(TELLINGS)
REMINDER: Final = "ReminderGiven"
ROUTE: Final = "route"

Writer = Callable[[Any], str]
# What stands as a code or a list in an event, and is told in words.
WRITERS: Final[Mapping[str, Writer]] = {
    **dict.fromkeys(INSTANTS, in_local_time),
    "changed": changes_in_words,
    "fields": fields_in_words,
    "ground": ground_in_words,
    "finding": finding_in_words,
    "upheld": lambda upheld: "upheld" if upheld else "not upheld",
    "on": lambda day: day_in_words(date.fromisoformat(day)),
}


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
    for at, command in enumerate(_commands(name, data, party=party, names=names)):
        # A command stays in one piece, so that it can be copied.
        told = Text(f"    {lead_of(command, at=at)}{command}", style="dim")
        console.print(told, soft_wrap=True)


def _commands(name: str, data: Mapping[str, Any], *, party: str, names: "Names") -> Iterator[str]:
    patterns = COMMANDS.get(name, ())
    if name == REMINDER:
        patterns = REMINDED_OF.get(data["waiting"], ())
    given = {
        "party": party,
        "offer": data.get("offer") or data.get("about"),
        "challenge": data.get("challenge") or data.get("about"),
        "opportunity": data.get("opportunity"),
        "resident": quote(names.known.get(data.get("resident", ""), data.get("resident", ""))),
        "supplier": data.get("supplier"),
        "route": " --fields contact,route" if ROUTE in data.get("fields", ()) else "",
        "listed": _only_one(data) or "RESIDENT",
    }
    for pattern in patterns:
        yield pattern.format_map(given)


def _words(name: str, data: Mapping[str, Any], names: "Names") -> dict[str, str]:
    words = {field: str(told) for field, told in data.items()}
    words |= {field: write(data[field]) for field, write in WRITERS.items() if field in data}
    if "first_round_at" in words:
        words["first_round_at"] = " at ".join(words["first_round_at"].rsplit(", ", 1))
    words |= _named(data, names)
    if "reason" in data:
        words["reason"] = reason_in_words(name, data["reason"])
    if "state" in data:
        words["state"] = state_in_words(data["state"], is_position=bool(data.get("position")))
    if "groups" in data:
        groups = tuple(
            (each["group"], each["clause"], each["positions"]) for each in data["groups"]
        )
        words["groups"] = groups_in_words(groups)
    if name == "StageOpened":
        words["stage"] = stage_in_words(data.get("stage"))
    if "residents" in data:
        words["residents"] = counted(len(data["residents"]) + data.get("more", 0), "resident")
    if "waiting" in data:
        words["waiting"] = waiting_in_words(data["waiting"], words)
    return words


def _named(data: Mapping[str, Any], names: "Names") -> dict[str, str]:
    """
    Name whom and what a message is about, with what earlier ones told of its offer.
    """
    what, known = names.what(data), names.offer(data)
    position, clause, staff = (data.get(each) for each in ("position", "clause", "staff"))
    on_duty, told = data.get("on_duty") or staff, known.get("grounds")
    if "tier" in data:
        told, grounds = None, grounds_in_words(data)
    else:
        grounds = f", {told}" if told else ""
    call = known.get("call", "")
    return {
        "who": names.who(data),
        "what": what,
        "slot": f"Position {position} of {what}" if position else what[:1].upper() + what[1:],
        "reserved": f", reserved by clause {clause}" if clause else "",
        "grounds": grounds,
        "duty": f" On duty: {on_duty}." if on_duty else "",
        "call": call,
        "reached": f", whose partner's office is at {call}" if call else "",
    }


def office_of(data: Mapping[str, Any]) -> str | None:
    """
    Say whom a message tells to call, if it does.
    """
    if not data.get("role_mailbox"):
        return None
    return office_in_words(data["role_mailbox"], data.get("role_telephone"))


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
