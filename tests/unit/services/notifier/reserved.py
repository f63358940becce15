"""
The scene's market with a contract, and a posting of which two positions are reserved.
"""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from matching.market.record import Happened
from schemas.answers import RegisterFacts
from schemas.consents import ConsentGiven
from schemas.contracts import ContractAgreed, ContractRegistered
from schemas.envelope import contract_id
from schemas.fits import RuleCode, RulesAssessed
from schemas.interests import InterestGiven, StandingYes
from schemas.introductions import CONTACT
from schemas.opportunities import FencedPositions
from schemas.readiness import ReadinessChanged
from schemas.residents import ResidentRegistered
from schemas.rules import ClockChange
from schemas.slots import OfferAccepted, OfferDelivered, ProposalReleased
from schemas.ticks import Tick
from schemas.vocabulary import Nation, Purpose, Role
from services.herald.handlers import carried_facts
from services.notifier.owed import Owed
from tests import builders
from tests.unit.services.notifier.scene import (
    FIRST,
    MARKET,
    OPERATOR,
    PARTNER,
    SUPPLIER,
    Scene,
    amended,
    law,
    open_scene,
    opportunity,
    pair,
    party_fact,
    profile,
)

OWNER = "tees-council"
CONTRACT = contract_id(owner=OWNER, reference="CO-1")
POSTING = opportunity()
# Posted at nine on Tuesday 13 January: the intake takes 48 hours, and so ends as a round begins.
UNTIL = "2026-01-15T09:00:00.000Z"
ROUND = "2026-01-15T09:05:00.000Z"


def open_reserved(folder: Path, *, posted: bool = True, **changed: Any) -> Scene:
    """
    Open the market with an agreed contract and, unless told otherwise, the posting.
    """
    scene = open_scene(folder)
    facts = (
        party_fact(scene, OWNER, Role.OWNER),
        _fact("ContractRegistered", terms(), party=OWNER, n=2),
        _fact("ContractAgreed", agreed(), party=SUPPLIER, n=3),
    )
    tell(scene, *facts, sequence=10)
    change = ClockChange(nation=Nation.ENGLAND, at="2026-03-29T01:00:00.000Z", offset_minutes=60)
    rules = replace(law(), version=2, clock_changes=(change,))
    tell(scene, replace(_fact("RulesAdopted", rules, party=OPERATOR), subject=None), sequence=11)
    if posted:
        post(scene, **changed)
    return scene


def tell(scene: Scene, *facts: Happened, sequence: int) -> None:
    told = RegisterFacts(register_sequence=sequence, events=carried_facts(facts))
    scene.say(told, worker="herald", carried=facts)


def agree_anew(scene: Scene) -> None:
    """
    Agree a second version of the contract, whose ladder everybody must be assessed for again.
    """
    tell(scene, _fact("ContractRegistered", terms(), party=OWNER), sequence=12)
    again = replace(agreed(), version=2)
    tell(scene, _fact("ContractAgreed", again, party=SUPPLIER), sequence=13)


def terms() -> ContractRegistered:
    return replace(
        builders.contract(),
        supplier=SUPPLIER,
        markets=(MARKET,),
        buyers=(replace(builders.contract().buyers[0], party=OWNER),),
    )


def agreed() -> ContractAgreed:
    return ContractAgreed(contract_id=CONTRACT, version=1)


def _fact(name: str, data: Any, *, party: str, n: int = 1) -> Happened:
    return Happened(
        id=f"_register-10-{n}", name=name, version=1, subject=CONTRACT, party=party, data=data
    )


def post(scene: Scene, reference: str = "R-1", **changed: Any) -> tuple[Owed, ...]:
    fence = (FencedPositions(group="starts", clause="4.2", positions=2),)
    told = {"contract": CONTRACT, "ring_fence": fence, **changed}
    owed: tuple[Owed, ...] = scene.post(reference, **told)
    return owed


def codes(
    scene: Scene, resident: str = FIRST, *, rung: int | None = 0, **changed: Any
) -> tuple[Owed, ...]:
    """
    Say of a resident which rung of the clause they meet first.
    """
    code = RuleCode(contract=CONTRACT, clause="4.2", rung=rung, **changed)
    return scene.say(
        RulesAssessed(
            resident=resident,
            resident_version=scene.state.residents[resident].version,
            as_of=scene.state.sequence,
            codes=(code,),
        )
    )


def says(
    scene: Scene,
    resident: str = FIRST,
    *,
    party: str = PARTNER,
    yes: tuple[str, ...] = (),
    no: tuple[str, ...] = (),
    until: date | None = None,
) -> tuple[Owed, ...]:
    standing = None if until is None else StandingYes()
    told = InterestGiven(resident=resident, yes=yes, no=no, until=until, standing=standing)
    return scene.say(scene.sealed(told, subject=resident), party=party, subject=resident)


def enter(
    scene: Scene,
    resident: str = FIRST,
    *,
    party: str = PARTNER,
    yes: tuple[str, ...] = (POSTING,),
    **changed: Any,
) -> None:
    """
    Put somebody forward who is assessed, ready, and says yes.
    """
    told: ResidentRegistered = replace(profile(), **changed)
    scene.say(scene.sealed(told, subject=resident), party=party, subject=resident)
    ready = ReadinessChanged(
        resident=resident,
        ready=True,
        evidence="interview",
        assessor_role="coach",
        assessed_on=date(2026, 1, 12),
    )
    scene.say(ready, party=party, subject=resident)
    codes(scene, resident)
    says(scene, resident, party=party, yes=yes)
    scene.assess(*(replace(pair(resident), opportunity=each) for each in yes), subject=resident)


def tick(scene: Scene, at: str) -> tuple[Owed, ...]:
    return scene.say(Tick(market=MARKET, at=at), party=OPERATOR, subject=MARKET)


def proposed(scene: Scene, *, at: str = ROUND) -> tuple[str, Owed]:
    """
    Hold the round, and return the one offer's id with what it owes.
    """
    (owed,) = named(tick(scene, at), "SlotProposed")
    return owed.payload["data"]["offer"], owed


def released(scene: Scene, offer: str, *, party: str = PARTNER) -> Owed:
    owed = scene.say(ProposalReleased(offer=offer), party=party, subject=offer)
    (found,) = named(owed, "SlotOffered")
    return found


def delivered(scene: Scene, offer: str) -> tuple[Owed, ...]:
    event = scene.state.offers[offer].undelivered or f"{MARKET}-1-1"
    said = OfferDelivered(offer=offer, event=event)
    return scene.say(said, worker="notifier", subject=offer)


def consented(
    scene: Scene,
    resident: str = FIRST,
    *,
    party: str = PARTNER,
    fields: tuple[str, ...] = (CONTACT,),
) -> tuple[Owed, ...]:
    """
    Say that a resident consents to meet the supplier through their partner's office.
    """
    consent = ConsentGiven(
        resident=resident,
        purpose=Purpose.INTRODUCTION,
        supplier=SUPPLIER,
        fields=fields,
        notice_version=1,
        given_on=date(2026, 1, 12),
    )
    return scene.say(consent, party=party, subject=resident)


def accepted(
    scene: Scene, offer: str, *, party: str = PARTNER, meets: bool = False
) -> tuple[Owed, ...]:
    """
    Accept an offer, whose resident consents before to meet its supplier, if told so.
    """
    if meets:
        consented(scene, scene.state.offers[offer].resident, party=party)
    return scene.say(OfferAccepted(offer=offer), party=party, subject=offer)


def worsen(scene: Scene) -> tuple[Owed, ...]:
    """
    Amend the posting so that it starts on another day.
    """
    fence = (FencedPositions(group="starts", clause="4.2", positions=2),)
    changed = replace(
        amended(POSTING),
        contract=CONTRACT,
        ring_fence=fence,
        positions=scene.state.opportunities[POSTING].terms.positions,
        starts_on=date(2026, 3, 9),
    )
    return scene.say(scene.sealed(changed, subject=POSTING), party=SUPPLIER, subject=POSTING)


def introduced(scene: Scene) -> tuple[str, tuple[Owed, ...]]:
    """
    Play an offer until its resident and its supplier are introduced; return what that owes.
    """
    offer, _ = proposed(scene)
    released(scene, offer)
    delivered(scene, offer)
    return offer, accepted(scene, offer, meets=True)


def named(owed: tuple[Owed, ...], kind: str) -> tuple[Owed, ...]:
    return tuple(each for each in owed if each.kind == kind)
