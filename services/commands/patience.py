"""
Patience: where reading a log takes more than two seconds, how far it has come.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

import click

from services import clock

T = TypeVar("T")

AFTER_SECONDS: Final = 2.0
EACH: Final = 500


def telling(
    records: Iterable[T], *, what: str, monotonic: Callable[[], float] = clock.monotonic
) -> Iterator[T]:
    """
    Pass records on; from two seconds on, say on standard error how many there were.

    Args:
        records: what is read.
        what: whose they are, for instance a market's code.
        monotonic: a clock that never goes back, in seconds.
    """
    began, told = monotonic(), 0.0
    for count, record in enumerate(records, start=1):
        yield record
        if count % EACH == 0 and monotonic() - began > told + AFTER_SECONDS:
            told = monotonic() - began
            click.echo(f"reading the log of {what}: {count:,} records so far", err=True)
