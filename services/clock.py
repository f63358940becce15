"""
The only reader of the clock and the only maker of chance.

Everything else takes the time, the bytes or the id as an argument, so that the same
input gives the same output; the linter bans the ways round this module.
"""

import os
import time
from datetime import UTC, datetime
from uuid import uuid4


def now() -> datetime:
    """
    Read the time of day.

    Returns:
        An aware instant in UTC, in whole milliseconds as the wire writes them.
    """
    instant = datetime.now(UTC)
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def monotonic() -> float:
    """
    Read a clock that never goes back, for measuring how long something took.

    Returns:
        Seconds since an arbitrary beginning.
    """
    return time.monotonic()


def random_bytes(n: int) -> bytes:
    """
    Make unpredictable bytes, fit for keys, salts and opaque ids.

    Args:
        n: how many bytes.

    Returns:
        `n` bytes from the operating system's generator.
    """
    return os.urandom(n)


def new_id() -> str:
    """
    Make an id that nothing else has and that says nothing about what it names.

    Returns:
        A random UUID (RFC 9562, version 4) as 36 characters.
    """
    return str(uuid4())
