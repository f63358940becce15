"""
`foothold simulate`: what a contract's windows bring, tried before anybody lives under them.
"""

import json
import sys

import click
from rich.console import Console

from services.simulation.progress import Progress
from services.simulation.report import LEGEND, group_table, main_table, told
from services.simulation.trying import constraints_tried, rules_tried
from services.simulation.world import Setting

# A file or a pager: no wider than a page of code.
PIPED_WIDTH = 100


@click.command(
    "simulate",
    epilog="""\b
Examples:
  foothold simulate --interest 12
  foothold simulate --seed 1 --seeds 20 --interest 12 --constraints --json
""",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="The first.")
@click.option(
    "--seeds",
    "count",
    type=click.IntRange(1, 1_000),
    default=1,
    show_default=True,
    help="How many worlds, each with the next seed; with several, means and standard errors.",
)
@click.option("--days", type=click.IntRange(1, 730), default=120, show_default=True)
@click.option("--residents", type=click.IntRange(0, 5_000), default=250, show_default=True)
@click.option(
    "--interest",
    type=click.IntRange(1, 100),
    multiple=True,
    default=(12, 50, 100),
    show_default=True,
    help="Of a hundred residents, how many want a posting; can be given several times.",
)
@click.option(
    "--constraints",
    is_flag=True,
    help="Also our rule with one constraint switched off at a time, at the first interest.",
)
@click.option("--json", "as_json", is_flag=True, help="The figures as one JSON object.")
def command(
    seed: int,
    count: int,
    days: int,
    residents: int,
    interest: tuple[int, ...],
    constraints: bool,
    as_json: bool,
) -> None:
    """
    Play invented months through the real market rules, and say what they brought.

    One borough, about a posting a day with one to four reserved positions, residents who come
    and go, and coordinators who take 1, 8, 24 or 40 hours for anything. Ours is held against
    first come, first served, against a fresh draw at each round, and against the most that
    could have been filled in hindsight. First come and chance wait for no person to release a
    proposal, and so fill faster. The assumptions are invented: read differences, not levels.

    Passed over is a filled position for which somebody with the stronger claim, whose yes was
    on file, never had the offer; free, if they had nothing else in hand. The groups named
    coordinator_1h and so on are residents by the hours that their coordinator takes.
    """
    seeds = range(seed, seed + count)
    setting = Setting(seed=seed, days=days, residents=residents)
    with Progress(Console(stderr=True)) as progress:
        rows = tuple(rules_tried(setting, seeds=seeds, interest=interest, told=progress.note))
        switched = (
            tuple(constraints_tried(setting, seeds=seeds, interest=interest[0], told=progress.note))
            if constraints
            else ()
        )
    if as_json:
        found = told(setting, seeds=seeds, rows=rows, constraints=switched)
        click.echo(json.dumps(found, sort_keys=True))
        return
    console = Console(width=None if sys.stdout.isatty() else PIPED_WIDTH)
    shown = f"Seed {seed}" if count == 1 else f"Seeds {seeds[0]} to {seeds[-1]}"
    console.print(f"{shown}; {days} days, {residents} residents at first.")
    console.print(main_table(rows, title="What each rule brought", first="rule"))
    console.print(group_table(rows))
    if switched:
        console.print(main_table(switched, title="Ours, switched off", first="without"))
    for line in LEGEND:
        console.print(line)


simulate = command
