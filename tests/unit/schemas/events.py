"""One valid event of a kind, to break in one place."""

import copy
import json
from typing import Any

from schemas import codec
from schemas.envelope import Message
from schemas.publishing import example
from schemas.vocabulary import Problem

GONE = object()


def told(name: str, **changes: Any) -> dict[str, Any]:
    """The packaged example with changes by pointer, written with `__` for `/`."""
    event = copy.deepcopy(example(name))
    for place, item in changes.items():
        at: Any = event
        *path, last = (int(step) if step.isdigit() else step for step in place.split("__"))
        for step in path:
            at = at[step]
        if item is GONE:
            del at[last]
        else:
            at[last] = item
    return event


def read(event: Any) -> Message | codec.Rejected:
    return codec.read(json.dumps(event).encode())


def problems(event: Any) -> tuple[Problem, ...]:
    found = read(event)
    assert isinstance(found, codec.Rejected), found
    return found.problems


def refused(event: Any) -> list[tuple[str, str]]:
    return sorted((problem.code, problem.field) for problem in problems(event))


def accepted(event: Any) -> Any:
    found = read(event)
    assert isinstance(found, Message), found
    return found.data
