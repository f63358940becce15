"""
`foothold market`: open a market, list those that are open, and confirm a clock.
"""

import json
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import repeat
from pathlib import Path
from time import sleep
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from schemas.slots import ClockConfirmed
from schemas.vocabulary import Clock, Role, instant
from services import clock
from services.commands.answers import Answers, is_receipt, show
from services.commands.installation import Installation, installation_options
from services.commands.kafka_access import Kafka
from services.commands.register import (
    Fact,
    market_records,
    markets,
    register_facts,
    time_at_end,
)
from services.commands.saying import EXITS, Saying, saying_options
from services.commands.submissions import Speaker, Submission, read_files
from services.topology import PARTITIONS, party_inbox, party_queue

# `foothold up` says that it runs a moment before its first words hold.
BEGINNING_SECONDS = 30.0
LOOK_SECONDS = 0.5


@click.group("market", epilog="Example: foothold market open teesside.json")
def command() -> None:
    """
    Open a market, list the open ones, or confirm that one's time is right.
    """


@command.command(
    "open",
    epilog="Example: foothold market open teesside.json   (see `foothold template market`)",
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--operator", metavar="SLUG", help="Speak as this operator; default: the only one.")
@installation_options
def open_market(installation: Installation, file: Path, operator: str | None) -> None:
    """
    Open the market that FILE describes; its emptiest partition and the time are filled in.
    """
    with Kafka(installation.broker()) as kafka:
        party = operator or only_operator(
            partial(register_facts, kafka), monotonic=clock.monotonic, pause=sleep
        )
        speaker = Speaker(party=party, staff=None, time=instant(clock.now()))
        ids = (clock.new_id() for _ in repeat(None))
        submission, data = _one_market(read_files((file,), kind="market", speaker=speaker, ids=ids))
        inbox_id = kafka.topic_ids().get(party_inbox(speaker.party))
        if inbox_id is None:
            raise click.ClickException(f"{speaker.party!r} has no inbox here. Is the name right?")
        data.setdefault("partition", _emptiest(kafka))
        data.setdefault("now", speaker.time)
        answers = Answers(
            kafka=kafka,
            party=speaker.party,
            topic_id=inbox_id,
            monotonic=clock.monotonic,
            start=kafka.span(party_queue(speaker.party))[1],
        )
        offset = kafka.send(party_inbox(speaker.party), json.dumps(submission.event).encode())
        for _, answer in answers.wait({offset}, seconds=60):
            show(Console(), submission.label, answer)
            raise SystemExit(0 if is_receipt(answer) else 1)
    raise click.ClickException("No answer within 60 s. `foothold status` shows where it is.")


@command.command("list", epilog="Example: foothold market list --json")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@installation_options
def list_markets(installation: Installation, as_json: bool) -> None:
    """
    List the open markets: when each was opened in its own time, its clock and its partition.

    In --json that time is `now`, as the market was opened with it; it is not the present time.
    Of a simulated market the present time is read off its log, and is `time`.
    """
    with Kafka(installation.broker()) as kafka:
        found = markets(kafka)
        for code, market in found.items():
            if market["clock"] == Clock.SIMULATED:
                market["time"] = time_at_end(market_records(kafka, code))
    if as_json:
        for market in found.values():
            click.echo(json.dumps(market))
        return
    table = Table("market", "name", "opened", "clock", "partition", "outcodes")
    # What a code is copied from stays whole.
    table.columns[0].overflow = "fold"
    for code, market in sorted(found.items()):
        places = market.get("outcodes", [])
        table.add_row(
            code,
            market["name"],
            _minute(market["now"]),
            f"{market['clock']}\n{_minute(market['time'])}"
            if "time" in market
            else market["clock"],
            str(market["partition"]),
            str(len(places)),
        )
    Console().print(table)
    if set(found) <= {"_register"}:
        click.echo(
            "No market is open yet: `foothold template market > m.json`, then "
            "`foothold market open m.json`."
        )


@command.command(
    "confirm-clock",
    epilog=f"Example: foothold market confirm-clock my-foothold teesside --by mo-1\n\n{EXITS}",
)
@saying_options("OPERATOR")
@click.argument("market")
def confirm_clock(saying: Saying, market: str) -> None:
    """
    Say, as OPERATOR, that the time of MARKET is right after it leapt by more than a day.

    Until then nothing ends there and no rung opens.
    """
    saying.say((f"clock of {market}", ClockConfirmed(market=market)))


def _minute(at: str | None) -> str:
    return f"{at[:10]}\n{at[11:16]} UTC" if at is not None else "no record yet"


def _one_market(found: tuple[Submission, ...]) -> tuple[Submission, dict[str, Any]]:
    if len(found) != 1:
        raise click.UsageError(f"The file should describe one market, and holds {len(found)}.")
    data = found[0].event.get("data")
    if not isinstance(data, dict):
        raise click.UsageError("The file should describe one market, as an object.")
    return found[0], data


def only_operator(
    facts: Callable[[], tuple[Fact, ...]],
    *,
    monotonic: Callable[[], float],
    pause: Callable[[float], None],
) -> str:
    """
    Return the only operator's slug; a register that has just begun is waited for.

    Args:
        facts: reads the register's events.
        monotonic: tells seconds that only grow.
        pause: waits for some seconds.

    Raises:
        click.UsageError: nobody or several operate here.
    """
    end = monotonic() + BEGINNING_SECONDS
    while not (found := _operators(facts())) and monotonic() < end:
        pause(LOOK_SECONDS)
    if not found:
        raise click.UsageError(
            "Nobody operates here yet: begin with `foothold up --operator SLUG`."
        )
    if len(found) > 1:
        raise click.UsageError(f"Say --operator, one of: {', '.join(sorted(found))}.")
    return found.pop()


def _operators(facts: tuple[Fact, ...]) -> set[str]:
    """
    Return the slugs of all who hold the operator's role.
    """
    roles = {
        fact.data["slug"]: fact.data["roles"]
        for fact in facts
        if fact.name.startswith("PartyRegistered")
    }
    return {slug for slug, held in roles.items() if Role.OPERATOR in held}


def _emptiest(kafka: Kafka) -> int:
    used = Counter(market["partition"] for market in markets(kafka).values())
    return min(range(PARTITIONS), key=lambda partition: (used[partition], partition))
