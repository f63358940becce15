"""The packaged examples, as values."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import schemas

EXAMPLES = Path(schemas.__file__).parent / "examples"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invalid:
    name: str
    why: str
    slug: str
    expected: tuple[tuple[str, str], ...]
    event: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.name}-{self.slug}"


def told(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def valid() -> dict[str, dict[str, Any]]:
    return {path.parent.name: told(path) for path in sorted(EXAMPLES.glob("*/valid.json"))}


def invalid() -> list[Invalid]:
    return [
        Invalid(
            name=path.parent.name,
            slug=path.stem.removeprefix("invalid-"),
            why=case["why"],
            expected=tuple((each["code"], each["field"]) for each in case["expected"]),
            event=case["event"],
        )
        for path in sorted(EXAMPLES.glob("*/invalid-*.json"))
        for case in [told(path)]
    ]
