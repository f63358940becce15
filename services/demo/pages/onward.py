"""
The last scene on the screen: the story in figures, and each user's first commands.
"""

import shlex
from collections.abc import Iterator, Mapping

from rich.console import RenderableType
from rich.text import Text

from services.demo.scenes.onward import Onward


def page(found: Onward, *, names: Mapping[str, str]) -> Iterator[RenderableType]:
    """
    Show what happened in all, and how to go on.
    """
    yield (
        f"{found.submissions:,} submissions, {found.answers:,} answers: {found.receipts:,} "
        f"receipts and {found.refusals} refusals. {found.events:,} events hold, in "
        f"{found.register_records} records of the register and {found.market_records:,} of the "
        f"market; {found.messages_on_queues:,} messages stand on the parties' queues. "
        f"{found.seconds} s from nothing."
    )
    yield from _begin(found.data)
    for step in found.steps:
        yield Text.assemble((f"As {step.user}", "bold"), f" ({names[step.party]}): {step.does}")
        yield from map(_command, step.commands)


def _begin(data: str | None) -> Iterator[Text]:
    """
    Say how to keep the installation, or where the one that was kept is.
    """
    if data is None:
        yield Text.assemble(
            "To go on from here, keep it running: ", ("foothold demo --keep", "cyan"), ". Then:"
        )
        return
    yield Text("It runs on here until Ctrl-C. In a second terminal, first:")
    yield _command(f"export FOOTHOLD_DATA={shlex.quote(data)}")


def _command(line: str) -> Text:
    """
    Put a command on one line, however long, so that it can be copied.
    """
    return Text(f"    {line}", style="cyan", no_wrap=True)
