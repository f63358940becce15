"""
The figures as one JSON object, or as tables.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from services.simulation.figures import BY_GROUP, Estimate, estimates
from services.simulation.terms import Conduct
from services.simulation.trying import Row
from services.simulation.world import Setting

DIGITS = 4
# Of the names of rules and constraints.
LONGEST_WORD = len("coordinators")
PERCENT = ("filled_in_fence", "passed_over", "passed_over_free", "share_of_hindsight_optimum")
HEADS = {
    "filled_in_fence": "filled in fence",
    "share_of_hindsight_optimum": "share of hindsight optimum",
    "median_hours_to_accept": "median h to accept",
    "offers_per_fill": "offers per fill",
    "passed_over": "passed over",
    "passed_over_free": "passed over, free",
    "accepted_but_lost": "accepted but lost",
}

# What the tables cannot say in their heads.
LEGEND = (
    "passed over: of each filled position, whether somebody with the stronger claim, whose yes was "
    "on file, never had its offer; free: and had no other proposal or offer in hand.",
    "median h to accept: hours from the posting, nights and weekends included.",
    "coordinator_1h to coordinator_40h: residents by how many hours their coordinator takes for "
    "anything that is asked.",
    "First come and chance wait for no person to release a proposal, as ours does, and so fill "
    "faster.",
)


def told(
    setting: Setting, *, seeds: Sequence[int], rows: Iterable[Row], constraints: Iterable[Row]
) -> dict[str, Any]:
    """
    Tell everything in plain JSON values; figures are rounded to four digits.
    """
    contract = {"rungs_after_working_days": list(setting.rungs), **asdict(Conduct())}
    found = {
        "seeds": list(seeds),
        "days": setting.days,
        "residents": setting.residents,
        "contract": contract,
        "results": [{"interest": row.interest, "rule": row.name, **_plain(row)} for row in rows],
    }
    switched = [
        {"interest": row.interest, "without": row.name, **_plain(row)} for row in constraints
    ]
    return {**found, "constraints": switched} if switched else found


def main_table(rows: Iterable[Row], *, title: str, first: str) -> Table:
    """
    Lay out one line a rule, or a constraint.
    """
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=0, pad_edge=False)
    table.add_column("interest")
    table.add_column(first, min_width=LONGEST_WORD)
    for head in HEADS.values():
        # A word of a head stays whole; a figure and its error may stand below each other.
        table.add_column(head, min_width=max(map(len, head.split())))
    for row in rows:
        found = estimates(row.runs)
        cells = [_cell(found[name], percent=name in PERCENT) for name in HEADS]
        table.add_row(f"{row.interest}%", row.name.replace("_", " "), *cells)
    return table


def group_table(rows: Iterable[Row]) -> Table:
    """
    Lay out how long each group waited and how many of it were placed: one line a group.
    """
    title = "Median days from ready to accepting, and the share of the group that was placed"
    made = [(row, estimates(row.runs)) for row in rows]
    groups = sorted({group for _, found in made for group in _named(found["wait_by_group"])})
    rules = tuple(dict.fromkeys(row.name for row, _ in made))
    cells = {
        (row.interest, row.name, group): _group_cell(found, group)
        for row, found in made
        for group in groups
    }
    heads = ("interest", "group", *(rule.replace("_", " ") for rule in rules))
    table = Table(*heads, title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for interest in dict.fromkeys(row.interest for row, _ in made):
        for group in groups:
            shown = (cells.get((interest, rule, group), "-") for rule in rules)
            table.add_row(f"{interest}%", group, *shown)
    return table


def _group_cell(found: Mapping[str, object], group: str) -> str:
    waits, placed = (_named(found[name]) for name in BY_GROUP)
    return f"{_cell(waits.get(group))}; {_cell(placed.get(group), percent=True)}"


def _plain(row: Row) -> dict[str, Any]:
    return {name: _values(found) for name, found in estimates(row.runs).items()}


def _values(found: object) -> Any:
    if isinstance(found, Estimate):
        error = found.standard_error
        return {
            "mean": round(found.mean, DIGITS),
            "standard_error": None if error is None else round(error, DIGITS),
        }
    if isinstance(found, dict):
        return {name: _values(each) for name, each in found.items()}
    return None


def _named(found: object) -> dict[str, Estimate | None]:
    return found if isinstance(found, dict) else {}


def _cell(found: object, *, percent: bool = False) -> str:
    if not isinstance(found, Estimate):
        return "-"
    times, unit = (100, "%") if percent else (1, "")
    error = found.standard_error
    shown = "" if error is None else f" ± {error * times:.1f}"
    return f"{found.mean * times:.1f}{shown}{unit}"
