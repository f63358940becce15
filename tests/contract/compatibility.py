"""
Whether a changed schema keeps what the old one promised: writer closed, reader open.

Under JSON Schema's open model no optional field could ever be added, since old data might
carry its name with another meaning. We mean: a writer writes the fields that it knows and
no others, and a reader lets pass what it does not know. So old data must be readable by
the new schema (backward) and new data by the old one (forward). Objects are compared field
by field; what stands in a field is left to `jsonsubschema`.
"""

import warnings
from collections.abc import Iterator
from typing import Any

with warnings.catch_warnings():
    # Its docstrings have backslashes that Python will refuse one day.
    warnings.simplefilter("ignore")
    from jsonsubschema import isSubschema  # type: ignore[import-untyped]

Schema = dict[str, Any]

INFINITE = float("inf")
ANNOTATIONS = {"title", "description", "default", "format", "examples", "$id", "$schema"}


def broken(old: Schema, new: Schema) -> list[str]:
    """Return each promise that the new schema breaks, or nothing where it is compatible."""
    before, now = bare(old), bare(new)
    return [
        *(f"backward: {where}" for where in refusals(before, now, "")),
        *(f"forward: {where}" for where in refusals(now, before, "")),
    ]


def bare(schema: Schema) -> Schema:
    """Put each definition where it is referred to, and drop what changes no verdict."""
    return dict(_bare(schema, schema.get("$defs", {})))


def _bare(schema: Any, known: dict[str, Schema]) -> Any:
    if isinstance(schema, list):
        return [_bare(each, known) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _bare(known[schema["$ref"].removeprefix("#/$defs/")], known)
    return {
        key: {name: _bare(each, known) for name, each in item.items()}
        if key == "properties"
        else _bare(item, known)
        for key, item in schema.items()
        if key not in ANNOTATIONS and key != "$defs" and not key.startswith("x-")
    }


def refusals(writer: Schema, reader: Schema, at: str) -> Iterator[str]:
    """Walk the places at which a reader could refuse what a writer writes."""
    if writer == reader or not reader:
        return
    if "properties" in writer and "properties" in reader:
        yield from _objects(writer, reader, at)
    elif "prefixItems" in writer or "oneOf" in writer:
        yield f"{at or '/'} is another shape"
    elif writer.get("type") == reader.get("type") == "array":
        yield from _arrays(writer, reader, at)
    elif "anyOf" in writer or "anyOf" in reader:
        yield from _choices(writer, reader, at)
    elif "properties" in writer or "properties" in reader:
        yield f"{at} is an object on one side alone"
    elif not _fits(writer, reader):
        yield f"{at} may hold what the reader refuses"


def _fits(writer: Schema, reader: Schema) -> bool:
    """
    Ask of one value; lengths are compared here, since `jsonsubschema` 0.0.8 takes any
    length for contained in any other where a pattern stands beside it.
    """
    shorter = reader.get("maxLength", INFINITE) < writer.get("maxLength", INFINITE)
    longer = reader.get("minLength", 0) > writer.get("minLength", 0)
    bare_of_length = [
        {key: item for key, item in each.items() if key not in ("minLength", "maxLength")}
        for each in (writer, reader)
    ]
    return not shorter and not longer and bool(isSubschema(*bare_of_length))


def _objects(writer: Schema, reader: Schema, at: str) -> Iterator[str]:
    promised = set(writer.get("required", ()))
    for name in sorted(set(reader.get("required", ())) - promised):
        yield f"{at}/{name} is required by the reader alone"
    for name in sorted(writer["properties"].keys() & reader["properties"].keys()):
        yield from refusals(writer["properties"][name], reader["properties"][name], f"{at}/{name}")


def _arrays(writer: Schema, reader: Schema, at: str) -> Iterator[str]:
    if writer.get("minItems", 0) < reader.get("minItems", 0):
        yield f"{at} may have fewer items"
    if writer.get("maxItems", INFINITE) > reader.get("maxItems", INFINITE):
        yield f"{at} may have more items"
    yield from refusals(writer.get("items", {}), reader.get("items", {}), f"{at}/*")


def _choices(writer: Schema, reader: Schema, at: str) -> Iterator[str]:
    """Each alternative of the writer must fit into one of the reader's."""
    for choice in writer.get("anyOf", [writer]):
        if all(list(refusals(choice, each, at)) for each in reader.get("anyOf", [reader])):
            yield f"{at} may hold an alternative that the reader refuses"
