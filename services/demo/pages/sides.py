"""
Scene 7 on the screen: the partner's messages left, the supplier's right, field by field.
"""

import re
from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from schemas.vocabulary import moment
from services.demo.pages.matches import Reader
from services.demo.scenes.sides import Sides, Told
from services.wording.figures import counted

INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{12}Z")


def page(found: Sides, *, reader: Reader) -> Iterator[RenderableType]:
    """
    Show both queues' messages about one offer, in the order of the log.
    """
    person = reader.people[found.partner, found.reference]
    yield Text.assemble((f"{person.name} ({found.reference}): ", "bold"), person.line)
    yield _both(found, reader)
    yield (
        f"{counted(len(found.partner_side), 'message')} to the partner, and "
        f"{counted(len(found.supplier_side), 'message')} to the supplier: an office to call, and "
        "not before the resident's consent. The name passes between the two offices, outside the "
        "system."
    )


def _both(found: Sides, reader: Reader) -> Table:
    table = Table(
        reader.names[found.partner],
        reader.names[found.supplier],
        title="One acceptance, two queues",
    )
    left = {(each.sequence, each.name): each for each in found.partner_side}
    right = {(each.sequence, each.name): each for each in found.supplier_side}
    for key in sorted({*left, *right}):
        table.add_row(_message(left.get(key)), _message(right.get(key)))
    return table


def _message(told: Told | None) -> Text:
    if told is None:
        return Text("")
    text = Text(_in_words(told.name), style="bold")
    for name, value in told.fields:
        text.append(f"\n  {name.replace('_', ' ')}: ", style="dim")
        text.append(_local(value), style="not bold")
    return text


def _in_words(event: str) -> str:
    """
    Write an event's name as words.

    >>> _in_words("IntroductionReceived")
    'Introduction received'
    """
    return re.sub(r"(?<=[a-z])[A-Z]", lambda found: f" {found[0].lower()}", event)


def _local(value: str) -> str:
    """
    Write an instant as day and time; the story is told in winter, when local time is UTC.

    >>> _local("2026-01-20T16:30:00.000Z"), _local("4.2")
    ('Tue 20 Jan, 16:30', '4.2')
    """
    return f"{moment(value):%a %d %b, %H:%M}" if INSTANT.fullmatch(value) else value
