"""
Progress on the error stream, so that the story itself can be sent elsewhere.

A terminal shows one line that changes; anything else gets a line when something begins
to be waited for, and one when all of it came.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console


class Progress:
    """
    What is under way.

    Args:
        console: where it is shown.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status = console.status("starting") if console.is_terminal else None
        self._begun: set[str] = set()

    def __enter__(self) -> Self:
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._status is not None:
            self._status.stop()

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """
        Leave the screen to something else for a while.
        """
        if self._status is not None:
            self._status.stop()
        yield
        if self._status is not None:
            self._status.start()

    def note(self, sentence: str) -> None:
        """
        Say what is being done now.
        """
        if self._status is not None:
            self._status.update(sentence)
        else:
            self._console.print(sentence, highlight=False)

    def counted(self, what: str, came: int, of: int) -> None:
        """
        Say how many of what is waited for have come.
        """
        line = f"waiting for {what}: {came} of {of}"
        if self._status is not None:
            self._status.update(line)
        elif what not in self._begun or came == of:
            self._begun.add(what)
            self._console.print(line, highlight=False)
