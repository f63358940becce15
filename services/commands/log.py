"""
`foothold log export`: a market's log as a file.
"""

import json
from pathlib import Path
from typing import TextIO

import click

from schemas.envelope import canonical
from schemas.log_record import FORMAT, write
from services.commands.installation import Installation, installation_options
from services.commands.kafka_access import Kafka
from services.commands.register import genesis_of, linked, markets


@click.group("log", epilog="Example: foothold log export teesside --out teesside.jsonl")
def command() -> None:
    """
    Export a market's log.
    """


@command.command("export", epilog="Example: foothold log export teesside --out teesside.jsonl")
@click.argument("market")
@click.option("--out", type=click.Path(path_type=Path), help="The file; default: standard output.")
@installation_options
def export(installation: Installation, market: str, out: Path | None) -> None:
    """
    Write MARKET's log as JSON lines: first what log it is, then one record a line.
    """
    with Kafka(installation.broker()) as kafka:
        found = markets(kafka).get(market)
        if found is None:
            raise click.ClickException(f"No market {market!r} is open. See `foothold market list`.")
        if out is None:
            count = export_market(
                kafka, market, found["partition"], click.get_text_stream("stdout")
            )
        else:
            with out.open("w", encoding="utf-8") as file:
                count = export_market(kafka, market, found["partition"], file)
    click.echo(f"{count} records of {market}", err=True)


def export_market(kafka: Kafka, market: str, partition: int, file: TextIO) -> int:
    """
    Write one market's linked records to a file, and return how many there are.
    """
    records = [standing.record for standing in linked(kafka, partition=partition, market=market)]
    genesis = genesis_of(kafka, partition)
    first = {
        "format": FORMAT,
        "market": market,
        "genesis": genesis.genesis if genesis else None,
        "partition": partition,
        "head": {"sequence": len(records), "digest": records[-1].digest if records else None},
    }
    file.write(
        json.dumps(json.loads(canonical(first)), sort_keys=True, separators=(",", ":")) + "\n"
    )
    for record in records:
        file.write(write(record).decode() + "\n")
    return len(records)
