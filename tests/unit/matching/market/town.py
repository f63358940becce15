"""
A town for property tests: two suppliers, three partners, three postings, six people, and steps.

One partner is the owner of both contracts as well, and puts one person forward.

What parties answer follows from a hash of the offer's id and never from the place of a step,
so stories can be cut and shuffled and stay comparable.
"""

import copy
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from hypothesis import strategies as st

from matching.market.duties import first_asked
from matching.market.lottery import commitment_of
from matching.market.record import Happened, Said
from matching.market.state import OfferEntry
from schemas.answers import RegisterFacts
from schemas.challenges import ChallengeDecided, ChallengeRaised, Finding, Ground
from schemas.consents import ConsentGiven, ConsentWithdrawn
from schemas.contracts import Clause, ContractAgreed, MinimumFit, RingFence, Rung
from schemas.duties import DaysAway, DutyAssigned
from schemas.envelope import contract_id
from schemas.fits import RuleCode, RulesAssessed
from schemas.introductions import (
    ContactTried,
    InterviewHeld,
    InterviewOffered,
    Means,
    ReferralMade,
)
from schemas.lottery import LotteryCommitted, LotteryContributed, LotteryRevealed
from schemas.opportunities import FencedPositions, OpportunityWithdrawn, Pay, Place
from schemas.residents import ResidentClosed, ResidentErased, ResidentPaused, ResidentResumed
from schemas.rules import Policy
from schemas.slots import (
    ClockConfirmed,
    FitOverridden,
    HireConfirmed,
    HireRejected,
    HoldReason,
    OfferAccepted,
    OfferDeclined,
    OfferDelivered,
    OverrideReason,
    ProposalHeld,
    ProposalReleased,
    RejectionReason,
)
from schemas.ticks import Tick
from schemas.vocabulary import (
    Answer,
    Clock,
    PayBasis,
    Precedence,
    Purpose,
    Role,
    later,
    moment,
)
from services.transport.records import event_body
from tests.builders import (
    CONTRACT,
    OPERATOR,
    OTHER_PARTNER,
    OTHER_SUPPLIER,
    OWNER,
    PARTNER,
    SUPPLIER,
    MarketUnderTest,
    amended,
    consents,
    contract,
    fence,
    fenced,
    fits,
    introducing,
    mark,
    market_of,
    opportunity,
    pair,
    party,
    readiness,
    register_market,
    registered,
    resident,
    rules,
    says,
)

SECRET, NONCE = "1a" * 32, "3c" * 32
PEOPLE = ("amal", "bea", "chidi", "dita", "efe", "farah")
PARTNERS = (PARTNER, OTHER_PARTNER)
STAFF = ("sam-01", "ada-02", "kit-03")
SECOND = contract_id(owner=OWNER, reference="CO-2")
CLAUSES = ((CONTRACT, "4.2"), (CONTRACT, "4.3"), (SECOND, "4.2"), (SECOND, "5.1"))
VACANCIES = (
    opportunity("F-1"),
    opportunity("F-2"),
    opportunity("F-3", supplier=OTHER_SUPPLIER),
)
GROUPS = (
    (("starts", "4.2", 2), ("extra", "4.3", 1)),
    (("one", "4.3", 1),),
    (("first", "4.2", 1), ("second", "4.2", 1), ("third", "5.1", 1)),
)
SUPPLIERS = (SUPPLIER, SUPPLIER, OTHER_SUPPLIER)
CLOSES = (date(2026, 2, 10), date(2026, 2, 10), date(2026, 1, 23))
# Of the first and the third alone the hours are alike.
MINUTES = (2250, 2000, 2100)
START = "2026-01-13T12:05:00.000Z"
BEGINNINGS = ("SlotProposed", "ReferralOpened")
EVERYONE = Rung(after_working_days=5, everyone=True)


def ladder(*days: int, everyone: bool = True) -> tuple[Rung, ...]:
    """
    Rungs that open after so many working days, the last for everyone.
    """
    made = [Rung(after_working_days=day, routes=("care_leaver",)) for day in days]
    return (*made[:-1], replace(EVERYONE, after_working_days=days[-1])) if everyone else (*made,)


def terms(version: int = 1) -> dict[str, RingFence]:
    """
    The fences of both contracts, by reference and clause; a later version is stricter.
    """
    quick = fence(
        release_working_days=1,
        answer_working_days=version,
        supplier_working_days=1 + version,
        challenge_working_days=2,
        public_after_working_days=7,
    )
    gate = MinimumFit(value=5000 + 1000 * (version > 1), necessity="A driver must drive.")
    return {
        "CO-1 4.2": replace(
            quick,
            rungs=ladder(0, 2, 4 + version),
            intake_hours=24,
            release_working_days=2,
            public_after_working_days=7 + version,
        ),
        "CO-1 4.3": replace(
            quick,
            rungs=ladder(0, 3),
            intake_hours=4,
            min_fit=gate,
            precedence=Precedence.OVER_AND_ABOVE,
        ),
        "CO-2 4.2": replace(
            quick, rungs=ladder(0, 1), intake_hours=4, answer_working_days=max(1, version - 1)
        ),
        "CO-2 5.1": replace(
            quick, rungs=ladder(0, everyone=False), intake_hours=0, route_disclosed=True
        ),
    }


def agreed(reference: str, version: int) -> Any:
    clauses = tuple(
        Clause(clause=key.split()[1], title="Starts", ring_fence=fenced_so)
        for key, fenced_so in terms(version).items()
        if key.split()[0] == reference
    )
    supplier = SUPPLIER if reference == "CO-1" else OTHER_SUPPLIER
    return contract(
        reference,
        supplier=supplier,
        clauses=clauses,
        of_version=version - 1 if version > 1 else None,
    )


@lru_cache
def register_of(limit: int, most: int) -> MarketUnderTest:
    """
    A register with both contracts agreed, a lottery revealed, and such a policy.
    """
    register = register_market()
    register.say(party(OWNER, Role.OWNER, Role.PARTNER), by=OPERATOR, subject=OWNER)
    policy = Policy(
        most_live_offers=limit,
        most_proposals_a_record=most,
        most_unanswered=1 if most < 500 else 2,
    )
    register.say(rules(2, policy=policy), by=OPERATOR)
    for reference, id_, supplier in (
        ("CO-1", CONTRACT, SUPPLIER),
        ("CO-2", SECOND, OTHER_SUPPLIER),
    ):
        register.say(agreed(reference, 1), by=OWNER, subject=id_)
        register.say(ContractAgreed(contract_id=id_, version=1), by=supplier, subject=id_)
    epoch = "2026Q1"
    by, shown = "2026-01-13T12:01:00.000Z", "2026-01-13T12:02:00.000Z"
    commitment = commitment_of(SECRET)
    committed = LotteryCommitted(epoch=epoch, commitment=commitment, contribute_by=by, stand_in=90)
    register.say(committed, by=OPERATOR)
    register.say(LotteryContributed(epoch=epoch, nonce=NONCE), by=OWNER)
    register.say(LotteryRevealed(epoch=epoch, secret=SECRET), by=OPERATOR, appended_at=shown)
    return register


@lru_cache
def empty_town(limit: int, most: int, clock: Clock) -> MarketUnderTest:
    market = market_of(register_of(limit, most), clock=clock)
    for at, (id_, supplier) in enumerate(zip(VACANCIES, SUPPLIERS, strict=True)):
        told = fenced(
            f"F-{at + 1}",
            contract=SECOND if supplier == OTHER_SUPPLIER else CONTRACT,
            closes_on=CLOSES[at],
            minutes_a_week=MINUTES[at],
            positions=9,
            ring_fence=fences(at),
        )
        market.say(told, by=supplier, subject=id_)
    return market


def fences(at: int, counts: tuple[int, ...] = ()) -> tuple[FencedPositions, ...]:
    """
    A posting's groups, with other counts than at first; of none the group is left out.
    """
    wanted = counts or tuple(each[2] for each in GROUPS[at])
    return tuple(
        FencedPositions(group=group, clause=clause, positions=count)
        for (group, clause, _), count in zip(GROUPS[at], wanted, strict=False)
        if count
    )


@dataclass(frozen=True, slots=True)
class Step:
    """
    One step of a story: what is done, to the how-manieth, and how.
    """

    kind: str
    who: int = 0
    what: int = 0
    how: int = 0


@dataclass(slots=True)
class Town:
    """
    A market under test, what it heard, what of that left a record, and the offers that it made.
    """

    market: MarketUnderTest
    partners: tuple[str, str] = PARTNERS
    heard: list[Said] = field(default_factory=list)
    recorded: list[Said] = field(default_factory=list)
    offers: list[str] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=lambda: {"CO-1": 1, "CO-2": 1})
    register: MarketUnderTest | None = None

    def say(self, data: Any, **how: Any) -> tuple[Happened, ...]:
        return self.hear(self.market.saying(data, **how))

    def hear(self, thing: Said) -> tuple[Happened, ...]:
        self.heard.append(thing)
        events = self.market.hear(thing) or ()
        if events:
            self.recorded.append(thing)
        self.offers += [each.data.offer for each in events if each.name in BEGINNINGS]
        return events

    def tick(self, minutes: int) -> tuple[Happened, ...]:
        told = Tick(market="zedford", at=later(self.market.state.now, timedelta(minutes=minutes)))
        opened = self.market.state.opened
        real = opened is not None and opened.clock is Clock.REAL
        return self.say(told, worker="ticker") if real else self.say(told, by=OPERATOR)

    def play(self, *steps: Step) -> "Town":
        for step in steps:
            getattr(self, f"do_{step.kind}")(step)
        return self

    # --- people ---------------------------------------------------------------------------

    def person(self, step: Step) -> tuple[str, str, str]:
        name = PEOPLE[step.who % len(PEOPLE)]
        own = name == PEOPLE[-1]
        return name, resident(name), OWNER if own else self.partners[step.who % len(self.partners)]

    def name_of(self, subject: str) -> str:
        return next(name for name in PEOPLE if resident(name) == subject)

    def about(self, step: Step, data: Any) -> tuple[Happened, ...]:
        _, subject, partner = self.person(step)
        return self.say(data, by=partner, subject=subject)

    def do_enter(self, step: Step) -> None:
        """
        Register, with readiness but for one in four, rule codes, fits and a yes.
        """
        name, _, _ = self.person(step)
        self.about(step, registered(name))
        if step.how % 4 < 3:
            self.about(step, readiness(name))
        self.do_codes(replace(step, what=step.how))
        self.do_introduce(step)
        if step.how % 5 == 4:
            self.about(step, consents(name, ends_on=date(2026, 1, 14 + step.what % 3)))
        self.do_wish(step)
        self.do_fit(replace(step, what=step.how))
        if step.what % 3 == 1:
            self.do_override(step)

    def do_wish(self, step: Step) -> None:
        """
        Say yes to some in an order, no to others, or a standing yes.
        """
        name, _, _ = self.person(step)
        order = [VACANCIES[(step.what + n * (1 + step.how % 2)) % 3] for n in range(3)]
        count = (3, 3, 2, 1, 3, 0)[step.how % 6]
        no = (order[2],) if count < 3 and step.how % 5 == 0 else ()
        until = date(2026, 1, 16) if step.how % 3 == 0 else None
        wish = says(name, *order[:count], no=no, ranked=step.how % 2 == 0, until=until)
        self.about(step, wish)

    def do_ready(self, step: Step) -> None:
        self.about(step, readiness(self.person(step)[0], ready=step.how % 3 != 0))

    def do_introduce(self, step: Step) -> None:
        name, _, _ = self.person(step)
        fields = (("route",), ("contact",), ("contact", "route"), ("contact", "route"))[
            step.how % 4
        ]
        told = consents(
            name, purpose=Purpose.INTRODUCTION, supplier=SUPPLIERS[step.what % 3], fields=fields
        )
        self.about(step, told)

    def do_leave(self, step: Step) -> None:
        """
        Withdraw consent, pause, close or be erased.
        """
        name, subject, _ = self.person(step)
        self.about(
            step,
            (
                ConsentWithdrawn(resident=subject, purpose=Purpose.MATCHING),
                ResidentPaused(resident=subject, reason="holiday"),
                ResidentErased(resident=subject),
                ResidentClosed(resident=subject, reason="moved"),
                ConsentWithdrawn(
                    resident=subject,
                    purpose=Purpose.INTRODUCTION,
                    supplier=SUPPLIERS[1 + step.what % 2],
                ),
                consents(name, ends_on=date(2026, 1, 14 + step.what % 4)),
            )[step.how % 6],
        )

    def do_refuse(self, step: Step) -> None:
        """
        Say no to what stands already, an acceptance too, and go on wanting the rest.
        """
        name, subject, _ = self.person(step)
        entry = self.market.state.residents.get(subject)
        held = (*entry.placed, *entry.live, *entry.referred) if entry else ()
        for offer in held[:1]:
            no = self.market.state.offers[offer].opportunity
            yes = tuple(each for each in VACANCIES if each != no)
            self.about(step, says(name, *yes, no=(no,)))

    def do_refer(self, step: Step) -> None:
        """
        Put a person forward for a position of a posting that no fence reserves.
        """
        subject = self.person(step)[1]
        self.about(step, ReferralMade(resident=subject, opportunity=VACANCIES[step.what % 3]))

    def do_change(self, step: Step) -> None:
        """
        Let the person of a proposal that is decided and not made leave, or say no.
        """
        for decision in self.market.state.unproposed[-1:]:
            who = next(at for at, name in enumerate(PEOPLE) if resident(name) == decision.resident)
            no = says(PEOPLE[who], no=(decision.opportunity,))
            if step.how % 4 > 1:
                self.about(replace(step, who=who), no if step.how % 4 == 3 else says(PEOPLE[who]))
            else:
                self.do_leave(replace(step, who=who))

    def do_return(self, step: Step) -> None:
        name, subject, _ = self.person(step)
        self.about(step, ResidentResumed(resident=subject))
        self.about(step, consents(name))

    # --- what the matcher says ------------------------------------------------------------

    def do_codes(self, step: Step) -> None:
        """
        Assess a person's rules: a rung for each clause, some with a first or a last day.
        """
        subject = self.person(step)[1]
        if subject not in self.market.state.residents:
            return
        made = []
        for at, (contract_, clause) in enumerate(CLAUSES):
            rung = (0, 1, 0, None, 2, 0, 1)[(step.what * 3 + step.who + at * 2) % 7]
            last = date(2026, 1, 15) if (step.what + at) % 6 == 5 else None
            first = date(2026, 1, 16) if (step.what + at) % 7 == 6 else None
            made.append(
                RuleCode(
                    contract=contract_, clause=clause, rung=rung, first_day=first, last_day=last
                )
            )
        told = RulesAssessed(
            resident=subject,
            resident_version=self.market.state.residents[subject].version,
            as_of=self.market.state.sequence,
            codes=tuple(made[: 2 if step.what % 5 == 4 else 4]),
        )
        self.say(told, worker="matcher")

    def do_fit(self, step: Step) -> None:
        """
        Assess a person's fit to every posting as it stands.
        """
        name, subject, _ = self.person(step)
        made = []
        for at, vacancy in enumerate(VACANCIES):
            mixed = (step.what * 5 + step.who * 3 + at) % 11
            made.append(
                pair(
                    name,
                    vacancy,
                    opportunity_version=self.market.state.opportunities[vacancy].version,
                    eligible=Answer.NO if mixed == 10 else Answer.YES,
                    score=3000 + 1000 * (mixed % 6),
                    thin=mixed == 7,
                    standing=mixed % 2 == 0,
                )
            )
        as_of = self.market.state.sequence
        self.say(fits(subject, *made, as_of=as_of), worker="matcher")

    # --- postings and contracts -----------------------------------------------------------

    def do_amend(self, step: Step) -> None:
        at = step.who % 3
        counts = tuple((step.how + step.what * n) % 4 for n, _ in enumerate(GROUPS[at]))
        self.amend(at, fences(at, counts or (1,)) if any(counts) else ())

    def do_raise(self, step: Step) -> None:
        """
        Amend to more positions than before, which cuts nobody.
        """
        at = step.who % 3
        self.amend(at, fences(at, tuple(4 for _ in GROUPS[at])))

    def do_cut(self, step: Step) -> None:
        """
        Amend to what is held, and at most a few more: whoever accepts before the tick stays.
        """
        at = step.who % 3
        entry = self.market.state.reserved[VACANCIES[at]]
        counts = []
        for group, _, _ in GROUPS[at]:
            known = [each for each in entry.groups if each.group == group]
            held = [each.status for each in known[0].positions] if known else []
            counts.append(held.count("accepted") + held.count("filled") + step.how % 3)
        self.amend(at, fences(at, tuple(counts)) if any(counts) else ())

    def do_race(self, step: Step) -> None:
        """
        Cut, and let the answers of everybody come before the tick that acts on it.
        """
        self.do_cut(step)
        self.do_react(step)

    def do_worsen(self, step: Step) -> None:
        """
        Amend to other pay, hours, place or start, for the worse and for the better.
        """
        at = step.who % 3
        self.amend(
            at,
            self.market.state.opportunities[VACANCIES[at]].terms.ring_fence,
            **(
                {"pay": Pay(basis=PayBasis.HOURLY, pence=1300 + 20 * (step.what % 8))},
                {"minutes_a_week": 2250 - 150 * (step.what % 3)},
                {"starts_on": date(2026, 3, 2 + step.what % 3)},
                {"place": Place(outcode=f"ZZ{1 + step.what % 2}")},
                {"positions": 3 + step.what % 20},
            )[step.how % 5],
        )

    def amend(self, at: int, groups: tuple[FencedPositions, ...], **changes: Any) -> None:
        known = self.market.state.opportunities[VACANCIES[at]]
        stands = {
            each: getattr(known.terms, each)
            for each in ("pay", "minutes_a_week", "starts_on", "place", "contract")
        }
        told = amended(
            VACANCIES[at],
            of_version=known.version,
            reference=f"F-{at + 1}",
            closes_on=CLOSES[at],
            ring_fence=groups,
            **({"positions": 20 + known.version} | stands | changes),
        )
        self.say(told, by=SUPPLIERS[at], subject=VACANCIES[at])

    def do_withdraw(self, step: Step) -> None:
        at = step.who % 3
        told = OpportunityWithdrawn(opportunity=VACANCIES[at], reason="no_longer_needed")
        self.say(told, by=SUPPLIERS[at], subject=VACANCIES[at])

    def do_agree(self, step: Step) -> None:
        """
        Agree a further version of a contract in the register, and tell the market.
        """
        reference, id_, by = (("CO-1", CONTRACT, SUPPLIER), ("CO-2", SECOND, OTHER_SUPPLIER))[
            step.who % 2
        ]
        if step.how % 3 == 0:
            # What a tick brings up to date now follows the version agreed before.
            self.do_raise(replace(step, who=step.who % 2 * 2))
        version = self.versions[reference] = self.versions[reference] + 1
        self.registers(agreed(reference, version), by=OWNER, subject=id_)
        if step.how % 3:
            self.registers(ContractAgreed(contract_id=id_, version=version), by=by, subject=id_)

    def registers(self, data: Any, **how: Any) -> None:
        """
        Say something to the register, and tell the market what of it holds.
        """
        if self.register is None:
            self.register = copy.deepcopy(register_of(1, 500))
        told = tuple(
            fact
            for fact in self.register.say(data, **how)
            if fact.name not in ("SubmissionRefused", "SubmissionRepeated")
        )
        if told:
            facts = RegisterFacts(
                register_sequence=self.market.state.register_sequence + 1,
                events=tuple(event_body(replace(fact, said=None)) for fact in told),
            )
            self.say(facts, worker="herald", carried=told)

    def do_duty(self, step: Step) -> None:
        """
        Say who of a partner's staff is on duty, who deputises, and who is away when.
        """
        on_duty, deputy = STAFF[step.what % 3], (*STAFF, None)[step.how % 4]
        away = tuple(
            DaysAway(
                staff=each,
                first_day=date(2026, 1, 13 + (step.how + at) % 5),
                last_day=date(2026, 1, 15 + (step.how + at) % 6),
            )
            for at, each in enumerate(STAFF[: step.how % 3])
            if (step.what + at) % 2
        )
        deputy = None if deputy == on_duty else deputy
        self.assigns(step.who, DutyAssigned(on_duty=on_duty, deputy=deputy, away=away))

    def assigns(self, who: int, duty: DutyAssigned) -> None:
        partner = (*self.partners, OWNER)[who % 3]
        self.registers(duty, by=partner)

    def do_day_off(self, step: Step) -> None:
        """
        Register days off of a partner's, a supplier's or the operator's own.
        """
        off = tuple(date(2026, 1, 14 + (step.what + 2 * n) % 12) for n in range(step.how % 4))
        slug, *roles = (
            (self.partners[0], Role.PARTNER),
            (self.partners[1], Role.PARTNER),
            (OWNER, Role.OWNER, Role.PARTNER),
            (SUPPLIER, Role.SUPPLIER),
            (OTHER_SUPPLIER, Role.SUPPLIER),
            (OPERATOR, Role.OPERATOR),
        )[step.who % 6]
        told = replace(party(slug, *roles), days_off=off, fingerprint=mark(slug, off))
        self.registers(told, by=OPERATOR, subject=slug)

    def do_override(self, step: Step) -> None:
        subject = self.person(step)[1]
        told = FitOverridden(
            resident=subject,
            opportunity=VACANCIES[step.what % 2],
            reason=OverrideReason.SUPPORT_AGREED,
        )
        self.about(step, told)

    # --- answers --------------------------------------------------------------------------

    def do_react(self, step: Step) -> None:
        """
        Let each side answer every offer that is out, as the offer's id has it.
        """
        for offer in list(self.offers):
            self.answer(offer, salt=step.how % 3)

    def do_answer(self, step: Step) -> None:
        """
        Let a person's own offers be answered, by each side.
        """
        subject = self.person(step)[1]
        for offer in [each for each in self.offers if self.resident_of(each) == subject]:
            self.answer(offer, salt=step.how % 3)

    def resident_of(self, offer: str) -> str:
        return self.market.state.offers[offer].resident

    def answer(self, offer: str, *, salt: int = 0) -> None:
        entry = self.market.state.offers[offer]
        stands = f"{entry.status} {entry.undelivered is None} {entry.is_introduced}"
        drawn = hashlib.sha256(f"{offer} {stands} {salt}".encode()).digest()
        said = list(self.answers(offer, entry, drawn[0]))
        for data in said[:1] * (2 if drawn[1] % 5 == 0 else 1) + said[1:]:
            self.reply(offer, data, drawn[4])
        if drawn[2] % 4 == 0:
            self.reply(offer, self.contrary(offer, drawn[3]), drawn[5])

    def answers(self, offer: str, entry: OfferEntry, drawn: int) -> Iterator[Any]:
        """
        What is said about an offer in a state, mostly what carries it on.
        """
        delivered = OfferDelivered(offer=offer, event="")
        if entry.undelivered is not None and drawn % 5 != 3:
            yield delivered
        if entry.status == "proposed" and drawn % 8 < 6:
            yield ProposalReleased(offer=offer)
            if drawn % 5 != 3:
                yield delivered
        elif entry.status == "proposed" and drawn % 8 == 6:
            yield ProposalHeld(offer=offer, reason=list(HoldReason)[drawn // 8 % 4])
        elif entry.status == "offered":
            yield from self.answered(offer, drawn)
        elif entry.status == "accepted" and not entry.is_introduced and drawn % 8 < 6:
            yield self.consenting(entry, drawn)
        elif entry.status == "accepted":
            yield from self.met(offer, drawn)

    def answered(self, offer: str, drawn: int) -> Iterator[Any]:
        if drawn % 8 in (1, 2, 6, 7):
            yield self.tried(offer, drawn)
        if drawn % 8 < 4:
            yield OfferAccepted(offer=offer)
        elif drawn % 8 < 5:
            yield OfferDeclined(offer=offer)

    def met(self, offer: str, drawn: int) -> Iterator[Any]:
        today = date.fromisoformat(self.market.state.now[:10])
        if drawn % 8 in (2, 3, 6):
            yield InterviewOffered(offer=offer, on=today + timedelta(days=drawn // 8 % 3))
        if drawn % 8 in (1, 3, 7):
            yield InterviewHeld(offer=offer, on=today - timedelta(days=drawn // 8 % 3))
        if drawn % 8 < 3:
            yield HireConfirmed(offer=offer)
        elif drawn % 8 < 5:
            yield HireRejected(offer=offer, reason=list(RejectionReason)[drawn // 8 % 4])

    def tried(self, offer: str, drawn: int) -> ContactTried:
        today = date.fromisoformat(self.market.state.now[:10])
        on = today + timedelta(days=drawn // 8 % 8 == 7)
        return ContactTried(offer=offer, tried_on=on, means=list(Means)[drawn % 5])

    def consenting(self, entry: OfferEntry, drawn: int) -> ConsentGiven:
        """
        A consent to be introduced, that sometimes lacks the route and sometimes ends soon.
        """
        fields = ("contact",) if drawn % 7 == 5 else ("contact", "route")
        soon = date.fromisoformat(self.market.state.now[:10]) + timedelta(days=1)
        given = introducing(self.name_of(entry.resident), supplier=entry.supplier, fields=fields)
        return replace(given, ends_on=soon if drawn % 11 == 7 else None)

    def contrary(self, offer: str, drawn: int) -> Any:
        """
        What contradicts, comes late, comes early, or comes from another side.
        """
        return (
            OfferDeclined(offer=offer),
            OfferAccepted(offer=offer),
            ProposalReleased(offer=offer),
            HireConfirmed(offer=offer),
            HireRejected(offer=offer, reason=RejectionReason.DID_NOT_ATTEND),
            ProposalHeld(offer=offer, reason=HoldReason.DATA_WRONG),
            OfferDelivered(offer=offer, event=""),
            OfferDelivered(offer=offer, event="zedford-1-1"),
            self.tried(offer, drawn),
            InterviewOffered(offer=offer, on=date(2026, 1, 30)),
            InterviewHeld(offer=offer, on=date(2026, 1, 14)),
            ConsentWithdrawn(
                resident=self.resident_of(offer),
                purpose=Purpose.INTRODUCTION,
                supplier=self.market.state.offers[offer].supplier,
            ),
        )[drawn % 12]

    def reply(self, offer: str, data: Any, drawn: int = 0) -> None:
        """
        Say something of an offer as whoever says such a thing; of staff mostly who may.
        """
        entry = self.market.state.offers[offer]
        by_supplier = isinstance(data, InterviewHeld) and drawn % 2 == 0
        if isinstance(data, OfferDelivered):
            event = data.event or entry.undelivered or "zedford-1-1"
            self.say(replace(data, event=event), worker="notifier", subject=offer)
        elif isinstance(data, HireConfirmed | HireRejected | InterviewOffered) or by_supplier:
            self.say(data, by=entry.supplier, subject=offer)
        elif isinstance(data, ConsentGiven | ConsentWithdrawn):
            self.say(data, by=entry.party, subject=entry.resident)
        else:
            self.say(data, by=entry.party, subject=offer, who=self.staff(entry.party, drawn))

    def staff(self, partner: str, drawn: int) -> str:
        """
        Who of a partner's staff speaks: mostly who is asked first or the deputy, else anybody.
        """
        duty = self.market.state.duties.get(partner)
        asked = (first_asked(self.market.state, partner), duty.deputy if duty else None)
        return (
            asked[drawn % 4 == 1] or STAFF[drawn // 4 % 3] if drawn % 4 else STAFF[drawn // 4 % 3]
        )

    # --- challenges -----------------------------------------------------------------------

    def do_contest(self, step: Step) -> None:
        """
        Contest what became of a person at a posting, through the partner or the owner.
        """
        _, subject, _ = self.person(step)
        told = ChallengeRaised(
            resident=subject,
            opportunity=VACANCIES[step.what % 3],
            ground=list(Ground)[step.how % len(Ground)],
        )
        if step.how % 3 == 0:
            self.say(told, by=OWNER, subject=subject)
        else:
            self.about(step, told)

    def do_redress(self, step: Step) -> None:
        """
        Contest what became of a person, and uphold it at once.
        """
        self.do_contest(step)
        for name, challenge in self.market.state.challenges.items():
            if challenge.status == "open":
                finding = Finding.NOT_TREATED_FAIRLY
                told = ChallengeDecided(challenge=name, upheld=True, finding=finding)
                self.say(told, by=challenge.decider, subject=name)

    def do_judge(self, step: Step) -> None:
        """
        Let each challenge be decided: by its decider, its own partner, or somebody else.
        """
        for name, challenge in list(self.market.state.challenges.items())[-3:]:
            told = ChallengeDecided(
                challenge=name,
                upheld=(step.how + step.what) % 3 > 0,
                finding=list(Finding)[step.what % len(Finding)],
            )
            own = self.market.state.residents[challenge.resident].party
            by = (*(challenge.decider,) * 4, own, OPERATOR, OWNER)[step.how % 7]
            self.say(told, by=by, subject=name)

    def do_stranger(self, step: Step) -> None:
        """
        Let the other partner and the other supplier answer what is not theirs.
        """
        for offer in self.offers[-1:]:
            entry = self.market.state.offers[offer]
            other = self.partners[entry.party == self.partners[0]]
            self.say(ProposalReleased(offer=offer), by=other, subject=offer)
            self.say(OfferAccepted(offer=offer), by=other, subject=offer)
            told = HireConfirmed(offer=offer)
            self.say(told, by=SUPPLIERS[2 - 2 * (entry.supplier == SUPPLIERS[2])], subject=offer)

    # --- time and transport ---------------------------------------------------------------

    def do_tick(self, step: Step) -> None:
        self.tick((5, 7, 60, 240, 245, 245, 1440, 1440, 4320)[step.how % 9])

    def do_edge(self, step: Step) -> None:
        """
        Tick at the very end of the first window that runs on an offer, or shortly after.
        """
        state = self.market.state
        kinds = ("offer ", "challenge ", "remind ") if step.what % 2 else ("offer ",)
        ends = [at for key, at in state.clocks.items() if key.startswith(kinds)]
        left = moment(min(ends, default=state.now)) - moment(state.now)
        self.tick(max(left // timedelta(minutes=1), 0) + (1, 0, 2, 3)[step.how % 4])

    def do_again(self, step: Step) -> None:
        """
        Hear once more what left a record before, at the same place of its source.
        """
        at = (step.what * 7 + step.how) % len(self.recorded)
        assert self.market.hear(self.recorded[at]) is None

    def do_confirm_clock(self, _: Step) -> None:
        if self.market.state.doubted_since is not None:
            self.say(ClockConfirmed(market="zedford"), by=OPERATOR)


def town(*, limit: int = 1, most: int = 500, clock: Clock = Clock.SIMULATED) -> Town:
    """
    A town with three postings and nobody in it yet.
    """
    return Town(copy.deepcopy(empty_town(limit, most, clock)))


NUMBERS = st.integers(0, 41)
LATER_KINDS = (
    *("wish", "wish", "ready", "codes", "fit", "introduce", "cut", "race", "race", "raise"),
    *("leave", "leave", "answer", "amend", "change", "change", "return", "override", "again"),
    *("stranger", "withdraw", "agree", "duty", "duty", "day_off", "refuse", "refer", "refer"),
    *("contest", "judge", "redress", "redress", "worsen", "worsen"),
)


def steps(*kinds: str) -> st.SearchStrategy[Step]:
    return st.builds(Step, kind=st.sampled_from(kinds), who=NUMBERS, what=NUMBERS, how=NUMBERS)


ENTRANCES = st.lists(
    st.builds(Step, kind=st.just("enter"), what=NUMBERS, how=NUMBERS), min_size=5, max_size=6
).map(lambda made: [replace(each, who=at) for at, each in enumerate(made)])
# The intake of every posting ends, and a first round is held.
OPENING = (Step("tick", how=5), Step("tick", how=6), Step("react"))


def stories(
    *, longest: int = 8, kinds: tuple[str, ...] = LATER_KINDS
) -> st.SearchStrategy[list[Step]]:
    """
    Stories in which people enter, first rounds are held, and then anything may happen.
    """
    turn = st.tuples(
        steps(*kinds),
        steps(*kinds, *("react",) * 9),
        steps("tick", "tick", "edge"),
        steps("react"),
    )
    turns = st.lists(turn, min_size=longest // 4, max_size=longest)
    return st.tuples(ENTRANCES, turns).map(
        lambda told: [*told[0], *OPENING, *(step for turn in told[1] for step in turn)]
    )


LIMITS = st.sampled_from((1, 2))
MOST = st.sampled_from((1, 2, 500))
