"""
Refusals in plain English: what is wrong, and how to mend it.

A sentence in brackets is left out where a figure that it names is not known.
"""

import re
from typing import Any, Final

from schemas.answers import ExplainedProblem
from schemas.vocabulary import Problem
from services.wording.codes import REFUSALS, Wording
from services.wording.figures import code_in_words, days_in_words, rule_in_words, shortened, shown
from services.wording.forms import form_in_words

LONGEST: Final = 600
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_NAMED = re.compile(r"\{([a-z]+)\}")


class NotWorded(LookupError):
    """
    A code has no sentences: every code in use must have them.
    """


def explain(problem: Problem, *, value: Any = None) -> ExplainedProblem:
    """
    Tell a sender what is wrong and how to mend it.

    Args:
        problem: as it stands in the log, without a value.
        value: the plain JSON value at its field, or nothing where it cannot be shown.

    Raises:
        NotWorded: the code has no sentences.
    """
    wording = REFUSALS.get(problem.code)
    if wording is None:
        raise NotWorded(f"refusal code {problem.code} has no sentences")
    words = _words(problem, value, wording)
    return ExplainedProblem(
        code=problem.code,
        field=problem.field,
        value=value,
        rule=problem.rule,
        lawful_value=problem.lawful_value,
        why=filled(wording.why, words),
        mend=filled(wording.mend, words),
    )


def _words(problem: Problem, value: Any, wording: Wording) -> dict[str, str | None]:
    lawful = problem.lawful_value
    return {
        "field": field_in_words(problem.field),
        "value": shown(value, kind=wording.kind),
        "lawful": None if lawful is None else (_lawful(lawful, wording.kind)),
        "rule": _rule(problem.rule) if problem.rule else None,
    }


def _rule(rule: str) -> str:
    return form_in_words(rule) or rule_in_words(rule)


def _lawful(lawful: str, kind: str) -> str:
    if kind == "codes":
        return ", ".join(code_in_words(code) for code in lawful.split(", "))
    as_figure = shown(lawful, kind=kind) if kind != "text" else None
    return as_figure if as_figure is not None else days_in_words(lawful)


def filled(template: str, words: dict[str, str | None]) -> str:
    """
    Fill a template; a bracketed part goes where one of its figures is not known.

    >>> filled("Too low[: the least is {lawful}].", {"lawful": "£12.71"})
    'Too low: the least is £12.71.'
    >>> filled("Too low[: the least is {lawful}].", {"lawful": None})
    'Too low.'
    """

    def optional(part: re.Match[str]) -> str:
        known = all(words.get(name) is not None for name in _NAMED.findall(part[1]))
        return part[1] if known else ""

    def named(place: re.Match[str]) -> str:
        return words.get(place[1]) or "what you sent"

    # The figures go in last, so that a value with brackets or braces is only ever shown.
    return shortened(_NAMED.sub(named, _OPTIONAL.sub(optional, template)), longest=LONGEST)


def field_in_words(pointer: str) -> str:
    """
    Write a JSON pointer as a reader of the data would: dotted, counting from one.

    >>> field_in_words("/data/pay/pence"), field_in_words("/data/skills/0"), field_in_words("")
    ('`pay.pence`', '`skills` number 1', 'the message')
    >>> field_in_words("/data/?3")
    'an unknown field'
    """
    steps = [step for step in pointer.split("/") if step]
    if steps[:1] == ["data"] and len(steps) > 1:
        steps = steps[1:]
    if not steps:
        return "the message"
    if steps[-1].startswith("?"):
        inside = field_in_words("/" + "/".join(steps[:-1])) if steps[:-1] else ""
        return f"an unknown field in {inside}" if inside else "an unknown field"
    return _dotted(steps)


def _dotted(steps: list[str]) -> str:
    words: list[str] = []
    names: list[str] = []
    for step in steps:
        if step.isdigit():
            words.append(f"`{'.'.join(names)}` number {int(step) + 1}")
            names = []
        else:
            names.append(step)
    if names:
        words.append(f"`{'.'.join(names)}`")
    return ", ".join(words)


def codes_page() -> str:
    """
    Return the page of refusal codes: a Markdown table, one code a row, sorted.
    """
    rows = [
        f"| `{code}` | {_plain(wording.why)} | {_plain(wording.mend)} |"
        for code, wording in sorted(REFUSALS.items())
    ]
    head = (
        "# Refusal codes",
        "",
        "What a refusal's code means and how to mend it. Words in braces are filled in each",
        "time: `{field}` the field, `{value}` what you sent, `{lawful}` the lawful figure,",
        "`{rule}` the rule with its first day.",
        "",
        "| code | what is wrong | how to mend it |",
        "|---|---|---|",
    )
    return "\n".join((*head, *rows)) + "\n"


def _plain(template: str) -> str:
    return template.replace("[", "").replace("]", "").replace("|", "\\|")
