"""
Progress on the error stream, so that the story itself can be sent elsewhere.

A terminal shows one line that changes; anything else gets a line only of what takes long,
so that waiting never drowns the story.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console

from services import clock

# Without a terminal: how long something is waited for until it is told, and told again.
SILENT_SECONDS = 5.0
AGAIN_SECONDS = 15.0


class Progress:
    """
    What is under way.

    Args:
        console: where it is shown.
        monotonic: seconds that never go back.
    """

    def __init__(
        self, console: Console, *, monotonic: Callable[[], float] = clock.monotonic
    ) -> None:
        self._console, self._monotonic = console, monotonic
        self._status = console.status("starting") if console.is_terminal else None
        self._what, self._tell_at = "", 0.0

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
        elif came < of and self._is_due(what):
            self._console.print(line, highlight=False)
        elif came == of:
            # A later wait for the same thing is a wait of its own.
            self._what = ""

    def _is_due(self, what: str) -> bool:
        """
        Tell whether this has been waited for so long that it is told, and not told just now.
        """
        now = self._monotonic()
        if what != self._what:
            self._what, self._tell_at = what, now + SILENT_SECONDS
        if now < self._tell_at:
            return False
        self._tell_at = now + AGAIN_SECONDS
        return True
