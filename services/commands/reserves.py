"""
`foothold reserves`: who a position may be reserved for, on which legal basis, and why.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from schemas.reserves import BASES, CATEGORIES, Standing
from services.wording.reserves import STANDINGS, bases, rows


@click.command("reserves", epilog="Example: foothold reserves --json")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def command(as_json: bool) -> None:
    """
    Print what a contract's routes may name, on which legal basis, and what they may not.
    """
    if as_json:
        for told in _told():
            click.echo(json.dumps(told, ensure_ascii=False))
        return
    Console().print(*_tables())


def _tables() -> Iterator[Table]:
    reservable = Table(
        Column("fact"),
        Column("written as", no_wrap=True),
        Column("needs"),
        Column("source"),
        title="A route into a reserved position may name",
    )
    for row in rows(Standing.RESERVABLE):
        _add(reservable, row.fact, "\n".join(row.forms), row.needs, row.source)
    yield reservable
    for standing in (Standing.INTERVIEW_ONLY, Standing.REFUSED):
        title = f"What opens {STANDINGS[standing]}"
        others = Table("fact", "what may be used instead", "source", title=title)
        for row in rows(standing):
            _add(others, row.fact, row.instead, row.source)
        yield others
    carrying = Table("basis", "carries", "meaning", "source", title="Legal bases of a route")
    for basis in bases():
        _add(carrying, *basis)
    yield carrying


def _add(table: Table, *cells: str) -> None:
    # Square brackets would be read as markup.
    table.add_row(*map(escape, cells))


def _told() -> Iterator[dict[str, Any]]:
    for row in CATEGORIES:
        words = {"words": row.words.split(), "vague": row.vague.split()}
        yield {**asdict(row), **words, "instead": row.instead or None}
    for basis in BASES:
        yield asdict(basis)
