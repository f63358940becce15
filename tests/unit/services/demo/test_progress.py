"""Progress where there is no terminal: a line when a wait begins, and one when it is over."""

from io import StringIO

from rich.console import Console

from services.demo.progress import Progress


def lines(*counts: int) -> list[str]:
    console = Console(file=StringIO(), record=True, width=100)
    with Progress(console) as progress:
        for came in counts:
            progress.counted("receipts", came, 3)
    return console.export_text().splitlines()


def test_a_long_wait_is_told_at_its_beginning_and_its_end() -> None:
    assert lines(0, 1, 2, 3) == ["waiting for receipts: 0 of 3", "waiting for receipts: 3 of 3"]


def test_what_is_there_at_once_is_told_once() -> None:
    assert lines(3) == ["waiting for receipts: 3 of 3"]
