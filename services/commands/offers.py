"""
A person's word on an offer: `foothold release|hold|accept|decline`, `foothold confirm|reject`.

Each offer is answered on its own: a refusal of one does not stop the others.
"""

import click

from schemas.introductions import DeclineExplained
from schemas.slots import (
    HireConfirmed,
    HireRejected,
    HoldReason,
    OfferAccepted,
    OfferDeclined,
    ProposalHeld,
    ProposalReleased,
    RejectionReason,
)
from services.commands.kafka_access import Kafka
from services.commands.market_days import state_of
from services.commands.saying import EXITS, Saying, offers_argument, reason_option, saying_options
from services.wording.reasons import HOLDS, REJECTIONS, indented

PARTNER_EPILOG = """\b
Example:
  foothold {name} northgate-homes zedford-f-abcdefghijklmnop{reason} --by jo-1
\b
{exits}
"""
DECLINING = ' \\\n    --reason "The journey is too long."'
SUPPLIER_EPILOG = PARTNER_EPILOG.replace("northgate-homes", "oakline-retrofit")


def _epilog(
    name: str, *, template: str = PARTNER_EPILOG, reason: str = "", reasons: str = ""
) -> str:
    told = template.format(name=name, reason=reason, exits=EXITS)
    return f"\b\nReasons:\n{reasons}\n\n{told}" if reasons else told


@click.command("release", epilog=_epilog("release"))
@saying_options("PARTNER")
@offers_argument
def release(saying: Saying, offers: tuple[str, ...]) -> None:
    """
    Release proposals to your own residents, as PARTNER: each becomes an offer.

    Where somebody is on duty (`foothold duty`), --by is theirs, or their deputy's.
    """
    saying.say(*((f"release {each}", ProposalReleased(offer=each)) for each in offers))


@click.command(
    "hold", epilog=_epilog("hold", reason=" --reason data_wrong", reasons=indented(HOLDS))
)
@saying_options("PARTNER")
@reason_option(HoldReason)
@offers_argument
def hold(saying: Saying, reason: HoldReason, offers: tuple[str, ...]) -> None:
    """
    Hold proposals back, as PARTNER, for a reason; the next tick decides anew without them.

    Nobody can choose who comes instead. What is released already is taken back only for
    data_wrong or safeguarding.
    """
    saying.say(*((f"hold {each}", ProposalHeld(offer=each, reason=reason)) for each in offers))


@click.command("accept", epilog=_epilog("accept"))
@saying_options("PARTNER")
@offers_argument
def accept(saying: Saying, offers: tuple[str, ...]) -> None:
    """
    Say that residents accept their offers, as PARTNER.

    The supplier hears of somebody once they consented to just that (`foothold consent`).
    """
    saying.say(*((f"accept {each}", OfferAccepted(offer=each)) for each in offers))


@click.command("decline", epilog=_epilog("decline", reason=DECLINING))
@saying_options("PARTNER")
@click.option(
    "--reason",
    metavar="TEXT",
    callback=lambda _context, _option, told: _reason(told),
    help="Only if the resident wishes to say why: sealed, for you alone; - reads it from the "
    "standard input.",
)
@offers_argument
def decline(saying: Saying, reason: str | None, offers: tuple[str, ...]) -> None:
    """
    Say that residents decline their offers, as PARTNER. No reason is asked for.

    One that a resident wishes to give, with --reason and one offer, is sealed under their own
    key and told to nobody but you; it decides nothing.
    """
    declined = tuple((f"decline {each}", OfferDeclined(offer=each)) for each in offers)
    if reason is None:
        saying.say(*declined)
    if len(offers) != 1:
        raise click.UsageError("--reason goes with one offer.")
    with Kafka(saying.installation.broker()) as kafka:
        resident = _resident(kafka, offers[0], party=saying.party)
        code = saying.answered(kafka, *declined)
        if code != 0 or resident is None:
            click.echo("The reason was not sent, since the decline is not accepted.", err=True)
            raise SystemExit(code or 1)
        explained = DeclineExplained(resident=resident, offer=offers[0], reason=reason)
        saying.say_to(kafka, (f"reason for {offers[0]}", explained))


def _reason(told: str | None) -> str | None:
    """
    Take a reason as typed, or from the standard input, where no shell keeps it.
    """
    text = click.get_text_stream("stdin").read() if told == "-" else told
    if text is not None and not text.strip():
        raise click.BadParameter("Leave --reason out where none is given.")
    return text and text.strip()


def _resident(kafka: Kafka, offer: str, *, party: str) -> str | None:
    """
    Find whom an offer to a party's own resident is for; nobody where it is not the party's.
    """
    found = state_of(kafka, offer).offers.get(offer)
    return found.resident if found is not None and found.party == party else None


@click.command("confirm", epilog=_epilog("confirm", template=SUPPLIER_EPILOG))
@saying_options("SUPPLIER")
@offers_argument
def confirm(saying: Saying, offers: tuple[str, ...]) -> None:
    """
    Confirm, as SUPPLIER, that you take on who was introduced: the position is filled.
    """
    saying.say(*((f"confirm {each}", HireConfirmed(offer=each)) for each in offers))


@click.command(
    "reject",
    epilog=_epilog(
        "reject",
        template=SUPPLIER_EPILOG,
        reason=" --reason did_not_attend",
        reasons=indented(REJECTIONS),
    ),
)
@saying_options("SUPPLIER")
@reason_option(RejectionReason)
@offers_argument
def reject(saying: Saying, reason: RejectionReason, offers: tuple[str, ...]) -> None:
    """
    Say, as SUPPLIER, that you do not take on who was introduced, and why.

    The position is free again; the person keeps their weeks and their chances elsewhere.
    """
    saying.say(*((f"reject {each}", HireRejected(offer=each, reason=reason)) for each in offers))
