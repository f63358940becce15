"""
`foothold contact`: that a partner tried to reach its resident about an offer.
"""

from datetime import date

import click

from schemas.introductions import ContactTried, Means
from services.commands.kafka_access import Kafka
from services.commands.market_days import state_of, today
from services.commands.saying import (
    EXITS,
    Saying,
    choice_option,
    day_option,
    offer_argument,
    saying_options,
)
from services.wording.reasons import MEANS, indented

EPILOG = f"""\b
Means:
{indented(MEANS)}
\b
Example:
  foothold contact northgate-homes zedford-f-abcdefghijklmnop --means telephone --by jo-1
\b
{EXITS}
"""


@click.command("contact", epilog=EPILOG)
@saying_options("PARTNER")
@choice_option("--means", Means, told="How; one of the means below.")
@day_option("--on", told="When; default: today, in a simulated market by its own time.")
@offer_argument
def command(saying: Saying, means: Means, on: date | None, offer: str) -> None:
    """
    Record, as PARTNER, that you tried to reach the resident about OFFER.

    Silence counts as the resident's own only where an attempt is on the log before the offer
    lapses; without one, an offer that nobody answers was not reached, at no cost to them.
    """
    with Kafka(saying.installation.broker()) as kafka:
        tried_on = on or today(state_of(kafka, offer))
        tried = ContactTried(offer=offer, tried_on=tried_on, means=means)
        saying.say_to(kafka, (f"contact about {offer}", tried))
