"""
One node: a Java process with a folder, a log file and a port.
"""

import os
import re
import shutil
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from services.broker.failure import BrokerError
from services.broker.launch import Launcher, environment

_LARGEST_LOG_BYTES = 4 * 2**20
_FORMAT_WITHIN_S = 60
# The shell writes its number and becomes the node, so that no node runs unrecorded.
_RECORDED = ("/bin/sh", "-c", 'echo $$ >"$0" && exec "$@"')


class NodeFailed(BrokerError):
    """
    A node ended, or did not answer in time; the sentence names its log file.
    """


@dataclass(slots=True, kw_only=True)
class Node:
    """
    One node of the cluster.

    Attributes:
        number: from 1.
        home: its folder: properties, process number, data.
        log: the file that everything it prints goes to.
        port: where clients reach it.
        process: the running process, if it was started and not ended by us.
    """

    number: int
    home: Path
    log: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    _log_begins: int = field(init=False, default=0)

    @property
    def properties(self) -> Path:
        """
        Its properties file.
        """
        return self.home / "node.properties"

    @property
    def data(self) -> Path:
        """
        Its records; the folder appears whole, when it is formatted.
        """
        return self.home / "data"

    @property
    def pid_file(self) -> Path:
        """
        The number of its process, for a later launcher.
        """
        return self.home / "pid"

    def format(self, launcher: Launcher, *, cluster_id: str, properties: str) -> None:
        """
        Make the data folder, beside its place first, so that it is never there half made.

        Args:
            launcher: how to run Java.
            cluster_id: what the folder is marked with.
            properties: the node's properties with `forming` for its data folder.

        Raises:
            NodeFailed: the formatter failed.
        """
        shutil.rmtree(self.forming, ignore_errors=True)  # of a start that was cut off
        draft = self.home / "forming.properties"
        draft.write_text(properties, encoding="latin-1")
        with self._open_log() as log:
            done = subprocess.run(  # noqa: S603
                launcher.form(draft, cluster_id=cluster_id),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.home,
                env=environment(), check=False, timeout=_FORMAT_WITHIN_S,
            )  # fmt: skip
        if done.returncode:
            raise self.failure(f"could not be formatted (exit code {done.returncode})")
        self.forming.rename(self.data)

    @property
    def forming(self) -> Path:
        """
        Where the data folder lies while it is formatted.
        """
        return self.home / "forming"

    def launch(self, launcher: Launcher) -> int:
        """
        Start the process, in a session of its own: an interrupt at the terminal is the launcher's.

        Returns:
            Its number.
        """
        command = (*_RECORDED, str(self.pid_file), *launcher.serve(self.properties))
        with self._open_log() as log:
            self.process = subprocess.Popen(  # noqa: S603
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.home,
                env=environment(), start_new_session=True,
            )  # fmt: skip
        return self.process.pid

    def signal(self, number: signal.Signals) -> None:
        """
        Send a signal; one that has ended gets none.
        """
        if self.process is not None:
            self.process.send_signal(number)

    def exit_code(self) -> int | None:
        """
        How it ended by itself, negative by a signal; none while it runs or is not meant to.
        """
        return self.process.poll() if self.process else None

    def end(self, *, within_s: float) -> bool:
        """
        Wait for the process's end, and force it after the time given.

        Returns:
            Whether it ended by itself.
        """
        if self.process is None:
            return True
        try:
            self.process.wait(within_s)
            return True
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return False
        finally:
            self.process = None
            self.pid_file.unlink(missing_ok=True)

    def failure(self, what: str) -> NodeFailed:
        """
        Say what befell the node, the last error it wrote, and where the rest stands.
        """
        error = _last_error(self._written())
        reason = f": {error}" if error else ""
        return NodeFailed(
            f"Node {self.number} of Apache Kafka {what}{reason}. Its log is {self.log}"
        )

    def _written(self) -> str:
        with self.log.open("rb") as log:
            log.seek(self._log_begins)
            return log.read(_LARGEST_LOG_BYTES).decode(errors="replace")

    def _open_log(self) -> BinaryIO:
        if self.log.exists() and self.log.stat().st_size > _LARGEST_LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        log = self.log.open("ab")
        self._log_begins = os.fstat(log.fileno()).st_size
        return log


def _last_error(text: str) -> str | None:
    """
    Find the last exception or error in a log, as one line without a full stop.
    """
    found = re.findall(r"^.*(?:Exception|Error\b|ERROR|FATAL).*$", text, re.MULTILINE)
    told = [line.strip() for line in found if not line.lstrip().startswith("at ")]
    return told[-1][:300].rstrip(".") if told else None
