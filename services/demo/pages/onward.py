"""
The last scene on the screen: the story in figures, and each user's first commands.
"""

from collections.abc import Iterator, Mapping

from rich.console import RenderableType
from rich.text import Text

from services.demo.scenes.onward import Onward, Step


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
    if not found.kept:
        yield Text.assemble(
            "To go on from here, keep it running: ", ("foothold demo --keep", "cyan"), ". Then:"
        )
    for step in found.steps:
        yield _step(step, names)


def _step(step: Step, names: Mapping[str, str]) -> Text:
    told = Text.assemble((f"As {step.user}", "bold"), f" ({names[step.party]}): {step.does}")
    for command in step.commands:
        told.append(f"\n    {command}", style="cyan")
    return told
