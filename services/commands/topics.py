"""
`foothold topics`: the topic plan, shown or applied.
"""

import json

import click
from rich.console import Console
from rich.table import Table

from services.commands.installation import Installation, installation_options
from services.commands.kafka_access import Kafka
from services.commands.register import registered_slugs
from services.topology import Topic, grants, topic_plan


@click.group("topics", epilog="Example: foothold topics plan")
def command() -> None:
    """
    Show or apply the topics, their settings and access rules.
    """


@command.command("plan", epilog="Example: foothold topics plan --party oakline")
@click.option("--party", "parties", multiple=True, metavar="SLUG", help="Plan for this party too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def plan(parties: tuple[str, ...], as_json: bool) -> None:
    """
    Print the topics and access rules of an installation; asks no broker.
    """
    topics, rules = topic_plan(parties), grants(parties)
    if as_json:
        for topic in topics:
            click.echo(
                json.dumps(
                    {"topic": topic.name, "partitions": topic.partitions}
                    | topic.configs(replicas=3)
                )
            )
        for rule in rules:
            click.echo(
                json.dumps(
                    {
                        "principal": rule.principal,
                        "operation": rule.operation,
                        "resource": rule.resource,
                        "name": rule.name,
                        "prefixed": rule.prefixed,
                    }
                )
            )
        return
    Console().print(_topic_table(topics))
    table = Table(
        "principal", "may", "on", title="Access rules, where the broker has an authorizer"
    )
    for rule in rules:
        table.add_row(
            rule.principal, rule.operation.lower(), rule.name + ("*" if rule.prefixed else "")
        )
    Console().print(table)


@command.command("apply", epilog="Example: foothold topics apply --dry-run")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@installation_options
def apply(installation: Installation, dry_run: bool) -> None:
    """
    Create and align the topics of every registered party; safe to repeat.
    """
    with Kafka(installation.broker()) as kafka:
        changes = list(kafka.apply(topic_plan(()), dry_run=dry_run))
        slugs = registered_slugs(kafka) if not (dry_run and changes) else ()
        changes += kafka.apply(topic_plan(slugs), dry_run=dry_run)
        granted = kafka.grant(grants(slugs), dry_run=dry_run)
    for change in (*changes, *(granted or ())):
        click.echo(f"{change.topic}: {'would be ' if dry_run else ''}{change.what}")
    click.echo(f"{len(changes)} changes" if changes else "All topics are as planned.")
    if granted is None:
        click.echo("This broker has no authorizer, so no access rules were set.", err=True)
    else:
        click.echo(f"{len(granted)} access rules set" if granted else "All access rules are set.")


def _topic_table(topics: tuple[Topic, ...]) -> Table:
    table = Table("topic", "partitions", "kept", "clean-up", "largest batch", title="Topics")
    for topic in topics:
        days = topic.retention_ms // (24 * 3600 * 1000)
        table.add_row(
            topic.name,
            str(topic.partitions),
            f"{days} days" if topic.retention_ms > 0 else "for good",
            topic.cleanup,
            f"{topic.largest_batch // 1024} KiB",
        )
    return table
