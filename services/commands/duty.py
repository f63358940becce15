"""
`foothold duty`: who of a partner's staff releases proposals, and who deputises.
"""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import click

from matching.market.duties import may_release
from matching.market.local_time import party_calendar
from matching.market.state import MarketState
from matching.market.working_time import local
from schemas.codec import plain
from schemas.duties import DaysAway, DutyAssigned
from schemas.vocabulary import REGISTER, Role, instant
from services import clock
from services.commands.kafka_access import Kafka
from services.commands.market_days import present, state_of
from services.commands.register import linked
from services.commands.saying import EXITS, Saying, saying_options
from services.commands.send import staff_code
from services.transport.explaining import state_at_end
from services.wording.figures import day_in_words

EPILOG = f"""\b
Examples:
  foothold duty northgate-homes show
  foothold duty northgate-homes set --on-duty jo-1 --deputy ada-2 \\
    --away jo-1:2026-02-16..2026-02-20 --by jo-1
\b
{EXITS}
"""
PARTS = "CODE:FIRST..LAST"


@click.command("duty", epilog=EPILOG)
@saying_options("PARTNER", staff=False)
@click.argument("answer", metavar="[show|set]", type=click.Choice(["show", "set"]), default="show")
@click.option(
    "--on-duty",
    metavar="CODE",
    callback=lambda _context, _option, told: staff_code(told),
    help="With set: whose work it is to release proposals.",
)
@click.option(
    "--deputy",
    metavar="CODE",
    callback=lambda _context, _option, told: staff_code(told),
    help="With set: who does it where the other is away, or half of the time is over.",
)
@click.option(
    "--away",
    multiple=True,
    metavar=PARTS,
    callback=lambda _context, _option, told: tuple(_away(each) for each in told),
    help="With set: days on which one of them is away, both included; may be repeated.",
)
@click.option(
    "--market",
    metavar="CODE",
    help="With show: by whose time today is told; default: this machine's.",
)
def command(
    saying: Saying,
    answer: str,
    on_duty: str | None,
    deputy: str | None,
    away: tuple[DaysAway, ...],
    market: str | None,
) -> None:
    """
    Show who is on duty for PARTNER's proposals and who may release today; or set it.

    set says the whole assignment each time: what is left out no longer stands. Until somebody
    is set, any of the partner's staff may release. Leave moves who is asked and never how
    long there is.
    """
    if answer == "set":
        if saying.staff is None or on_duty is None:
            raise click.UsageError("Say --on-duty, and --by: your own code for who says it.")
        if market is not None:
            raise click.UsageError("--market goes with show: a duty holds in every market.")
        saying.say(("duty", DutyAssigned(on_duty=on_duty, deputy=deputy, away=away)))
    if on_duty or deputy or away:
        raise click.UsageError("show changes nothing: say set to change who is on duty.")
    with Kafka(saying.installation.broker()) as kafka:
        state = _state(kafka, market)
    _check(state, saying.party)
    told = _data(state, saying.party)
    if saying.as_json:
        click.echo(json.dumps(told))
    else:
        click.echo("\n".join(_lines(state.duties.get(saying.party), told)))


def _away(told: str) -> DaysAway:
    """
    Read days of leave as they are typed.
    """
    staff, _, days = told.partition(":")
    first, _, last = days.partition("..")
    try:
        first_day, last_day = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError:
        raise click.BadParameter(
            f"{told!r}: give {PARTS}, such as jo-1:2026-02-16..2026-02-20."
        ) from None
    return DaysAway(staff=staff_code(staff) or "", first_day=first_day, last_day=last_day)


def _state(kafka: Kafka, market: str | None) -> MarketState:
    """
    Read what stands, at the present time: in the register, or in one market.
    """
    if market is not None:
        found = state_of(kafka, market)
        found.now = present(found)
        return found
    register = (each.record for each in linked(kafka, partition=0, market=REGISTER))
    state = state_at_end(register)
    if state is None:
        raise click.ClickException("There is no register here yet. See `foothold up`.")
    state.now = instant(clock.now())
    return state


def _check(state: MarketState, party: str) -> None:
    entry = state.parties.get(party)
    if entry is None or Role.PARTNER not in entry.party.roles:
        raise click.ClickException(f"{party!r} is no partner here. Is the name right?")


def _data(state: MarketState, party: str) -> dict[str, Any]:
    """
    Tell what stands, and who may release on the present day; nobody named: any of the staff.
    """
    duty = state.duties.get(party)
    today, _ = local(party_calendar(state, party), state.now)
    return {
        "party": party,
        "duty": None if duty is None else plain(duty),
        "day": today.isoformat(),
        "may_release": may_release(state, party, late=False),
        "may_release_half_way": may_release(state, party, late=True),
    }


def _lines(duty: DutyAssigned | None, told: dict[str, Any]) -> Iterator[str]:
    day = day_in_words(date.fromisoformat(told["day"]))
    if duty is None:
        yield f"{told['party']}: nobody is set, so any of its staff may release."
        return
    yield f"{told['party']}:"
    yield f"  on duty: {duty.on_duty}"
    yield f"  deputy: {duty.deputy or 'nobody'}"
    for each in duty.away:
        first, last = day_in_words(each.first_day), day_in_words(each.last_day)
        yield f"  away: {each.staff}, {first} to {last}"
    yield f"  may release on {day}: {_named(told['may_release'])}"
    yield f"  once half of the time is over: {_named(told['may_release_half_way'])}"


def _named(staff: tuple[str, ...]) -> str:
    return " or ".join(staff) or "nobody; the contract's owner is told on the last day"
