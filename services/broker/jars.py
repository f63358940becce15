"""
The jars of Apache Kafka: named with their hashes in a checked-in list, downloaded once.

A jar enters the cache only after its SHA-256 was found to be the listed one, and each
process compares them all again before it first runs them: the tool that downloads, jgo,
does not compare.
"""

import functools
import hashlib
import os
import tempfile
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from services.broker.failure import BrokerError
from services.broker.folder import sole_writer
from services.clock import monotonic

DATA = Path(__file__).parents[1] / "data" / "kafka"
LOCK_LIST = DATA / "jgo.lock.toml"
KAFKA_VERSION = "4.3.1"

_DOWNLOADS_AT_ONCE = 4
_SILENCE_S = 30  # of the repository, before a download is given up


class JarsDamaged(BrokerError):
    """
    A jar is not the one that the list names.
    """


class JarsMissing(BrokerError):
    """
    The jars are not there and cannot be downloaded.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Jar:
    """
    One line of the list: a Maven artifact and what its file must hash to.

    Attributes:
        sha256: 64 hexadecimal digits.
    """

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        """
        Its name in the cache folder, which is its name in the repository too.
        """
        return f"{self.artifact}-{self.version}.jar"


def locked_jars(lock_list: Path = LOCK_LIST) -> tuple[Jar, ...]:
    """
    Read the checked-in list.

    Raises:
        KeyError: a line lacks its hash or its name.
    """
    lines = tomllib.loads(lock_list.read_text(encoding="utf-8"))["dependencies"]
    return tuple(
        Jar(
            group=line["groupId"],
            artifact=line["artifactId"],
            version=line["version"],
            sha256=line["sha256"],
        )
        for line in lines
    )


def provide_jars(
    cache: Path,
    *,
    jars: tuple[Jar, ...] | None = None,
    repositories: tuple[str, ...] | None = None,
    on_progress: Callable[[str], None],
) -> tuple[Path, ...]:
    """
    Have every listed jar in the cache, downloading what is not there, and compare hashes.

    Args:
        cache: the folder for the jars; made where it does not exist. Processes that share
            it wait for each other's downloads.
        jars: what is needed; the checked-in list if left out.
        repositories: addresses of Maven repositories; those of the checked-in specification
            if left out.
        on_progress: is told in a sentence of a download and of the seconds it took.

    Returns:
        The jars' paths in the order of the list.

    Raises:
        JarsDamaged: a file's hash is not the listed one.
        JarsMissing: a download failed.
    """
    wanted = locked_jars() if jars is None else jars
    with sole_writer(cache):
        absent = tuple(jar for jar in wanted if not (cache / jar.file_name).exists())
        if absent:
            counts = f"{len(absent)} of the {len(wanted)} jars"
            on_progress(f"Downloading {counts} of Apache Kafka {KAFKA_VERSION}")
            began = monotonic()
            _download(absent, cache, _repositories() if repositories is None else repositories)
            on_progress(f"Downloaded in {monotonic() - began:.1f} s")
    verify_jars(cache, wanted)
    return tuple(cache / jar.file_name for jar in wanted)


@functools.cache
def verify_jars(cache: Path, jars: tuple[Jar, ...]) -> None:
    """
    Compare each jar's SHA-256 with the list, once in the life of a process.

    Raises:
        JarsDamaged: the first file whose hash differs, with both hashes and the remedy.
    """
    for jar in jars:
        _compare(
            cache / jar.file_name,
            jar,
            remedy="Delete this file and start again: it will be downloaded anew.",
        )


def own_jars(folder: Path) -> tuple[Path, ...]:
    """
    Take the jars of a site that brings its own Apache Kafka, as its `libs` folder holds them.

    The site answers for them: their hashes are not compared with the list.

    Raises:
        JarsMissing: the folder holds no Kafka server, or no client library.
    """
    found = tuple(sorted(folder.glob("*.jar")))
    for needed in ("kafka_2.13-", "kafka-clients-"):
        if not any(jar.name.startswith(needed) for jar in found):
            raise JarsMissing(
                f"FOOTHOLD_KAFKA_JARS names a folder without {needed}*.jar: {folder}. Name "
                "the `libs` folder of an Apache Kafka 4, or unset it to have one downloaded."
            )
    return found


def _download(jars: tuple[Jar, ...], cache: Path, repositories: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory(prefix=".arriving-", dir=cache) as arriving:
        fetch = functools.partial(
            _fetch, repositories=repositories, arriving=Path(arriving), cache=cache
        )
        with ThreadPoolExecutor(_DOWNLOADS_AT_ONCE) as threads:
            tuple(threads.map(fetch, jars))


def _fetch(jar: Jar, *, repositories: tuple[str, ...], arriving: Path, cache: Path) -> None:
    """
    A jar is moved into the cache whole and compared, so that a broken download leaves none.
    """
    arrived = _from_repository(jar, repositories, arriving)
    _compare(
        arrived,
        jar,
        remedy="The repository sent it so, and it was not kept: start again; if it stays so, "
        "do not trust that repository.",
    )
    arrived.replace(cache / jar.file_name)


def _from_repository(jar: Jar, repositories: tuple[str, ...], arriving: Path) -> Path:
    from jgo.maven import MavenContext, PythonResolver

    context = MavenContext(
        resolver=PythonResolver(),
        repo_cache=arriving,
        remote_repos={address: address for address in repositories},
        timeout=_SILENCE_S,
    )
    artifact = context.project(jar.group, jar.artifact).at_version(jar.version).artifact()
    try:
        return artifact.resolve()
    except (OSError, RuntimeError) as failed:  # no network; no such artifact
        raise JarsMissing(
            f"{jar.file_name} could not be downloaded ({failed}). Start again when the network "
            f"is there, or let FOOTHOLD_KAFKA_JARS name a folder with the jars of Apache "
            f"Kafka {KAFKA_VERSION}, or FOOTHOLD_BROKER a broker that runs already."
        ) from failed


def _repositories() -> tuple[str, ...]:
    text = (DATA / "jgo.toml").read_text(encoding="utf-8")
    return tuple(map(str, tomllib.loads(text)["repositories"].values()))


def _compare(path: Path, jar: Jar, *, remedy: str) -> None:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != jar.sha256:
        raise JarsDamaged(
            f"{path} is not the jar that was locked: SHA-256 {jar.sha256} was expected and "
            f"{found} found. {remedy}"
        )


def class_path(paths: tuple[Path, ...]) -> str:
    """
    Write a class path as Java's `-cp` takes it.
    """
    return os.pathsep.join(map(str, paths))
