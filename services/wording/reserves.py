"""
Who a position may be reserved for, as rows in words.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from schemas.reserves import BASES, CATEGORIES, Category, Source, Standing
from services.wording.figures import code_in_words

STANDINGS: Final = {
    Standing.RESERVABLE: "a position",
    Standing.INTERVIEW_ONLY: "a guaranteed interview, outside the positions",
    Standing.REFUSED: "nothing",
}
DEMANDS: Final = {
    "justification": "a written justification and the narrowest band",
}
SENSITIVE: Final = "a second route beside it, or consent to be known by it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    One kind of fact in words: how it is written and what else the route needs, or what
    may be used instead.
    """

    fact: str
    forms: tuple[str, ...]
    needs: str
    instead: str
    source: str


def rows(standing: Standing) -> Iterator[Row]:
    """
    Walk the kinds of fact that open as much as that.
    """
    for row in CATEGORIES:
        if row.standing is standing:
            yield Row(
                fact=code_in_words(row.category),
                forms=row.forms,
                needs="; ".join(_needs(row)),
                instead=row.instead,
                source=source_in_words(row.source),
            )


def _needs(row: Category) -> Iterator[str]:
    yield from (DEMANDS[demand] for demand in row.demands)
    if row.sensitive:
        yield SENSITIVE


def bases() -> Iterator[tuple[str, str, str, str]]:
    """
    Walk the legal bases: code, which facts it carries, what it means, and its source.
    """
    for row in BASES:
        carried = ", ".join(code_in_words(category) for category in row.carries)
        yield row.basis, carried, row.meaning, source_in_words(row.source)


def source_in_words(source: Source) -> str:
    """
    Write where a row rests.

    >>> source_in_words(CATEGORIES[0].source)
    'Equality Act 2010, section 7'
    """
    year = str(source.year)
    named = source.document if year in source.document else f"{source.document} ({year})"
    return f"{named}, {source.section}"


def reserves_table() -> str:
    """
    Write the kinds of fact as the README's Markdown table.
    """
    lines = ["| fact | opens | written as | needs | source |", "|---|---|---|---|---|"]
    for standing, opens in STANDINGS.items():
        for row in rows(standing):
            written = ", ".join(f"`{form}`" for form in row.forms)
            lines.append(f"| {row.fact} | {opens} | {written} | {row.needs} | {row.source} |")
    return "\n".join(lines)
