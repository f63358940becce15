"""
`foothold consent`: a resident's consent to be matched or to meet one supplier, or its end.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar, get_args

import click

from schemas.consents import ConsentGiven, ConsentWithdrawn
from schemas.introductions import CONTACT, ROUTE
from schemas.vocabulary import Pattern, Purpose, Slug
from services.commands.kafka_access import Kafka
from services.commands.market_days import state_of, today
from services.commands.references import names_of, resident_of
from services.commands.saying import EXITS, Saying, day_option, saying_options
from services.wording.reasons import FIELDS, indented

F = TypeVar("F", bound=Callable[..., Any])
SLUG: Pattern = next(each for each in get_args(Slug) if isinstance(each, Pattern))

EPILOG = f"""\b
Fields, of what the supplier hears:
{indented(FIELDS)}
\b
Examples:
  foothold consent northgate-homes NH-0001 --supplier oakline-retrofit \\
    --notice-version 1 --by jo-1
  foothold consent northgate-homes NH-0001 --withdraw --supplier oakline-retrofit --by jo-1
  foothold consent northgate-homes NH-0001 --matching --notice-version 1 --by jo-1
\b
{EXITS}
"""


def consent_options(command: F) -> F:
    """
    Add what a consent is to, and its dates, and pass them as one dictionary.
    """
    several = [
        day_option("--ends-on", told="Its last day; default: until it is withdrawn."),
        day_option("--given-on", told="When; default: today, in a simulated market by its time."),
        click.option(
            "--notice-version",
            type=click.IntRange(1, 10_000),
            help="Which version of your privacy notice the resident was given.",
        ),
        click.option(
            "--fields",
            callback=lambda _context, _option, told: _fields(told),
            help=f"What the supplier may hear, of the fields below: {CONTACT} (the default), "
            f"or {CONTACT},{ROUTE}.",
        ),
    ]
    for each in several:
        command = each(command)
    return command


@click.command("consent", epilog=EPILOG)
@saying_options("PARTNER")
@click.argument("resident")
@click.option(
    "--supplier",
    metavar="SLUG",
    callback=lambda _context, _option, told: _slug(told),
    help="The one supplier whom the resident agrees to meet.",
)
@click.option("--matching", is_flag=True, help="Consent to be matched at all, to no supplier.")
@click.option("--withdraw", is_flag=True, help="End the consent, now.")
@consent_options
def command(
    saying: Saying,
    resident: str,
    supplier: str | None,
    matching: bool,
    withdraw: bool,
    **given: Any,
) -> None:
    """
    Record, as PARTNER, what RESIDENT consents to; or, with --withdraw, that it ends.

    RESIDENT is our id or your own reference. Before a consent to this very supplier it hears
    of nobody; with one, it is told your office and never a name. An end holds at once: what
    was introduced and is not confirmed yet is withdrawn, and the weeks stay the resident's.
    """
    _check(supplier, given, matching=matching, withdraw=withdraw)
    purpose = Purpose.MATCHING if matching else Purpose.INTRODUCTION
    label = f"consent of {resident}"
    with Kafka(saying.installation.broker()) as kafka:
        if withdraw:
            ended = ConsentWithdrawn(resident=resident, purpose=purpose, supplier=supplier)
            saying.say_to(kafka, (f"end of the {label}", ended))
        consent = ConsentGiven(
            resident=resident,
            purpose=purpose,
            supplier=supplier,
            fields=() if matching else given["fields"] or (CONTACT,),
            notice_version=given["notice_version"],
            given_on=given["given_on"] or _today(kafka, saying, resident),
            ends_on=given["ends_on"],
        )
        saying.say_to(kafka, (label, consent))


def _check(supplier: str | None, given: dict[str, Any], *, matching: bool, withdraw: bool) -> None:
    """
    Hold back what is to nobody, or to two things at once.
    """
    if (supplier is None) != matching:
        raise click.UsageError("Say either --supplier, whom the resident meets, or --matching.")
    if withdraw and any(told is not None for told in given.values()):
        raise click.UsageError("--withdraw ends a consent, so it takes no terms of one.")
    if matching and given["fields"]:
        raise click.UsageError("--fields goes with --supplier.")
    if not withdraw and given["notice_version"] is None:
        raise click.UsageError("Say --notice-version: which privacy notice the resident was given.")


def _today(kafka: Kafka, saying: Saying, resident: str) -> date:
    names = names_of(kafka, saying.party)
    return today(state_of(kafka, resident_of(resident, names=names, party=saying.party)))


def _slug(told: str | None) -> str | None:
    if told is not None and not SLUG.matches(told):
        raise click.BadParameter(f"{told!r} is no party's name here: such a name is like oakline.")
    return told


def _fields(told: str | None) -> tuple[str, ...] | None:
    if told is None:
        return None
    fields = tuple(dict.fromkeys(each.strip() for each in told.split(",")))
    unknown = [each for each in fields if each not in FIELDS]
    if unknown or CONTACT not in fields:
        raise click.BadParameter(f"Give {CONTACT}, or {CONTACT},{ROUTE}.")
    return fields
