"""
The command lines that format and run a node.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from services.broker.jars import DATA, class_path
from services.broker.java import Java

_SERVER = "kafka.Kafka"
_FORMATTER = "kafka.tools.StorageTool"
# A small collector and no second compiler: a node is up in half the time and memory.
_OPTIONS = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-XX:+ExitOnOutOfMemoryError",
    f"-Dlog4j2.configurationFile={DATA / 'log4j2.properties'}",
)
_FIRST_HEAP_MB = 128
_OPTIONS_SINCE_24 = ("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow")


@dataclass(frozen=True, slots=True, kw_only=True)
class Launcher:
    """
    What is the same for every node of a broker.

    Attributes:
        java: which Java runs them.
        jars: the class path.
        heap_mb: the most that a node's objects may take.
        archive: the classes as an earlier run recorded them, if there is such a file.
        recording: where a node leaves such a file when it stops.
    """

    java: Java
    jars: tuple[Path, ...]
    heap_mb: int
    archive: Path | None = None
    recording: Path | None = None

    def serve(self, properties: Path) -> tuple[str, ...]:
        """
        The command that runs a node.
        """
        recording = (f"-XX:AOTCacheOutput={self.recording}",) if self.recording else ()
        return (*self._java(), *recording, _SERVER, str(properties))

    def form(self, properties: Path, *, cluster_id: str) -> tuple[str, ...]:
        """
        The command that formats a node's data folder.
        """
        return (*self._java(), _FORMATTER, "format", "-t", cluster_id, "-c", str(properties))

    def _java(self) -> tuple[str, ...]:
        since_24 = _OPTIONS_SINCE_24 if self.java.major >= 24 else ()
        # Below an error it speaks of adapters that it does not find, which is harmless.
        archive = (f"-XX:AOTCache={self.archive}", "-Xlog:aot*=error") if self.archive else ()
        heap = (f"-Xms{min(_FIRST_HEAP_MB, self.heap_mb)}m", f"-Xmx{self.heap_mb}m")
        further = (*since_24, *archive, "-cp", class_path(self.jars))
        return (str(self.java.executable), *_OPTIONS, *heap, *further)


def environment() -> dict[str, str]:
    """
    What a node inherits: not our own settings, among them keys; and names in UTF-8.
    """
    kept = {k: v for k, v in os.environ.items() if not k.startswith("FOOTHOLD_")}
    return {**kept, "LC_ALL": "C.UTF-8"}
