"""
Reading a submission: the codec's rules, and full postcodes told from mere mistakes.
"""

import json
import re
from dataclasses import replace
from typing import Any, Final

from schemas import codec
from schemas.codec import Rejected
from schemas.envelope import Message
from schemas.opportunities import OpportunityAmended, OpportunityPosted
from schemas.vocabulary import Problem, event_type
from services.intake.sayings import SAID_BY_PARTIES

# Source: BS 7666, the form of a postcode: the outcode, then a digit and two letters.
POSTCODE: Final = re.compile(r"\s*([A-Z]{1,2}[0-9][0-9A-Z]?)\s*[0-9][A-Z]{2}\s*", re.IGNORECASE)

PLACED: Final = frozenset(
    event_type(cls).wire_name for cls in (OpportunityPosted, OpportunityAmended)
)
PLACE: Final = "/data/place/outcode"


def read(raw: bytes) -> Message | Rejected:
    """
    Read what a party sent.

    A full postcode of an opportunity is cut to its outcode; of a resident it is refused.

    Args:
        raw: the bytes as they stand in the party's inbox.
    """
    found = codec.read(raw)
    if isinstance(found, Message) or found.type is None:
        return found
    if found.type not in SAID_BY_PARTIES:
        return replace(found, problems=(Problem(code="type_not_said_by_parties", field="/type"),))
    told = json.loads(raw)
    too_exact = {problem for problem in found.problems if _is_postcode(problem, told)}
    if not too_exact:
        return found
    if found.type in PLACED:
        return _cut(told)
    return replace(
        found,
        problems=tuple(_too_exact(each) if each in too_exact else each for each in found.problems),
    )


def outcode_of(postcode: str) -> str | None:
    """
    Return the outcode of a full postcode, or nothing where it is none.

    >>> outcode_of("zz1 9aa"), outcode_of("ZZ19AA"), outcode_of("ZZ1")
    ('ZZ1', 'ZZ1', None)
    """
    found = POSTCODE.fullmatch(postcode)
    return found[1].upper() if found else None


def _is_postcode(problem: Problem, told: Any) -> bool:
    if problem.code != "wrong_form" or "/outcode" not in problem.field:
        return False
    value = told
    for step in problem.field.split("/")[1:]:
        value = value[int(step)] if isinstance(value, list) else value[step]
    return isinstance(value, str) and outcode_of(value) is not None


def _cut(told: Any) -> Message | Rejected:
    place = told["data"]["place"]
    return codec.message_of(
        {
            **told,
            "data": {
                **told["data"],
                "place": {**place, "outcode": outcode_of(place["outcode"])},
            },
        }
    )


def _too_exact(problem: Problem) -> Problem:
    return Problem(code="postcode_too_exact", field=problem.field)
