"""
The launcher's side of the minder.
"""

import subprocess
import sys
from dataclasses import dataclass
from typing import Self

from services.broker import minder


@dataclass(frozen=True, slots=True, kw_only=True)
class Minder:
    """
    A small process that ends the nodes when this one is gone.
    """

    process: subprocess.Popen[bytes]

    @classmethod
    def start(cls, *, grace_s: float) -> Self:
        """
        Start it, in a session of its own, so that what ends this process spares it.

        Args:
            grace_s: how long a node may take to stop by itself.
        """
        assert minder.__file__
        command = (sys.executable, "-I", "-S", minder.__file__, str(grace_s))
        process = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, start_new_session=True
        )
        return cls(process=process)

    def mind(self, pid: int) -> None:
        """
        Have a process ended when this one is.
        """
        self._tell(f"+{pid}")

    def forget(self, pid: int) -> None:
        """
        Have a process that has ended left alone.
        """
        self._tell(f"-{pid}")

    def stop(self) -> None:
        """
        End it; nothing is minded any more.
        """
        self.process.communicate()

    def _tell(self, line: str) -> None:
        assert self.process.stdin
        try:
            self.process.stdin.write(f"{line}\n".encode())
            self.process.stdin.flush()
        except BrokenPipeError:  # ended by somebody: the next start looks for what is left
            return
