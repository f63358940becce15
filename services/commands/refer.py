"""
`foothold refer`: put a resident who said yes forward for a position that no fence reserves.
"""

import click

from schemas.introductions import ReferralMade
from services.commands.saying import EXITS, Saying, opportunity_argument, saying_options

EPILOG = f"""\b
Example:
  foothold refer northgate-homes NH-0001 zedford-o-abcdefghijklmnop --by jo-1
\b
{EXITS}
"""


@click.command("refer", epilog=EPILOG)
@saying_options("PARTNER")
@click.argument("resident")
@opportunity_argument
def command(saying: Saying, resident: str, opportunity: str) -> None:
    """
    Put RESIDENT forward for OPPORTUNITY, as PARTNER, where no clause reserves a position.

    RESIDENT is our id or your own reference, and their own yes must stand (`foothold
    interest`). What follows comes on your queue: their consent to meet the supplier is
    awaited (`foothold consent`), then both sides learn whom to call. It bars nobody from
    reserved positions.
    """
    referral = ReferralMade(resident=resident, opportunity=opportunity)
    saying.say((f"referral of {resident}", referral))
