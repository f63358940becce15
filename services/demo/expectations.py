"""
What the story expects of a scene, and what was found.
"""

from collections.abc import Sized
from dataclasses import dataclass


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
    return Expectation(what=what, held=held, found=str(found))


def equals(what: str, found: object, *, expected: object) -> Expectation:
    """
    Expect a figure.

    >>> equals("all were answered", 39, expected=40)
    Expectation(what='all were answered', held=False, found='39 instead of 40')
    """
    held = found == expected
    return Expectation(
        what=what, held=held, found=str(found) if held else f"{found} instead of {expected}"
    )


def none_of(what: str, found: Sized) -> Expectation:
    """
    Expect that there is none of these.
    """
    return Expectation(what=what, held=len(found) == 0, found=str(found) if len(found) else "none")
