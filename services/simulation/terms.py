"""
The contract and the postings that are tried: a fence of ten working days, stated in full.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from schemas.contracts import (
    Basis,
    Clause,
    ContractRegistered,
    RingFence,
    Route,
    Rung,
    Share,
)
from schemas.envelope import contract_id
from schemas.opportunities import FencedPositions, OpportunityPostedSealed, Pay, Place
from schemas.vocabulary import ContractKind, OpportunityKind, PayBasis, Precedence
from services.simulation.market import OWNER
from services.simulation.world import MARKET, SUPPLIER, Posting, Setting, day_of

CONTRACT = contract_id(owner=OWNER, reference="CO-1")
CLAUSE, GROUP = "4.2", "starts"
# Long after any fence ends, so that only the fence ends anything.
CLOSES_AFTER = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """
    How places are given: the defaults are what the rule is tried with.

    Attributes:
        release_at_once: proposals are released in the hour in which they are made.
        silence_told: who would never answer declines instead, as quickly as others answer.
    """

    intake_hours: int = 48
    release_working_days: int = 2
    answer_working_days: int = 2
    supplier_working_days: int = 5
    challenge_working_days: int = 10
    live_offers: int = 1
    round_working_minutes: int = 240
    release_at_once: bool = False
    silence_told: bool = False


def contract(setting: Setting, conduct: Conduct) -> ContractRegistered:
    """
    Return the contract: the target group first, then the place, then everyone.
    """
    return ContractRegistered(
        reference="CO-1",
        kind=ContractKind.CALL_OFF,
        title="Retrofit of homes",
        supplier=SUPPLIER,
        buyers=(Share(party=OWNER, n=1, d=1),),
        markets=(MARKET,),
        starts_on=date(2025, 1, 1),
        ends_before=date(2030, 1, 1),
        value_pence=480_000_000,
        clauses=(
            Clause(clause=CLAUSE, title="Ring-fenced starts", ring_fence=_fence(setting, conduct)),
        ),
    )


def posted(posting: Posting) -> OpportunityPostedSealed:
    """
    Return a lawful job with its reserved positions.
    """
    closes_on = day_of(posting.at) + CLOSES_AFTER
    return OpportunityPostedSealed(
        reference=posting.reference,
        kind=OpportunityKind.JOB,
        place=Place(outcode="ZZ1"),
        positions=posting.positions,
        pay=Pay(basis=PayBasis.HOURLY, pence=1_500),
        minutes_a_week=2_250,
        starts_on=closes_on,
        closes_on=closes_on,
        contract=CONTRACT,
        ring_fence=(FencedPositions(group=GROUP, clause=CLAUSE, positions=posting.positions),),
        sealed="AAAA",
        fingerprint=(posting.id.encode().hex() * 4)[:64],
    )


def _fence(setting: Setting, conduct: Conduct) -> RingFence:
    first, second, last = setting.rungs
    return RingFence(
        routes=(
            _route("local_unemployed", ("lives_in_market", "unemployed_26_weeks"), "place"),
            _route("care_leaver", ("care_experienced",), "corporate_parent"),
            _route("local_resident", ("lives_in_market",), "place"),
        ),
        rungs=(
            Rung(after_working_days=first, routes=("local_unemployed", "care_leaver")),
            Rung(after_working_days=second, routes=("local_resident",)),
            Rung(after_working_days=last, everyone=True),
        ),
        intake_hours=conduct.intake_hours,
        release_working_days=conduct.release_working_days,
        answer_working_days=conduct.answer_working_days,
        supplier_working_days=conduct.supplier_working_days,
        challenge_working_days=conduct.challenge_working_days,
        public_after_working_days=last + 1,
        round_working_minutes=conduct.round_working_minutes,
        precedence=Precedence.MINIMUM_GUARANTEE,
        order_policy="weeks_ready_then_ticket",
    )


def _route(name: str, all_of: tuple[str, ...], basis: str) -> Route:
    return Route(
        route=name,
        all_of=all_of,
        basis=Basis(
            code=basis,
            aim="Work for residents of the borough that pays for it.",
            source="Index of multiple deprivation",
            source_year=2019,
            review_on=date(2030, 1, 1),
        ),
    )
