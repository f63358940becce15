"""
`foothold interest`: a resident's own yes and no, merged with what stands.
"""

import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

import click

from matching.market.state import MarketState, ResidentEntry
from schemas.envelope import market_of
from schemas.interests import StandingYes
from schemas.vocabulary import Day, OpportunityKind
from services.commands.kafka_access import Kafka
from services.commands.messages import Names
from services.commands.references import names_of, resident_of
from services.commands.register import market_records
from services.commands.saying import EXITS, Saying, opportunities_argument, saying_options
from services.commands.wishes import (
    StandingInTheWay,
    Wishes,
    current,
    interest,
    still_open,
    with_no,
    with_standing,
    with_yes,
    without_standing,
)
from services.transport.explaining import state_at_end
from services.wording.figures import day_in_words

F = TypeVar("F", bound=Callable[..., Any])
TERMS = ("kinds", "least_hours", "most_hours", "days", "travel_km", "pay", "places")

EPILOG = f"""\b
Examples:
  foothold interest northgate-homes NH-0001 show
  foothold interest northgate-homes NH-0001 yes zedford-o-abcdefghijklmnop --by jo-1
  foothold interest northgate-homes NH-0001 no zedford-o-abcdefghijklmnop --by jo-1
  foothold interest northgate-homes NH-0001 standing --kinds job --pay 12.60 \\
    --places ZZ1 --places ZZ2 --until 2026-06-30 --by jo-1
\b
{EXITS}
"""


def standing_options(command: F) -> F:
    """
    Add the terms of a standing yes, and pass them as one dictionary.
    """
    several = [
        click.option("--places", multiple=True, metavar="OUTCODE", help="Where; may be repeated."),
        click.option("--pay", metavar="POUNDS", help="At least so much an hour."),
        click.option("--travel-km", metavar="KM", help="At most so far away."),
        click.option(
            "--days",
            multiple=True,
            type=click.Choice([each.value for each in Day]),
            help="On these days alone; may be repeated.",
        ),
        click.option("--most-hours", metavar="HOURS", help="At most so many hours a week."),
        click.option("--least-hours", metavar="HOURS", help="At least so many hours a week."),
        click.option(
            "--kinds",
            multiple=True,
            type=click.Choice([each.value for each in OpportunityKind]),
            help="Of these kinds; may be repeated.",
        ),
        click.option(
            "--until",
            type=click.DateTime(["%Y-%m-%d"]),
            help="Last day of the standing yes, at most six months ahead.",
        ),
        click.option("--drop-standing", is_flag=True, help="End the standing yes that there is."),
    ]
    for each in several:
        command = each(command)
    return command


@click.command("interest", epilog=EPILOG)
@saying_options("PARTNER", staff=False)
@click.argument("resident")
@click.argument("answer", type=click.Choice(["yes", "no", "standing", "show"]))
@opportunities_argument
@click.option("--ranked", is_flag=True, help="With yes: these come first, the best first.")
@standing_options
def command(
    saying: Saying,
    resident: str,
    answer: str,
    opportunities: tuple[str, ...],
    ranked: bool,
    until: datetime | None,
    drop_standing: bool,
    **terms: Any,
) -> None:
    """
    Say, as PARTNER, what RESIDENT wants; or show what stands.

    RESIDENT is our id or your own reference. yes and no add to what the resident said
    before; standing is a dated yes to all that meets its terms, made with the resident.
    What is sent replaces the whole list, so this reads what stands on the market's log first.
    A standing yes is sealed: with a yes or no beside it, say its terms again, or end it with
    --drop-standing.
    """
    standing = _standing(terms, until)
    _check(answer, saying, opportunities, standing, drop_standing=drop_standing, ranked=ranked)
    with Kafka(saying.installation.broker()) as kafka:
        names = names_of(kafka, saying.party)
        subject = resident_of(resident, names=names, party=saying.party)
        state, entry = _entry(kafka, subject, party=saying.party, told=resident)
        wishes = current(entry, day=state.day)
        if answer == "show":
            _show(subject, wishes, names=names, as_json=saying.as_json)
            return
        wishes, past = still_open(wishes, state)
        for each in past:
            click.echo(f"Left out, since it is closed or withdrawn: {names.of(each)}.", err=True)
        if drop_standing:
            wishes = without_standing(wishes)
        if standing is not None:
            wishes = with_standing(wishes, standing[0], until=standing[1])
        if answer == "yes":
            wishes = with_yes(wishes, opportunities, ranked=ranked)
        elif answer == "no":
            wishes = with_no(wishes, opportunities)
        saying.say_to(kafka, (f"interest of {resident}", _interest(subject, wishes)))


def _check(
    answer: str,
    saying: Saying,
    opportunities: tuple[str, ...],
    standing: tuple[StandingYes, str] | None,
    *,
    drop_standing: bool,
    ranked: bool,
) -> None:
    """
    Hold back what says nothing, or two things at once.
    """
    if answer != "show" and saying.staff is None:
        raise click.UsageError("Say --by: the code of the member of staff who heard the resident.")
    if answer in ("yes", "no") and not opportunities:
        raise click.UsageError(f"Name the opportunities to which the resident says {answer}.")
    if answer in ("standing", "show") and opportunities:
        raise click.UsageError(f"{answer} takes no opportunity: those go with yes and no.")
    if answer == "standing" and standing is None and not drop_standing:
        raise click.UsageError("Say the terms of the standing yes, or --drop-standing to end it.")
    if standing is not None and drop_standing:
        raise click.UsageError("Say new terms or --drop-standing, not both.")
    if answer == "show" and (standing is not None or drop_standing):
        raise click.UsageError("show changes nothing, so it takes no terms.")
    if ranked and answer != "yes":
        raise click.UsageError("--ranked goes with yes.")


def _standing(terms: dict[str, Any], until: datetime | None) -> tuple[StandingYes, str] | None:
    """
    Make the standing yes that the options describe; nothing where there are none.
    """
    given = {name: told for name, told in terms.items() if told not in (None, ())}
    if not given and until is None:
        return None
    if until is None:
        raise click.UsageError("A standing yes is dated: say --until, its last day.")
    if not given:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in TERMS)
        raise click.UsageError(f"Say what the resident says yes to, by at least one of {options}.")
    return _terms(given), until.date().isoformat()


def _terms(given: dict[str, Any]) -> StandingYes:
    return StandingYes(
        kinds=tuple(OpportunityKind(each) for each in dict.fromkeys(given.get("kinds", ()))),
        least_minutes_a_week=_whole(given.get("least_hours"), 60, "--least-hours"),
        most_minutes_a_week=_whole(given.get("most_hours"), 60, "--most-hours"),
        days=tuple(Day(each) for each in dict.fromkeys(given.get("days", ()))),
        max_travel_metres=_whole(given.get("travel_km"), 1000, "--travel-km"),
        pay_floor_pence=_whole(given.get("pay"), 100, "--pay"),
        outcodes=tuple(dict.fromkeys(each.upper() for each in given.get("places", ()))),
    )


def _whole(told: str | None, factor: int, option: str) -> int | None:
    """
    Turn hours into minutes, pounds into pence or kilometres into metres, exactly.
    """
    if told is None:
        return None
    try:
        amount = Decimal(told.lstrip("£")) * factor
        whole = int(amount)
    except (InvalidOperation, ValueError, OverflowError):
        whole, amount = -1, Decimal(0)
    if whole != amount or whole < 0:
        raise click.UsageError(f"{option} {told}: give a figure, such as 12.5.")
    return whole


def _entry(
    kafka: Kafka, subject: str, *, party: str, told: str
) -> tuple[MarketState, ResidentEntry]:
    """
    Read a market's log to its end, and find a party's own resident there.
    """
    code = market_of(subject) or ""
    state = state_at_end(market_records(kafka, code))
    entry = state.residents.get(subject) if state is not None else None
    # What is another party's is as unknown as what does not exist.
    if state is None or entry is None or entry.party != party:
        raise click.ClickException(f"{told} is no resident of {party} in {code}.")
    return state, entry


def _interest(subject: str, wishes: Wishes) -> Any:
    try:
        return interest(subject, wishes)
    except StandingInTheWay as stands:
        day = day_in_words(date.fromisoformat(str(stands)))
        raise click.UsageError(
            f"The resident has a standing yes until {day}, whose terms are sealed, and what is "
            "sent replaces it. Say its terms again with --until and the others, or end it with "
            "--drop-standing."
        ) from stands


def _show(subject: str, wishes: Wishes, *, names: Names, as_json: bool) -> None:
    if as_json:
        told = {
            "resident": subject,
            "yes": wishes.yes,
            "ranked": wishes.ranked,
            "no": wishes.no,
            "standing_until": wishes.until,
        }
        click.echo(json.dumps(told))
        return
    click.echo(f"{names.of(subject)}:")
    ranked = ", best first" if wishes.ranked else ""
    for title, listed in ((f"yes{ranked}", wishes.yes), ("no", wishes.no)):
        click.echo(f"  {title}:" if listed else f"  {title}: nothing")
        for each in listed:
            click.echo(f"    {names.of(each)}")
    until = day_in_words(date.fromisoformat(wishes.until)) if wishes.until else None
    click.echo(f"  standing yes: {f'until {until}; its terms are sealed' if until else 'none'}")
