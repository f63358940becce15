"""
Saying: a command's own events, sent through a party's inbox as `foothold send` does.
"""

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NoReturn, TypeVar, cast, get_args

import click

from schemas import codec
from schemas.envelope import Envelope
from schemas.vocabulary import AuthType, OfferId, OpportunityId, Pattern, event_type, instant
from services import clock
from services.commands.installation import Installation, installation_options
from services.commands.kafka_access import Kafka
from services.commands.send import Sending, staff_code
from services.commands.submissions import Submission

F = TypeVar("F", bound=Callable[..., Any])

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
        said = tuple(
            submission(data, label=label, party=self.party, staff=self.staff)
            for label, data in things
        )
        sending = Sending(kafka, self.party, as_json=self.as_json)
        raise SystemExit(sending.send(said, seconds=self.seconds))


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

    def to_reason(_context: click.Context, _option: click.Parameter, told: str) -> StrEnum:
        return reasons(told)

    return click.option(
        "--reason",
        required=True,
        type=click.Choice([each.value for each in reasons]),
        callback=to_reason,
        help="Why; one of the reasons below.",
    )


def _ids(told: Iterable[str], *, form: Any, thing: str) -> tuple[str, ...]:
    """
    Hold back what is no id of ours, before anything is said.
    """
    pattern: Pattern = next(each for each in get_args(form) if isinstance(each, Pattern))
    wrong = [each for each in told if not pattern.matches(each)]
    if wrong:
        letter = {"offer": "f", "opportunity": "o"}[thing]
        raise click.BadParameter(
            f"{wrong[0]!r} is no id of an {thing}: such an id is like "
            f"zedford-{letter}-abcdefghijklmnop. `foothold queue` shows it."
        )
    return tuple(dict.fromkeys(told))
