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
from services.sealing import Destroyed, Key, open_sealed
from services.storage.debts import SealedOpportunity, SealedResident

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
        Nothing where there is no key: the person was erased, and the log will say so.

    Raises:
        CannotOpen: the key is another one; the store and the log do not belong together.
    """
    key = _live(keys.key_for(kept.resident), resident_id=kept.resident)
    if key is None or kept.sealed is None or kept.kind is None:
        return None
    told = open_sealed(kept.sealed, key=key, subject=kept.resident, kind=kept.kind)
    facts = tuple(
        given_fact(
            fact.event, open_sealed(fact.sealed, key=key, subject=kept.resident, kind=fact.kind)
        )
        for fact in kept.facts
    )
    return OpenedResident(
        profile=opened_profile(told), facts=facts, standing=_standing(kept, key=key)
    )


def open_words(kept: SealedOpportunity, *, keys: Keys) -> dict[str, Any] | None:
    """
    Open an advert's words, or return nothing where there is no key.
    """
    key = _live(keys.key_for(kept.opportunity), opportunity_id=kept.opportunity)
    if key is None:
        return None
    return open_sealed(kept.sealed, key=key, subject=kept.opportunity, kind=kept.kind)


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
