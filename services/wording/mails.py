"""
A reminder as mail, in plain English: that something waits, of which kind, and until when.

It holds nothing about a person and no id of ours: a mail is read on many machines.
"""

from collections.abc import Mapping
from typing import Final

from services.wording.refusals import NotWorded

WAITS: Final[Mapping[str, str]] = {
    "delivery": "An offer has not reached its partner's queue",
    "release": "A proposal waits to be released or held",
    "answer": "A resident's answer to an offer is awaited",
    "consent": "A resident's consent to meet a supplier is awaited",
    "confirmation": "Somebody who was introduced waits to be confirmed or rejected",
    "decision": "A challenge waits to be decided",
}

BODY: Final = """\
{what}, until {due}.

What needs you today, the oldest first, each with the command that ends it:

    foothold today {party}

This is the one reminder of it by mail, and it stands on your queue, too. Nobody reads answers
to this address.
"""


def subject_of(due: str) -> str:
    """
    Write the subject of a reminder, short enough to stay on one line.

    >>> subject_of("Friday 24 April 2026, 17:00")
    'Something waits for you until Friday 24 April 2026, 17:00'
    """
    return f"Something waits for you until {due}"


def body_of(waiting: str, *, due: str, party: str) -> str:
    """
    Write the body of a reminder.

    >>> body_of("release", due="Friday 24 April 2026, 17:00", party="tees-homes").splitlines()[0]
    'A proposal waits to be released or held, until Friday 24 April 2026, 17:00.'

    Raises:
        NotWorded: the state that it is of has no words.
    """
    if waiting not in WAITS:
        raise NotWorded(f"what waits as {waiting} has no words")
    return BODY.format(what=WAITS[waiting], due=due, party=party)
