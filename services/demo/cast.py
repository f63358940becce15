"""
Who plays: the packaged parties, market, contract, vacancies and people of the story.
"""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from schemas.envelope import contract_id
from services.demo.people import DATA

SEED = 2026


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """
    Somebody whom the narrator follows: an invented name, which no event ever holds.
    """

    partner: str
    reference: str
    name: str
    line: str
    part: str


@cache
def packed(name: str) -> Any:
    """
    Return one packaged file of the demo as plain values.
    """
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


def operator() -> dict[str, Any]:
    """
    Return the operator's registration.
    """
    told: dict[str, Any] = packed("operator")
    return told


def owner() -> str:
    """
    Return the framework owner's slug.
    """
    return str(packed("owner")["slug"])


def supplier() -> str:
    """
    Return the slug of the supplier whose contract the story tells.
    """
    return str(packed("contract")["contract"]["supplier"])


def suppliers() -> tuple[str, ...]:
    """
    Return all suppliers' slugs.
    """
    return tuple(each["slug"] for each in packed("suppliers"))


def partners() -> tuple[str, ...]:
    """
    Return all partners' slugs.
    """
    return tuple(each["slug"] for each in packed("partners"))


def newcomers() -> tuple[dict[str, Any], ...]:
    """
    Return the registrations of everyone but the operator.
    """
    return (packed("owner"), *packed("suppliers"), *packed("partners"))


def names() -> dict[str, str]:
    """
    Return the name of each organisation by its slug.
    """
    return {each["slug"]: each["name"] for each in (operator(), *newcomers())}


def market() -> dict[str, Any]:
    """
    Return the opening of the story's market.
    """
    told: dict[str, Any] = packed("market")
    return told


def postings(party: str) -> tuple[dict[str, Any], ...]:
    """
    Return the vacancies of a supplier, our contract id in the place of the owner's reference.
    """
    return tuple(under_our_id(each) for each in packed("opportunities").get(party, ()))


def under_our_id(told: dict[str, Any]) -> dict[str, Any]:
    """
    Put our contract id in the place of the owner's reference.
    """
    rest = {name: item for name, item in told.items() if name != "contract_reference"}
    if rest == told:
        return told
    return rest | {"contract": contract_id(owner=owner(), reference=told["contract_reference"])}


def people() -> tuple[Person, ...]:
    """
    Return everyone whom the narrator follows.
    """
    return tuple(
        Person(partner=partner, reference=reference, **told)
        for partner, references in packed("narration")["people"].items()
        for reference, told in references.items()
    )


def person(part: str) -> Person:
    """
    Return who plays a part.
    """
    return next(each for each in people() if each.part == part)
