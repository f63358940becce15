"""
Reading a market's log on the command line: what cannot be understood is told in a sentence.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from schemas import codec
from services.transport.explaining import DoesNotFollow


@contextmanager
def understood(log: str = "this log") -> Iterator[None]:
    """
    Tell what a log holds that this release cannot read, or that does not follow from itself.

    Args:
        log: what to call it in a sentence.

    Raises:
        click.ClickException: the log is newer, or contradicts itself.
    """
    try:
        yield
    except codec.UnknownEvent as unknown:
        raise click.ClickException(f"A newer release wrote {log}: {unknown}") from unknown
    except DoesNotFollow as error:
        raise click.ClickException(
            f"{log[0].upper()}{log[1:]} does not follow from itself ({error}). `foothold replay` "
            "says where."
        ) from error
