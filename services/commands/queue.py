"""
`foothold queue`: what a party has been sent.
"""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from rich.console import Console

from schemas.vocabulary import instant
from services.commands.installation import Installation, installation_options
from services.commands.kafka_access import Kafka, Message
from services.commands.messages import (
    REMINDER,
    Names,
    answers_offer,
    decides,
    kind_of,
    show_message,
    what_holds,
)
from services.settings import Settings
from services.topology import party_queue

KINDS = {
    "receipts": ("Receipt",),
    "refusals": ("Refusal",),
    "matches": ("MatchesRanked",),
    "offers": (
        "SlotProposed",
        "ReleaseDue",
        "SlotOffered",
        "OfferChanged",
        "AnswerDue",
        "ReferralOpened",
        "ConsentDue",
        "SupplierIntroduced",
        "InterviewOffered",
        "OfferLapsed",
        "OfferWithdrawn",
        "EligibilityLost",
        "IntroductionReceived",
        "ConfirmationDue",
        "HireConfirmed",
        "HireRejected",
        "PositionChanged",
        "ReminderGiven",
        "ReleaseOverdue",
    ),
    "challenges": (
        "DecisionDue",
        "ChallengeUnanswered",
        "ChallengeDecided",
        "RemedyGranted",
        "ReminderGiven",
    ),
    "questions": ("FactAsked", "IntakeListed"),
    "notices": (
        "NoticeGiven",
        "FactAsked",
        "IntakeListed",
        "IntakeOpened",
        "PositionsAdjusted",
        "StageOpened",
    ),
}

Sent = tuple[dict[str, Any], dict[str, bytes]]


@click.command(
    "queue",
    epilog="Examples: foothold queue northfield --only matches\n\n"
    "  foothold queue oakline --follow",
)
@click.argument("party")
@click.option("--only", type=click.Choice(list(KINDS)), help="Only messages of this kind.")
@click.option("--follow", is_flag=True, help="Go on with what comes; Ctrl-C ends.")
@click.option(
    "--again",
    metavar="SINCE",
    help="First issue again, from the log, what was sent since a day (2026-01-13) or an instant.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@installation_options
def command(
    installation: Installation,
    party: str,
    only: str | None,
    follow: bool,
    again: str | None,
    as_json: bool,
) -> None:
    """
    Show what PARTY has been sent: receipts, refusals, matches, offers, challenges, questions
    and notices.

    A person is shown each message once, and of matches and of an offer the latest alone;
    --json and --follow show all that was sent, as it was sent.
    """
    names = Names()
    with Kafka(installation.broker()) as kafka:
        if party_queue(party) not in kafka.topic_ids():
            raise click.ClickException(f"{party!r} has no queue here. Is the name right?")
        if again is not None:
            count = issue_again(installation, party, since=_instant(again))
            click.echo(f"{count} messages issued again to {party}.", err=True)
        messages = _messages(kafka, party, follow=follow)
        sent = ((json.loads(message.value), message.headers) for message in messages)
        events = _learning(sent, names) if as_json or follow else _named(sent, names)
        shown = 0
        for event in events:
            if only and not _is_of(event, only):
                continue
            shown += 1
            if as_json:
                click.echo(json.dumps(event))
            else:
                show_message(Console(), event, names=names, party=party)
        if not shown and not as_json:
            click.echo(f"Nothing{f' of {only}' if only else ''} on the queue of {party} yet.")


def _is_of(event: dict[str, Any], only: str) -> bool:
    if kind_of(event) == REMINDER:
        return only == ("challenges" if event["data"]["waiting"] == "decision" else "offers")
    answers = {"offers": answers_offer, "challenges": decides}
    return kind_of(event) in KINDS[only] or (only in answers and answers[only](event))


def _learning(sent: Iterator[Sent], names: Names) -> Iterator[dict[str, Any]]:
    for event, headers in sent:
        names.learn(event, headers)
        yield event


def _named(sent: Iterator[Sent], names: Names) -> tuple[dict[str, Any], ...]:
    """
    Read a whole queue, so that a name told late serves the messages before it too.
    """
    return what_holds(tuple(_learning(sent, names)))


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


def issue_again(installation: Installation, party: str, *, since: str) -> int:
    """
    Put onto a party's queue again what the log owes it since an instant; return how much.
    """
    # Imported here: reading a queue needs no stores.
    from services.notifier.reissuing import reissue
    from services.storage.keys import master_key, open_keys
    from services.transport.kafka_log import KafkaLog
    from services.transport.sending import send_all

    settings = Settings.read()
    given = settings.master_key.get_secret_value() if settings.master_key else None
    master = master_key(installation.data, given=given)
    keys, _ = open_keys(settings.database or installation.data / "keys.sqlite", master=master)

    async def issue(scratch: Path) -> int:
        async with KafkaLog(installation.broker(), name="foothold-queue") as log:
            messages = await reissue(log, party=party, since=since, keys=keys, scratch=scratch)
            return await send_all(log, messages)

    with TemporaryDirectory() as folder:
        return asyncio.run(issue(Path(folder) / "again.sqlite"))


def _instant(text: str) -> str:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(
            f"--again {text}: give a day (2026-01-13) or an instant (2026-01-13T09:00:00Z)."
        ) from None
    return instant(found if found.tzinfo else found.replace(tzinfo=UTC))
