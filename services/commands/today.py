"""
`foothold today`: what needs a party today, with the command that ends each.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from shlex import quote
from typing import Any

import click

from matching.market.entitlement import stands
from matching.market.local_time import party_calendar
from matching.market.state import MarketState
from matching.market.today import ToDo, order, today
from schemas.log_record import LogRecord
from schemas.vocabulary import Clock
from services.commands.installation import Installation, installation_options
from services.commands.kafka_access import Kafka
from services.commands.log_reading import understood
from services.commands.messages import Names
from services.commands.patience import telling
from services.commands.references import names_of
from services.commands.register import market_records, markets
from services.transport.explaining import state_at_end
from services.wording.terms import moment_in_words
from services.wording.today import NOTHING, commands, line

EPILOG = """\b
Examples:
  foothold today northgate-homes
  foothold today oakline-retrofit --market zedford --json
\b
Exit codes: 0 told, 1 there is no such party or market, 2 wrong use.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """
    One thing that waits, in words: until when, what, and what ends it.
    """

    market: str
    todo: ToDo
    until: str | None
    line: str
    commands: tuple[str, ...]


@click.command("today", epilog=EPILOG)
@click.argument("party")
@click.option(
    "--market",
    "only",
    multiple=True,
    metavar="MARKET",
    help="Only what waits in this market; may be repeated. Default: all, and the register.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a thing and line.")
@installation_options
def command(installation: Installation, party: str, only: tuple[str, ...], as_json: bool) -> None:
    """
    Show what waits on PARTY, the oldest clock first, each with the command that ends it.

    A coordinator sees what to release, whose answer and consent is awaited, who may still be
    asked before a first round, and what facts are asked for; a supplier whom to confirm and
    what to agree to; an owner what to decide and which release is overdue; an operator what
    is not delivered and which clock is doubted. Nothing else is shown.
    """
    with Kafka(installation.broker()) as kafka:
        names = names_of(kafka, party)
        codes = dict.fromkeys(only) if only else sorted(markets(kafka))
        found = [each for code in codes for each in _in_market(kafka, code, party, names)]
    found.sort(key=lambda each: order(each.todo))
    if as_json:
        for each in found:
            click.echo(json.dumps(plain(each)))
    elif not found:
        click.echo(NOTHING.format(party=party))
    else:
        click.echo("\n".join(lines(found)))


def _in_market(kafka: Kafka, code: str, party: str, names: Names) -> Iterator[Told]:
    state = _at_end(telling(market_records(kafka, code), what=code), code)
    return iter(()) if state is None else told(state, party, names=names)


def _at_end(records: Iterable[LogRecord], code: str) -> MarketState | None:
    with understood(f"the log of {code}"):
        return state_at_end(records)


def told(state: MarketState, party: str, *, names: Names) -> Iterator[Told]:
    """
    Put into words what waits on a party in a market.
    """
    for todo in today(state, party):
        own = next(iter(todo.residents), None) if todo.many == 1 else None
        resident = "RESIDENT" if own is None else quote(names.known.get(own, own))
        yield Told(
            market=state.code,
            todo=todo,
            until=None if todo.due is None else _until(state, party, todo.due),
            line=line(
                todo,
                who=tuple(names.of(each) for each in todo.residents),
                what=names.of(todo.opportunity) if todo.opportunity else "",
            ),
            commands=tuple(
                commands(
                    todo,
                    party=party,
                    resident=resident,
                    is_standing=own is not None and _is_standing(state, own),
                )
            ),
        )


def _is_standing(state: MarketState, resident: str) -> bool:
    known = state.residents.get(resident)
    return known is not None and stands(state, known)


def _until(state: MarketState, party: str, due: str) -> str:
    simulated = state.opened is not None and state.opened.clock is Clock.SIMULATED
    words = moment_in_words(party_calendar(state, party), due)
    return f"{words} (simulated time)" if simulated else words


def lines(found: Iterable[Told]) -> Iterator[str]:
    """
    Write what waits: a line each, and under it the commands, each in one piece.
    """
    for each in found:
        yield f"{f'Until {each.until}: ' if each.until else ''}{each.line}"
        yield from (f"    {command}" for command in each.commands)


def plain(each: Told) -> dict[str, Any]:
    """
    Return one thing as plain JSON values.
    """
    return {
        **asdict(each.todo),
        "market": each.market,
        "until": each.until,
        "line": each.line,
        "commands": list(each.commands),
    }
