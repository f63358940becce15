"""
What is published beside the code: schemas, AsyncAPI, refusal codes, the README's tables.

`python -m services.publishing` writes them into the checkout; with `--check` it writes
nothing and names what differs, exit 1. `--release` also writes the golden set of this
version, against which later changes are tested for compatibility.
"""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click

import schemas
from matching.market.rights import RIGHTS, WORKER_RIGHTS
from schemas.codec import EVENTS, sealed_form
from schemas.publishing import (
    LOG_RECORD,
    Channel,
    Operation,
    asyncapi,
    example,
    json_schemas,
    schema_name,
)
from schemas.vocabulary import event_type
from services.notifier.letters import WRITERS
from services.topology import (
    MARKET_INBOX,
    MARKET_LOG,
    PARTY_INBOX,
    PARTY_QUEUE,
    WORKERS,
    Topic,
    flow_table,
    topic_plan,
)
from services.wording.refusals import codes_page
from services.wording.reserves import reserves_table
from services.wording.waiting import waiting_table

PUBLISHED: Final = Path(schemas.__file__).parent / "published"
CHECKOUT: Final = PUBLISHED.parents[1]
README: Final = CHECKOUT / "README.md"
# The README's tables, each between two comments that bear its name.
TABLES: Final = {"flow": flow_table, "waiting": waiting_table, "reserves": reserves_table}

TITLE: Final = "Foothold"
DESCRIPTION: Final = (
    "Ring-fenced entry-level jobs and apprenticeships, promised in public contracts, offered"
    " fairly to the residents they were promised to. A party writes its own inbox and reads its"
    " own queue; each submission is answered by one Receipt or one Refusal."
)
SOURCE_HEADERS: Final = {
    "source-topic-id": "The id of the party's inbox from which intake passed this on.",
    "source-partition": "The partition there, in decimals.",
    "source-offset": "The offset there, in decimals.",
}

# --- which events stand in which topic --------------------------------------------------

_CLASSES: Final = {event_type(cls).name: cls for cls in EVENTS.values()}


def _in_market(name: str) -> str:
    """
    Name the form of an event that may stand in a market's topics.
    """
    cls = _CLASSES[name]
    return schema_name(sealed_form(cls) or cls)


def _said_by(*workers: str) -> tuple[str, ...]:
    rows = (right for right in WORKER_RIGHTS if right.worker in workers)
    return tuple(sorted({_in_market(right.event) for right in rows}))


_EVENTS_OF_PARTIES: Final = sorted({right.event for right in RIGHTS})
SAID_BY_PARTIES: Final = tuple(schema_name(_CLASSES[name]) for name in _EVENTS_OF_PARTIES)
SAID_BY_INTAKE: Final = tuple(
    sorted({*map(_in_market, _EVENTS_OF_PARTIES), *_said_by("intake", "bootstrap")})
)
SAID_BY_WORKERS: Final = _said_by(*(right.worker for right in WORKER_RIGHTS))
TOLD_TO_PARTIES: Final = tuple(
    name
    for name in sorted(schema_name(_CLASSES[kind]) for kind in WRITERS)
    if name not in _said_by("notifier")
)

CHANNELS: Final = {
    PARTY_INBOX: ("partyInbox", "Where a party speaks.", SAID_BY_PARTIES, {}),
    PARTY_QUEUE: (
        "partyQueue",
        "Where a party is answered and told what concerns it.",
        TOLD_TO_PARTIES,
        {
            "foothold-type": "The event's bare name.",
            "log-position": "The leaf of the market's log that it rests on: market/sequence/leaf.",
            "foothold-about": "What it is about: our id.",
            "foothold-reference": "The reader's own reference of the resident, of offers.",
            "foothold-title": "The title of the opportunity, of reserved positions.",
        },
    ),
    MARKET_INBOX: (
        "marketInbox",
        "What is said: what intake passed on, sealed, and what workers found.",
        tuple(sorted({*SAID_BY_INTAKE, *SAID_BY_WORKERS})),
        SOURCE_HEADERS,
    ),
    MARKET_LOG: (
        "marketLog",
        "What holds: one record for what was said, with every event that followed from it.",
        (LOG_RECORD,),
        {"market": "The market's code."},
    ),
}

# Who publishes to a topic what; who is not named publishes all that stands there.
SENT: Final = {
    ("intake", MARKET_INBOX): SAID_BY_INTAKE,
    **{
        (worker.name, MARKET_INBOX): _said_by(worker.name)
        for worker in WORKERS
        if worker.name != "intake"
    },
}


def channels() -> tuple[Channel, ...]:
    """
    Return the topics in which something stands, as the AsyncAPI document shows them.
    """
    return tuple(_channel(topic) for topic in topic_plan(("<slug>",)) if topic.name in CHANNELS)


def _channel(topic: Topic) -> Channel:
    name, description, messages, headers = CHANNELS[topic.name]
    ours = "<slug>" in topic.name
    return Channel(
        name=name,
        address=topic.name.replace("<slug>", "{slug}"),
        description=description,
        messages=messages,
        partitions=topic.partitions,
        headers=headers,
        parameters={"slug": "The party's name in the register."} if ours else {},
        configuration={
            "cleanup.policy": [topic.cleanup],
            "retention.ms": topic.retention_ms,
            "max.message.bytes": topic.largest_batch,
        },
    )


def operations() -> Iterator[Operation]:
    """
    Walk what each worker reads and publishes.
    """
    for worker in WORKERS:
        sides = (("receive", "Reads", worker.reads), ("send", "Publishes", worker.publishes))
        for action, verb, topics in sides:
            for topic in topics:
                name, _, messages, _ = CHANNELS[topic]
                sent = SENT.get((worker.name, topic), messages)
                yield Operation(
                    name=f"{worker.name}{verb}{name[0].upper()}{name[1:]}",
                    action=action,
                    channel=name,
                    summary=f"Decides: {worker.decides}. Never {worker.never}.",
                    messages=sent if action == "send" else messages,
                )


# --- the files --------------------------------------------------------------------------


def documents() -> dict[Path, str]:
    """
    Return every published file with what it should hold.
    """
    found = {PUBLISHED / f"{name}.json": _json(told) for name, told in json_schemas().items()}
    document = asyncapi(
        version(),
        title=TITLE,
        description=DESCRIPTION,
        channels=channels(),
        operations=tuple(operations()),
    )
    found[PUBLISHED / "asyncapi.json"] = _json(document)
    found[PUBLISHED / "refusal-codes.md"] = codes_page()
    if README.exists():
        found[README] = with_tables(README.read_text("utf-8"))
    return found


def with_tables(text: str) -> str:
    """
    Return a page with each table between its two markers, where it has them.
    """
    for name, table in TABLES.items():
        head, begins, rest = text.partition(f"<!-- {name} -->\n")
        _, ends, tail = rest.partition(f"\n<!-- /{name} -->")
        text = f"{head}{begins}{table()}{ends}{tail}" if ends else text
    return text


def version() -> str:
    """
    Return the version that the checkout's project names.
    """
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))
    told: str = project["project"]["version"]
    return told


def golden_set() -> str:
    """
    Return what a release promises: its schemas, and one valid event of each kind.
    """
    samples = {schema_name(cls): example(event_type(cls).name) for cls in EVENTS.values()}
    # One line for each, so that a change shows as what it is.
    parts = (
        f'"{part}": {{\n'
        + ",\n".join(f'"{name}": {json.dumps(told[name], sort_keys=True)}' for name in sorted(told))
        + "\n}"
        for part, told in (("schemas", json_schemas()), ("samples", samples))
    )
    return "{" + ",\n".join(parts) + "}\n"


def released() -> Path:
    """
    Name the file of this version's golden set.
    """
    return PUBLISHED / "released" / f"{version()}.json"


def differing() -> list[Path]:
    """
    List the published files that do not hold what they should, the surplus ones too.
    """
    wanted = documents()
    stale = [path for path in sorted(PUBLISHED.glob("*")) if path.is_file() and path not in wanted]
    wrong = [path for path, text in wanted.items() if not _holds(path, text)]
    return [*wrong, *stale]


def _holds(path: Path, text: str) -> bool:
    return path.exists() and path.read_text("utf-8") == text


def _json(told: Any) -> str:
    return json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


@click.command(epilog="Example: python -m services.publishing --check")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 where a file differs.")
@click.option("--release", is_flag=True, help="Write this version's golden set too.")
def command(check: bool, release: bool) -> None:
    """
    Write what is published beside the code: schemas, AsyncAPI, refusal codes, README tables.
    """
    wrong = differing()
    wanted = documents()
    for path in wrong:
        click.echo(path.relative_to(CHECKOUT))
        if not check:
            _put(path, wanted.get(path))
    if release and not check:
        _put(released(), golden_set())
    if check and wrong:
        raise SystemExit(1)


def _put(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


if __name__ == "__main__":
    command()
