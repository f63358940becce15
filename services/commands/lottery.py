"""
`foothold lottery`: commit to a quarter's lottery, contribute, reveal, and check it all.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import click
from rich.console import Console
from rich.text import Text

from matching.market.lottery import commitment_of
from matching.market.positions import epoch_of
from schemas.log_record import LogRecord
from schemas.lottery import LotteryCommitted, LotteryContributed, LotteryRevealed
from schemas.vocabulary import REGISTER, Epoch, Pattern, event_type, instant, later
from services import clock
from services.commands.exports import read_export
from services.commands.installation import Installation, installation_options
from services.commands.kafka_access import Kafka
from services.commands.lottery_proof import KEPT, DoesNotHold, Line, Lottery, register_lines
from services.commands.lottery_secret import hindrance, keep_secret, read_secret
from services.commands.register import linked
from services.commands.saying import submission
from services.commands.send import UNANSWERED, Sending
from services.commands.submissions import Submission
from services.commands.ticket_proof import market_lines

RANDOM_BYTES = 32
CONTRIBUTION_DAYS = timedelta(days=14)
# A record that stands in lies ahead of the commitment's own, and of what comes in between.
STAND_IN_AHEAD = 10
SECONDS = 60.0

EPILOG = """\b
Examples:
  foothold lottery commit my-foothold --epoch 2026Q2
  foothold lottery contribute zedford-council --epoch 2026Q2
  foothold lottery reveal my-foothold --epoch 2026Q2
  foothold lottery verify register.jsonl zedford.jsonl
"""


@click.group("lottery", epilog=EPILOG)
def command() -> None:
    """
    Draw a quarter's lottery between the operator and the owners, and check it.

    The operator commits to a secret, owners contribute what they drew without knowing it,
    the operator reveals the secret once the term for contributions is over. From all of it
    together follows the seed of the quarter's tickets, so neither side alone determines it.
    Reveal before the first round of the quarter: a market that needs a seed earlier takes
    one from its own log, which `verify` finds.
    """


def _epoch(_context: click.Context, _option: click.Parameter, told: str) -> str:
    form: Pattern = get_args(Epoch)[1]
    if not form.matches(told):
        raise click.BadParameter(f"{told!r} is no quarter of a year. Write it as in 2026Q1.")
    return told


def _instant(_context: click.Context, _option: click.Parameter, told: str | None) -> str | None:
    if told is None:
        return None
    try:
        at = datetime.fromisoformat(told)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise click.BadParameter(
            f"{told!r} is no instant with a time zone. Write it as in 2026-03-20T17:00Z."
        )
    return instant(at.astimezone(UTC))


epoch_option = click.option(
    "--epoch", required=True, metavar="QUARTER", callback=_epoch, help="Such as 2026Q1."
)
secret_option = click.option(
    "--secret-file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the secret is kept; default: lottery-QUARTER.secret in the data folder.",
)


@command.command("commit", epilog="Example: foothold lottery commit my-foothold --epoch 2026Q2")
@click.argument("operator")
@epoch_option
@secret_option
@click.option(
    "--contribute-by",
    metavar="INSTANT",
    callback=_instant,
    help="Until when owners may contribute; default: 14 days from now.",
)
@click.option(
    "--stand-in",
    type=click.IntRange(min=1),
    help="Number of the register's record that stands in where nobody contributes; default: 10 "
    "ahead.",
)
@installation_options
def commit(
    installation: Installation,
    operator: str,
    epoch: str,
    secret_file: Path | None,
    contribute_by: str | None,
    stand_in: int | None,
) -> None:
    """
    Draw a secret into a file that only you can read, and commit to it as OPERATOR.

    Keep the file, and a copy of it, until it is revealed: nobody else has the secret. Commit
    before the quarter begins: a market that has held a round of it keeps the seed that it took
    from its own log. Exit codes as of `foothold send`.
    """
    path = _secret_path(installation, secret_file, epoch)
    with Kafka(installation.broker()) as kafka:
        sending = Sending(kafka, operator, as_json=False)
        secret = clock.random_bytes(RANDOM_BYTES).hex()
        committed = LotteryCommitted(
            epoch=epoch,
            commitment=commitment_of(secret),
            contribute_by=contribute_by or later(instant(clock.now()), CONTRIBUTION_DAYS),
            stand_in=stand_in or len(_register(kafka)) + 1 + STAND_IN_AHEAD,
        )
        keep_secret(path, secret)
        outcome = sending.send((_said(committed, party=operator),), seconds=SECONDS)
    if outcome in (0, UNANSWERED):
        click.echo(f"The secret lies in {path}. Owners contribute until {committed.contribute_by}.")
        if has_begun(epoch, today=clock.now().date()):
            click.echo(f"{epoch} has begun, so note: {KEPT}")
    else:
        path.unlink()
    raise SystemExit(outcome)


def has_begun(epoch: str, *, today: date) -> bool:
    """
    Tell whether a quarter has begun.

    >>> has_begun("2026Q2", today=date(2026, 3, 31)), has_begun("2026Q2", today=date(2026, 4, 1))
    (False, True)
    """
    return epoch <= epoch_of(today)


@command.command(
    "contribute", epilog="Example: foothold lottery contribute zedford-council --epoch 2026Q2"
)
@click.argument("owner")
@epoch_option
@installation_options
def contribute(installation: Installation, owner: str, epoch: str) -> None:
    """
    Draw a nonce of 32 random bytes, and contribute it as OWNER.

    An owner who operates the service too, or was registered after the commitment, cannot.

    One that you drew elsewhere is sent with `foothold send OWNER FILE --as contribution`.
    Exit codes as of `foothold send`.
    """
    drawn = LotteryContributed(epoch=epoch, nonce=clock.random_bytes(RANDOM_BYTES).hex())
    with Kafka(installation.broker()) as kafka:
        sending = Sending(kafka, owner, as_json=False)
        outcome = sending.send((_said(drawn, party=owner),), seconds=SECONDS)
    if outcome == 0:
        click.echo(f"Your nonce, to compare with the log later: {drawn.nonce}")
    raise SystemExit(outcome)


@command.command("reveal", epilog="Example: foothold lottery reveal my-foothold --epoch 2026Q2")
@click.argument("operator")
@epoch_option
@secret_option
@installation_options
def reveal(installation: Installation, operator: str, epoch: str, secret_file: Path | None) -> None:
    """
    Reveal the secret as OPERATOR, once owners can contribute no more: the seed is known.

    Nothing is said where the register would refuse it, since a secret once said is none.
    Exit codes as of `foothold send`.
    """
    secret = read_secret(_secret_path(installation, secret_file, epoch))
    with Kafka(installation.broker()) as kafka:
        sending = Sending(kafka, operator, as_json=False)
        why_not = hindrance(_register(kafka), epoch=epoch, secret=secret, now=instant(clock.now()))
        if why_not is not None:
            raise click.ClickException(f"Nothing was said. {why_not}")
        revealed = LotteryRevealed(epoch=epoch, secret=secret)
        raise SystemExit(sending.send((_said(revealed, party=operator),), seconds=SECONDS))


@command.command(
    "verify",
    epilog="Example: foothold lottery verify register.jsonl zedford.jsonl   "
    "(from `foothold log export _register` and `foothold log export zedford`)",
)
@click.argument("register", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("markets", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="The outcome as one JSON object.")
def verify(register: Path, markets: tuple[Path, ...], as_json: bool) -> None:
    """
    Check every lottery of the REGISTER's export, and the seeds and tickets of MARKETS'.

    Needs no broker and no installation. Exit code 1 at the first thing that does not hold.
    """
    own = _export(register, is_register=True)
    others = [_export(path, is_register=False) for path in markets]
    found: list[Line] = []
    fault = None
    try:
        for line in _proved(own, others):
            found.append(line)
            if not as_json:
                _show(line)
    except DoesNotHold as error:
        fault = str(error)
    if as_json:
        told = {"holds": fault is None, "fault": fault, "checked": [asdict(line) for line in found]}
        click.echo(json.dumps(told))
    elif fault is None:
        click.echo("Everything holds." if found else "No lottery was committed to, no seed fixed.")
    else:
        Console().print(Text.assemble(("Does not hold: ", "red"), fault), soft_wrap=True)
    raise SystemExit(0 if fault is None else 1)


def _proved(
    register: tuple[LogRecord, ...], markets: list[tuple[LogRecord, ...]]
) -> Iterator[Line]:
    lotteries: dict[str, Lottery] = {}
    yield from register_lines(register, lotteries)
    for records in markets:
        yield from market_lines(records, lotteries)


def _show(line: Line) -> None:
    style = "yellow" if line.caution else ""
    text = f"but note: {line.text}" if line.caution else line.text
    shown = Text.assemble((f"{line.market} {line.epoch}  ", "bold"), (text, style))
    Console().print(shown, soft_wrap=True)


def _export(path: Path, *, is_register: bool) -> tuple[LogRecord, ...]:
    records = read_export(path)
    market = records[0].market if records else None
    if is_register and market != REGISTER:
        raise click.UsageError(
            f"{path} is the log of {market}. Give the register's first: "
            "`foothold log export _register --out register.jsonl`."
        )
    if not is_register and market == REGISTER:
        raise click.UsageError(f"{path} is the register's log. Give it once, before the markets'.")
    return records


# --- what is said -------------------------------------------------------------------------


def _secret_path(installation: Installation, named: Path | None, epoch: str) -> Path:
    return named or installation.data / f"lottery-{epoch}.secret"


def _register(kafka: Kafka) -> tuple[LogRecord, ...]:
    return tuple(each.record for each in linked(kafka, partition=0, market=REGISTER))


def _said(data: Any, *, party: str) -> Submission:
    return submission(data, label=f"{event_type(data).name} {data.epoch}", party=party)
