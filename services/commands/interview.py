"""
`foothold interview`: that a supplier offers an interview, and that it was held.
"""

from datetime import date

import click

from schemas.introductions import InterviewHeld, InterviewOffered
from services.commands.saying import EXITS, Saying, day_option, offer_argument, saying_options

EXAMPLES = """\b
Examples:
  foothold interview offer oakline-retrofit zedford-f-abcdefghijklmnop \\
    --on 2026-01-21 --by sam-1
  foothold interview held northgate-homes zedford-f-abcdefghijklmnop \\
    --on 2026-01-21 --by jo-1
"""
EPILOG = f"{EXAMPLES}\b\n{EXITS}\n"


@click.group("interview", epilog=EXAMPLES)
def command() -> None:
    """
    Offer an interview to somebody who was introduced, or say that it was held.
    """


@command.command("offer", epilog=EPILOG)
@saying_options("SUPPLIER")
@day_option("--on", told="The day of the interview.", required=True)
@offer_argument
def offer_interview(saying: Saying, on: date, offer: str) -> None:
    """
    Offer, as SUPPLIER, an interview to whoever was introduced to you by OFFER.

    The day lies within your own time to confirm or reject; hour and place are agreed with
    the partner's office.
    """
    saying.say((f"interview for {offer}", InterviewOffered(offer=offer, on=on)))


@command.command("held", epilog=EPILOG)
@saying_options("PARTY")
@day_option("--on", told="The day on which it was held.", required=True)
@offer_argument
def held(saying: Saying, on: date, offer: str) -> None:
    """
    Say, as the supplier or the resident's partner, that the interview for OFFER was held.

    The supplier's days to confirm or reject begin anew, once.
    """
    saying.say((f"interview held for {offer}", InterviewHeld(offer=offer, on=on)))
