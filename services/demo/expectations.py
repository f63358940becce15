"""
What the story expects of a scene, and what was found.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """
    One sentence that must hold, whether it does, and what was found.
    """

    what: str
    held: bool
    found: str = ""


class NotArrived(RuntimeError):
    """
    What a scene waited for did not come in time, or the installation failed meanwhile.
    """


def holds(what: str, held: bool, *, found: object = "") -> Expectation:
    """
    Expect something to be so.
    """
    return Expectation(what=what, held=held, found="" if found == "" else plainly(found))


def equals(what: str, found: object, *, expected: object) -> Expectation:
    """
    Expect a figure.

    >>> equals("all were answered", 39, expected=40)
    Expectation(what='all were answered', held=False, found='39 instead of 40')
    """
    held = found == expected
    words = plainly(found) if held else f"{plainly(found)} instead of {plainly(expected)}"
    return Expectation(what=what, held=held, found=words)


def none_of(what: str, found: Collection[object]) -> Expectation:
    """
    Expect that there is none of these.
    """
    return Expectation(what=what, held=len(found) == 0, found=plainly(found))


def unmet(expectation: Expectation) -> str:
    """
    Say in a sentence what was expected and what there was.

    >>> unmet(holds("every side is told", False, found=("one", "two")))
    'Expected: every side is told. There was: one, two.'
    """
    found = expectation.found or "no such thing"
    return f"Expected: {expectation.what}. There was: {found.removesuffix('.')}."


def plainly(value: object) -> str:
    """
    Write a value as a reader of the story says it, never as the program does.

    >>> plainly(("a", None, True)), plainly({"lapsed": 2}), plainly(())
    ('a, nothing, yes', 'lapsed 2', 'none')
    """
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value or "nothing"
    if is_dataclass(value):
        return _parts((each.name, getattr(value, each.name)) for each in fields(value))
    if isinstance(value, Mapping):
        return _parts(value.items())
    if isinstance(value, set | frozenset):
        return ", ".join(sorted(map(plainly, value))) or "none"
    if isinstance(value, Iterable):
        return ", ".join(map(plainly, value)) or "none"
    return str(value)


def _parts(named: Iterable[tuple[str, object]]) -> str:
    told = (f"{str(name).replace('_', ' ')} {plainly(part)}" for name, part in named)
    return ", ".join(told) or "none"
