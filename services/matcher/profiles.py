"""
From opened text to the values that ranking and rule codes read.

What is left out here is seen by no model and no gate: barriers, notes and the partner's
reference; and the birth date reaches no text.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from matching.market import law
from matching.model import (
    GateCode,
    OpportunityProfile,
    Requirement,
    ResidentProfile,
    WeeklyMinutes,
)
from matching.ranking.routes import Given, Person
from schemas import codec
from schemas.opportunities import Terms
from schemas.residents import Profile
from schemas.rules import RulesAdopted
from schemas.vocabulary import FactStatus, PayBasis

MINUTES_AN_HOUR = 60


def given_fact(event: str, told: Mapping[str, Any]) -> Given:
    """
    Read an opened fact.

    Args:
        event: the id of the event that gave it.
        told: the fields of a `FactGiven` that were sealed.
    """
    first, last = told.get("first_day"), told.get("last_day")
    return Given(
        event=event,
        fact=told["fact"],
        status=FactStatus(told["status"]),
        first_day=None if first is None else date.fromisoformat(first),
        last_day=None if last is None else date.fromisoformat(last),
    )


def person(profile: Profile, *, facts: tuple[Given, ...]) -> Person:
    """
    Return what rule codes are read from.
    """
    return Person(birth_date=profile.birth_date, outcode=profile.outcode, facts=facts)


def opened_profile(told: Mapping[str, Any]) -> Profile:
    """
    Read the opened part of a registration or an update.
    """
    restored: Profile = codec.restore(Profile, dict(told))
    return restored


def resident_profile(
    resident: str, profile: Profile, *, facts: Sequence[Given], on: date
) -> ResidentProfile:
    """
    Return what ranking reads of a resident.

    Args:
        resident: our id.
        profile: what the partner said.
        facts: those given, oldest first.
        on: the local day on which facts must hold.
    """
    held = holding(facts, on=on)
    return ResidentProfile(
        resident_id=resident,
        summary=profile.summary,
        skills=profile.skills,
        experience=profile.experience,
        outcode=profile.outcode,
        max_travel_metres=profile.max_travel_metres,
        minutes_a_week=_minutes(profile),
        earliest_start=profile.earliest_start,
        latest_end=profile.latest_end,
        days=profile.days,
        available_from=profile.available_from,
        licences=profile.licences,
        facts=held,
        right_to_work=right_to_work(profile.right_to_work, facts=held),
        pay_floor_pence=profile.pay_floor_pence,
        birth_date=profile.birth_date,
    )


def _minutes(profile: Profile) -> WeeklyMinutes | None:
    said = profile.minutes_a_week
    return None if said is None else WeeklyMinutes(least=said.least, most=said.most)


def holding(facts: Sequence[Given], *, on: date) -> tuple[tuple[str, bool], ...]:
    """
    Return the facts given for a day, each with whether it holds; what was given last counts.
    """
    found = {each.fact: each.status is FactStatus.TRUE for each in facts if each.holds_on(on)}
    return tuple(sorted(found.items()))


def right_to_work(stated: bool | None, *, facts: tuple[tuple[str, bool], ...]) -> bool | None:
    """
    Return what holds of the right to work: a fact given with its evidence, else the profile.
    """
    return dict(facts).get(GateCode.RIGHT_TO_WORK, stated)


def fact_days(facts: Sequence[Given], *, after: date) -> tuple[date, ...]:
    """
    Return the later days on which a given fact begins to hold or no longer does.
    """
    return tuple(sorted({day for each in facts for day in each.turning_days() if day > after}))


def opportunity_profile(
    opportunity: str, told: Mapping[str, Any], *, terms: Terms, rules: RulesAdopted | None
) -> OpportunityProfile:
    """
    Return what ranking reads of an opportunity.

    Args:
        opportunity: our id.
        told: the advert's words, opened.
        terms: what stands open.
        rules: the law's rows, from which a statutory rate is told in pence.
    """
    return OpportunityProfile(
        opportunity_id=opportunity,
        title=told["title"],
        description=told.get("description"),
        duties=tuple(told.get("duties", ())),
        skills=tuple(told.get("skills", ())),
        kind=terms.kind,
        outcode=terms.place.outcode,
        remote=terms.remote,
        minutes_a_week=terms.minutes_a_week,
        earliest_start=terms.earliest_start,
        latest_end=terms.latest_end,
        days=terms.days,
        starts_on=terms.starts_on,
        hourly_pence=hourly_pence(terms, rules=rules),
        standard=None if terms.apprenticeship is None else terms.apprenticeship.standard_ref,
        requirements=tuple(
            Requirement(fact=each.fact, essential=each.essential) for each in terms.requirements
        ),
    )


def hourly_pence(terms: Terms, *, rules: RulesAdopted | None) -> int | None:
    """
    Return the pay in pence an hour, whatever it is stated in; nothing where that is unknown.
    """
    pay = terms.pay
    if pay.basis is PayBasis.UNPAID:
        return 0
    if pay.basis is PayBasis.HOURLY:
        return pay.pence
    if pay.basis is PayBasis.ANNUAL:
        minutes = law.WEEKS_A_YEAR * terms.minutes_a_week
        return pay.pence * MINUTES_AN_HOUR // minutes if pay.pence and minutes else None
    floor = rules and law.statutory_floor(rules, terms=terms, on=terms.starts_on)
    return floor.hourly_pence if floor else None
