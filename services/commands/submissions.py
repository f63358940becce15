"""
Files to submissions: CloudEvents, bare data objects or CSV rows become CloudEvents.

Decimals exist only here: a column in pounds or hours becomes whole pence or minutes.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args, get_type_hints

import click

from schemas.vocabulary import event_type
from services.commands.kinds import CLASSES, find_kind, noun_of

# Longer figures stay text, and are refused as such.
WHOLE = re.compile(r"-?[0-9]{1,15}")
DECIMAL = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,4})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """
    One event to send: where it stood in which file, and its CloudEvent as plain values.
    """

    label: str
    event: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """
    What every submission of one call shares: who speaks, when, and for whom at the party.
    """

    party: str
    staff: str | None
    time: str


def read_files(
    files: tuple[Path, ...], *, kind: str | None, speaker: Speaker, ids: Iterator[str]
) -> tuple[Submission, ...]:
    """
    Read every file into submissions.

    Args:
        files: JSON, JSON lines or CSV files, told apart by name and content.
        kind: what bare objects are, where it cannot be told from their fields.
        speaker: who sends them.
        ids: a CloudEvents id for each.

    Raises:
        click.UsageError: a file cannot be read, or a bare object's kind is not clear.
    """
    cls = find_kind(kind) if kind else None
    found = []
    for path in files:
        for label, told in read_objects(path, cls):
            found.append(Submission(label=label, event=_event(label, told, cls, speaker, ids)))
    return tuple(found)


def read_objects(path: Path, cls: type | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """
    Read the objects of a JSON, JSON lines or CSV file, each with where it stands.

    Args:
        path: the file.
        cls: what a CSV's rows are, where it cannot be told from its columns.

    Raises:
        click.UsageError: the file cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise click.UsageError(
            f"{path} is not UTF-8 text. Save it as UTF-8 and send it again."
        ) from None
    if path.suffix.lower() == ".csv":
        yield from _rows(path, text, cls)
        return
    for at, told in _json_values(path, text):
        for n, each in enumerate(told if isinstance(told, list) else [told], start=1):
            if not isinstance(each, dict):
                raise click.UsageError(f"{path} {at}: expected an object, found {each!r:.40}")
            yield f"{path.name} {at if not isinstance(told, list) else f'item {n}'}", each


def _json_values(path: Path, text: str) -> Iterator[tuple[str, Any]]:
    try:
        yield "whole file", json.loads(text)
        return
    except (ValueError, RecursionError) as error:
        lines = [(n, line) for n, line in enumerate(text.splitlines(), start=1) if line.strip()]
        if path.suffix.lower() not in (".jsonl", ".ndjson") and len(lines) < 2:
            raise click.UsageError(f"{path} is not JSON: {error}") from error
    for n, line in lines:
        try:
            yield f"line {n}", json.loads(line)
        except (ValueError, RecursionError) as error:
            raise click.UsageError(f"{path} line {n} is not JSON: {error}") from error


def _rows(path: Path, text: str, cls: type | None) -> Iterator[tuple[str, dict[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    columns = [column for column in reader.fieldnames or [] if column]
    if not columns:
        raise click.UsageError(f"{path} has no header row. `foothold template KIND` writes one.")
    for column in columns:
        if columns.count(column) > 1:
            raise click.UsageError(f"{path} has the column {column} twice. Keep one of them.")
    meant = cls or _kind_by_fields(path.name, {column.split(".")[0] for column in columns})
    for row in _read_rows(path, reader):
        if any(cell.strip() for cell in row.pop(None, [])):
            raise click.UsageError(
                f"{path} row {reader.line_num} has more cells than the header has columns. "
                "Put a cell that holds a comma into quotation marks."
            )
        cells = {name: cell for name, cell in row.items() if name and cell and cell.strip()}
        # Spreadsheets keep rows whose cells were emptied.
        if cells:
            yield f"{path.name} row {reader.line_num}", _nested(meant, cells)


def _delimiter(text: str) -> str:
    """
    Tell what parts the columns: a comma, or what some spreadsheets write in its place.

    No column's name holds any of them.
    """
    header = text.partition("\n")[0]
    return max(",;\t", key=header.count)


def _read_rows(path: Path, reader: "csv.DictReader[str]") -> Iterator[dict[Any, Any]]:
    try:
        yield from reader
    except csv.Error as error:
        raise click.UsageError(f"{path} row {reader.line_num} is not CSV: {error}") from error


def _nested(cls: type, cells: Mapping[str, str]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for column, cell in cells.items():
        name, value = _converted(column, cell.strip())
        place, owner = told, _hints(cls)
        *path, last = name.split(".")
        for part in path:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise click.UsageError(f"The columns {part} and {name} exclude each other.")
            owner = _hints(_class_in(owner.get(part)))
        place[last] = _typed(owner.get(last), value)
    return told


def _converted(column: str, cell: str) -> tuple[str, Any]:
    """
    Turn pounds into pence and hours into minutes, exactly; other cells stay as they are.
    """
    for unit, name, factor in (("pounds", "pence", 100), ("hours", "minutes", 60)):
        if unit in column and "off_the_job" not in column and "intake_hours" not in column:
            figure = cell.replace(",", "").lstrip("£")
            amount = Decimal(figure) * factor if DECIMAL.fullmatch(figure) else None
            if amount is not None and amount == amount.to_integral_value():
                return column.replace(unit, name), int(amount)
            return column.replace(unit, name), cell
    return column, cell


def _typed(hint: Any, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if value[:1] in "[{":
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    inner = set(_leaves(hint))
    if tuple in inner:
        return [part.strip() for part in value.split(";") if part.strip()]
    if bool in inner and value.lower() in ("true", "false", "yes", "no"):
        return value.lower() in ("true", "yes")
    if int in inner and WHOLE.fullmatch(value):
        return int(value)
    return value


def _leaves(hint: Any) -> Iterator[Any]:
    origin = getattr(hint, "__origin__", None)
    if origin is tuple:
        yield tuple
        return
    if isinstance(hint, type):
        yield hint
    if isinstance(origin, type):
        yield from _leaves(origin)
    for argument in get_args(hint):
        yield from _leaves(argument)


def _hints(cls: type | None) -> dict[str, Any]:
    return get_type_hints(cls) if cls is not None else {}


def _class_in(hint: Any) -> type | None:
    inner = [each for each in _leaves(hint) if isinstance(each, type) and is_dataclass(each)]
    return inner[0] if inner else None


def _event(
    label: str, told: dict[str, Any], cls: type | None, speaker: Speaker, ids: Iterator[str]
) -> dict[str, Any]:
    if "specversion" in told or ("type" in told and "data" in told):
        return {"specversion": "1.0", "source": f"/party/{speaker.party}", **told}
    meant = cls or _kind_by_fields(label, set(told))
    event = {
        "specversion": "1.0",
        "id": next(ids),
        "source": f"/party/{speaker.party}",
        "type": event_type(meant).wire_name,
        "time": speaker.time,
        "data": told,
    }
    if speaker.staff:
        event |= {"authtype": "user", "authid": speaker.staff}
    return event


def _kind_by_fields(label: str, names: set[str]) -> type:
    """
    Tell what a bare object is from its fields, where one kind is nearer than any other.
    """
    ranked = sorted(CLASSES.values(), key=lambda cls: _distance(cls, names))
    nearest, next_one = (_distance(cls, names) for cls in ranked[:2])
    if nearest < min(next_one, len(names)):
        return ranked[0]
    near = [cls for cls in ranked if _distance(cls, names) <= nearest] if nearest < 3 else ranked
    kinds = ", ".join(noun_of(cls) for cls in near)
    raise click.UsageError(
        f"{label}: it is not clear what this is. Say --as KIND, one of: {kinds}."
    )


def _distance(cls: type, names: set[str]) -> int:
    """
    Count the names that a kind does not know, and those that it needs and lacks.
    """
    known = {each.name for each in fields(cls)}
    needed = {each.name for each in fields(cls) if each.default is MISSING}
    return len(names - known) + len(needed - names)
