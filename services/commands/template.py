"""
`foothold template`: a file to start from, for each kind of event.
"""

import json
from importlib import resources
from typing import Any

import click

from schemas.contracts import ContractAgreed
from schemas.opportunities import OpportunityPosted
from schemas.vocabulary import event_type
from services.commands.kinds import CLASSES, find_kind, noun_of

# What a command fills in, so that a file to start from does not settle it by chance.
FILLED_IN = {
    "market": ("partition", "now"),
    "lottery": ("commitment",),
    "contribution": ("nonce",),
    "reveal": ("secret",),
}

# What a posting adds to reserve positions for those whom a clause of its contract names.
RESERVED: dict[str, Any] = {
    "ring_fence": [{"group": "starts", "clause": "4.2", "positions": 2}],
}


@click.command(
    "template",
    epilog="Examples: foothold template opportunity --csv > vacancies.csv\n\n"
    "  foothold template opportunity --reserved --csv > reserved.csv\n\n"
    "  foothold template market > market.json",
)
@click.argument("kind", required=False)
@click.option("--csv", "as_csv", is_flag=True, help="A CSV header with one example row.")
@click.option(
    "--reserved",
    is_flag=True,
    help="An opportunity with positions reserved by a clause: `contract` is the id in the "
    "contract's receipt, `ring_fence` says how many under which clause.",
)
def command(kind: str | None, as_csv: bool, reserved: bool) -> None:
    """
    Print a valid example of KIND to change and send; without KIND, list the kinds.
    """
    if kind is None:
        for noun, cls in CLASSES.items():
            also = ", also with --reserved" if cls is OpportunityPosted else ""
            click.echo(f"{noun:14} {event_type(cls).name}{also}")
        return
    cls = find_kind(kind)
    filled_in = FILLED_IN.get(noun_of(cls), ())
    data = {name: told for name, told in example_of(cls).items() if name not in filled_in}
    if reserved:
        data |= _reserved(cls)
    click.echo(_csv(data) if as_csv else json.dumps(data, indent=2, ensure_ascii=False))


def example_of(cls: type) -> dict[str, Any]:
    """
    Return the data of the packaged valid example of an event.
    """
    name = event_type(cls).name
    text = resources.files("schemas").joinpath("examples", name, "valid.json").read_text("utf-8")
    event: dict[str, Any] = json.loads(text)
    data: dict[str, Any] = event["data"]
    return data


def _reserved(cls: type) -> dict[str, Any]:
    if cls is not OpportunityPosted:
        raise click.UsageError("--reserved goes with the kind opportunity alone.")
    return {"contract": example_of(ContractAgreed)["contract_id"], **RESERVED}


def _csv(data: dict[str, Any]) -> str:
    cells = dict(_flat(data, ""))
    return "\n".join(",".join(_quoted(cell) for cell in row) for row in (cells, cells.values()))


def _flat(told: dict[str, Any], prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, item in told.items():
        if isinstance(item, dict):
            found += _flat(item, f"{prefix}{name}.")
        elif isinstance(item, list) and all(isinstance(each, str) for each in item):
            found.append((prefix + name, ";".join(item)))
        elif isinstance(item, str):
            found.append((prefix + name, item))
        else:
            found.append((prefix + name, json.dumps(item)))
    return found


def _quoted(cell: str) -> str:
    needs = any(letter in cell for letter in ',"\n')
    return '"' + cell.replace('"', '""') + '"' if needs else cell
