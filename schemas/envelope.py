"""
CloudEvents 1.0 in structured JSON mode, and the identifiers that we mint.

Source: CloudEvents specification 1.0.2, section "Context attributes"; the extension
names are those of its published extensions (`partitionkey`, `authtype`, `authid`).
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Annotated

from annotated_types import MaxLen, MinLen

from schemas.vocabulary import AuthType, Coded, Open, Pattern, value

CONTENT_TYPE = "application/cloudevents+json; charset=UTF-8"

Id = Annotated[str, MinLen(1), MaxLen(128), Pattern(r"^[\x21-\x7e]+$")]
Source = Annotated[str, Pattern(r"^/(party|worker)/[a-z][a-z0-9_-]{1,31}$")]
TypeName = Annotated[str, Pattern(r"^foothold\.[A-Za-z]{1,48}\.v[1-9][0-9]{0,2}$")]


@value
class Envelope:
    """
    The context attributes of one event, everything but its `data`.

    `source` with `id` is the key by which a repeat is known. `subject` is our own id
    of what the event is about. `authid` is the party's own code for a member of staff.
    """

    specversion: Open[Annotated[str, Pattern(r"^1\.0$")]] = "1.0"
    id: Open[Id]
    source: Open[Source]
    type: Open[TypeName]
    subject: Coded[Annotated[str, MaxLen(128)] | None] = None
    time: Open[Annotated[str, MaxLen(40)] | None] = None
    datacontenttype: Open[Annotated[str, Pattern(r"^application/json$")] | None] = None
    dataschema: Open[Annotated[str, MaxLen(300)] | None] = None
    partitionkey: Open[Annotated[str, MaxLen(128)] | None] = None
    correlationid: Open[Annotated[str, MaxLen(128)] | None] = None
    causationid: Open[Annotated[str, MaxLen(128)] | None] = None
    authtype: Open[AuthType | None] = None
    authid: Coded[Annotated[str, Pattern(r"^[a-z0-9-]{2,32}$")] | None] = None

    @property
    def party(self) -> str | None:
        """
        The slug of the party that speaks, or nothing where a worker does.
        """
        return self.source.removeprefix("/party/") if self.source.startswith("/party/") else None

    @property
    def event_name(self) -> str:
        """
        The event's bare name, for instance `OpportunityPosted`.
        """
        return self.type.split(".")[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """
    One event with its envelope, read and valid.
    """

    envelope: Envelope
    data: object


def canonical(told: object) -> bytes:
    """
    Write plain JSON values in the one form that digests are taken of.

    Keys sorted, ASCII, no spaces; there are no floats on this wire.

    >>> canonical({"b": 1, "a": ["é"]})
    b'{"a":["\\\\u00e9"],"b":1}'
    """
    return json.dumps(
        told, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    ).encode()


def _sixteen(parts: tuple[str, ...]) -> str:
    return base64.b32encode(hashlib.sha256(canonical(parts)).digest()[:10]).decode().lower()


def opportunity_id(market: str, *, party: str, reference: str) -> str:
    """
    Mint the id of an opportunity: the same party and reference give the same id.

    >>> opportunity_id("tees", party="oakline", reference="R-1") == opportunity_id(
    ...     "tees", party="oakline", reference="R-1")
    True
    """
    return f"{market}-o-{_sixteen((party, reference))}"


def contract_id(*, owner: str, reference: str) -> str:
    """
    Mint the id of a contract from its owner and the owner's reference.
    """
    return f"c-{_sixteen((owner, reference))}"


def resident_id(market: str, randomness: bytes) -> str:
    """
    Mint the id of a resident from ten random bytes, which the shell draws.

    Raises:
        ValueError: there are not ten bytes.
    """
    if len(randomness) != 10:
        raise ValueError("a resident's id takes ten random bytes")
    return f"{market}-r-{base64.b32encode(randomness).decode().lower()}"


def event_id(market: str, *, sequence: int, n: int) -> str:
    """
    Name event `n` (from 1) of log record `sequence` of a market.
    """
    return f"{market}-{sequence}-{n}"


def position_id(opportunity: str, *, group: str, ordinal: int) -> str:
    """
    Name one position of a posting, counted from 1 within its group.
    """
    return f"{opportunity}/{group}/{ordinal}"


def offer_id(market: str, *, position: str, resident: str, at: str) -> str:
    """
    Mint the id of a proposal, and of the offer that it becomes, from what decides it.
    """
    return f"{market}-f-{_sixteen((position, resident, at))}"


def market_of(identifier: str) -> str | None:
    """
    Return the market in whose code one of our ids begins, where it has one.

    >>> market_of("tees-r-aaaaaaaaaaaaaaaa"), market_of("c-aaaaaaaaaaaaaaaa")
    ('tees', None)
    """
    head, _, rest = identifier.partition("-")
    return head if rest[:2] in ("r-", "o-", "f-") else None
