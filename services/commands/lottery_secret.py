"""
The secret of a lottery: kept in a file that nobody else can read, and shown in time only.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import click

from matching.market.lottery import commitment_of
from schemas.log_record import LogRecord
from schemas.lottery import LotteryCommitted, LotteryContributed, LotteryRevealed
from schemas.vocabulary import Hex, Pattern
from services.commands.lottery_proof import SAID, events_in


def keep_secret(path: Path, secret: str) -> None:
    """
    Write a secret to a new file that nobody else can read.

    Raises:
        click.ClickException: the file is there already; it may hold a secret in use.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise click.ClickException(
            f"{path} is there already, and may hold the secret of a commitment. Keep it, and "
            "name another file with --secret-file."
        ) from None
    with os.fdopen(descriptor, "w") as file:
        file.write(secret + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_secret(path: Path) -> str:
    """
    Read the secret of a file that `commit` wrote.

    Raises:
        click.ClickException: there is no such file, or it holds something else.
    """
    form: Pattern = get_args(Hex)[1]
    try:
        secret = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise click.ClickException(
            f"There is no {path}. Name the file that `foothold lottery commit` wrote with "
            "--secret-file."
        ) from None
    except UnicodeDecodeError:
        secret = ""
    if not form.matches(secret):
        raise click.ClickException(
            f"{path} holds no secret: 64 hexadecimal digits, as `foothold lottery commit` wrote."
        )
    return secret


def hindrance(register: Sequence[LogRecord], *, epoch: str, secret: str, now: str) -> str | None:
    """
    Return why the register would refuse a reveal, or nothing where it would take it.

    Args:
        register: its records so far.
        epoch: which lottery.
        secret: what would be said.
        now: the time, as an instant; the broker's clock decides in the end.

    Raises:
        DoesNotHold: a record cannot be read.
    """
    events = [
        event
        for record in register
        for event in events_in(record, SAID)
        if event.data.epoch == epoch
    ]
    terms = next((each.data for each in events if isinstance(each.data, LotteryCommitted)), None)
    if terms is None:
        return f"No lottery of {epoch} is committed to. `foothold lottery commit` does that."
    if commitment_of(secret) != terms.commitment:
        return f"This is not the secret that was committed to for {epoch}. Name its file."
    if any(isinstance(each.data, LotteryRevealed) for each in events):
        return None
    if now <= terms.contribute_by:
        return f"Owners may contribute until {terms.contribute_by}. Reveal after that time."
    if any(isinstance(each.data, LotteryContributed) for each in events):
        return None
    return _alone(terms, written=len(register))


def _alone(terms: LotteryCommitted, *, written: int) -> str | None:
    """
    Return what a reveal without any contribution waits for.
    """
    if written < terms.stand_in:
        return (
            f"Nobody contributed, and record {terms.stand_in} of the register, which stands in, "
            f"is not written yet: there are {written}. Reveal once it is."
        )
    return None
