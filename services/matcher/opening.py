"""
Opening what is sealed, in memory and for the index alone.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from matching.ranking.routes import Given
from matching.ranking.standing import StandingYes
from schemas import codec, interests
from schemas.interests import InterestGivenSealed
from schemas.residents import Profile
from schemas.vocabulary import event_type
from services.matcher.profiles import given_fact, opened_profile
from services.sealing import CannotOpen, Destroyed, Key, open_sealed
from services.storage.debts import SealedFact, SealedOpportunity, SealedResident

DOES_NOT_OPEN = "what is in the index does not open under its key"
STANDING_KIND = event_type(InterestGivenSealed).wire_name


class Keys(Protocol):
    """
    The key store, for reading.
    """

    def key_for(self, subject: str) -> Key | Destroyed | None:
        """
        Return a subject's key, or that it is destroyed, or nothing where there never was one.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedResident:
    """
    A resident in clear, never written anywhere.
    """

    profile: Profile
    facts: tuple[Given, ...]
    standing: StandingYes | None


def open_resident(kept: SealedResident, *, keys: Keys) -> OpenedResident | None:
    """
    Open a resident's profile, facts and standing yes.

    Returns:
        Nothing where there is no key: the person was erased, and the log will say so. Nothing
        either, and an error in the log, where the key is another one: the others' matches
        must not wait for that, and this one's stays owed.
    """
    key = _live(keys.key_for(kept.resident), resident_id=kept.resident)
    if key is None or kept.sealed is None or kept.kind is None:
        return None
    try:
        told = open_sealed(kept.sealed, key=key, subject=kept.resident, kind=kept.kind)
        return OpenedResident(
            profile=opened_profile(told),
            facts=tuple(_fact(fact, key=key) for fact in kept.facts),
            standing=_standing(kept, key=key),
        )
    except CannotOpen:
        structlog.get_logger().error(DOES_NOT_OPEN, resident_id=kept.resident)
        return None


def open_words(kept: SealedOpportunity, *, keys: Keys) -> dict[str, Any] | None:
    """
    Open an advert's words, or return nothing where there is no key, or another.
    """
    key = _live(keys.key_for(kept.opportunity), opportunity_id=kept.opportunity)
    if key is None:
        return None
    try:
        return open_sealed(kept.sealed, key=key, subject=kept.opportunity, kind=kept.kind)
    except CannotOpen:
        structlog.get_logger().error(DOES_NOT_OPEN, opportunity_id=kept.opportunity)
        return None


def _fact(kept: SealedFact, *, key: Key) -> Given:
    told = open_sealed(kept.sealed, key=key, subject=kept.resident, kind=kept.kind)
    return given_fact(kept.event, told)


def _standing(kept: SealedResident, *, key: Key) -> StandingYes | None:
    if kept.standing is None:
        return None
    told = open_sealed(kept.standing, key=key, subject=kept.resident, kind=STANDING_KIND)
    if "standing" not in told:
        return None
    said: interests.StandingYes = codec.restore(interests.StandingYes, told["standing"])
    return StandingYes(
        kinds=said.kinds,
        least_minutes_a_week=said.least_minutes_a_week,
        most_minutes_a_week=said.most_minutes_a_week,
        days=said.days,
        max_travel_metres=said.max_travel_metres,
        pay_floor_pence=said.pay_floor_pence,
        outcodes=said.outcodes,
    )


def _live(found: Key | Destroyed | None, **named: str) -> Key | None:
    if found is None:
        structlog.get_logger().warning("what is in the index has no key", **named)
    return found if isinstance(found, Key) else None
