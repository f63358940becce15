"""
Scene 4 on the screen: how forty broken messages were answered.
"""

from collections.abc import Iterator, Mapping

from rich.console import RenderableType
from rich.table import Table

from services.demo.scenes.broken import Broken, Example


def page(found: Broken, *, names: Mapping[str, str]) -> Iterator[RenderableType]:
    """
    Show one message of each fault, and what it cost the neighbour.
    """
    table = Table(
        "fault",
        "messages",
        "for instance",
        "what its sender was told",
        title=f"What {names[found.sender]} sent",
    )
    for code, count in found.by_code.items():
        example = first_of(code, found.examples)
        table.add_row(code, str(count), example.label, f"{example.why} {example.mend}")
    yield table
    yield (
        f"{found.answered} of {found.sent} were answered, the last after "
        f"{found.slowest_answer_ms:,} ms. {names[found.neighbour]} had its receipt after "
        f"{found.quiet_ms:,} ms before, and after {found.behind_ms:,} ms right behind them: a "
        f"delay of {found.delay_ms:,} ms."
    )


def first_of(code: str, examples: tuple[Example, ...]) -> Example:
    """
    Return the first example of a fault.
    """
    return next(each for each in examples if each.code == code)
