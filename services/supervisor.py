"""
The supervisor: starts worker processes, restarts those that end, stops all of them.

A worker is crash-only: whatever it did not expect ends it. So it is started again at
once after a first end, then ever later, and after a bounded number of tries within a
window the supervisor gives up loudly. SIGTERM stops a worker; SIGKILL, which is always
safe here, ends one that is still there after its grace period.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

GRACE_SECONDS = 6.0
TRIES = 8
# So many starts at once within the window are asked for; from then on each waits.
AT_ONCE_TRIES = 20
WINDOW_SECONDS = 120.0
LONGEST_PAUSE_SECONDS = 8.0


def _tell_nobody(_: int) -> None:
    return


class GaveUp(RuntimeError):
    """
    A worker ended too often within the window; the message names its log file.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """
    What to do about a worker that ended: start it again at this time, or give up.
    """

    at: float
    give_up: bool = False


def plan_restart(ends: Sequence[float], *, now: float, at_once: bool) -> Restart:
    """
    Decide when a worker that ended is started again.

    Args:
        ends: the times at which it ended before in the same way, oldest first, in seconds.
        now: the time at which it ended now.
        at_once: its exit code asks for a new start and is no fault.
    """
    recent = [end for end in ends if now - end < WINDOW_SECONDS]
    if at_once:
        busy = len(recent) >= AT_ONCE_TRIES
        return Restart(at=now + LONGEST_PAUSE_SECONDS if busy else now)
    if len(recent) >= TRIES:
        return Restart(at=now, give_up=True)
    pause = min(LONGEST_PAUSE_SECONDS, 0.25 * 2 ** len(recent)) if recent else 0.0
    return Restart(at=now + pause)


@dataclass(slots=True, kw_only=True)
class Child:
    """
    One worker process, its log file and when it ended before.
    """

    name: str
    command: tuple[str, ...]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    ends: list[float] = field(default_factory=list)
    at_once_ends: list[float] = field(default_factory=list)
    due: float | None = None
    last_code: int | None = None


class Supervisor:
    """
    Keeps a set of worker processes running.

    Args:
        commands: by worker name, the command line that runs it.
        logs: the folder for their log files.
        environment: what the workers find in their environment.
        monotonic: seconds that never go back.
        pause: waits so many seconds.
        restart_codes: exit codes that ask for a new start at once.
        mind: is told the process id of each worker that starts.
        forget: is told that of each that ended.
    """

    def __init__(
        self,
        commands: Mapping[str, Sequence[str]],
        *,
        logs: Path,
        environment: Mapping[str, str],
        monotonic: Callable[[], float],
        pause: Callable[[float], None],
        restart_codes: frozenset[int] = frozenset(),
        mind: Callable[[int], None] = _tell_nobody,
        forget: Callable[[int], None] = _tell_nobody,
    ) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self._environment = dict(environment)
        self._monotonic, self._pause = monotonic, pause
        self._restart_codes = restart_codes
        self._mind, self._forget = mind, forget
        self.children = {
            name: Child(name=name, command=tuple(command), log=logs / f"{name}.log")
            for name, command in commands.items()
        }

    def start(self) -> None:
        """
        Start every worker that does not run.
        """
        for child in self.children.values():
            if child.process is None:
                self._spawn(child)

    def watch(self) -> tuple[str, ...]:
        """
        Look after the workers once: note who ended, start whose time has come.

        Returns:
            One sentence for each worker that ended or was started.

        Raises:
            GaveUp: a worker ended too often.
        """
        said = []
        for child in self.children.values():
            code = child.process.poll() if child.process else None
            if child.process is not None and code is not None:
                self._forget(child.process.pid)
                said.append(self._ended(child, code))
            if child.due is not None and child.due <= self._monotonic():
                self._spawn(child)
                said.append(f"{child.name} was started again")
        return tuple(said)

    def stop(self, *, grace: float = GRACE_SECONDS) -> tuple[str, ...]:
        """
        Stop every worker: SIGTERM, and SIGKILL after the grace period.

        Returns:
            The names of the workers that had to be killed.
        """
        running = [child for child in self.children.values() if child.process]
        for child in running:
            self._signal(child, signal.SIGTERM)
        end, killed = self._monotonic() + grace, []
        for child in running:
            while child.process and child.process.poll() is None and self._monotonic() < end:
                self._pause(0.05)
            if child.process and child.process.poll() is None:
                self._signal(child, signal.SIGKILL)
                child.process.wait()
                killed.append(child.name)
            if child.process:
                self._forget(child.process.pid)
            child.process, child.due = None, None
        return tuple(killed)

    def _ended(self, child: Child, code: int) -> str:
        now = self._monotonic()
        at_once = code in self._restart_codes
        ends = child.at_once_ends if at_once else child.ends
        plan = plan_restart(ends, now=now, at_once=at_once)
        child.process, child.last_code = None, code
        if plan.give_up:
            raise GaveUp(
                f"{child.name} ended {len(child.ends) + 1} times in a short while, the last time "
                f"with code {code}; its log is {child.log}"
            )
        ends[:] = [*(end for end in ends if now - end < WINDOW_SECONDS), now]
        child.due = plan.at
        return f"{child.name} ended with code {code}; its log is {child.log}"

    def _spawn(self, child: Child) -> None:
        with child.log.open("ab") as log:
            child.process = subprocess.Popen(  # noqa: S603 - our own command line
                child.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,
            )
        self._mind(child.process.pid)
        child.due = None

    @staticmethod
    def _signal(child: Child, number: signal.Signals) -> None:
        if child.process and child.process.poll() is None:
            os.kill(child.process.pid, number)


def worker_command(name: str, *, broker: str) -> tuple[str, ...]:
    """
    Return the command line that runs one worker in this Python.
    """
    return (sys.executable, "-m", "services", "worker", name, "--broker", broker)
