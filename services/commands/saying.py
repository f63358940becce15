"""
Saying: a command's own events, sent through a party's inbox as `foothold send` does.
"""

import functools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NoReturn, TypeVar, cast, get_args

import click

from schemas import codec
from schemas.envelope import Envelope
from schemas.vocabulary import (
    AuthType,
    EventId,
    OfferId,
    OpportunityId,
    Pattern,
    event_type,
    instant,
)
from services import clock
from services.commands.installation import Installation, installation_options
from services.commands.kafka_access import Kafka
from services.commands.send import Sending, staff_code
from services.commands.submissions import Submission

F = TypeVar("F", bound=Callable[..., Any])

# What has an id of ours, with its article, and how such an id looks.
IDS = {
    "offer": ("an offer", "zedford-f-abcdefghijklmnop"),
    "opportunity": ("an opportunity", "zedford-o-abcdefghijklmnop"),
    "challenge": ("a challenge", "zedford-4211-1"),
}
EXITS = "Exit codes: 0 all accepted, 1 some refused, 2 wrong use, 3 some not answered in time."


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """
    Who says something where: what every command that speaks for a party is given.
    """

    installation: Installation
    party: str
    staff: str | None
    seconds: float
    as_json: bool

    def say(self, *things: tuple[str, Any]) -> NoReturn:
        """
        Send events, each with its label, show each answer, and leave with the exit code.
        """
        with Kafka(self.installation.broker()) as kafka:
            self.say_to(kafka, *things)

    def say_to(self, kafka: Kafka, *things: tuple[str, Any]) -> NoReturn:
        """
        Do so on a connection that is open already.
        """
        raise SystemExit(self.answered(kafka, *things))

    def answered(self, kafka: Kafka, *things: tuple[str, Any]) -> int:
        """
        Send events, show each answer, and return the exit code.
        """
        said = tuple(
            submission(data, label=label, party=self.party, staff=self.staff)
            for label, data in things
        )
        sending = Sending(kafka, self.party, as_json=self.as_json)
        return sending.send(said, seconds=self.seconds)


def submission(data: Any, *, label: str, party: str, staff: str | None = None) -> Submission:
    """
    Make the submission that says something as a party.
    """
    envelope = Envelope(
        id=clock.new_id(),
        source=f"/party/{party}",
        type=event_type(data).wire_name,
        time=instant(clock.now()),
        authtype=None if staff is None else AuthType.USER,
        authid=staff,
    )
    return Submission(label=label, event={**codec.plain(envelope), "data": codec.plain(data)})


def saying_options(party: str, *, staff: bool = True) -> Callable[[F], F]:
    """
    Add the argument that names who speaks, and the options of `foothold send`.

    Args:
        party: what the argument is called in the help.
        staff: whether a member of staff must stand for what is said.
    """

    def decorate(command: F) -> F:
        @click.argument("party", metavar=party)
        @click.option(
            "--by",
            "staff",
            metavar="STAFF",
            required=staff,
            callback=lambda _context, _option, told: staff_code(told),
            help="Your own code for who says it, never a name.",
        )
        @click.option(
            "--wait", "seconds", default=60.0, show_default=True, help="Seconds for the answers."
        )
        @click.option("--json", "as_json", is_flag=True, help="Print each answer as one JSON line.")
        @installation_options
        @functools.wraps(command)
        def wrapped(
            installation: Installation,
            party: str,
            staff: str | None,
            seconds: float,
            as_json: bool,
            **given: Any,
        ) -> Any:
            saying = Saying(
                installation=installation,
                party=party,
                staff=staff,
                seconds=seconds,
                as_json=as_json,
            )
            return command(saying=saying, **given)

        return cast(F, wrapped)

    return decorate


def offers_argument(command: F) -> F:
    """
    Add the ids of one or several offers, each once.
    """
    return click.argument(
        "offers",
        metavar="OFFER...",
        nargs=-1,
        required=True,
        callback=lambda _context, _option, told: _ids(told, form=OfferId, thing="offer"),
    )(command)


def offer_argument(command: F) -> F:
    """
    Add the id of one offer.
    """
    return click.argument(
        "offer",
        callback=lambda _context, _option, told: _ids((told,), form=OfferId, thing="offer")[0],
    )(command)


def challenge_argument(command: F) -> F:
    """
    Add the id of one challenge: that of the event that raised it.
    """
    return click.argument(
        "challenge",
        callback=lambda _context, _option, told: _ids((told,), form=EventId, thing="challenge")[0],
    )(command)


def opportunities_argument(command: F) -> F:
    """
    Add the ids of opportunities, perhaps none, each once.
    """
    return click.argument(
        "opportunities",
        metavar="[OPPORTUNITY]...",
        nargs=-1,
        callback=lambda _context, _option, told: _ids(
            told, form=OpportunityId, thing="opportunity"
        ),
    )(command)


def opportunity_argument(command: F) -> F:
    """
    Add the id of one opportunity.
    """
    return click.argument(
        "opportunity",
        callback=lambda _context, _option, told: _ids(
            (told,), form=OpportunityId, thing="opportunity"
        )[0],
    )(command)


def reason_option(reasons: type[StrEnum]) -> Callable[[F], F]:
    """
    Add `--reason`, one of a closed list.
    """
    return choice_option("--reason", reasons, told="Why; one of the reasons below.")


def choice_option(name: str, codes: type[StrEnum], *, told: str) -> Callable[[F], F]:
    """
    Add an option that must be given, one of a closed list.

    Args:
        name: the option's, with its dashes.
        codes: the list, whose words the command's help ends with.
        told: what the option is, in the help.
    """

    def to_code(_context: click.Context, _option: click.Parameter, said: str) -> StrEnum:
        return codes(said)

    return click.option(
        name,
        required=True,
        type=click.Choice([each.value for each in codes]),
        callback=to_code,
        help=told,
    )


def day_option(name: str, *, told: str, required: bool = False) -> Callable[[F], F]:
    """
    Add an option that takes a day; nothing where it is not given.
    """

    def to_day(_context: click.Context, _option: click.Parameter, said: Any) -> date | None:
        return None if said is None else day_said(said)

    return click.option(
        name,
        required=required,
        metavar="DATE",
        callback=to_day,
        help=told,
    )


def day_said(said: str) -> date:
    """
    Read a day as it was typed.

    Raises:
        click.BadParameter: it is none, or none that the calendar has.

    >>> day_said("2026-02-28")
    datetime.date(2026, 2, 28)
    """
    form = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", said)
    if form is None:
        raise click.BadParameter(f"{said!r} is no day. Write it as 2026-01-13.")
    year, month, day = map(int, form.groups())
    try:
        return date(year, month, day)
    except ValueError:
        is_month = 1 <= month <= 12
        what = f"{day} {date(2000, month, 1):%B} {year}" if is_month else f"month {month}"
        raise click.BadParameter(f"There is no {what}.") from None


def _ids(told: Iterable[str], *, form: Any, thing: str) -> tuple[str, ...]:
    """
    Hold back what is no id of ours, before anything is said.
    """
    pattern: Pattern = next(each for each in get_args(form) if isinstance(each, Pattern))
    wrong = [each for each in told if not pattern.matches(each)]
    if wrong:
        raise click.BadParameter(
            f"{wrong[0]!r} is no id of {IDS[thing][0]}: such an id is like {IDS[thing][1]}. "
            "`foothold queue` shows it."
        )
    return tuple(dict.fromkeys(told))
