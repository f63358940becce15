"""
Rules that a market's log must keep at every prefix, told from its events alone.

The walk knows nothing of the core: it keeps what the events say of each position, offer,
resident and group, and names each rule that a record breaks. So it judges the core's own
logs, those of a broker's topics, and those of an export alike.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from matching.market.record import Happened
from schemas.contracts import ContractRegistered, Rung
from schemas.log_record import LogRecord
from schemas.rules import Policy
from schemas.slots import Decision, ReservedGroup
from schemas.vocabulary import Instant, OpportunityKind, Purpose, later
from services.transport.replaying import opened
from tests.reliability import clock_rules
from tests.reliability.fault import Entry, Fault

__all__ = ["Entry", "Fault", "entries", "faults"]

GRACE = timedelta(minutes=2)
WAITING = ("proposed", "released", "offered")
PLACED = ("accepted", "filled")
LIVE = (*WAITING, "accepted")

# By what is said of an offer, the state that it must be in and the one that it leaves.
WAYS: dict[str, tuple[tuple[str, ...], str | None]] = {
    "ProposalReleased": (("proposed",), "released"),
    "SlotOffered": (("released",), "offered"),
    "OfferChanged": (("offered", "accepted"), "offered"),
    "OfferDelivered": (("proposed", "offered"), None),
    "ReleaseDue": (("proposed",), None),
    "AnswerDue": (("offered",), None),
    "ContactTried": (("offered",), None),
    "OfferAccepted": (("offered",), "accepted"),
    "OfferDeclined": (("offered",), "ended"),
    "ConsentDue": (("accepted",), None),
    "IntroductionMade": (("accepted",), None),
    "ConfirmationDue": (("accepted",), None),
    "InterviewOffered": (("accepted",), None),
    "InterviewHeld": (("accepted",), None),
    "HireConfirmed": (("accepted",), "filled"),
    "HireRejected": (("accepted",), "ended"),
    "OfferLapsed": (("offered",), "ended"),
    "OfferWithdrawn": (LIVE, "ended"),
    "ProposalHeld": (LIVE, None),
    "EligibilityLost": (LIVE, None),
}
EMPLOYING = (OpportunityKind.JOB, OpportunityKind.APPRENTICESHIP)
WINDOWS = {
    "SlotProposed": "deliver_by",
    "ReleaseDue": "release_by",
    "SlotOffered": "deliver_by",
    "OfferChanged": "deliver_by",
    "AnswerDue": "answer_by",
    "ConsentDue": "consent_by",
    "ConfirmationDue": "confirm_by",
}
OF_SUPPLIER = (
    *("ConfirmationDue", "HireConfirmed", "HireRejected", "PositionChanged"),
    "InterviewOffered",
)
# Either side may say that it was held.
OF_EITHER = ("InterviewHeld",)
BY_CUT = ("position_cut", "opportunity_withdrawn")
# Nobody on the resident's side could help these: the pair may be tried again.
TAKEN_BACK = ("position_cut", "not_delivered")
# Somebody else was silent: the pair may be tried once more.
ONCE_MORE = ("not_released", "not_reached", "not_introduced", "supplier_silent")
BY_CLOCK = ("not_released", "not_delivered", "not_introduced", "supplier_silent")
# By the window that ran out, whose silence ended it; of an answer, whoever was silent.
SILENT = {
    "SlotProposed": ("not_delivered",),
    "SlotOffered": ("not_delivered",),
    "OfferChanged": ("not_delivered",),
    "ReleaseDue": ("not_released",),
    "AnswerDue": ("not_reached", "no_answer"),
    "ConsentDue": ("not_introduced",),
    "ConfirmationDue": ("supplier_silent",),
}
LEAVING = {"ResidentClosed": "closed", "ResidentErased": "erased", "ResidentPaused": "paused"}
# What a clock alone brings about, and so nothing in doubt of it may.
OF_TIME = (
    *("RoundClosed", "SlotProposed", "StageOpened", "OfferLapsed"),
    *("ReminderGiven", "ReleaseOverdue", "ChallengeUnanswered"),
)


@dataclass(slots=True, kw_only=True)
class Offer:
    """
    What the events say of a proposal, an offer or a referral; `ends` is when its window does.

    `sent` is the event that went to its partner last, `group` nothing of a referral.
    """

    opportunity: str
    group: str
    position: str | None
    resident: str
    partner: str
    supplier: str
    state: str
    ends: Instant
    claim: tuple[Instant, int]
    delivered: bool = False
    introduced: bool = False
    was_accepted: bool = False
    sent: str = "SlotProposed"
    clock: str = "SlotProposed"

    @property
    def awaited(self) -> str:
        """
        The event whose window runs on it now.
        """
        if self.state == "accepted":
            return "ConfirmationDue" if self.introduced else "ConsentDue"
        if not self.delivered:
            return self.sent
        return "AnswerDue" if self.state == "offered" else "ReleaseDue"


@dataclass(slots=True, kw_only=True)
class Group:
    """
    What the events say of one opportunity's group.
    """

    declared: int
    rungs: tuple[Instant, ...]
    public_at: Instant
    stage: int
    ladder: tuple[Rung, ...] | None
    public: bool = False


@dataclass(slots=True, kw_only=True)
class Person:
    partner: str
    status: str = "active"
    consents: bool = False
    consent_ends: str | None = None
    no: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Walk:
    """
    One market's log, walked record by record.
    """

    faults: list[Fault] = field(default_factory=list)
    sequence: int = 0
    now: Instant = ""
    policy: Policy = field(default_factory=Policy)
    doubted: bool = False
    draining: bool = False
    in_record: Counter[str] = field(default_factory=Counter)
    cut: list[Offer] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    suppliers: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, OpportunityKind] = field(default_factory=dict)
    contracts: dict[str, str] = field(default_factory=dict)
    registered: dict[str, ContractRegistered] = field(default_factory=dict)
    ladders: dict[tuple[str, str], tuple[Rung, ...]] = field(default_factory=dict)
    intake: dict[str, Instant] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    offers: dict[str, Offer] = field(default_factory=dict)
    decided: list[Decision] = field(default_factory=list)
    tried: set[tuple[str, str]] = field(default_factory=set)
    given_back: set[tuple[str, str]] = field(default_factory=set)

    def take(self, entry: Entry) -> None:
        cause, told, events = entry
        self.sequence += 1
        self.in_record, self.cut = Counter(), []
        self._moved(cause.now)
        message = told["message"]
        refused = any(each.name in ("SubmissionRefused", "SubmissionRepeated") for each in events)
        doubts = any(each.name == "ClockDoubted" for each in events)
        ticked = message["type"] == "foothold.Tick.v1" and not refused and not doubts
        waited = len(self.decided)
        if ticked:
            self.now = max(self.now, message["data"]["at"])
        for event in events:
            self._event(event, speaker=message["source"])
        self._whole()
        if ticked:
            self._ticked(waited)

    def _broken(self, rule: str, about: str, *, unless: bool = False) -> None:
        if not unless:
            self.faults.append(Fault(sequence=self.sequence, rule=rule, about=about))

    # --- between records ------------------------------------------------------------------

    def _moved(self, now: Instant) -> None:
        """
        Judge the ticks that left no record: one that left none had nothing to do.
        """
        if now > self.now and self.sequence > 1:
            self.now = now
            self._ticked(0 if self.draining else len(self.decided))
        self.now = max(self.now, now)

    def _ticked(self, waited: int) -> None:
        if self.doubted:
            return
        ran_out = self.in_record["ran out"]
        self.draining = ran_out >= self.policy.most_proposals_a_record or (
            self.draining and not self.in_record
        )
        for name, offer in self.offers.items() if not self.draining else ():
            past = offer.state in LIVE and later(offer.ends, GRACE) <= self.now
            self._broken("nothing is live past its window", name, unless=not past)
        made = self.in_record["made"] + self.in_record["dropped"]
        least = min(waited + self.in_record["decided"], self.policy.most_proposals_a_record)
        self._broken("what was decided is proposed or dropped", "", unless=made >= least)
        for name, group in self.groups.items():
            due = sum(at <= self.now for at in group.rungs) - 1
            late = not group.public and (group.stage < due or group.public_at <= self.now)
            self._broken("the fence comes down on time", name, unless=not late)
            held = self._count(name, (*PLACED, *WAITING))
            over = held > max(group.declared, self._kept(name))
            self._broken("no more is held than is declared or accepted", name, unless=not over)
        for cut in self.cut:
            held = self._count(cut.group, (*WAITING, *PLACED))
            needed = held >= self.groups[cut.group].declared
            self._broken("a cut takes no more than it must", cut.group, unless=needed)

    def _count(self, group: str, states: tuple[str, ...]) -> int:
        return sum(each.group == group and each.state in states for each in self.offers.values())

    def _kept(self, group: str) -> int:
        """
        How many a cut cannot take: accepted or filled, or asked again after an acceptance.
        """
        held = [each for each in self.offers.values() if each.group == group]
        again = sum(each.state in WAITING and each.was_accepted for each in held)
        return again + self._count(group, PLACED)

    def _keeps(self, offer: Offer) -> bool:
        """
        Tell whether an acceptance takes its resident out of rounds: for as long as it is
        not confirmed, and then for work.
        """
        works = self.kinds.get(offer.opportunity) in EMPLOYING
        accepted = offer.state == "accepted" and offer.position is not None
        return accepted or (offer.state == "filled" and works)

    def _whole(self) -> None:
        """
        Judge what must hold whenever a record ends.
        """
        for name, offer in self.offers.items():
            if offer.state not in LIVE:
                continue
            person = self.people[offer.resident]
            gone = not person.consents or person.status in ("closed", "erased")
            self._broken("who left or withdrew consent holds nothing", name, unless=not gone)
            wanted = offer.opportunity not in person.no
            self._broken("nothing is held where its resident said no", name, unless=wanted)
            self._broken("a release is an offer at once", name, unless=offer.state != "released")
            runs = offer.clock == offer.awaited
            self._broken("whatever waits has a clock of its own", name, unless=runs)
            takers = {each.resident for each in self.offers.values() if self._keeps(each)}
            waits = offer.state in WAITING and offer.position is not None
            free = not waits or offer.resident not in takers
            self._broken("who accepted has nothing else to answer", name, unless=free)
            better = [each for each in self.cut if each.group == offer.group]
            cuttable = offer.state in WAITING and not offer.was_accepted
            kept = not cuttable or all(offer.claim <= each.claim for each in better)
            self._broken("a cut takes the latest and worst claim first", name, unless=kept)

    # --- events ---------------------------------------------------------------------------

    def _event(self, event: Happened, *, speaker: str) -> None:
        in_time = not self.doubted or event.name not in OF_TIME
        self._broken("in doubt of the clock nothing ends or begins", event.name, unless=in_time)
        self._party(event)
        if event.name in WAYS:
            self._way(event, speaker=speaker)
        if event.name in READ:
            READ[event.name](self, event)

    def _party(self, event: Happened) -> None:
        offer = self.offers.get(getattr(event.data, "offer", None) or "")
        if offer is None:
            return
        whose = {offer.supplier if event.name in OF_SUPPLIER else offer.partner}
        whose = {offer.supplier, offer.partner} if event.name in OF_EITHER else whose
        told = event.name in WAYS or event.name == "PositionChanged"
        alone = not told or event.party in whose
        self._broken("each side is told of its own offers alone", event.data.offer, unless=alone)

    def _way(self, event: Happened, *, speaker: str) -> None:
        name = event.data.offer
        offer = self.offers.get(name)
        if offer is None or offer.state not in WAYS[event.name][0]:
            self._broken("each answer has its place on an offer's way", name)
            return
        if event.name == "ProposalReleased":
            own = speaker == f"/party/{offer.partner}"
            self._broken("the resident's own partner releases", name, unless=own)
        self._ended_by_clock(event, offer)
        self._cut(event, offer)
        self._given_back(event, offer)
        offer.was_accepted |= event.name == "OfferChanged" and offer.state == "accepted"
        offer.was_accepted &= event.name != "OfferAccepted"
        offer.state = WAYS[event.name][1] or offer.state
        offer.delivered |= event.name == "OfferDelivered"
        offer.introduced |= event.name == "IntroductionMade"
        if event.name in ("SlotOffered", "OfferChanged"):
            offer.delivered, offer.introduced, offer.sent = False, False, event.name
        if event.name == "ProposalHeld" and offer.state == "proposed":
            offer.state = "ended"
        if event.name in WINDOWS:
            offer.ends, offer.clock = getattr(event.data, WINDOWS[event.name]), event.name

    def _cut(self, event: Happened, offer: Offer) -> None:
        reason = getattr(event.data, "reason", None)
        if event.name == "OfferWithdrawn" and reason in BY_CUT and offer.position is not None:
            waits = offer.state in WAITING and not offer.was_accepted
            self._broken("an acceptance beats a cut", event.data.offer, unless=waits)
            self.cut.append(offer)

    def _given_back(self, event: Happened, offer: Offer) -> None:
        if event.name not in ("OfferWithdrawn", "OfferLapsed") or offer.position is None:
            return
        reason, pair = event.data.reason, (offer.resident, offer.opportunity)
        once = reason in ONCE_MORE and pair not in self.given_back
        if once:
            self.given_back.add(pair)
        if once or reason in TAKEN_BACK:
            self.tried.discard(pair)

    def _ended_by_clock(self, event: Happened, offer: Offer) -> None:
        reason = getattr(event.data, "reason", None)
        if event.name != "OfferLapsed" and reason not in BY_CLOCK:
            return
        self.in_record["ran out"] += 1
        about = event.data.offer
        in_time = later(offer.ends, GRACE) <= self.now and not self.doubted
        self._broken("nothing ends before its window", about, unless=in_time)
        why = reason in SILENT[offer.awaited]
        self._broken("what ends unanswered says who was silent", about, unless=why)

    def _round_closed(self, event: Happened) -> None:
        self._broken("a round waits for what an earlier one decided", "", unless=not self.decided)
        for part in event.data.opportunities:
            begun = later(self.intake.get(part.opportunity, "9999-01-01T00:00:00.000Z"), GRACE)
            after = begun <= self.now
            self._broken("no round before the intake ends", part.opportunity, unless=after)
        self.decided = list(event.data.decisions)
        self.in_record["decided"] = len(self.decided)

    def _proposal_dropped(self, event: Happened) -> None:
        self.in_record["dropped"] += 1
        self._first(event.data.offer)

    def _slot_proposed(self, event: Happened) -> None:
        proposed = event.data
        self.in_record["made"] += 1
        decision = self._first(proposed.offer)
        named = ("position", "opportunity", "resident", "tier", "weeks_ready", "ticket", "place")
        same = decision is not None and all(
            getattr(decision, each) == getattr(proposed, each) for each in named
        )
        self._broken("a proposal is what its round decided", proposed.offer, unless=same)
        self._free(proposed.offer, proposed.position)
        self._entitled(proposed.offer, proposed.resident, proposed.opportunity)
        self._fenced(proposed.offer, proposed)
        person = self.people.get(proposed.resident, Person(partner=""))
        own = event.party == person.partner
        self._broken("each side is told of its own offers alone", proposed.offer, unless=own)
        self.offers[proposed.offer] = Offer(
            opportunity=proposed.opportunity,
            group=proposed.position.rpartition("/")[0],
            position=proposed.position,
            resident=proposed.resident,
            partner=person.partner,
            supplier=self.suppliers.get(proposed.opportunity, ""),
            state="proposed",
            ends=proposed.deliver_by,
            claim=(proposed.decided_at, proposed.place),
        )

    def _referral_opened(self, event: Happened) -> None:
        opened = event.data
        self.offers[opened.offer] = Offer(
            opportunity=opened.opportunity,
            group="",
            position=None,
            resident=opened.resident,
            partner=event.party or "",
            supplier=self.suppliers.get(opened.opportunity, ""),
            state="accepted",
            ends="",
            claim=("", 0),
            clock="ReferralOpened",
        )

    def _first(self, offer: str) -> Decision | None:
        """
        Take the first decision that waits; anything else is not what the round decided.
        """
        found = self.decided.pop(0) if self.decided else None
        kept = found is not None and found.offer == offer
        self._broken("a round is closed before it is proposed", offer, unless=kept)
        return found

    def _free(self, name: str, position: str) -> None:
        holders = [
            each
            for each in self.offers.values()
            if each.position == position and each.state in (*LIVE, "filled")
        ]
        self._broken("a position is held by one offer at most", name, unless=not holders)

    def _entitled(self, name: str, resident: str, opportunity: str) -> None:
        held = [each for each in self.offers.values() if each.resident == resident]
        waiting = sum(each.state in WAITING and each.position is not None for each in held)
        within = waiting < self.policy.most_live_offers
        self._broken("nobody has more offers than the limit", name, unless=within)
        placed = any(self._keeps(each) for each in held)
        self._broken("who accepted is proposed nothing", name, unless=not placed)
        pair = (resident, opportunity)
        tried = pair in self.tried
        again = tried and pair in self.given_back
        self._broken("what others let end is given back once", name, unless=not again)
        self._broken("a pair is tried once", name, unless=again or not tried)
        self.tried.add(pair)
        person = self.people.get(resident)
        here = person is not None and person.status == "active" and person.consents
        self._broken("only who is active and consents is proposed", name, unless=here)

    def _fenced(self, name: str, proposed: Any) -> None:
        group = self.groups.get(proposed.position.rpartition("/")[0])
        if group is None:
            self._broken("a position belongs to a group that is open", name)
            return
        self._broken("a position belongs to a group that is open", name, unless=not group.public)
        inside = proposed.tier <= group.stage and proposed.stage == group.stage
        self._broken("nobody is proposed below an open rung", name, unless=inside)

    def _intake_opened(self, event: Happened) -> None:
        self.intake[event.data.opportunity] = event.data.until
        self.contracts[event.data.opportunity] = event.data.contract
        self._groups(event.data.opportunity, event.data.groups)

    def _positions_adjusted(self, event: Happened) -> None:
        self._groups(event.data.opportunity, event.data.groups)

    def _groups(self, opportunity: str, groups: Iterable[ReservedGroup]) -> None:
        for told in groups:
            name = f"{opportunity}/{told.group}"
            known = self.groups.get(name)
            ladder = self.ladders.get((self.contracts[opportunity], told.clause))
            # Of another ladder than before no more is open than its dates say.
            dated = sum(at <= self.now for at in told.rungs) - 1
            same = known is not None and ladder in (None, known.ladder)
            stage = dated if known is None else min(known.stage, 1000 if same else dated)
            self.groups[name] = Group(
                declared=told.positions,
                rungs=told.rungs,
                public_at=told.public_at,
                stage=stage,
                ladder=known.ladder if known and same else ladder,
                public=known.public if known else False,
            )

    def _stage_opened(self, event: Happened) -> None:
        name = f"{event.data.opportunity}/{event.data.group}"
        group, stage = self.groups[name], event.data.stage
        self._broken("a rung once open stays open", name, unless=not group.public)
        if stage is None:
            due = group.public_at <= self.now
            group.public = True
        else:
            self._broken("a rung once open stays open", name, unless=stage > group.stage)
            due = stage < len(group.rungs) and group.rungs[stage] <= self.now
            group.stage = stage
        self._broken("no rung opens before its day", name, unless=due)

    def _windows_lengthened(self, event: Happened) -> None:
        self.doubted = False
        span = timedelta(seconds=event.data.seconds)
        for window in event.data.windows:
            kind, _, name = window.clock.partition(" ")
            if kind == "offer":
                self.offers[name].ends = window.ends_at
            elif kind in ("remind", "overdue", "challenge"):
                continue
            elif kind == "intake":
                self.intake[name] = window.ends_at
            elif kind == "public":
                self.groups[name].public_at = window.ends_at
            else:
                group = self.groups[name]
                at = group.stage + 1
                later_rungs = (later(each, span) for each in group.rungs[at + 1 :])
                group.rungs = (*group.rungs[:at], window.ends_at, *later_rungs)

    def _clock_doubted(self, _: Happened) -> None:
        self.doubted = True

    def _rules_adopted(self, event: Happened) -> None:
        self.policy = event.data.policy

    # --- people and postings --------------------------------------------------------------

    def _opportunity_posted_sealed(self, event: Happened) -> None:
        self.suppliers[event.subject or ""] = event.party or ""
        self.kinds[event.subject or ""] = event.data.kind

    def _contract_registered(self, event: Happened) -> None:
        self.registered[event.subject or ""] = event.data

    def _contract_agreed(self, event: Happened) -> None:
        contract = event.data.contract_id
        for clause in self.registered[contract].clauses:
            if clause.ring_fence is not None:
                self.ladders[contract, clause.clause] = clause.ring_fence.rungs

    def _resident_registered_sealed(self, event: Happened) -> None:
        self.people[event.subject or ""] = Person(partner=event.party or "")

    def _consent_given(self, event: Happened) -> None:
        if event.data.purpose is Purpose.MATCHING:
            person = self.people[event.subject or ""]
            ends = event.data.ends_on
            person.consents, person.consent_ends = True, None if ends is None else str(ends)

    def _consent_withdrawn(self, event: Happened) -> None:
        if event.data.purpose is Purpose.MATCHING:
            self.people[event.subject or ""].consents = False

    def _day_began(self, event: Happened) -> None:
        for person in self.people.values():
            if person.consent_ends is not None and person.consent_ends < str(event.data.day):
                person.consents = False

    def _interest_given_sealed(self, event: Happened) -> None:
        self.people[event.subject or ""].no = event.data.no

    def _resident_resumed(self, event: Happened) -> None:
        self.people[event.subject or ""].status = "active"

    def _leaves(self, event: Happened) -> None:
        self.people[event.subject or ""].status = LEAVING[event.name]


READ: dict[str, Callable[[Walk, Happened], None]] = {
    "RoundClosed": Walk._round_closed,
    "ProposalDropped": Walk._proposal_dropped,
    "SlotProposed": Walk._slot_proposed,
    "ReferralOpened": Walk._referral_opened,
    "IntakeOpened": Walk._intake_opened,
    "PositionsAdjusted": Walk._positions_adjusted,
    "StageOpened": Walk._stage_opened,
    "WindowsLengthened": Walk._windows_lengthened,
    "ClockDoubted": Walk._clock_doubted,
    "RulesAdopted": Walk._rules_adopted,
    "OpportunityPostedSealed": Walk._opportunity_posted_sealed,
    "ContractRegistered": Walk._contract_registered,
    "ContractAgreed": Walk._contract_agreed,
    "ResidentRegisteredSealed": Walk._resident_registered_sealed,
    "ConsentGiven": Walk._consent_given,
    "ConsentWithdrawn": Walk._consent_withdrawn,
    "InterestGivenSealed": Walk._interest_given_sealed,
    "DayBegan": Walk._day_began,
    "ResidentResumed": Walk._resident_resumed,
    **dict.fromkeys(LEAVING, Walk._leaves),
}


def faults(log: Iterable[Entry]) -> tuple[Fault, ...]:
    """
    Return each rule that a market's log breaks, in the order of its records.
    """
    walk, clocks = Walk(), clock_rules.Walk()
    for entry in log:
        walk.take(entry)
        clocks.take(entry)
    return tuple(sorted((*walk.faults, *clocks.faults), key=lambda each: each.sequence))


def entries(records: Sequence[LogRecord]) -> list[Entry]:
    """
    Read a market's records as they stand in its topic or in an export.
    """
    views = [opened(record) for record in records]
    return [(view.cause, view.told, view.events) for view in views]
