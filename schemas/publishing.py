"""
What partners read: the JSON Schema of every event, and the AsyncAPI document of the flow.

Which topics there are and who reads and writes them is not the wire's to know, so it is
taken as values.

Source: AsyncAPI specification 3.1.0; JSON Schema 2020-12; Kafka bindings 0.5.0.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, Final

from schemas import codec, log_record
from schemas.envelope import CONTENT_TYPE, Envelope
from schemas.vocabulary import event_type

Schema = dict[str, Any]

ASYNCAPI: Final = "3.1.0"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
LOG_RECORD: Final = "LogRecord.v1"
BINDING: Final = "0.5.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """
    One topic, or one for each party.

    Attributes:
        name: how the document names it.
        address: the topic's name, with parameters in braces.
        messages: names of schemas (`json_schemas`) of what stands in it.
        headers: Kafka headers of its records, each with what it says.
        parameters: what stands in the address's braces, each with its meaning.
        configuration: settings of the topic, in the words of the Kafka binding.
    """

    name: str
    address: str
    description: str
    messages: tuple[str, ...]
    partitions: int
    headers: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    configuration: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """
    One worker reads a channel (`receive`) or writes it (`send`), these messages of it.
    """

    name: str
    action: str
    channel: str
    summary: str
    messages: tuple[str, ...]


def schema_name(cls: type) -> str:
    """
    Name the published schema of an event, for instance `OpportunityPosted.v1`.
    """
    kind = event_type(cls)
    return f"{kind.name}.v{kind.version}"


def json_schemas() -> dict[str, Schema]:
    """
    Return the JSON Schema of each event as it stands in a topic, and of a log record.

    Each stands alone: whatever it refers to is in its own `$defs`.
    """
    found = {schema_name(cls): _event_schema(cls) for cls in codec.EVENTS.values()}
    found[LOG_RECORD] = {**log_record_schema(), "$id": f"{LOG_RECORD}.json"}
    return {name: {"$schema": DIALECT, **schema} for name, schema in sorted(found.items())}


def _event_schema(cls: type) -> Schema:
    data, inner = _parted(codec.json_schema(cls))
    envelope, enums = _parted(codec.json_schema(Envelope))
    name = event_type(cls).name
    return {
        "$id": f"{schema_name(cls)}.json",
        "title": name,
        "description": data.get("description", name),
        "type": "object",
        "properties": {
            **envelope["properties"],
            "type": {"const": event_type(cls).wire_name},
            "data": {"$ref": f"#/$defs/{name}"},
        },
        "required": ["specversion", *envelope["required"], "data"],
        "$defs": {**inner, **enums, name: data},
    }


def _parted(schema: Schema) -> tuple[Schema, dict[str, Schema]]:
    """
    Part a schema from its definitions.
    """
    return {key: item for key, item in schema.items() if key != "$defs"}, schema.get("$defs", {})


def log_record_schema() -> Schema:
    """
    Return the JSON Schema of a record of a market's log, or of its partition's genesis.
    """
    cause, inner = _parted(codec.json_schema(log_record.Cause))
    digest = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
    count = {"type": "integer", "minimum": 0}
    header = _closed(
        format={"const": log_record.FORMAT},
        market={"type": "string"},
        sequence={"type": "integer", "minimum": 1},
        previous=digest,
        leaf_count={"type": "integer", "minimum": 2},
    )
    # Base64 of 32 bytes.
    salt = {"type": "string", "pattern": "^[A-Za-z0-9+/]{43}=$"}
    leaf = {"$ref": "#/$defs/Leaf"}
    leaves = {
        "type": "array",
        "minItems": 2,
        "prefixItems": [_closed(salt=salt, body={"$ref": "#/$defs/Cause"}), leaf],
        "items": leaf,
    }
    return {
        "title": "LogRecord",
        "description": (log_record.__doc__ or "").strip(),
        "oneOf": [
            _closed(header=header, leaves=leaves),
            _closed(genesis={"type": "string"}, partition=count, partitions=count),
        ],
        "$defs": {**inner, "Cause": cause, "Leaf": _closed(salt=salt, body={"type": "object"})},
    }


def _closed(**properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


# --- AsyncAPI ---------------------------------------------------------------------------


def asyncapi(
    version: str,
    *,
    title: str,
    description: str,
    channels: tuple[Channel, ...],
    operations: tuple[Operation, ...],
) -> Schema:
    """
    Return the AsyncAPI document of a flow.

    Args:
        version: the release whose flow this is.
        title: how the service is called.
        description: what it does.
        channels: every topic with what stands in it.
        operations: who reads and writes them.

    Raises:
        LookupError: two classes of one name would share a definition.
    """
    used = {name for channel in channels for name in channel.messages}
    shared = {name for channel in channels if not channel.headers for name in channel.messages}
    return {
        "asyncapi": ASYNCAPI,
        "info": {"title": title, "version": version, "description": description},
        "defaultContentType": CONTENT_TYPE,
        "channels": {channel.name: _channel(channel) for channel in channels},
        "operations": {operation.name: _operation(operation) for operation in operations},
        "components": {
            "messages": {name: _message(name) for name in sorted(shared)},
            "schemas": definitions(
                {name: schema for name, schema in json_schemas().items() if name in used}
            ),
        },
    }


def _channel(channel: Channel) -> Schema:
    told: Schema = {
        "address": channel.address,
        "description": channel.description,
        "messages": {name: _in_channel(name, channel) for name in channel.messages},
        "bindings": {"kafka": _topic(channel)},
    }
    if channel.parameters:
        told["parameters"] = {
            name: {"description": meaning} for name, meaning in channel.parameters.items()
        }
    return told


def _topic(channel: Channel) -> Schema:
    return {
        "partitions": channel.partitions,
        "topicConfiguration": dict(channel.configuration),
        "bindingVersion": BINDING,
    }


def _in_channel(name: str, channel: Channel) -> Schema:
    if not channel.headers:
        return {"$ref": f"#/components/messages/{name}"}
    # A message's headers differ by topic, and a reference takes no neighbours.
    headers = {
        header: {"type": "string", "description": meaning}
        for header, meaning in channel.headers.items()
    }
    return {**_message(name), "headers": {"type": "object", "properties": headers}}


def _operation(operation: Operation) -> Schema:
    channel = f"#/channels/{operation.channel}"
    return {
        "action": operation.action,
        "channel": {"$ref": channel},
        "summary": operation.summary,
        "messages": [{"$ref": f"{channel}/messages/{name}"} for name in operation.messages],
    }


def _message(name: str) -> Schema:
    told: Schema = {
        "name": name,
        "contentType": "application/json" if name == LOG_RECORD else CONTENT_TYPE,
        "payload": {"$ref": f"#/components/schemas/{name}"},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": "the market's code"},
                "bindingVersion": BINDING,
            }
        },
    }
    if name != LOG_RECORD:
        told["title"] = name.partition(".")[0]
        told["examples"] = [{"name": "valid", "payload": example(told["title"])}]
    return told


def example(name: str) -> dict[str, Any]:
    """
    Return the packaged valid example of an event, the whole CloudEvent.
    """
    path = resources.files("schemas").joinpath("examples", name, "valid.json")
    told: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return told


def definitions(schemas: Mapping[str, Schema]) -> dict[str, Schema]:
    """
    Return schemas with what they refer to beside them, each once, in one document.

    Raises:
        LookupError: two of them call different things by one name.
    """
    found: dict[str, Schema] = {}
    for name, schema in schemas.items():
        whole, inner = _parted(schema)
        bare = {key: item for key, item in whole.items() if key not in ("$schema", "$id")}
        for key, item in {**inner, name: bare}.items():
            moved = _moved(item)
            if found.setdefault(key, moved) != moved:
                raise LookupError(f"two classes of the wire are called {key}")
    return dict(sorted(found.items()))


def _moved(told: Any) -> Any:
    """
    Point each reference to where the definitions of the whole document stand.
    """
    if isinstance(told, list):
        return [_moved(each) for each in told]
    if not isinstance(told, dict):
        return told
    moved = {key: _moved(item) for key, item in told.items()}
    if isinstance(moved.get("$ref"), str):
        moved["$ref"] = moved["$ref"].replace("#/$defs/", "#/components/schemas/")
    return moved
