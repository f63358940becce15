"""What stands on a partner's queue, and what the partner said, as tests write it."""

import json
from typing import Any

from services.commands.kafka_access import Message
from services.demo.heard import Heard, Sent, heard
from services.demo.saying import saying
from services.topology import party_queue

AT = "2026-01-15T09:00:00.000Z"


def match(opportunity: str = "zedford-o-roofer", **changed: Any) -> dict[str, Any]:
    """One match of a list."""
    told = {
        "rank": 1,
        "opportunity": opportunity,
        "title": "Roofer's mate",
        "supplier": "oakline",
        "kind": "job",
        "outcode": "ZZ1",
        "closes_on": "2026-02-13",
        "starts_on": "2026-03-02",
        "eligible": "yes",
        "score": 7_420,
        "dense": 6_000,
        "cover": 8_000,
        "lexical": 4_000,
        "why": ["“working at height safely” meets “working at height”."],
        "missing": [],
        "unknown": [],
        "asked": False,
    }
    return told | changed


def message(kind: str, data: dict[str, Any], *, party: str, offset: int = 0) -> Message:
    """One record of a party's queue."""
    event = {
        "specversion": "1.0",
        "id": f"{kind}-{offset}",
        "source": "/worker/notifier",
        "type": f"foothold.{kind}.v1",
        "data": data,
    }
    return Message(
        topic=party_queue(party),
        partition=0,
        offset=offset,
        timestamp=0,
        key=None,
        value=json.dumps(event).encode(),
        headers={},
    )


def told(kind: str, data: dict[str, Any], *, party: str = "northgate", at: float = 1.0) -> Heard:
    """One record of a party's queue, heard at a time."""
    return heard(message(kind, data, party=party), at=at)


def ranked(resident: str, *matches: dict[str, Any], reference: str, at: float = 1.0) -> Heard:
    """A resident's list of matches."""
    data = {"resident": resident, "reference": reference, "matches": list(matches)}
    return told("MatchesRanked", data, at=at)


def sent(kind: str, data: dict[str, Any], *, party: str = "northgate", offset: int = 0) -> Sent:
    """One submission of a party."""
    event = saying(kind, data, by=party, at=AT, named=f"{party}-{offset}")
    return Sent(
        party=party,
        topic_id="t",
        offset=offset,
        at=0.0,
        value=json.dumps(event).encode(),
        event=event,
    )
