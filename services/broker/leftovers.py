"""
A node that outlived its launcher: found by its number and its command line, and ended.

The command line names the node's own properties file, so a number that the system has
given to another process since is told apart.
"""

import os
import signal
import subprocess
import time
from pathlib import Path

_STEP_S = 0.05


def end_leftovers(folder: Path, *, grace_s: float) -> tuple[str, ...]:
    """
    End every node that a former launcher left on a broker's folder.

    Args:
        folder: the broker's, claimed by the caller.
        grace_s: how long a node may take to stop by itself.

    Returns:
        Which there were, such as `node-1`.
    """
    homes = sorted(folder.glob("node-*"))
    return tuple(
        home.name
        for home in homes
        if end_leftover(home / "pid", properties=home / "node.properties", grace_s=grace_s)
    )


def end_leftover(pid_file: Path, *, properties: Path, grace_s: float) -> bool:
    """
    End the node that a former launcher left on a folder, if it is still there.

    Args:
        pid_file: where the node's number was written.
        properties: the file that its command line names.
        grace_s: how long it may take to stop by itself.

    Returns:
        Whether there was one.
    """
    pid = _read_number(pid_file)
    if pid is None or not _runs(pid, properties):
        return False
    os.kill(pid, signal.SIGTERM)
    os.kill(pid, signal.SIGCONT)
    for _ in range(int(grace_s / _STEP_S)):
        if not _runs(pid, properties):
            return True
        time.sleep(_STEP_S)
    _kill(pid, properties)
    return True


def _kill(pid: int, properties: Path) -> None:
    while _runs(pid, properties):
        os.kill(pid, signal.SIGKILL)
        time.sleep(_STEP_S)


def _read_number(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return None


def _runs(pid: int, properties: Path) -> bool:
    return str(properties) in _command_line(pid)


def _command_line(pid: int) -> str:
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return ""
    asked = ("ps", "-ww", "-o", "command=", "-p", str(pid))
    shown = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603
    return shown.stdout
