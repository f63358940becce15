"""
`foothold queue`: what a party has been sent.
"""

import json
from collections.abc import Iterator
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from services.commands.answers import is_receipt, is_refusal, show
from services.commands.installation import Installation, installation_options
from services.commands.kafka_access import Kafka, Message
from services.topology import party_queue

KINDS = {
    "receipts": ("Receipt",),
    "refusals": ("Refusal",),
    "matches": ("MatchesRanked",),
    "offers": (),
    "notices": ("NoticeGiven", "FactAsked"),
}


@click.command(
    "queue",
    epilog="Examples: foothold queue northfield --only matches\n\n"
    "  foothold queue oakline --follow",
)
@click.argument("party")
@click.option("--only", type=click.Choice(list(KINDS)), help="Only messages of this kind.")
@click.option("--follow", is_flag=True, help="Go on with what comes; Ctrl-C ends.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@installation_options
def command(
    installation: Installation, party: str, only: str | None, follow: bool, as_json: bool
) -> None:
    """
    Show what PARTY has been sent: receipts, refusals, matches, questions and notices.
    """
    with Kafka(installation.broker()) as kafka:
        if party_queue(party) not in kafka.topic_ids():
            raise click.ClickException(f"{party!r} has no queue here. Is the name right?")
        shown = 0
        for message in _messages(kafka, party, follow=follow):
            event = json.loads(message.value)
            name = event["type"].split(".")[1]
            if only and name not in KINDS[only]:
                continue
            shown += 1
            if as_json:
                click.echo(json.dumps(event))
            else:
                show_message(Console(), event)
        if not shown and not as_json:
            click.echo(f"Nothing{f' of {only}' if only else ''} on the queue of {party} yet.")


def show_message(console: Console, event: dict[str, Any]) -> None:
    """
    Show one message of a queue as a person reads it.
    """
    name, data = event["type"].split(".")[1], event["data"]
    if is_receipt(event) or is_refusal(event):
        show(console, data.get("submission_id") or f"offset {data['origin']['offset']}", event)
    elif name == "MatchesRanked":
        show_matches(console, data)
    else:
        details = ", ".join(f"{key} {value}" for key, value in sorted(data.items()))
        console.print(f"{name}: {details}")


def show_matches(console: Console, data: dict[str, Any]) -> None:
    """
    Show a resident's matches: rank, fit, why, and what is missing or unknown.
    """
    who = data.get("reference") or data["resident"]
    if not data["matches"]:
        console.print(f"[bold]{who}[/bold]: no matches at present; earlier ones no longer hold.")
        return
    table = Table("", "opportunity", "fit", "why", "missing or unknown", title=f"Matches for {who}")
    for match in data["matches"]:
        gaps = [
            *match.get("missing", []),
            *(f"unknown: {code}" for code in match.get("unknown", [])),
        ]
        table.add_row(
            str(match["rank"]),
            f"{match['title']}\n{match['supplier']}, {match['outcode']}",
            f"{match['score'] / 100:.0f}%",
            "\n".join(match["why"][:3]),
            "\n".join(gaps[:3]),
        )
    console.print(table)


def _messages(kafka: Kafka, party: str, *, follow: bool) -> Iterator[Message]:
    topic = party_queue(party)
    first, _ = kafka.span(topic)
    if not follow:
        yield from kafka.read(topic)
        return
    try:
        yield from (message for message in kafka.follow(topic, start=first) if message)
    except KeyboardInterrupt:
        return
