"""
`foothold override`: put a resident past a minimum fit, for a reason.
"""

import click

from schemas.slots import FitOverridden, OverrideReason
from services.commands.saying import (
    EXITS,
    Saying,
    opportunity_argument,
    reason_option,
    saying_options,
)
from services.wording.reasons import OVERRIDES, indented

EPILOG = f"""\b
Reasons:
{indented(OVERRIDES)}
\b
Example:
  foothold override northgate-homes NH-0001 zedford-o-abcdefghijklmnop \\
    --reason support_agreed --by jo-1
\b
{EXITS}
"""


@click.command("override", epilog=EPILOG)
@saying_options("PARTNER")
@reason_option(OverrideReason)
@click.argument("resident")
@opportunity_argument
def command(saying: Saying, reason: OverrideReason, resident: str, opportunity: str) -> None:
    """
    Put RESIDENT past the minimum fit of OPPORTUNITY, as PARTNER.

    RESIDENT is our id or your own reference. The fit is advice: whom its least figure would
    shut out, their own partner may put past it, and the log keeps the reason.
    """
    overridden = FitOverridden(resident=resident, opportunity=opportunity, reason=reason)
    saying.say((f"override for {resident}", overridden))
