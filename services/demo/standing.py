"""
What the demo's partners know of their residents beside the profile.

Facts decide by which route a resident meets a ring fence; readiness decides since when.
Both are drawn as the residents are, and name them by the partner's own reference.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from services.demo.draws import Draws
from services.demo.people import CASELOADS, residents, story_residents

TOLD_ON = "2026-01-15"


def facts_given(partner: str, *, count: int, seed: int) -> tuple[dict[str, Any], ...]:
    """
    Return the `data` of the `FactGiven` that a partner says of its residents.

    Everyone lives in the borough; a part, the story's people among them, has been out of
    work for 26 weeks; whoever comes through the care leavers' service has its confirmation,
    a yes and no more.

    Raises:
        KeyError: no such partner is packaged.
    """
    story, draws = _story(partner), Draws(key=f"{seed}/{partner}/facts")
    references = [each["reference"] for each in residents(partner, count=count, seed=seed)]
    return tuple(
        fact
        for reference in references
        for fact in _facts(partner, reference, draws, in_story=reference in story)
    )


def readiness_changes(partner: str, *, count: int, seed: int) -> tuple[dict[str, Any], ...]:
    """
    Return the `data` of the `ReadinessChanged` of a partner: who is ready, since when.

    The story's people are all ready; about one in eight of the others is not yet.
    """
    story, draws = _story(partner), Draws(key=f"{seed}/{partner}/readiness")
    references = [each["reference"] for each in residents(partner, count=count, seed=seed)]
    return tuple(
        _ready(reference, draws)
        for reference in references
        if reference in story or draws.happens(reference, percent=88)
    )


def whole_caseload(partner: str) -> int:
    """
    Return how many residents a partner has in the demo.
    """
    return CASELOADS[partner].people


def _story(partner: str) -> frozenset[str]:
    return frozenset(each["reference"] for each in story_residents(partner))


def _facts(
    partner: str, reference: str, draws: Draws, *, in_story: bool
) -> Iterator[dict[str, Any]]:
    yield _fact(reference, "lives_in_borough", "tenancy_record")
    if in_story or draws.happens(f"{reference}/out of work", percent=35):
        since = date(2026, 1, 15) - timedelta(days=draws.between(reference, 1, 300))
        yield _fact(reference, "out_of_work_26_weeks", "adviser_record", first_day=str(since))
    if partner == "harbour-steps":
        yield _fact(reference, "care_leaver", "corporate_parent_confirmation")


def _fact(reference: str, fact: str, evidence: str, **days: str) -> dict[str, Any]:
    return {
        "resident": reference,
        "evidence": evidence,
        "assessor_role": "employment_adviser",
        "assessed_on": TOLD_ON,
        "fact": fact,
        "status": "true",
        **days,
    }


def _ready(reference: str, draws: Draws) -> dict[str, Any]:
    since = date(2026, 1, 14) - timedelta(days=draws.between(f"{reference}/since", 0, 210))
    return {
        "resident": reference,
        "ready": True,
        "evidence": "adviser_assessment",
        "assessor_role": "employment_adviser",
        "assessed_on": str(since),
    }
