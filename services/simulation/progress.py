"""
What is being tried, on the error stream, once it takes longer than two seconds.
"""

from types import TracebackType
from typing import Self

from rich.console import Console

from services import clock

QUIET_SECONDS = 2


class Progress:
    """
    One changing line on a terminal, a line for each run elsewhere.

    Args:
        console: where it is shown.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status = console.status("starting") if console.is_terminal else None
        self._begun = clock.monotonic()

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

    def note(self, sentence: str) -> None:
        """
        Say what is being done now.
        """
        if self._status is not None:
            self._status.update(sentence)
        elif clock.monotonic() - self._begun > QUIET_SECONDS:
            self._console.print(sentence, highlight=False)
