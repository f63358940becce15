"""
Scene 5 on the screen: not hundreds of lines, but what needs a coordinator today.

Here alone people have names, which are the narrator's: no event holds one.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from services.demo.cast import Person
from services.demo.saying import DESK
from services.demo.scenes.matches import DAY, Matches, Page
from services.demo.today import MatchToday, NotAskedToday, QuestionToday
from services.wording.figures import counted, days_in_words

# Whose line the narrator may tell by now.
TOLD_BY_NOW = ("strong_match", "one_fact_unknown", "not_yet_asked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """
    What the narrator adds: names of organisations and people, and where commands go.

    `where` is the option that names the installation, with a space before it.
    """

    names: Mapping[str, str]
    people: Mapping[tuple[str, str], Person]
    where: str = ""


def page(found: Matches, *, reader: Reader) -> Iterator[RenderableType]:
    """
    Show one coordinator's page, one person of a neighbour's, and what each queue received.
    """
    yield _page(found.coordinator, reader)
    waiting = found.neighbour.waiting
    if waiting is not None:
        title = f"[bold]{reader.names[found.neighbour.party]}: not yet asked[/bold]"
        yield Panel(_not_asked(found.neighbour, waiting, reader), title=title)
    yield _totals(found, reader.names)
    yield (
        f"{counted(found.residents, 'resident')}, {found.consented} of them with a consent to be "
        f"matched; {found.facts} facts, {found.readiness} readiness changes. All answers after "
        f"{found.seconds_to_answers} s, all assessed after {found.seconds_to_assessments} s; the "
        f"market's log has {found.records:,} records."
    )


def _page(found: Page, reader: Reader) -> Panel:
    parts: list[RenderableType] = [
        Text(
            f"{counted(found.matched, 'resident')} with matches; "
            f"{counted(found.questions, 'question')} open; {found.not_asked} not yet asked what "
            "they want. To begin with:"
        )
    ]
    if found.match is not None:
        parts.append(_match(found, found.match, reader))
    if found.question is not None:
        parts.append(_question(found, found.question, reader))
    if found.waiting is not None:
        parts.append(_not_asked(found, found.waiting, reader))
    return Panel(
        Group(*parts), title=f"[bold]{reader.names[found.party]}: what needs you today[/bold]"
    )


def _match(found: Page, match: MatchToday, reader: Reader) -> Text:
    told = _heading(found, match.reference, reader, "A match")
    told.append(
        f"\n  {match.title} at {match.supplier}, {match.outcode}, closes "
        f"{days_in_words(match.closes_on)}: fit {match.score / 100:.0f}% "
        f"(meaning {match.dense / 100:.0f}, needs met {match.cover / 100:.0f}, words "
        f"{match.lexical / 100:.0f}); the first of {match.of}"
    )
    _listed(told, "because", match.why[:3])
    _listed(told, "missing", match.missing[:2])
    _listed(told, "not known", match.unknown)
    return told


def _question(found: Page, question: QuestionToday, reader: Reader) -> Text:
    told = _heading(found, question.reference, reader, "A question")
    told.append(f"\n  {question.question}")
    if question.title:
        told.append(f" It decides about: {question.title}.")
    told.append(f"\n  Asked once, as {question.asked}. If the answer is yes, say so with:")
    _commands(told, answer_commands(found.party, question, where=reader.where))
    return told


def _not_asked(found: Page, waiting: NotAskedToday, reader: Reader) -> Text:
    told = _heading(found, waiting.reference, reader, "Not yet asked")
    told.append(
        f"\n  {waiting.matches} {'match' if waiting.matches == 1 else 'matches'}, the best is "
        f"{waiting.best_title} (fit {waiting.best_score / 100:.0f}%), which closes "
        f"{days_in_words(waiting.closes_on)}. After asking, say the yes with:"
    )
    _commands(told, interest_commands(found.party, waiting, where=reader.where))
    return told


def _heading(found: Page, reference: str, reader: Reader, what: str) -> Text:
    person = reader.people.get((found.party, reference))
    told = Text.assemble(("\n" + what, "bold"), f"  {reference}")
    if person is not None and person.part in TOLD_BY_NOW:
        told.append(f"  {person.name}: {person.line}", style="italic")
    return told


def _listed(told: Text, what: str, lines: tuple[str, ...]) -> None:
    for line in lines:
        told.append(f"\n    {what}: ", style="dim").append(line)


def _commands(told: Text, lines: tuple[str, ...]) -> None:
    for line in lines:
        told.append(f"\n    {line}", style="cyan")


def interest_commands(party: str, waiting: NotAskedToday, *, where: str = "") -> tuple[str, ...]:
    """
    Return the commands by which a coordinator says a resident's yes.
    """
    data = {"resident": waiting.reference, "yes": [waiting.best]}
    return (
        f"echo '{json.dumps(data)}' > yes.json",
        f"foothold send {party} yes.json --as interest --by {DESK}{where}",
    )


def answer_commands(party: str, question: QuestionToday, *, where: str = "") -> tuple[str, ...]:
    """
    Return the commands by which a coordinator answers a question.
    """
    data = {
        "resident": question.reference,
        "fact": question.fact,
        "status": "true",
        "evidence": "document_seen",
        "assessor_role": "employment_adviser",
        "assessed_on": DAY,
        "asked": question.asked,
    }
    return (
        f"echo '{json.dumps(data)}' > fact.json",
        f"foothold send {party} fact.json --as fact --by {DESK}{where}",
    )


def _totals(found: Matches, names: Mapping[str, str]) -> Table:
    table = Table(
        "queue",
        "receipts\nfor what was said",
        "lists of matches\nfor own residents",
        "questions\nfor unknown facts",
        "residents\nwith matches",
        "first matches after\n(half of them)",
        title="What each partner received, and why",
    )
    for each in found.partners:
        seconds = "" if each.median_seconds is None else f"{each.median_seconds:.1f} s"
        table.add_row(
            names[each.party],
            f"{each.receipts}",
            str(each.lists),
            str(each.questions),
            f"{each.matched} of {each.residents}",
            seconds,
        )
    return table
