"""A bug that is planted, and the test that must notice it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """
    One change of the product's text.

    Attributes:
        old: text that stands exactly once in the file.
        test: what pytest is asked to run.
        equivalent: why no test can notice it, where that is so; then the test must pass.
    """

    name: str
    file: str
    old: str
    new: str
    test: str
    equivalent: str = ""
