"""
A town for property tests: two suppliers, two partners, three postings, six people, and steps.

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

from matching.market.lottery import commitment_of
from matching.market.record import Happened, Said
from schemas.answers import RegisterFacts
from schemas.consents import ConsentWithdrawn
from schemas.contracts import Clause, ContractAgreed, MinimumFit, RingFence, Rung
from schemas.envelope import contract_id
from schemas.fits import RuleCode, RulesAssessed
from schemas.lottery import LotteryCommitted, LotteryContributed, LotteryRevealed
from schemas.opportunities import FencedPositions, OpportunityWithdrawn
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
from schemas.vocabulary import Answer, Clock, Precedence, Purpose, later, moment
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
    market_of,
    opportunity,
    pair,
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
START = "2026-01-13T12:05:00.000Z"
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
        public_after_working_days=7,
    )
    gate = MinimumFit(value=5000 + 1000 * (version > 1), necessity="A driver must drive.")
    return {
        "CO-1 4.2": replace(
            quick,
            rungs=ladder(0, 2, 4 + version),
            intake_hours=24,
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
    policy = Policy(most_live_offers=limit, most_proposals_a_record=most)
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
        self.offers += [each.data.offer for each in events if each.name == "SlotProposed"]
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
        return name, resident(name), self.partners[step.who % len(self.partners)]

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
        fields = ("route",) if step.how % 3 else ("name",)
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
                    resident=subject, purpose=Purpose.INTRODUCTION, supplier=OTHER_SUPPLIER
                ),
                consents(name, ends_on=date(2026, 1, 14 + step.what % 4)),
            )[step.how % 6],
        )

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

    def amend(self, at: int, groups: tuple[FencedPositions, ...]) -> None:
        known = self.market.state.opportunities[VACANCIES[at]]
        told = amended(
            VACANCIES[at],
            of_version=known.version,
            reference=f"F-{at + 1}",
            contract=known.terms.contract,
            closes_on=CLOSES[at],
            positions=20 + known.version,
            ring_fence=groups,
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
        if self.register is None:
            self.register = copy.deepcopy(register_of(1, 500))
        version = self.versions[reference] = self.versions[reference] + 1
        told = self.register.say(agreed(reference, version), by=OWNER, subject=id_)
        if step.how % 3:
            now = ContractAgreed(contract_id=id_, version=version)
            told += self.register.say(now, by=by, subject=id_)
        facts = RegisterFacts(
            register_sequence=self.market.state.register_sequence + 1,
            events=tuple(event_body(replace(fact, said=None)) for fact in told),
        )
        self.say(facts, worker="herald", carried=told)

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
        status = self.market.state.offers[offer].status
        drawn = hashlib.sha256(f"{offer} {status} {salt}".encode()).digest()
        said = list(self.answers(offer, status, drawn[0], salt=salt))
        for data in said[:1] * (2 if drawn[1] % 5 == 0 else 1) + said[1:]:
            self.reply(offer, data)
        if drawn[2] % 4 == 0:
            self.reply(offer, self.contrary(offer, drawn[3]))

    def answers(self, offer: str, status: str, drawn: int, *, salt: int) -> Iterator[Any]:
        """
        What is said about an offer in a state, mostly what carries it on.
        """
        if status == "proposed" and drawn % 8 < 6:
            yield ProposalReleased(offer=offer)
            if drawn % 5 != 3:
                yield OfferDelivered(offer=offer)
        elif status == "proposed" and drawn % 8 == 6:
            yield ProposalHeld(offer=offer, reason=list(HoldReason)[drawn // 8 % 4])
        elif status == "offered" and drawn % 8 < 4:
            yield OfferAccepted(offer=offer)
        elif status == "offered" and drawn % 8 < 6:
            yield OfferDeclined(offer=offer)
        elif status == "accepted" and drawn % 8 < 4:
            yield HireConfirmed(offer=offer)
        elif status == "accepted" and drawn % 8 < 6:
            yield HireRejected(offer=offer, reason=list(RejectionReason)[drawn // 8 % 4])

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
            OfferDelivered(offer=offer),
        )[drawn % 7]

    def reply(self, offer: str, data: Any) -> None:
        entry = self.market.state.offers[offer]
        if isinstance(data, OfferDelivered):
            self.say(data, worker="notifier")
        elif isinstance(data, HireConfirmed | HireRejected):
            self.say(data, by=entry.supplier, subject=offer)
        else:
            self.say(data, by=entry.party, subject=offer)

    def do_stranger(self, step: Step) -> None:
        """
        Let the other partner and the other supplier answer what is not theirs.
        """
        for offer in self.offers[-1:]:
            entry = self.market.state.offers[offer]
            other = self.partners[entry.party == self.partners[0]]
            self.say(ProposalReleased(offer=offer), by=other, subject=offer)
            self.say(OfferAccepted(offer=offer), by=other, subject=offer)

    # --- time and transport ---------------------------------------------------------------

    def do_tick(self, step: Step) -> None:
        self.tick((5, 7, 60, 240, 245, 245, 1440, 1440, 4320)[step.how % 9])

    def do_edge(self, step: Step) -> None:
        """
        Tick at the very end of the first window that runs on an offer, or shortly after.
        """
        state = self.market.state
        ends = [at for key, at in state.clocks.items() if key.startswith("offer ")]
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
    *("stranger", "withdraw", "agree"),
)


def steps(*kinds: str) -> st.SearchStrategy[Step]:
    return st.builds(Step, kind=st.sampled_from(kinds), who=NUMBERS, what=NUMBERS, how=NUMBERS)


ENTRANCES = st.lists(
    st.builds(Step, kind=st.just("enter"), what=NUMBERS, how=NUMBERS), min_size=5, max_size=6
).map(lambda made: [replace(each, who=at) for at, each in enumerate(made)])
# The intake of every posting ends, and a first round is held.
OPENING = (Step("tick", how=5), Step("tick", how=6), Step("react"))


TURNS = st.tuples(
    steps(*LATER_KINDS),
    steps(*LATER_KINDS, *("react",) * 9),
    steps("tick", "tick", "edge"),
    steps("react"),
)


def stories(*, longest: int = 8) -> st.SearchStrategy[list[Step]]:
    """
    Stories in which people enter, first rounds are held, and then anything may happen.
    """
    turns = st.lists(TURNS, min_size=longest // 4, max_size=longest)
    return st.tuples(ENTRANCES, turns).map(
        lambda told: [*told[0], *OPENING, *(step for turn in told[1] for step in turn)]
    )


LIMITS = st.sampled_from((1, 2))
MOST = st.sampled_from((1, 2, 500))
