"""
What each round of a log should have decided, worked out again from the events before it.

Slow and obvious, by the written rules alone: who is let in and why not, the published order
(an upheld challenge of the same kind and hours, whole weeks ready up to the cap, then
HMAC-SHA256 of seed and resident), the order of a resident's own wishes, precedence between
groups, and the allocation by its definition.
"""

import hmac
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from matching.market.allocation import Applicant, Claim, Group, Placement, Vacancy
from matching.market.record import Happened
from schemas.contracts import ContractRegistered, RingFence
from schemas.fits import Pair, RuleCode
from schemas.rules import Policy
from schemas.vocabulary import Answer, Precedence, Purpose, later, moment
from tests.reliability.prefix_rules import Entry
from tests.unit.matching.market import reference_allocation as reference

GRACE = timedelta(minutes=2)
HELD = ("accepted", "filled")


@dataclass(slots=True, kw_only=True)
class Person:
    """
    What the events say of a resident.
    """

    id: str
    status: str = "active"
    consents: bool = False
    consent_ends: str | None = None
    introductions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    introduction_ends: dict[str, str | None] = field(default_factory=dict)
    ready_since: str | None = None
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    ranked: bool = False
    until: str | None = None
    codes: tuple[RuleCode, ...] = ()
    fits: dict[str, Pair] = field(default_factory=dict)
    tried: set[str] = field(default_factory=set)
    given_back: set[str] = field(default_factory=set)
    remedies: set[str] = field(default_factory=set)
    overridden: set[str] = field(default_factory=set)
    wishes_since: int = 0


@dataclass(slots=True, kw_only=True)
class Reserve:
    """
    What the events say of the positions of one group; `free` maps an ordinal to since when.
    """

    clause: str
    fence: RingFence
    stage: int
    public: bool = False
    free: dict[int, str] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    declared: int = 0


@dataclass(slots=True, kw_only=True)
class Posting:
    id: str
    contract: str
    supplier: str
    epoch: str
    until: str
    groups: dict[str, Reserve]
    posted_on: date
    closes_on: date
    last_round: str = ""
    rerun: bool = False
    owed: bool = False


@dataclass(slots=True, kw_only=True)
class Expected:
    """
    What one round should have decided.

    `decisions` are (position, resident, tier, weeks, ticket, remedied, place, considered),
    `outcomes` by posting how many people each reason concerns.
    """

    decisions: list[tuple[Any, ...]]
    outcomes: dict[str, Counter[str]]


@dataclass(slots=True, kw_only=True)
class Oracle:
    """
    A reader of the log that predicts every round.
    """

    now: str = ""
    day: str = ""
    policy: Policy = field(default_factory=Policy)
    seeds: dict[str, str] = field(default_factory=dict)
    registered: dict[str, ContractRegistered] = field(default_factory=dict)
    agreed: dict[str, ContractRegistered] = field(default_factory=dict)
    suppliers: dict[str, str] = field(default_factory=dict)
    closes: dict[str, date] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    postings: dict[str, Posting] = field(default_factory=dict)
    terms: dict[str, Any] = field(default_factory=dict)
    parties: dict[str, Any] = field(default_factory=dict)
    partners: dict[str, str] = field(default_factory=dict)
    challenges: dict[str, str] = field(default_factory=dict)
    remedied_by: dict[str, set[str]] = field(default_factory=dict)
    offers: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    sequence: int = 0
    waiting: int = 0
    rounds: int = 0
    placed: int = 0
    _pending: dict[str, Any] = field(default_factory=dict)
    doubted: bool = False
    stood_still: bool = False

    def read(self, log: Iterable[Entry]) -> "Oracle":
        """
        Read a log and hold each of its rounds to what it should have been.
        """
        for cause, told, events in log:
            self.now, self.sequence = max(self.now, cause.now), self.sequence + 1
            refused = any(each.name.startswith("SubmissionRe") for each in events)
            doubts = any(each.name == "ClockDoubted" for each in events)
            said = told["message"]["type"]
            ticked = said == "foothold.Tick.v1" and not refused and not doubts
            if ticked:
                self.now = max(self.now, told["message"]["data"]["at"])
            due: tuple[str, ...] | None = None
            for event in events:
                if event.name == "RoundClosed":
                    self._judge(event.data, due if due is not None else self.due())
                elif event.name == "SeedFixed":
                    due = self.due()
                self.take(event)
            held = any(each.name == "RoundClosed" for each in events)
            made = any(each.name in ("SlotProposed", "ProposalDropped") for each in events)
            if ticked and not held and not made and not self.doubted:
                assert self.due() == (), "a round that was due was not held"
        return self

    def _judge(self, closed: Any, due: tuple[str, ...]) -> None:
        assert tuple(part.opportunity for part in closed.opportunities) == due
        expected = self.expected(due)
        decided = [
            (
                each.position,
                each.resident,
                each.tier,
                each.weeks_ready,
                each.ticket,
                each.remedied,
                each.place,
                each.considered,
            )
            for each in closed.decisions
        ]
        assert decided == expected.decisions
        for part in closed.opportunities:
            found = Counter({each.outcome.value: each.residents for each in part.outcomes})
            assert found == expected.outcomes[part.opportunity], part.opportunity
        self.rounds += 1
        self.placed += len(decided)

    # --- when -----------------------------------------------------------------------------

    def due(self) -> tuple[str, ...]:
        """
        The postings that a round is due for: free positions, after the intake, at its time.
        """
        if self.waiting:
            return ()
        latest = later(self.now, -GRACE)
        return tuple(
            name
            for name, posting in sorted(self.postings.items())
            if self._free(posting)
            and posting.until <= latest
            and (posting.rerun or any(self._is_due(posting, at) for at in round_times(latest)))
        )

    def _is_due(self, posting: Posting, at: str) -> bool:
        in_time = any(since <= at for since in self._free(posting))
        return posting.until <= at and later(at, GRACE) > posting.last_round and in_time

    def _free(self, posting: Posting) -> list[str]:
        return [
            since
            for group in posting.groups.values()
            if not group.public
            for since in group.free.values()
        ]

    # --- who ------------------------------------------------------------------------------

    def expected(self, due: tuple[str, ...]) -> Expected:
        claims: dict[str, list[Claim]] = {name: [] for name in due}
        outcomes: dict[str, dict[str, str]] = {name: {} for name in due}
        applicants = []
        for person in sorted(self.people.values(), key=lambda each: each.id):
            entered = []
            for name in due:
                tiers = self._enters(person, self.postings[name])
                if isinstance(tiers, str):
                    outcomes[name][person.id] = tiers
                else:
                    entered.append(name)
                    claims[name].append(
                        Claim(resident=person.id, key=self._key(person, name), tiers=tiers)
                    )
            if entered:
                capacity = self.policy.most_live_offers - self._live(person)
                wishes = tuple(sorted(entered, key=lambda each: self._wish(person, each)))
                applicants.append(
                    Applicant(resident=person.id, vacancies=wishes, capacity=capacity)
                )
        vacancies = [self._vacancy(name) for name in due]
        placements = reference.allocate(vacancies, claims, applicants)
        self._no_envy(vacancies, claims, applicants, placements)
        for applicant in applicants:
            mine = {each.vacancy for each in placements if each.resident == applicant.resident}
            for at, name in enumerate(applicant.vacancies):
                liked_better = len(mine & set(applicant.vacancies[:at]))
                reason = "preferred_another" if liked_better == applicant.capacity else "outranked"
                outcomes[name][applicant.resident] = "proposed" if name in mine else reason
        return Expected(
            decisions=[self._decision(each, claims[each.vacancy]) for each in placements],
            outcomes={
                name: Counter(each for each in told.values() if each != "nobody's concern")
                for name, told in outcomes.items()
            },
        )

    def _enters(self, person: Person, posting: Posting) -> tuple[int | None, ...] | str:
        """
        The person's tiers, or the one reason why they are not in.
        """
        groups = self._in_order(posting)
        fit = person.fits.get(posting.id)
        asked = self._said_yes(person, posting)
        here = person.status == "active" and person.consents
        placed = self._placed(person)
        known = [self._code(person, posting, group) for _, group in groups]
        tiers = tuple(
            self._tier(code, group) for code, (_, group) in zip(known, groups, strict=True)
        )
        least = [group.fence.min_fit.value if group.fence.min_fit else 0 for _, group in groups]
        past = fit is not None and (fit.thin or posting.id in person.overridden)
        fitting = tuple(
            tier if past or (fit is not None and fit.score >= floor) else None
            for tier, floor in zip(tiers, least, strict=True)
        )
        discloses = "route" in person.introductions.get(posting.supplier, ())
        open_to = tuple(
            tier if discloses or not group.fence.route_disclosed else None
            for tier, (_, group) in zip(fitting, groups, strict=True)
        )
        checks: tuple[tuple[bool, str], ...] = (
            (not here, "inactive"),
            (placed, "placed"),
            (posting.id in person.tried, "already_tried"),
            (self._live(person) >= self.policy.most_live_offers, "at_limit"),
            (person.ready_since is None, "not_ready"),
            (
                all(tier is None for tier in tiers) and any(code is None for code in known),
                "not_assessed",
            ),
            (all(tier is None for tier in tiers), "no_position_in_reach"),
            (not asked, "not_asked"),
            (fit is None, "not_assessed"),
            (fit is not None and fit.eligible is Answer.NO, "requirement_not_met"),
            (all(tier is None for tier in fitting), "below_minimum_fit"),
            (all(tier is None for tier in open_to), "route_not_consented"),
        )
        reason = next((reason for holds, reason in checks if holds), None)
        if reason is None:
            return open_to
        # Of who said nothing only those are counted who could have been proposed.
        return reason if asked or self._unasked(person, posting, reason) else "nobody's concern"

    def _unasked(self, person: Person, posting: Posting, reason: str) -> bool:
        return reason == "not_asked" and posting.id not in person.no

    def _code(self, person: Person, posting: Posting, group: Reserve) -> RuleCode | None:
        wanted = (posting.contract, group.clause)
        return next((c for c in person.codes if (c.contract, c.clause) == wanted), None)

    def _tier(self, code: RuleCode | None, group: Reserve) -> int | None:
        if code is None or code.rung is None or not group.free or group.public:
            return None
        first, last = code.first_day or date.min, code.last_day or date.max
        today = first <= date.fromisoformat(self.day) <= last
        return code.rung if today and code.rung <= group.stage else None

    def _live(self, person: Person) -> int:
        return sum(
            who == person.id and bool(position) and self.states[name] in ("proposed", "offered")
            for name, (position, who, _) in self.offers.items()
        )

    def _weeks(self, person: Person) -> int:
        assert person.ready_since is not None
        return (moment(self.now) - moment(person.ready_since)).days // 7

    def _ticket(self, person: str, posting: str) -> int:
        seed = bytes.fromhex(self.seeds[self.postings[posting].epoch])
        return int(hmac.new(seed, person.encode(), "sha256").hexdigest()[:16], 16)

    def _key(self, person: Person, posting: str) -> tuple[int, int, int, str]:
        weeks = min(self._weeks(person), self.policy.most_weeks_ready)
        last = 0 if self._remedied(person, posting) else 1
        return (last, -weeks, self._ticket(person.id, posting), person.id)

    def _remedied(self, person: Person, posting: str) -> set[str]:
        """
        The challenges that put a person first there: about the same kind, and hours alike.
        """
        here = self.terms[posting]
        return {
            each
            for each in person.remedies
            for contested in [self.terms[self.challenges[each]]]
            if contested.kind is here.kind
            and abs(contested.minutes_a_week - here.minutes_a_week)
            <= self.policy.remedy_minutes_apart
        }

    def _wish(self, person: Person, posting: str) -> tuple[int, int, str]:
        """
        What was ranked comes in its order; the rest by fit, the best first, then by id.
        """
        ranked = person.yes if person.ranked else ()
        at = ranked.index(posting) if posting in ranked else len(ranked)
        return (at, -person.fits[posting].score, posting)

    # --- what -----------------------------------------------------------------------------

    def _in_order(self, posting: Posting) -> list[tuple[str, Reserve]]:
        """
        The groups in precedence: guaranteed minimums as posted, then what comes on top.
        """
        on_top = Precedence.OVER_AND_ABOVE
        return sorted(posting.groups.items(), key=lambda each: each[1].fence.precedence is on_top)

    def _vacancy(self, name: str) -> Vacancy:
        groups = tuple(
            Group(
                name=group,
                stage=reserve.stage,
                free=()
                if reserve.public
                else tuple(f"{name}/{group}/{ordinal}" for ordinal in sorted(reserve.free)),
            )
            for group, reserve in self._in_order(self.postings[name])
        )
        return Vacancy(id=name, groups=groups)

    def _decision(self, placement: Placement, claims: list[Claim]) -> tuple[Any, ...]:
        person = self.people[placement.resident]
        order = sorted(
            (min(tier for tier in claim.tiers if tier is not None), claim.key) for claim in claims
        )
        place = next(at for at, (_, key) in enumerate(order, 1) if key[3] == person.id)
        return (
            placement.position,
            person.id,
            placement.tier,
            self._weeks(person),
            f"{self._ticket(person.id, placement.vacancy):016x}",
            bool(self._remedied(person, placement.vacancy)),
            place,
            len(claims),
        )

    def _no_envy(
        self,
        vacancies: list[Vacancy],
        claims: dict[str, list[Claim]],
        applicants: list[Applicant],
        placements: tuple[Placement, ...],
    ) -> None:
        """
        Hold a placement to fairness itself: no waste, and nobody passed over by a worse claim.
        """
        key = {(n, each.resident): each.key for n, told in claims.items() for each in told}
        holder = {each.position: each for each in placements}
        for applicant in applicants:
            mine = {each.vacancy for each in placements if each.resident == applicant.resident}
            for at, name in enumerate(applicant.vacancies):
                content = len(mine & set(applicant.vacancies[:at])) >= applicant.capacity
                if name in mine or content:
                    continue
                claim = next(c for c in claims[name] if c.resident == applicant.resident)
                vacancy = next(each for each in vacancies if each.id == name)
                for group, tier in zip(vacancy.groups, claim.tiers, strict=True):
                    for position in group.free if tier is not None else ():
                        other = holder[position]
                        assert (other.tier, key[name, other.resident]) < (tier, claim.key)

    # --- reading --------------------------------------------------------------------------

    def take(self, event: Happened) -> None:
        if event.name in WINDOWS:
            self._window(event)
        if event.name in READ:
            READ[event.name](self, event)

    def _rules(self, event: Happened) -> None:
        self.policy = event.data.policy

    def _seed(self, event: Happened) -> None:
        self.seeds[event.data.epoch] = event.data.seed

    def _day(self, event: Happened) -> None:
        self.day = str(event.data.day)
        for person in self.people.values():
            if person.consent_ends is not None and person.consent_ends < self.day:
                person.consents, person.consent_ends = False, None
                person.fits = {}
            for supplier, ends in list(person.introduction_ends.items()):
                if ends is not None and ends < self.day:
                    person.introductions.pop(supplier, None)

    def _doubt(self, _: Happened) -> None:
        self.doubted = True

    def _lengthened(self, event: Happened) -> None:
        self.stood_still, self.doubted = True, False
        for window in event.data.windows:
            kind, _, name = window.clock.partition(" ")
            if kind == "intake":
                self.postings[name].until = window.ends_at

    def _contract(self, event: Happened) -> None:
        self.registered[event.subject or ""] = event.data

    def _agreed(self, event: Happened) -> None:
        contract = event.data.contract_id
        self.agreed[contract] = self.registered[contract]
        for person in self.people.values():
            person.codes = tuple(each for each in person.codes if each.contract != contract)

    def _party(self, event: Happened) -> None:
        self.parties[event.data.slug] = event.data

    def _posted(self, event: Happened) -> None:
        self.terms[event.subject or ""] = event.data
        self.suppliers[event.subject or ""] = event.party or ""
        self.closes[event.subject or ""] = event.data.closes_on

    def _unfit(self, event: Happened) -> None:
        closes_on = getattr(event.data, "closes_on", None)
        if closes_on is not None:
            self.closes[event.subject or ""] = closes_on
            self.terms[event.subject or ""] = event.data
        for person in self.people.values():
            person.fits.pop(event.subject or "", None)

    def _intake(self, event: Happened) -> None:
        opened = event.data
        self.postings[opened.opportunity] = Posting(
            id=opened.opportunity,
            contract=opened.contract,
            supplier=self.suppliers[opened.opportunity],
            epoch=opened.epoch,
            until=opened.until,
            groups={},
            posted_on=date.fromisoformat(self.now[:10]),
            closes_on=self.closes[opened.opportunity],
        )
        self._groups(event)

    def _groups(self, event: Happened) -> None:
        posting = self.postings[event.data.opportunity]
        told = {}
        for group in event.data.groups:
            fence = self._fence(posting.contract, group.clause)
            known = posting.groups.pop(group.group, None)
            stage = sum(at <= self.now for at in group.rungs) - 1
            reserve = known or Reserve(clause=group.clause, fence=fence, stage=stage)
            if fence is not None and fence.rungs != reserve.fence.rungs:
                reserve.stage = min(reserve.stage, stage)
            reserve.fence = fence or reserve.fence
            reserve.declared = group.positions
            posting.closes_on = self.closes[posting.id]
            if not self.stood_still:
                assert group.rungs == self._rungs(posting, reserve.fence)
                assert group.public_at == self._public_at(posting, reserve.fence)
            self._recount(posting, group.group, reserve)
            told[group.group] = reserve
        posting.groups = told | posting.groups
        posting.rerun = posting.rerun and bool(self._free(posting))

    def _fence(self, contract: str, clause: str) -> Any:
        return next(
            (each.ring_fence for each in self.agreed[contract].clauses if each.clause == clause),
            None,
        )

    def _rungs(self, posting: Posting, fence: RingFence) -> tuple[str, ...]:
        days = [working_day_after(posting.posted_on, n.after_working_days) for n in fence.rungs]
        return tuple(f"{day}T00:00:00.000Z" for day in days)

    def _public_at(self, posting: Posting, fence: RingFence) -> str:
        closed = posting.closes_on + timedelta(days=1)
        after = fence.public_after_working_days
        day = closed if after is None else working_day_after(posting.posted_on, after)
        return f"{min(day, closed)}T00:00:00.000Z"

    def _window(self, event: Happened) -> None:
        """
        Hold a window to the terms in force: so many working days, until their closing hour.
        """
        told = event.data
        position, resident, opportunity = self.offers.get(
            getattr(told, "offer", ""), (None, "", told.opportunity)
        )
        position = getattr(told, "position", None) if position is None else position
        group = position.split("/")[1] if position else None
        days, ends, whose = self._terms_of(event, opportunity, group, self.partners.get(resident))
        off = self.parties[whose].days_off if whose is not None else ()
        assert getattr(told, ends) == closing(self.now, days or 0, off), event.name
        if event.name in ("SlotOffered", "OfferChanged"):
            stated = self.policy.referral_answer_working_days
            if group is not None:
                stated = self.postings[opportunity].groups[group].fence.answer_working_days or 0
            assert told.answer_working_days == stated

    def _terms_of(
        self, event: Happened, opportunity: str, group: str | None, partner: str | None
    ) -> tuple[int | None, str, str | None]:
        """
        For how many days something waits, until when, and for whom: nobody is the market.
        """
        name, policy = event.name, self.policy
        if name in ("SlotProposed", "SlotOffered", "OfferChanged"):
            return policy.delivery_working_days, "deliver_by", None
        if name == "DecisionDue":
            groups = self.postings[opportunity].groups.values()
            days = max(each.fence.challenge_working_days or 0 for each in groups)
            return days, "decide_by", event.data.decider
        supplier = self.suppliers[opportunity]
        if group is None:
            return {
                "AnswerDue": (policy.referral_answer_working_days, "answer_by", partner),
                "ConsentDue": (policy.referral_answer_working_days, "consent_by", partner),
                "ConfirmationDue": (policy.referral_supplier_working_days, "confirm_by", supplier),
            }[name]
        fence = self.postings[opportunity].groups[group].fence
        return {
            "ReleaseDue": (fence.release_working_days, "release_by", partner),
            "AnswerDue": (fence.answer_working_days, "answer_by", partner),
            "ConsentDue": (fence.answer_working_days, "consent_by", partner),
            "ConfirmationDue": (fence.supplier_working_days, "confirm_by", supplier),
        }[name]

    def _recount(self, posting: Posting, name: str, group: Reserve) -> None:
        """
        Take free positions from the last, and bring back or add from the first.
        """
        taken = {
            int(position.split("/")[2])
            for offer, (position, _, _) in self.offers.items()
            if position.startswith(f"{posting.id}/{name}/")
            and self.states[offer] in ("proposed", "offered", *HELD)
        }
        for ordinal in sorted(group.free, reverse=True):
            if len(taken) + len(group.free) > group.declared:
                del group.free[ordinal]
                group.gone.add(ordinal)
        ordinal = 1
        while len(taken) + len(group.free) < group.declared:
            if ordinal not in taken and ordinal not in group.free:
                group.free[ordinal] = self.now
                group.gone.discard(ordinal)
            ordinal += 1

    def _stage(self, event: Happened) -> None:
        group = self.postings[event.data.opportunity].groups[event.data.group]
        group.public = event.data.stage is None
        group.stage = group.stage if event.data.stage is None else event.data.stage

    def _closed(self, event: Happened) -> None:
        self.waiting = len(event.data.decisions)
        for part in event.data.opportunities:
            posting = self.postings[part.opportunity]
            left_out = any(each.outcome.value == "not_assessed" for each in part.outcomes)
            posting.owed = left_out and not posting.rerun
            posting.last_round, posting.rerun = event.data.at, False
        self._pending = {each.offer: each for each in event.data.decisions}

    def _dropped(self, event: Happened) -> None:
        self.waiting -= 1
        decision = self._pending[event.data.offer]
        assert self._lacks(decision)[event.data.outcome.value], "dropped for no true reason"
        posting = self.postings[decision.opportunity]
        posting.rerun = bool(self._free(posting))

    def _lacks(self, decision: Any) -> dict[str, bool]:
        """
        Tell which reasons hold for a decided proposal not to be made any more.
        """
        person, posting = self.people[decision.resident], self.postings[decision.opportunity]
        _, name, ordinal = decision.position.split("/")
        group = posting.groups[name]
        discloses = "route" in person.introductions.get(posting.supplier, ())
        return {
            "inactive": person.status != "active" or not person.consents,
            "said_no": posting.id in person.no,
            "not_asked": not self._said_yes(person, posting),
            "placed": self._placed(person),
            "at_limit": self._live(person) >= self.policy.most_live_offers,
            "no_position_in_reach": group.public or int(ordinal) not in group.free,
            "route_not_consented": group.fence.route_disclosed and not discloses,
        }

    def _said_yes(self, person: Person, posting: Posting) -> bool:
        fit = person.fits.get(posting.id)
        stands = person.until is not None and person.until >= self.day
        yes = posting.id in person.yes or bool(stands and fit and fit.standing)
        return yes and posting.id not in person.no

    def _placed(self, person: Person) -> bool:
        return any(
            who == person.id and self.states[name] in (HELD if position else ("filled",))
            for name, (position, who, _) in self.offers.items()
        )

    def _proposed(self, event: Happened) -> None:
        made = event.data
        assert not any(self._lacks(self._pending[made.offer]).values()), "proposed all the same"
        self.waiting -= 1
        posting, group, ordinal = made.position.split("/")
        del self.postings[posting].groups[group].free[int(ordinal)]
        self.offers[made.offer] = (made.position, made.resident, posting)
        self.states[made.offer] = "proposed"
        person = self.people[made.resident]
        self.remedied_by[made.offer] = self._remedied(person, posting) if made.remedied else set()
        self.people[made.resident].tried.add(posting)

    def _referred(self, event: Happened) -> None:
        opened = event.data
        self.offers[opened.offer] = ("", opened.resident, opened.opportunity)
        self.states[opened.offer] = "accepted"

    def _moves(self, event: Happened) -> None:
        position, resident, opportunity = self.offers[event.data.offer]
        person, supplier = self.people[resident], self.suppliers[opportunity]
        if position:
            fence = self.postings[opportunity].groups[position.split("/")[1]].fence
            if fence.route_disclosed and event.name in ("SlotOffered", "OfferAccepted"):
                assert "route" in person.introductions.get(supplier, ()), "told without consent"
        self.states[event.data.offer] = MOVES[event.name]
        if event.name == "OfferAccepted":
            person.remedies -= self.remedied_by.get(event.data.offer, set())

    def _spends(self, event: Happened) -> None:
        """
        Note what an end costs: the try, unless others caused it, and the remedy of an answer.
        """
        position, resident, opportunity = self.offers[event.data.offer]
        person, reason = self.people[resident], getattr(event.data, "reason", None)
        first = self.remedied_by.get(event.data.offer, set())
        if event.name == "OfferDeclined" or reason == "no_answer":
            person.remedies -= first
        if event.name not in ("OfferWithdrawn", "OfferLapsed") or not position:
            return
        if reason in (*BY_OTHERS, "position_cut", "not_delivered"):
            person.remedies |= first
        if reason in ("position_cut", "not_delivered"):
            person.tried.discard(opportunity)
        elif reason in BY_OTHERS and opportunity not in person.given_back:
            person.given_back.add(opportunity)
            person.tried.discard(opportunity)

    def _ends(self, event: Happened) -> None:
        offer = event.data.offer
        if event.name == "ProposalHeld" and self.states[offer] != "proposed":
            return
        self.states[offer] = "ended"
        self._spends(event)
        position, _, opportunity = self.offers[offer]
        if not position:
            return
        _, name, ordinal = position.split("/")
        posting = self.postings[opportunity]
        group = posting.groups[name]
        standing = len(group.free) + sum(
            at.startswith(f"{opportunity}/{name}/") and self.states[other] != "ended"
            for other, (at, _, _) in self.offers.items()
        )
        if standing < group.declared:
            group.free[int(ordinal)] = self.now
        else:
            group.gone.add(int(ordinal))
        if event.name == "ProposalHeld":
            posting.rerun = bool(self._free(posting))

    def _registered(self, event: Happened) -> None:
        self.people[event.subject or ""] = Person(id=event.subject or "")
        self.partners[event.subject or ""] = event.party or ""

    def _consents(self, event: Happened) -> None:
        person, told = self.people[event.subject or ""], event.data
        ends = None if told.ends_on is None else str(told.ends_on)
        if told.purpose is Purpose.MATCHING:
            person.consents, person.consent_ends = True, ends
        else:
            person.introductions[told.supplier] = told.fields
            person.introduction_ends[told.supplier] = ends

    def _withdraws(self, event: Happened) -> None:
        person, told = self.people[event.subject or ""], event.data
        if told.purpose is Purpose.MATCHING:
            person.consents, person.fits = False, {}
        else:
            person.introductions.pop(told.supplier, None)

    def _contested(self, event: Happened) -> None:
        self.challenges[event.data.challenge] = event.data.opportunity

    def _remedy(self, event: Happened) -> None:
        self.people[event.data.resident].remedies.add(event.data.challenge)

    def _status(self, event: Happened) -> None:
        person = self.people[event.subject or ""]
        person.status = STATUSES[event.name]
        if person.status in ("closed", "erased"):
            person.consents, person.introductions = False, {}
            person.yes, person.no, person.until, person.codes = (), (), None, ()
        if person.status != "active":
            person.fits = {}

    def _ready(self, event: Happened) -> None:
        person = self.people[event.subject or ""]
        person.ready_since = (person.ready_since or self.now) if event.data.ready else None

    def _wishes(self, event: Happened) -> None:
        person, told = self.people[event.subject or ""], event.data
        person.yes, person.no, person.ranked = told.yes, told.no, told.ranked
        person.until = None if told.until is None else str(told.until)
        # What met an earlier standing yes says nothing of this one.
        person.wishes_since = self.sequence
        person.fits = {n: replace(each, standing=False) for n, each in person.fits.items()}

    def _assessed(self, event: Happened) -> None:
        for each in event.data.pairs:
            person = self.people[each.resident]
            standing = each.standing and event.data.as_of >= person.wishes_since
            person.fits[each.opportunity] = replace(each, standing=standing)
        self._reruns(event.subject or "")

    def _coded(self, event: Happened) -> None:
        self.people[event.data.resident].codes = event.data.codes
        self._reruns(event.data.resident)

    def _reruns(self, subject: str) -> None:
        """
        Owe a round to postings whose last one left somebody out for want of an assessment.
        """
        person = self.people.get(subject)
        named = {subject}
        if person is not None:
            named = {*person.yes, *(n for n, each in person.fits.items() if each.standing)}
        for posting in self.postings.values():
            if posting.id in named and posting.owed:
                posting.owed, posting.rerun = False, bool(self._free(posting))

    def _overrides(self, event: Happened) -> None:
        self.people[event.subject or ""].overridden.add(event.data.opportunity)


def round_times(latest: str) -> list[str]:
    """
    The round times of the last fortnight, 09:00 and 13:00 of working days, up to an instant.
    """
    last = date.fromisoformat(latest[:10])
    days = [last - timedelta(days=n) for n in range(14)]
    times = [
        f"{day}T{hour}:00.000Z" for day in days if day.weekday() < 5 for hour in ("13:00", "09:00")
    ]
    return [at for at in times if at <= latest][:1]


def working_day_after(day: date, nth: int, off: tuple[date, ...] = ()) -> date:
    """
    The n-th day from Monday to Friday after a day, which is itself the 0th, but for days off.
    """
    while nth:
        day += timedelta(days=1)
        nth -= day.weekday() < 5 and day not in off
    return day


def closing(now: str, days: int, off: tuple[date, ...] = ()) -> str:
    """
    When a window of so many working days ends that begins now, in hours from nine to five.
    """
    today = date.fromisoformat(now[:10])
    worked = today.weekday() < 5 and today not in off
    if days == 0 and worked and now < f"{today}T17:00:00.000Z":
        return f"{today}T17:00:00.000Z"
    return f"{working_day_after(today, max(days, 1), off)}T17:00:00.000Z"


WINDOWS = (
    *("SlotProposed", "ReleaseDue", "SlotOffered", "OfferChanged", "AnswerDue", "ConsentDue"),
    *("ConfirmationDue", "DecisionDue"),
)
BY_OTHERS = ("not_released", "not_reached", "not_introduced", "supplier_silent")
MOVES = {
    "SlotOffered": "offered",
    "OfferChanged": "offered",
    "OfferAccepted": "accepted",
    "HireConfirmed": "filled",
}
STATUSES = {
    "ResidentPaused": "paused",
    "ResidentResumed": "active",
    "ResidentClosed": "closed",
    "ResidentErased": "erased",
}
ENDS = ("OfferDeclined", "HireRejected", "OfferLapsed", "OfferWithdrawn", "ProposalHeld")
READ: dict[str, Callable[[Oracle, Happened], None]] = {
    "RulesAdopted": Oracle._rules,
    "SeedFixed": Oracle._seed,
    "DayBegan": Oracle._day,
    "ClockDoubted": Oracle._doubt,
    "WindowsLengthened": Oracle._lengthened,
    "ContractRegistered": Oracle._contract,
    "ContractAgreed": Oracle._agreed,
    "PartyRegisteredSealed": Oracle._party,
    "OpportunityPostedSealed": Oracle._posted,
    "OpportunityAmendedSealed": Oracle._unfit,
    "OpportunityWithdrawn": Oracle._unfit,
    "IntakeOpened": Oracle._intake,
    "PositionsAdjusted": Oracle._groups,
    "StageOpened": Oracle._stage,
    "RoundClosed": Oracle._closed,
    "SlotProposed": Oracle._proposed,
    "ReferralOpened": Oracle._referred,
    "DecisionDue": Oracle._contested,
    "RemedyGranted": Oracle._remedy,
    "ProposalDropped": Oracle._dropped,
    "ResidentRegisteredSealed": Oracle._registered,
    "ConsentGiven": Oracle._consents,
    "ConsentWithdrawn": Oracle._withdraws,
    "ReadinessChanged": Oracle._ready,
    "InterestGivenSealed": Oracle._wishes,
    "FitsAssessed": Oracle._assessed,
    "RulesAssessed": Oracle._coded,
    "FitOverridden": Oracle._overrides,
    **dict.fromkeys(STATUSES, Oracle._status),
    **dict.fromkeys(MOVES, Oracle._moves),
    **dict.fromkeys(ENDS, Oracle._ends),
}
