"""
Makers of invented parties, people and postings, and a market to say them to.

Names are given only so that a test reads well; no event has a field for one.
"""

import copy
import hashlib
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from matching.market import fold
from matching.market.record import Happened, Said
from matching.market.state import MarketState, empty
from schemas.answers import RegisterFacts
from schemas.codec import plain, restore
from schemas.consents import ConsentGiven
from schemas.contracts import (
    Basis,
    Clause,
    ContractAgreed,
    ContractRegistered,
    RingFence,
    Route,
    Rung,
    Share,
)
from schemas.envelope import Envelope, Message, canonical, contract_id, opportunity_id
from schemas.fits import FitsAssessed, Pair, Parts, RuleCode, RulesAssessed
from schemas.interests import InterestGivenSealed
from schemas.introductions import CONTACT
from schemas.log_record import Cause, InboxPosition, Position
from schemas.markets import MarketOpened
from schemas.opportunities import (
    Apprenticeship,
    FencedPositions,
    OpportunityAmendedSealed,
    OpportunityPostedSealed,
    Pay,
    Place,
)
from schemas.parties import PartyRegisteredSealed, WorkingHours
from schemas.pledges import Due, PledgeMade
from schemas.readiness import ReadinessChanged
from schemas.residents import Consent, ResidentRegisteredSealed, ResidentUpdatedSealed
from schemas.rules import (
    ApprenticeshipRule,
    ClockChange,
    LivingWage,
    RulesAdopted,
    Wage,
)
from schemas.slots import OfferDelivered, SlotProposed
from schemas.ticks import Tick
from schemas.vocabulary import (
    REGISTER,
    Answer,
    Clock,
    ContractKind,
    Day,
    Nation,
    OpportunityKind,
    PayBasis,
    PayFloor,
    Precedence,
    Purpose,
    Role,
    event_type,
)
from services.transport.records import event_body, told_in_log

NOON = "2026-01-13T12:00:00.000Z"
TODAY = date(2026, 1, 13)
INBOX = "inbox-topic"
PARTY_TOPIC = "party-topic"

OPERATOR, OWNER, SUPPLIER, PARTNER = "zedford-foothold", "zedford-council", "oakline", "northfield"
OTHER_SUPPLIER, OTHER_PARTNER = "brightwork", "harbour-homes"

WEEKDAYS = (Day.MON, Day.TUE, Day.WED, Day.THU, Day.FRI)


def mark(*parts: object) -> str:
    """
    Make a fingerprint that differs where the parts differ.
    """
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def party(slug: str, *roles: Role) -> PartyRegisteredSealed:
    return PartyRegisteredSealed(
        slug=slug,
        name=slug.title(),
        roles=roles,
        nation=Nation.ENGLAND,
        working_days=WEEKDAYS,
        working_hours=WorkingHours(starts="09:00", ends="17:00"),
        sealed="AAAA",
        fingerprint=mark(slug, roles),
    )


def rules(version: int = 1, **changes: Any) -> RulesAdopted:
    """
    Rules with the rates of 2025 and 2026 for England.
    """
    source = "test rows"
    rows = [
        ("national_living_wage", date(2025, 4, 1), 21, None, False, 1221),
        ("national_living_wage", date(2026, 4, 1), 21, None, False, 1271),
        ("national_minimum_wage_18_20", date(2026, 4, 1), 18, 20, False, 1085),
        ("apprentice_rate", date(2025, 4, 1), None, None, True, 755),
        ("apprentice_rate", date(2026, 4, 1), None, None, True, 800),
    ]
    made = RulesAdopted(
        version=version,
        wages=tuple(
            Wage(
                name=name,
                valid_from=day,
                least_age=least,
                most_age=most,
                apprentice=apprentice,
                hourly_pence=pence,
                source=source,
            )
            for name, day, least, most, apprentice, pence in rows
        ),
        living_wages=(
            LivingWage(
                name=PayFloor.REAL_LIVING_WAGE,
                valid_from=date(2025, 5, 1),
                hourly_pence=1260,
                source=source,
            ),
            LivingWage(
                name=PayFloor.REAL_LIVING_WAGE,
                valid_from=date(2026, 5, 1),
                hourly_pence=1345,
                source=source,
            ),
            LivingWage(
                name=PayFloor.LONDON_LIVING_WAGE,
                valid_from=date(2026, 5, 1),
                hourly_pence=1480,
                source=source,
            ),
        ),
        apprenticeships=(
            ApprenticeshipRule(
                valid_from=date(2025, 8, 1),
                least_months=8,
                least_off_the_job_hours=187,
                source=source,
            ),
        ),
        clock_changes=(
            ClockChange(nation=Nation.ENGLAND, at="2026-03-29T01:00:00.000Z", offset_minutes=60),
            ClockChange(nation=Nation.ENGLAND, at="2026-10-25T01:00:00.000Z", offset_minutes=0),
        ),
    )
    return replace(made, **changes)


def fence(**changes: Any) -> RingFence:
    basis = Basis(
        code="place",
        aim="Work for residents of the borough that pays for it.",
        source="Index of multiple deprivation",
        source_year=2019,
        review_on=date(2027, 1, 1),
    )
    made = RingFence(
        routes=(
            Route(
                route="local_unemployed",
                all_of=("lives_in_market", "unemployed_26_weeks"),
                basis=basis,
            ),
            Route(
                route="care_leaver",
                all_of=("care_experienced",),
                basis=replace(basis, code="corporate_parent"),
            ),
        ),
        rungs=(
            Rung(after_working_days=0, routes=("local_unemployed", "care_leaver")),
            Rung(after_working_days=10, everyone=True),
        ),
        intake_hours=48,
        release_working_days=2,
        answer_working_days=2,
        supplier_working_days=5,
        challenge_working_days=10,
        public_after_working_days=15,
        precedence=Precedence.MINIMUM_GUARANTEE,
        order_policy="weeks_ready_then_ticket",
    )
    return replace(made, **changes)


def contract(reference: str = "CO-1", **changes: Any) -> ContractRegistered:
    made = ContractRegistered(
        reference=reference,
        kind=ContractKind.CALL_OFF,
        title="Retrofit of 400 homes",
        supplier=SUPPLIER,
        buyers=(Share(party=OWNER, n=1, d=1),),
        markets=("zedford",),
        starts_on=date(2026, 1, 1),
        ends_before=date(2027, 1, 1),
        value_pence=480_000_000,
        clauses=(
            Clause(clause="4.2", title="Ring-fenced starts", ring_fence=fence()),
            Clause(clause="7.1", title="Reporting"),
        ),
    )
    return replace(made, **changes)


def pledge(**changes: Any) -> PledgeMade:
    made = PledgeMade(
        contract=CONTRACT,
        reference="P-1",
        clause="4.2",
        measure="starts",
        unit="heads",
        quantity=14,
        due=(Due(by=date(2026, 6, 30), quantity=7), Due(by=date(2026, 12, 31), quantity=14)),
    )
    return replace(made, **changes)


CONTRACT = contract_id(owner=OWNER, reference="CO-1")


def posted(reference: str = "R-1", **changes: Any) -> OpportunityPostedSealed:
    """
    A lawful job, posted; its fingerprint follows its content.
    """
    made = OpportunityPostedSealed(
        reference=reference,
        kind=OpportunityKind.JOB,
        place=Place(outcode="ZZ1"),
        positions=2,
        pay=Pay(basis=PayBasis.HOURLY, pence=1400),
        minutes_a_week=2250,
        starts_on=date(2026, 3, 2),
        closes_on=date(2026, 2, 10),
        duration_months=6,
        sealed="AAAA",
        fingerprint="0" * 64,
    )
    made = replace(made, **changes)
    return replace(made, fingerprint=mark(replace(made, fingerprint="0" * 64)))


def apprenticeship(reference: str = "A-1", **changes: Any) -> OpportunityPostedSealed:
    settings: dict[str, Any] = {
        "kind": OpportunityKind.APPRENTICESHIP,
        "pay": Pay(basis=PayBasis.HOURLY, pence=900),
        "duration_months": 12,
        "apprenticeship": Apprenticeship(standard_ref="ST0095", level=2, off_the_job_hours=300),
    }
    return posted(reference, **(settings | changes))


def fenced(reference: str = "F-1", **changes: Any) -> OpportunityPostedSealed:
    settings: dict[str, Any] = {
        "contract": CONTRACT,
        "ring_fence": (FencedPositions(group="starts", clause="4.2", positions=2),),
    }
    return posted(reference, **(settings | changes))


def amended(
    opportunity: str, *, of_version: int, reference: str = "R-1", **changes: Any
) -> OpportunityAmendedSealed:
    terms = posted(reference, **changes)
    told = plain(terms)
    made: OpportunityAmendedSealed = restore(
        OpportunityAmendedSealed, {**told, "opportunity": opportunity, "of_version": of_version}
    )
    return made


def opportunity(reference: str = "R-1", *, supplier: str = SUPPLIER) -> str:
    return opportunity_id("zedford", party=supplier, reference=reference)


def resident(name: str) -> str:
    """
    The id under which an invented person is known.
    """
    letters = "".join(chr(ord("a") + byte % 26) for byte in hashlib.sha256(name.encode()).digest())
    return f"zedford-r-{letters[:16]}"


def registered(name: str, *, consent: bool = True, said: str = "") -> ResidentRegisteredSealed:
    given = Consent(purpose=Purpose.MATCHING, notice_version=1, given_on=TODAY)
    return ResidentRegisteredSealed(
        consent=given if consent else None, sealed="AAAA", fingerprint=mark(name, consent, said)
    )


def updated(name: str, *, of_version: int, said: str = "") -> ResidentUpdatedSealed:
    return ResidentUpdatedSealed(
        of_version=of_version, sealed="AAAA", fingerprint=mark(name, of_version, said)
    )


def consents(name: str, **changes: Any) -> ConsentGiven:
    made = ConsentGiven(
        resident=resident(name), purpose=Purpose.MATCHING, notice_version=1, given_on=TODAY
    )
    return replace(made, **changes)


def pair(name: str, opportunity: str, **changes: Any) -> Pair:
    made = Pair(
        resident=resident(name),
        resident_version=1,
        opportunity=opportunity,
        opportunity_version=1,
        eligible=Answer.YES,
        score=7000,
        parts=Parts(dense=7000, cover=7000, lexical=5000),
    )
    return replace(made, **changes)


def fits(subject: str, *pairs: Pair, as_of: int, part: int = 1, parts: int = 1) -> FitsAssessed:
    return FitsAssessed(
        subject=subject, model="toy-1", as_of=as_of, part=part, parts=parts, pairs=pairs
    )


def opened(code: str = "zedford", *, clock: Clock = Clock.SIMULATED) -> MarketOpened:
    return MarketOpened(
        code=code,
        name=code.title(),
        partition=1,
        outcodes=() if code == REGISTER else ("ZZ1", "ZZ2"),
        nation=Nation.ENGLAND,
        clock=clock,
        now=NOON,
    )


@dataclass(slots=True)
class MarketUnderTest:
    """
    A market that is told things and keeps its log, as the shell would.

    `log` holds each record's cause, what was said, and its events.
    """

    code: str = "zedford"
    state: MarketState = field(default_factory=lambda: empty("zedford"))
    log: list[tuple[Cause, dict[str, Any], tuple[Happened, ...]]] = field(default_factory=list)
    said: int = 0
    silent: int = 0

    def hear(self, thing: Said) -> tuple[Happened, ...] | None:
        """
        Decide one record and keep what followed from it.
        """
        now, version = self.state.now, self.state.rules.version if self.state.rules else 0
        self.said += 1
        events = fold.decide(self.state, thing)
        if events is None:
            self.silent += 1
            return None
        cause = Cause(
            source=thing.source,
            inbox=thing.inbox,
            appended_at=thing.appended_at,
            now=now,
            rules_version=version,
            release="test",
        )
        self.log.append((cause, told_in_log(thing.told, events), events))
        fold.link(self.state, sequence=self.state.writing, digest=mark(self.state.digest, events))
        return events

    def say(
        self,
        data: Any,
        *,
        by: str | None = None,
        worker: str | None = None,
        subject: str | None = None,
        id: str | None = None,  # noqa: A002 - CloudEvents' own name
        offset: int | None = None,
        carried: tuple[Happened, ...] = (),
        appended_at: str | None = None,
        who: str | None = None,
    ) -> tuple[Happened, ...]:
        """
        Say something as a party or a worker; an empty tuple stands for no record.
        """
        thing = self.saying(
            data,
            by=by,
            worker=worker,
            subject=subject,
            id=id,
            offset=offset,
            carried=carried,
            appended_at=appended_at,
            who=who,
        )
        return self.hear(thing) or ()

    def saying(
        self,
        data: Any,
        *,
        by: str | None = None,
        worker: str | None = None,
        subject: str | None = None,
        id: str | None = None,  # noqa: A002 - CloudEvents' own name
        offset: int | None = None,
        carried: tuple[Happened, ...] = (),
        appended_at: str | None = None,
        who: str | None = None,
    ) -> Said:
        """
        Make the inbox record that says something.

        The broker's time is a tick's own, or else the market's, where none is given.
        """
        said_at = data.at if isinstance(data, Tick) else max(NOON, self.state.now)
        envelope = Envelope(
            id=id or f"said-{self.said}",
            source=f"/party/{by}" if by else f"/worker/{worker}",
            type=event_type(data).wire_name,
            subject=subject,
            authid=who,
        )
        source = None
        if by is not None:
            at = self.said if offset is None else offset
            source = Position(topic_id=f"{PARTY_TOPIC}-{by}", partition=0, offset=at)
        told = {"message": {**plain(envelope), "data": plain(data)}}
        return Said(
            message=Message(envelope=envelope, data=data),
            source=source,
            inbox=InboxPosition(topic_id=INBOX, offset=self.said),
            appended_at=appended_at or said_at,
            told=told,
            carried=carried,
        )

    def recovered(self) -> MarketState:
        """
        Evolve a fresh state over the whole log, as recovery does.
        """
        state = empty(self.code)
        for cause, told, events in self.log:
            fold.evolve(state, cause, told, events)
            fold.link(state, sequence=state.writing, digest=mark(state.digest, events))
        # An idle tick leaves no record, so only what is on the log can be recovered.
        state.now = max(state.now, self.state.now)
        return state


def register_market() -> MarketUnderTest:
    """
    The register after its first records: one party in each role, one market, rules.
    """
    market = MarketUnderTest(code=REGISTER, state=empty(REGISTER))
    first = replace(opened(REGISTER, clock=Clock.REAL), partition=0)
    events = fold.open_market(market.state, first)
    market.log.append((_opening_cause(), _opening_told(first), events))
    fold.link(market.state, sequence=1, digest=mark(market.state.digest, events))
    market.say(party(OPERATOR, Role.OPERATOR), worker="bootstrap")
    market.say(rules(), worker="bootstrap")
    for slug, role in (
        (OWNER, Role.OWNER),
        (SUPPLIER, Role.SUPPLIER),
        (OTHER_SUPPLIER, Role.SUPPLIER),
        (PARTNER, Role.PARTNER),
        (OTHER_PARTNER, Role.PARTNER),
    ):
        market.say(party(slug, role), by=OPERATOR, subject=slug)
    market.say(opened(), by=OPERATOR, subject="zedford")
    return market


def with_contract(register: MarketUnderTest) -> MarketUnderTest:
    """
    The register after a contract with its pledge, agreed by its supplier.
    """
    register.say(contract(), by=OWNER, subject=CONTRACT)
    register.say(pledge(), by=OWNER, subject=CONTRACT)
    register.say(ContractAgreed(contract_id=CONTRACT, version=1), by=SUPPLIER, subject=CONTRACT)
    return register


def market_of(register: MarketUnderTest, *, clock: Clock = Clock.SIMULATED) -> MarketUnderTest:
    """
    A market that has heard all of a register's facts.
    """
    market = MarketUnderTest()
    first = opened(clock=clock)
    events = fold.open_market(market.state, first)
    market.log.append((_opening_cause(), _opening_told(first), events))
    fold.link(market.state, sequence=1, digest=mark(market.state.digest, events))
    for sequence, (_, _, facts) in enumerate(register.log, start=1):
        tell_facts(market, facts, sequence=sequence)
    return market


def tell_facts(
    market: MarketUnderTest, facts: tuple[Happened, ...], *, sequence: int
) -> tuple[Happened, ...]:
    """
    Tell a market the accepted events of one register record, as the herald does.
    """
    holding = tuple(
        fact
        for fact in facts
        if fact.name not in ("SubmissionRefused", "SubmissionRepeated", "InputUnreadable")
    )
    if not holding:
        return ()
    bodies = tuple(event_body(replace(fact, said=None)) for fact in holding)
    return market.say(
        RegisterFacts(register_sequence=sequence, events=bodies), worker="herald", carried=holding
    )


def zedford(*, clock: Clock = Clock.SIMULATED) -> MarketUnderTest:
    """
    The market Zedford with parties, rules and an agreed contract, at noon on 13 January.
    """
    market = market_of(with_contract(register_market()), clock=clock)
    tick(market, "2026-01-13T12:05:00.000Z")
    return market


def tick(market: MarketUnderTest, at: str) -> tuple[Happened, ...]:
    """
    Let time pass in a market, by whoever may say so there.
    """
    real = market.state.opened is not None and market.state.opened.clock is Clock.REAL
    told = Tick(market=market.code, at=at)
    return market.say(told, worker="ticker") if real else market.say(told, by=OPERATOR)


def enter(
    market: MarketUnderTest,
    name: str,
    *opportunities: str,
    partner: str = PARTNER,
    rung: int | None = 0,
    ready: bool = True,
    score: int = 7000,
    ranked: bool = False,
) -> str:
    """
    Put an invented person forward who is assessed, ready, and says yes to opportunities.

    Returns:
        Our id of that person.
    """
    subject = resident(name)
    market.say(registered(name), by=partner, subject=subject)
    if ready:
        market.say(readiness(name), by=partner, subject=subject)
    market.say(rule_codes(market, name, rung=rung), worker="matcher")
    if opportunities:
        market.say(says(name, *opportunities, ranked=ranked), by=partner, subject=subject)
    for each in opportunities:
        version = market.state.opportunities[each].version
        told = pair(name, each, score=score, opportunity_version=version)
        market.say(fits(subject, told, as_of=market.state.sequence), worker="matcher")
    return subject


def delivered(market: MarketUnderTest, offer: str) -> tuple[Happened, ...]:
    """
    Say that what the market sent of an offer last stands on the partner's queue.
    """
    event = market.state.offers[offer].undelivered or "zedford-1-1"
    return market.say(OfferDelivered(offer=offer, event=event), worker="notifier", subject=offer)


def introducing(
    name: str, *, supplier: str = SUPPLIER, fields: tuple[str, ...] = (CONTACT,)
) -> ConsentGiven:
    """
    A resident's consent that a supplier hears of them, through their partner's office.
    """
    return consents(name, purpose=Purpose.INTRODUCTION, supplier=supplier, fields=fields)


def readiness(name: str, *, ready: bool = True) -> ReadinessChanged:
    return ReadinessChanged(
        resident=resident(name),
        ready=ready,
        evidence="interview",
        assessor_role="coach",
        assessed_on=TODAY,
    )


def says(
    name: str,
    *yes: str,
    no: tuple[str, ...] = (),
    ranked: bool = False,
    until: date | None = None,
) -> InterestGivenSealed:
    return InterestGivenSealed(
        resident=resident(name),
        yes=yes,
        ranked=ranked,
        no=no,
        until=until,
        sealed="AAAA",
        fingerprint=mark(name, yes, no, until),
    )


def rule_codes(
    market: MarketUnderTest, name: str, *, rung: int | None = 0, clause: str = "4.2"
) -> RulesAssessed:
    """
    What the matcher says of a person and a clause: the first rung met, or none.
    """
    entry = market.state.residents[resident(name)]
    return RulesAssessed(
        resident=resident(name),
        resident_version=entry.version,
        as_of=market.state.sequence,
        codes=(RuleCode(contract=CONTRACT, clause=clause, rung=rung),),
    )


def proposals(events: tuple[Happened, ...]) -> list[SlotProposed]:
    """
    The proposals that a record makes.
    """
    return [event.data for event in events if event.name == "SlotProposed"]


def refusal_codes(events: tuple[Happened, ...]) -> tuple[str, ...]:
    """
    The codes of a refusal; none where there is no refusal.
    """
    return tuple(
        problem.code
        for event in events
        if event.name == "SubmissionRefused"
        for problem in event.data.problems
    )


def names(events: tuple[Happened, ...]) -> tuple[str, ...]:
    return tuple(event.name for event in events)


def snapshot(state: MarketState) -> MarketState:
    return copy.deepcopy(state)


def bytes_of(events: tuple[Happened, ...]) -> bytes:
    """
    The events as the log would hold them.
    """
    return canonical(
        [[event.id, event.name, event.subject, event.party, plain(event.data)] for event in events]
    )


def _opening_cause() -> Cause:
    return Cause(
        inbox=InboxPosition(topic_id=INBOX, offset=-1),
        appended_at=NOON,
        now=NOON,
        rules_version=0,
        release="test",
    )


def _opening_told(first: MarketOpened) -> dict[str, Any]:
    message = {"id": "opening", "source": "/worker/market", "type": "foothold.MarketOpened.v1"}
    return {"message": {**message, "data": plain(first)}}
