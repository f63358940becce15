"""
A person's word on an offer: `foothold release|hold|accept|decline`, `foothold confirm|reject`.

Each offer is answered on its own: a refusal of one does not stop the others.
"""

import click

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
from services.commands.saying import EXITS, Saying, offers_argument, reason_option, saying_options
from services.wording.reasons import HOLDS, REJECTIONS, listed

PARTNER_EPILOG = """\b
Example:
  foothold {name} northgate-homes zedford-f-abcdefghijklmnop{reason} --by jo-1
\b
{exits}
"""
SUPPLIER_EPILOG = PARTNER_EPILOG.replace("northgate-homes", "oakline-retrofit")


def _epilog(
    name: str, *, template: str = PARTNER_EPILOG, reason: str = "", reasons: str = ""
) -> str:
    told = template.format(name=name, reason=reason, exits=EXITS)
    return f"\b\nReasons:\n{_indented(reasons)}\n\n{told}" if reasons else told


def _indented(lines: str) -> str:
    return "\n".join(f"  {line}" for line in lines.splitlines())


@click.command("release", epilog=_epilog("release"))
@saying_options("PARTNER")
@offers_argument
def release(saying: Saying, offers: tuple[str, ...]) -> None:
    """
    Release proposals to your own residents, as PARTNER: each becomes an offer.
    """
    saying.say(*((f"release {each}", ProposalReleased(offer=each)) for each in offers))


@click.command("hold", epilog=_epilog("hold", reason=" --reason data_wrong", reasons=listed(HOLDS)))
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
    """
    saying.say(*((f"accept {each}", OfferAccepted(offer=each)) for each in offers))


@click.command("decline", epilog=_epilog("decline"))
@saying_options("PARTNER")
@offers_argument
def decline(saying: Saying, offers: tuple[str, ...]) -> None:
    """
    Say that residents decline their offers, as PARTNER. No reason is asked for.
    """
    saying.say(*((f"decline {each}", OfferDeclined(offer=each)) for each in offers))


@click.command("confirm", epilog=_epilog("confirm", template=SUPPLIER_EPILOG))
@saying_options("SUPPLIER")
@offers_argument
def confirm(saying: Saying, offers: tuple[str, ...]) -> None:
    """
    Confirm, as SUPPLIER, that you take on who accepted: the position is filled.
    """
    saying.say(*((f"confirm {each}", HireConfirmed(offer=each)) for each in offers))


@click.command(
    "reject",
    epilog=_epilog(
        "reject",
        template=SUPPLIER_EPILOG,
        reason=" --reason did_not_attend",
        reasons=listed(REJECTIONS),
    ),
)
@saying_options("SUPPLIER")
@reason_option(RejectionReason)
@offers_argument
def reject(saying: Saying, reason: RejectionReason, offers: tuple[str, ...]) -> None:
    """
    Say, as SUPPLIER, that you do not take on who accepted, and why.

    The position is free again; the person keeps their weeks and their chances elsewhere.
    """
    saying.say(*((f"reject {each}", HireRejected(offer=each, reason=reason)) for each in offers))
