"""
The figures as one JSON object, or as tables.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from rich.table import Table

from services.simulation.figures import BY_GROUP, Estimate, estimates
from services.simulation.terms import Conduct
from services.simulation.trying import Row
from services.simulation.world import Setting

DIGITS = 4
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
    table = Table("interest", first, *HEADS.values(), title=title, title_justify="left")
    for row in rows:
        found = estimates(row.runs)
        cells = [_cell(found[name], percent=name in PERCENT) for name in HEADS]
        table.add_row(f"{row.interest} %", row.name, *cells)
    return table


def group_table(rows: Iterable[Row]) -> Table:
    """
    Lay out how long each group waited, and how many of it were placed.
    """
    title = "Median days from ready to accepting, and the share of the group that was placed"
    made = [(row, estimates(row.runs)) for row in rows]
    groups = sorted({group for _, found in made for group in _named(found["wait_by_group"])})
    table = Table("interest", "rule", *groups, title=title, title_justify="left")
    for row, found in made:
        waits, placed = (_named(found[name]) for name in BY_GROUP)
        cells = [
            f"{_cell(waits.get(group))}; {_cell(placed.get(group), percent=True)}"
            for group in groups
        ]
        table.add_row(f"{row.interest} %", row.name, *cells)
    return table


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
    times, unit = (100, " %") if percent else (1, "")
    error = found.standard_error
    shown = "" if error is None else f" ± {error * times:.1f}"
    return f"{found.mean * times:.1f}{shown}{unit}"
