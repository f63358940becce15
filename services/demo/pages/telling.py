"""
Telling the story: each scene's page, what held, and at the end what did not.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rich.console import Console, RenderableType
from rich.rule import Rule
from rich.text import Text

from services.demo import cast
from services.demo.expectations import unmet
from services.demo.pages import (
    broken,
    contract,
    matches,
    onward,
    postings,
    rounds,
    sides,
    start,
    why_not,
)
from services.demo.pages.matches import Reader
from services.demo.stage import Scene
from services.demo.story import Story

Page = Callable[[Any, Reader], Iterator[RenderableType]]

PAGES: Mapping[int, Page] = {
    1: lambda found, _: start.page(found),
    2: lambda found, reader: contract.page(found, names=reader.names),
    3: lambda found, reader: postings.page(found, names=reader.names),
    4: lambda found, reader: broken.page(found, names=reader.names),
    5: lambda found, reader: matches.page(found, reader=reader),
    6: lambda found, reader: rounds.page(found, reader=reader),
    7: lambda found, reader: sides.page(found, reader=reader),
    8: lambda found, reader: why_not.page(found, reader=reader),
    15: lambda found, reader: onward.page(found, names=reader.names),
}


def reader_of(where: str) -> Reader:
    """
    Return what the narrator knows beside the figures.
    """
    people = {(each.partner, each.reference): each for each in cast.people()}
    return Reader(names=cast.names(), people=people, where=where)


def tell(console: Console, scene: Scene[Any], reader: Reader) -> None:
    """
    Show one scene, and what was expected of it.
    """
    when = f", {scene.when}" if scene.when else ""
    console.print()
    console.print(Rule(f"[bold]Scene {scene.number}{when}: {scene.title}", align="left"))
    if scene.figures is not None:
        for part in PAGES[scene.number](scene.figures, reader):
            is_one_line = isinstance(part, Text) and bool(part.no_wrap)
            console.print(part, highlight=False, soft_wrap=is_one_line)
    console.print(verdict(scene))


def verdict(scene: Scene[Any]) -> Text:
    """
    Say whether all that was expected holds, and if not, what does not.
    """
    lacking = [each for each in scene.expectations if not each.held]
    if not lacking:
        words = f"All {len(scene.expectations)} expectations hold, after {scene.seconds:.1f} s."
        return Text(words, style="green")
    told = Text(f"{len(lacking)} of {len(scene.expectations)} expectations do not hold:", "red")
    for each in lacking:
        told.append(f"\n    {unmet(each)}")
    return told


def conclude(console: Console, story: Story, *, logs: str) -> None:
    """
    End the story: all held, or what did not, and where the logs are.
    """
    seconds = sum(scene.seconds for scene in story.scenes)
    if story.held:
        total = sum(len(scene.expectations) for scene in story.scenes)
        words = f"\nEvery scene held: {total} expectations, {seconds:.1f} s of work."
        console.print(Text(words, style="green"))
        return
    console.print(Text(f"\nThe story did not hold ({seconds:.1f} s of work):", style="red"))
    for scene, each in story.failed:
        console.print(Text(f"  scene {scene.number}: {unmet(each)}"))
    console.print(Text(f"The workers' logs: {logs}"))
