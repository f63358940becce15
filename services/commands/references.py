"""
References: whom a party means by a name of its own, learnt from what it has been sent.

A market's log has no reference in clear. The party's queue has each, in the receipt that
told it our id.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, get_args

import click

from schemas.vocabulary import Pattern, ResidentId
from services.commands.kafka_access import Kafka
from services.commands.messages import Names
from services.topology import party_queue

RESIDENT_ID: Pattern = get_args(ResidentId)[1]


def is_resident_id(name: str) -> bool:
    """
    Tell whether a name is an id of ours.
    """
    return RESIDENT_ID.matches(name)


def names_of(kafka: Kafka, party: str) -> Names:
    """
    Learn what a party calls its residents and opportunities, from its whole queue.

    Raises:
        click.ClickException: the party has no queue.
    """
    if party_queue(party) not in kafka.topic_ids():
        raise click.ClickException(f"{party!r} has no queue here. Is the name right?")
    messages = kafka.read(party_queue(party))
    return learnt((json.loads(message.value), message.headers) for message in messages)


def learnt(sent: Iterable[tuple[Mapping[str, Any], Mapping[str, bytes]]]) -> Names:
    """
    Learn the names that messages tell, and those that their headers do.
    """
    names = Names()
    for event, headers in sent:
        names.learn(event, headers)
    return names


def resident_of(name: str, *, names: Names, party: str) -> str:
    """
    Return our id of the resident whom a party names by our id or by its own reference.

    Args:
        name: as it was typed.
        names: what the party's queue tells.
        party: whose resident it is.

    Raises:
        click.ClickException: the queue tells of nobody by that reference.
    """
    if is_resident_id(name):
        return name
    meant = [each for each, said in names.known.items() if said == name and is_resident_id(each)]
    if not meant:
        raise click.ClickException(
            f"The queue of {party} tells of no resident {name!r}. Give your reference as you sent "
            "it, or our id, which stands in the receipt."
        )
    # Who was put forward anew under the same reference comes later.
    return meant[-1]
