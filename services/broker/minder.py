"""
Ends the nodes when their launcher is gone, however it went: a process of its own.

It reads lines, `+PID` for a node to mind and `-PID` for one no longer; the input ends with
the launcher. It stands on the standard library alone, so that it starts in no time. A
parent-death signal of the kernel would not do: it is sent when the *thread* that started a
node ends, and other systems than Linux have none.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable

_STEP_S = 0.05


def mind_nodes(lines: Iterable[str], *, grace_s: float) -> None:
    """
    Follow the lines, and at their end stop what is still minded.

    Args:
        lines: `+PID` or `-PID`.
        grace_s: how long a node may take to stop by itself.
    """
    minded: set[int] = set()
    for line in lines:
        pid = abs(int(line))
        if line.startswith("+"):
            minded.add(pid)
        else:
            minded.discard(pid)
    _end(minded, grace_s=grace_s)


def _end(pids: set[int], *, grace_s: float) -> None:
    left = _signalled(_signalled(pids, signal.SIGTERM), signal.SIGCONT)
    for _ in range(int(grace_s / _STEP_S)):
        if not left:
            return
        time.sleep(_STEP_S)
        left = _signalled(left, 0)
    _signalled(left, signal.SIGKILL)


def _signalled(pids: set[int], number: int) -> set[int]:
    """
    Send a signal, and say which of the processes were there to get it.
    """
    there = set()
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue
        there.add(pid)
    return there


if __name__ == "__main__":
    mind_nodes(sys.stdin, grace_s=float(sys.argv[1]))
