"""
`foothold dead-letters`: what could not be read, shown safely, and said again.
"""

import hashlib
import json
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from services.commands.installation import Installation, installation_options
from services.commands.kafka_access import Kafka
from services.commands.register import register_facts
from services.topology import party_inbox


@click.group("dead-letters", epilog="Example: foothold dead-letters list --party oakline")
def command() -> None:
    """
    List, show or replay what intake could not read or accept.
    """


@command.command("list", epilog="Example: foothold dead-letters list --party oakline")
@click.option("--party", metavar="SLUG", help="Only of this party.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@installation_options
def list_letters(installation: Installation, party: str | None, as_json: bool) -> None:
    """
    List what could not be accepted: whose, where it stands, and why.
    """
    with Kafka(installation.broker()) as kafka:
        letters = [each for each in _letters(kafka) if party in (None, each["party"])]
    if as_json:
        for letter in letters:
            click.echo(json.dumps(letter))
        return
    if not letters:
        click.echo("Nothing was unreadable.")
        return
    table = Table("party", "offset", "why", "field", "digest")
    for letter in letters:
        problem = letter["problems"][0]
        table.add_row(
            letter["party"],
            str(letter["origin"]["offset"]),
            problem["code"],
            problem["field"] or "the message",
            letter["digest"][:12],
        )
    Console().print(table)


@command.command("show", epilog="Example: foothold dead-letters show oakline 12")
@click.argument("party")
@click.argument("offset", type=int)
@installation_options
def show_letter(installation: Installation, party: str, offset: int) -> None:
    """
    Print the bytes at OFFSET of PARTY's inbox, escaped, while the inbox still holds them.
    """
    with Kafka(installation.broker()) as kafka:
        raw = _bytes_at(kafka, party, offset)
    click.echo(f"{len(raw)} bytes, SHA-256 {hashlib.sha256(raw).hexdigest()}")
    click.echo(raw.decode("utf-8", "backslashreplace").encode("unicode_escape").decode("ascii"))


@command.command("replay", epilog="Example: foothold dead-letters replay oakline 12")
@click.argument("party")
@click.argument("offset", type=int)
@installation_options
def replay_letter(installation: Installation, party: str, offset: int) -> None:
    """
    Say the bytes at OFFSET again, as a new record of PARTY's inbox.
    """
    with Kafka(installation.broker()) as kafka:
        new = kafka.send(party_inbox(party), _bytes_at(kafka, party, offset))
    click.echo(f"Said again at offset {new}; the answer comes on the queue of {party}.")


def _letters(kafka: Kafka) -> list[dict[str, Any]]:
    return [fact.data for fact in register_facts(kafka) if fact.name == "InputUnreadable"]


def _bytes_at(kafka: Kafka, party: str, offset: int) -> bytes:
    topic = party_inbox(party)
    if topic not in kafka.topic_ids():
        raise click.ClickException(f"{party!r} has no inbox here. Is the name right?")
    for message in kafka.read(topic, start=offset):
        if message.offset == offset:
            return message.value
        break
    raise click.ClickException(f"The inbox of {party} no longer holds offset {offset}.")
