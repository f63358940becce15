"""Progress where there is no terminal: a line only of what is waited for long."""

from collections.abc import Iterator
from io import StringIO

from rich.console import Console

from services.demo.progress import Progress


def lines(*counts: tuple[float, str, int]) -> list[str]:
    """Count what came of three, each time at so many seconds."""
    console = Console(file=StringIO(), record=True, width=100)
    times: Iterator[float] = iter([at for at, _, came in counts if came < 3])
    with Progress(console, monotonic=lambda: next(times)) as progress:
        for _, what, came in counts:
            progress.counted(what, came, 3)
    return console.export_text().splitlines()


def test_what_comes_within_seconds_is_not_told() -> None:
    assert lines((0, "receipts", 0), (4.9, "receipts", 1), (5.5, "receipts", 3)) == []


def test_a_long_wait_is_told_after_a_while_and_seldom_again() -> None:
    waits = [(float(at), "receipts", at // 10) for at in (0, 4, 5, 12, 19, 20, 29)]

    assert lines(*waits) == ["waiting for receipts: 0 of 3", "waiting for receipts: 2 of 3"]


def test_each_wait_begins_anew_even_for_the_same_thing() -> None:
    first = ((0, "receipts", 0), (4, "receipts", 0), (4, "receipts", 3))

    assert lines(*first, (6, "receipts", 0), (8, "receipts", 1)) == []
    assert lines((0, "receipts", 0), (6, "matches", 0), (8, "matches", 0)) == []
