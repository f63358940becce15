"""
Rules of what waits, told from a market's events alone: whose clock, reminder and end.

Like the walk over offers and positions it knows nothing of the core: working time is counted
on a calendar of its own, and who was on duty, was consented to or was told is kept here.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from matching.market.record import Happened
from schemas.contracts import RingFence
from schemas.rules import RulesAdopted
from schemas.vocabulary import Instant, PayBasis, Purpose, Role, later
from tests.reliability.fault import Entry, Fault
from tests.reliability.naive_calendar import NaiveCalendar, calendar_of

GRACE = timedelta(minutes=2)
LIVE = ("proposed", "offered", "accepted")
SENT = ("SlotProposed", "SlotOffered", "OfferChanged")
RUN_OUT = ("OfferLapsed", "OfferWithdrawn")
# Ends that are not their resident's: whom an upheld challenge put first stays first.
BY_OTHERS = (
    *("not_released", "not_reached", "not_introduced", "supplier_silent"),
    *("position_cut", "not_delivered"),
)
MAKES = ("SlotProposed", "ReferralOpened")
ENDS = ("OfferDeclined", "HireRejected", "OfferLapsed", "OfferWithdrawn")
MOVES = {
    "SlotOffered": "offered",
    "OfferChanged": "offered",
    "OfferAccepted": "accepted",
    "HireConfirmed": "filled",
    **dict.fromkeys(ENDS, "ended"),
}
# By the event that begins a window: what waits, the field of its end, and the terms that
# say for how many days: the contract's, and of a referral the policy's.
BEGINS = {
    "SlotProposed": ("delivery", "deliver_by", "", "delivery_working_days"),
    "SlotOffered": ("delivery", "deliver_by", "", "delivery_working_days"),
    "OfferChanged": ("delivery", "deliver_by", "", "delivery_working_days"),
    "ReleaseDue": ("release", "release_by", "release_working_days", ""),
    "AnswerDue": ("answer", "answer_by", "answer_working_days", "referral_answer_working_days"),
    "ConsentDue": ("consent", "consent_by", "answer_working_days", "referral_answer_working_days"),
    "ConfirmationDue": (
        *("confirmation", "confirm_by", "supplier_working_days"),
        "referral_supplier_working_days",
    ),
}


@dataclass(slots=True, kw_only=True)
class Wait:
    """
    One thing that waits: on whom, until when, and who was reminded of it.
    """

    kind: str
    on: tuple[str, ...]
    ends: Instant
    remind_at: Instant | None
    overdue_at: Instant | None = None
    reminded: set[str] = field(default_factory=set)
    is_overdue: bool = False


@dataclass(slots=True, kw_only=True)
class Offer:
    """
    What the events say of a proposal, an offer or a referral; `sent` is what went out last.
    """

    opportunity: str
    group: str | None
    resident: str
    partner: str
    supplier: str
    state: str
    sent: str = ""
    delivered: bool = False
    contacted: bool = False
    introduced: bool = False
    was_introduced: bool = False
    remedied_by: tuple[str, ...] = ()
    interviewed: bool = False
    late_from: Instant | None = None


@dataclass(slots=True, kw_only=True)
class Person:
    """
    What the events say of a resident; `since` is the record that last changed a consent.
    """

    partner: str
    status: str = "active"
    unanswered: int = 0
    consents: dict[str, tuple[str, tuple[str, ...], str | None]] = field(default_factory=dict)
    since: dict[str, int] = field(default_factory=dict)
    remedies: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Challenge:
    resident: str
    opportunity: str
    decider: str
    state: str = "open"


@dataclass(slots=True, kw_only=True)
class Walk:
    """
    One market's log, walked record by record.
    """

    faults: list[Fault] = field(default_factory=list)
    sequence: int = 0
    now: Instant = ""
    speaker: str = ""
    staff: str | None = None
    said: str = ""
    record: list[Happened] = field(default_factory=list)
    reminders: Counter[str] = field(default_factory=Counter)
    doubted: bool = False
    nation: Any = None
    rules: RulesAdopted | None = None
    parties: dict[str, Any] = field(default_factory=dict)
    duties: dict[str, Any] = field(default_factory=dict)
    registered: dict[str, Any] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    agreed: dict[tuple[str, str], RingFence] = field(default_factory=dict)
    contracts: dict[str, str] = field(default_factory=dict)
    fences: dict[tuple[str, str], RingFence] = field(default_factory=dict)
    suppliers: dict[str, str] = field(default_factory=dict)
    terms: dict[str, Any] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    offers: dict[str, Offer] = field(default_factory=dict)
    challenges: dict[str, Challenge] = field(default_factory=dict)
    judged: set[str] = field(default_factory=set)
    waits: dict[str, Wait] = field(default_factory=dict)
    to_pause: set[str] = field(default_factory=set)
    to_ask: set[str] = field(default_factory=set)

    def take(self, entry: Entry) -> None:
        cause, told, events = entry
        self.sequence += 1
        self.record, self.reminders = [], Counter()
        if cause.now > self.now and self.sequence > 1:
            # Ticks that left no record had nothing to do.
            self.now = cause.now
            self._ticked()
        self.now = max(self.now, cause.now)
        message = told["message"]
        self.speaker, self.staff = message["source"], message.get("authid")
        self.said = message["type"].split(".")[1]
        unmoved = ("SubmissionRefused", "SubmissionRepeated", "ClockDoubted")
        ticked = self.said == "Tick" and not any(each.name in unmoved for each in events)
        if ticked:
            self.now = max(self.now, message["data"]["at"])
        for event in events:
            self._turned_away(event, message)
            self._event(event)
            self.record.append(event)
        self._whole()
        if ticked:
            self._ticked()

    def _broken(self, rule: str, about: str, *, unless: bool = False) -> None:
        if not unless:
            self.faults.append(Fault(sequence=self.sequence, rule=rule, about=about))

    def _event(self, event: Happened) -> None:
        named = getattr(event.data, "offer", None)
        if named is not None and named not in self.offers and event.name not in MAKES:
            # Of no offer that was made: the walk over offers judges it.
            return
        self._heard(event)
        if event.name in READ:
            READ[event.name](self, event)
        if event.name in BEGINS:
            self._begins(event)
        offer = self.offers.get(named or "")
        if offer is not None and event.name in MOVES:
            offer.state = MOVES[event.name]
            self._settles(event, offer)

    def _settles(self, event: Happened, offer: Offer) -> None:
        """
        End what waited where its state has left it, and spend what an answer spends.
        """
        if event.name not in BEGINS:
            self.waits.pop(event.data.offer, None)
        person = self.people[offer.resident]
        unanswered = event.name == "OfferLapsed" and event.data.reason == "no_answer"
        if event.name in ("OfferAccepted", "OfferDeclined"):
            person.unanswered = 0
        if event.name in ("OfferAccepted", "OfferDeclined") or unanswered:
            person.remedies = [each for each in person.remedies if each not in offer.remedied_by]
        if getattr(event.data, "reason", None) in BY_OTHERS and event.name in RUN_OUT:
            back = [each for each in offer.remedied_by if each not in person.remedies]
            person.remedies += back
        if unanswered:
            person.unanswered += 1
            enough = person.unanswered >= self.policy.most_unanswered
            if enough and person.status == "active":
                self.to_pause.add(offer.resident)

    # --- when records and ticks end -------------------------------------------------------

    def _whole(self) -> None:
        for subject in self.to_pause:
            self._broken("who left so many offers unanswered is paused", subject)
        for name in self.to_ask:
            self._broken("who has an offer of worse terms is asked again", name)
        self.to_pause, self.to_ask = set(), set()
        upheld = {
            event.data.challenge
            for event in self.record
            if event.name == "ChallengeUnanswered"
            or (event.name == "ChallengeDecided" and event.data.upheld)
        }
        granted = {e.data.challenge for e in self.record if e.name == "RemedyGranted"}
        here = {
            name for name in upheld if self.people[self.challenges[name].resident].status != "left"
        }
        for name in here ^ granted:
            self._broken("an upheld challenge has a remedy, and no other has", name)

    def _ticked(self) -> None:
        if self.doubted:
            return
        latest, most = later(self.now, -GRACE), self.policy.most_proposals_a_record
        for name, wait in self.waits.items() if sum(self.reminders.values()) < most else ():
            due = wait.remind_at is not None and wait.remind_at <= latest < wait.ends
            told = not due or set(wait.on) <= wait.reminded
            self._broken("whatever waits is reminded of once", name, unless=told)
            overdue = wait.overdue_at is not None and wait.overdue_at <= latest < wait.ends
            known = not overdue or wait.is_overdue
            self._broken("an owner hears once of what is overdue", name, unless=known)
        if Counter(each.name for each in self.record)["ChallengeUnanswered"] >= most:
            return
        for name, challenge in self.challenges.items():
            over = challenge.state == "open" and self.waits[name].ends <= latest
            self._broken("no challenge outlives its time", name, unless=not over)

    # --- windows --------------------------------------------------------------------------

    @property
    def policy(self) -> Any:
        assert self.rules is not None, "a window runs by rules"
        return self.rules.policy

    def calendar(self, party: str | None) -> NaiveCalendar:
        return calendar_of(self.parties.get(party or ""), self.rules, nation=self.nation)

    def _begins(self, event: Happened) -> None:
        name, data = event.data.offer, event.data
        offer = self.offers[name]
        kind, ends, of_contract, of_policy = BEGINS[event.name]
        on = self._on(kind, offer)
        fenced = of_contract and offer.group is not None
        fence = self.fences.get((offer.opportunity, offer.group or ""))
        days = getattr(fence, of_contract) if fenced else getattr(self.policy, of_policy)
        calendar = self.calendar(None if kind == "delivery" else on[0])
        self._timed(event, calendar, days=days or 0, ends=getattr(data, ends))
        self.waits[name] = Wait(
            kind=kind,
            on=on,
            ends=getattr(data, ends),
            remind_at=data.remind_at,
            overdue_at=getattr(data, "overdue_at", None),
        )
        offer.late_from = data.remind_at if kind == "release" else None

    def _timed(self, event: Happened, calendar: NaiveCalendar, *, days: int, ends: Instant) -> None:
        about = getattr(event.data, "offer", None) or event.data.challenge
        right = ends == calendar.closing(self.now, days)
        self._broken("a window is as long as its terms say", about, unless=right)
        half = calendar.opening(self.now, (days + 1) // 2, before=ends)
        last = calendar.opening(self.now, days, before=ends)
        halfway = event.data.remind_at == half and getattr(event.data, "overdue_at", last) == last
        self._broken("half of a window is when it is reminded of", about, unless=halfway)
        worked = calendar.is_worked(calendar.today(ends))
        self._broken("no window ends on a day off", about, unless=worked)

    def _on(self, kind: str, offer: Offer) -> tuple[str, ...]:
        if kind == "delivery":
            return tuple(
                slug for slug, party in self.parties.items() if Role.OPERATOR in party.roles
            )
        return (offer.supplier if kind == "confirmation" else offer.partner,)

    def _lengthened(self, event: Happened) -> None:
        self.doubted = False
        for window in event.data.windows:
            kind, _, name = window.clock.partition(" ")
            if kind not in ("offer", "challenge", "remind", "overdue"):
                continue
            wait = self.waits[name]
            if kind == "remind":
                wait.remind_at = window.ends_at
                if wait.kind == "release":
                    self.offers[name].late_from = window.ends_at
            elif kind == "overdue":
                wait.overdue_at = window.ends_at
            else:
                wait.ends = window.ends_at
                calendar = self.calendar(None if wait.kind == "delivery" else wait.on[0])
                worked = calendar.is_worked(calendar.today(window.ends_at))
                self._broken("no window ends on a day off", name, unless=worked)

    def _delivered(self, event: Happened) -> None:
        offer = self.offers[event.data.offer]
        first = not offer.delivered and event.data.event == offer.sent
        self._broken("what was sent last is delivered once", event.data.offer, unless=first)
        offer.delivered = True

    def _due(self, event: Happened) -> None:
        name = event.data.offer
        before = [each.data.offer for each in self.record if each.name == "OfferDelivered"]
        self._broken("a window begins with a delivery", name, unless=name in before)

    def _reminded(self, event: Happened) -> None:
        reminder = event.data
        self.reminders["given"] += 1
        wait = self.waits.get(reminder.about)
        right = (
            wait is not None
            and (reminder.waiting, reminder.due) == (wait.kind, wait.ends)
            and reminder.party == event.party
            and reminder.party in set(wait.on) - wait.reminded
            and wait.remind_at is not None
            and later(wait.remind_at, GRACE) <= self.now
        )
        self._broken("whatever waits is reminded of once", reminder.about, unless=right)
        if wait is not None:
            wait.reminded.add(reminder.party)

    def _overdue(self, event: Happened) -> None:
        told = event.data
        self.reminders["overdue"] += 1
        wait, offer = self.waits.get(told.offer), self.offers[told.offer]
        right = (
            wait is not None
            and wait.kind == "release"
            and not wait.is_overdue
            and wait.overdue_at is not None
            and later(wait.overdue_at, GRACE) <= self.now
            and event.party == self.owners[self.contracts[offer.opportunity]]
        )
        self._broken("an owner hears once of what is overdue", told.offer, unless=right)
        if wait is not None:
            wait.is_overdue = True

    # --- who acts -------------------------------------------------------------------------

    def _by_staff(self, event: Happened) -> None:
        offer = self.offers[event.data.offer]
        allowed = self._allowed(offer)
        if event.name == "ProposalHeld" and offer.state == "proposed":
            offer.state = "ended"
            self.waits.pop(event.data.offer, None)
        on_duty = allowed is None or self.staff in allowed
        self._broken("only who is on duty releases or holds", event.data.offer, unless=on_duty)

    def _turned_away(self, event: Happened, message: dict[str, Any]) -> None:
        """
        Judge a refusal for want of duty: of who had it, none is lawful.
        """
        if event.name != "SubmissionRefused":
            return
        if "off_duty" not in [each.code for each in event.data.problems]:
            return
        offer = message["data"]["offer"]
        allowed = self._allowed(self.offers[offer])
        away = allowed is not None and self.staff not in allowed
        self._broken("nobody who is on duty is turned away", offer, unless=away)

    def _allowed(self, offer: Offer) -> tuple[str, ...] | None:
        """
        Who of a partner's staff may release or hold now: nobody in particular without duties.
        """
        duty = self.duties.get(offer.partner)
        if duty is None:
            return None
        late = offer.late_from is not None and offer.late_from <= self.now
        there = tuple(self._there(offer.partner, duty))
        return there if late else there[:1]

    def _there(self, partner: str, duty: Any) -> Iterator[str]:
        today = self.calendar(partner).today(self.now)
        away = {each.staff for each in duty.away if each.first_day <= today <= each.last_day}
        yield from (each for each in (duty.on_duty, duty.deputy) if each and each not in away)

    def _tried(self, event: Happened) -> None:
        self.offers[event.data.offer].contacted = True

    def _lapsed(self, event: Happened) -> None:
        offer = self.offers[event.data.offer]
        expected = "no_answer" if offer.contacted else "not_reached"
        own = event.data.reason == expected
        self._broken("silence is theirs only whom somebody tried", event.data.offer, unless=own)

    def _slot_proposed(self, event: Happened) -> None:
        made = event.data
        self.offers[made.offer] = Offer(
            opportunity=made.opportunity,
            group=made.position.split("/")[1],
            resident=made.resident,
            partner=self.people[made.resident].partner if made.resident in self.people else "",
            supplier=self.suppliers.get(made.opportunity, ""),
            state="proposed",
            sent=event.id,
        )
        if made.remedied and made.resident in self.people:
            remedies = self.people[made.resident].remedies
            self.offers[made.offer].remedied_by = tuple(
                each for each in remedies if self._remedies(each, made.opportunity)
            )

    def _referral_opened(self, event: Happened) -> None:
        made = event.data
        self.offers[made.offer] = Offer(
            opportunity=made.opportunity,
            group=None,
            resident=made.resident,
            partner=event.party or "",
            supplier=self.suppliers[made.opportunity],
            state="accepted",
        )

    def _sent(self, event: Happened) -> None:
        offer = self.offers[event.data.offer]
        offer.sent, offer.delivered = event.id, False
        offer.was_introduced |= offer.introduced
        offer.contacted = offer.introduced = offer.interviewed = False
        if event.name == "OfferChanged":
            about = event.data.offer
            amended = [e.subject for e in self.record if e.name == "OpportunityAmendedSealed"]
            again = offer.opportunity in amended
            self._broken("who has an offer of worse terms is asked again", about, unless=again)
            self.to_ask.discard(about)

    # --- introductions --------------------------------------------------------------------

    def _needed(self, offer: Offer) -> set[str]:
        fence = self.fences.get((offer.opportunity, offer.group or ""))
        return {"contact", "route"} if fence is not None and fence.route_disclosed else {"contact"}

    def _stands(self, offer: Offer) -> str | None:
        """
        The event of the consent by which a supplier may hear of somebody, if one stands.
        """
        found = self.people[offer.resident].consents.get(offer.supplier)
        return found[0] if found is not None and self._needed(offer) <= set(found[1]) else None

    def _introduced(self, event: Happened) -> None:
        offer, made = self.offers[event.data.offer], event.data
        right = (
            made.supplier == offer.supplier
            and set(made.fields) == self._needed(offer)
            and made.consent == self._stands(offer)
        )
        self._broken("nobody is introduced without consent", made.offer, unless=right)
        offer.introduced, offer.was_introduced = True, False

    def _heard(self, event: Happened) -> None:
        """
        Judge what a supplier is told of somebody: after an introduction, while consent stands.

        In the record that takes it back the supplier is told that it ended, and no more.
        """
        name = getattr(event.data, "offer", None) or ""
        offer = self.offers.get(name)
        if offer is None or event.party != offer.supplier:
            return
        # Whoever is asked again after an introduction is nobody new to the supplier.
        known = offer.introduced or offer.was_introduced
        self._broken("a supplier hears of nobody before an introduction", name, unless=known)
        changed = self.people[offer.resident].since.get(offer.supplier)
        kept = self._stands(offer) is not None or changed == self.sequence
        self._broken(
            "a supplier hears of nobody after their consent",
            name,
            unless=kept or not known,
        )

    def _confirmation_due(self, event: Happened) -> None:
        name = event.data.offer
        begun = [
            each.name
            for each in self.record
            if each.name in ("IntroductionMade", "InterviewHeld") and each.data.offer == name
        ]
        self._broken("a supplier's time begins when they meet", name, unless=len(begun) == 1)

    def _interviewed(self, event: Happened) -> None:
        offer = self.offers[event.data.offer]
        once = not offer.interviewed
        self._broken("a supplier's time begins when they meet", event.data.offer, unless=once)
        offer.interviewed = True

    def _consent_given(self, event: Happened) -> None:
        told = event.data
        if told.purpose is Purpose.INTRODUCTION:
            person = self.people[event.subject or ""]
            ends = None if told.ends_on is None else str(told.ends_on)
            person.consents[told.supplier] = (event.id, told.fields, ends)
            person.since[told.supplier] = self.sequence

    def _consent_withdrawn(self, event: Happened) -> None:
        if event.data.purpose is Purpose.INTRODUCTION:
            self._ends_consent(self.people[event.subject or ""], event.data.supplier)

    def _ends_consent(self, person: Person, supplier: str) -> None:
        person.consents.pop(supplier, None)
        person.since[supplier] = self.sequence

    def _day_began(self, event: Happened) -> None:
        for person in self.people.values():
            for supplier, (_, _, ends) in list(person.consents.items()):
                if ends is not None and ends < str(event.data.day):
                    self._ends_consent(person, supplier)

    # --- challenges -----------------------------------------------------------------------

    def _decision_due(self, event: Happened) -> None:
        due = event.data
        self.challenges[due.challenge] = Challenge(
            resident=due.resident, opportunity=due.opportunity, decider=due.decider
        )
        judged = due.opportunity in self.judged
        self._broken("nothing is contested before a round", due.challenge, unless=judged)
        other = due.decider != self.people[due.resident].partner and event.party == due.decider
        self._broken("no partner decides what its resident contests", due.challenge, unless=other)
        fences = [fence for (name, _), fence in self.fences.items() if name == due.opportunity]
        days = max(fence.challenge_working_days or 0 for fence in fences)
        self._timed(event, self.calendar(due.decider), days=days, ends=due.decide_by)
        self.waits[due.challenge] = Wait(
            kind="decision", on=(due.decider,), ends=due.decide_by, remind_at=due.remind_at
        )

    def _decided(self, event: Happened) -> None:
        challenge = self.challenges[event.data.challenge]
        own = self.speaker == f"/party/{self.people[challenge.resident].partner}"
        about = event.data.challenge
        self._broken("no partner decides what its resident contests", about, unless=not own)
        right = self.speaker == f"/party/{challenge.decider}" and challenge.state == "open"
        self._broken("a challenge is decided once, by its decider", about, unless=right or own)
        challenge.state = "decided"
        self.waits.pop(about, None)

    def _unanswered(self, event: Happened) -> None:
        about = event.data.challenge
        wait = self.waits.pop(about, None)
        over = wait is not None and later(wait.ends, GRACE) <= self.now
        self._broken("a challenge is decided once, by its decider", about, unless=over)
        self.challenges[about].state = "unanswered"

    def _granted(self, event: Happened) -> None:
        self.people[event.data.resident].remedies.append(event.data.challenge)

    def _round_closed(self, event: Happened) -> None:
        self.judged |= {each.opportunity for each in event.data.opportunities}
        for decision in event.data.decisions:
            person = self.people.get(decision.resident, Person(partner=""))
            first = any(self._remedies(each, decision.opportunity) for each in person.remedies)
            kept = first == decision.remedied
            self._broken("a remedy holds until it is answered", decision.offer, unless=kept)

    def _remedies(self, challenge: str, opportunity: str) -> bool:
        contested = self.terms[self.challenges[challenge].opportunity]
        terms = self.terms[opportunity]
        apart = abs(terms.minutes_a_week - contested.minutes_a_week)
        return terms.kind is contested.kind and apart <= self.policy.remedy_minutes_apart

    # --- people, parties and postings -----------------------------------------------------

    def _market_opened(self, event: Happened) -> None:
        self.nation = self.nation or event.data.nation

    def _rules_adopted(self, event: Happened) -> None:
        self.rules = event.data

    def _party_registered(self, event: Happened) -> None:
        self.parties[event.data.slug] = event.data

    def _duty(self, event: Happened) -> None:
        self.duties[event.party or ""] = event.data

    def _contract_registered(self, event: Happened) -> None:
        self.registered[event.subject or ""] = event.data
        self.owners.setdefault(event.subject or "", event.party or "")

    def _contract_agreed(self, event: Happened) -> None:
        contract = event.data.contract_id
        for clause in self.registered[contract].clauses:
            if clause.ring_fence is not None:
                self.agreed[contract, clause.clause] = clause.ring_fence

    def _intake_opened(self, event: Happened) -> None:
        self.contracts[event.data.opportunity] = event.data.contract
        self._groups(event)

    def _groups(self, event: Happened) -> None:
        name = event.data.opportunity
        for told in event.data.groups:
            fence = self.agreed.get((self.contracts[name], told.clause))
            if fence is not None:
                self.fences[name, told.group] = fence

    def _posted(self, event: Happened) -> None:
        self.suppliers[event.subject or ""] = event.party or ""
        self.terms[event.subject or ""] = event.data

    def _amended(self, event: Happened) -> None:
        name = event.subject or ""
        if is_worse(self.terms[name], event.data):
            self.to_ask = {
                about
                for about, offer in self.offers.items()
                if offer.opportunity == name and offer.state in ("offered", "accepted")
            }
        self.terms[name] = event.data

    def _resident_registered(self, event: Happened) -> None:
        self.people[event.subject or ""] = Person(partner=event.party or "")

    def _paused(self, event: Happened) -> None:
        subject = event.subject or ""
        owed = self.said != "Tick" or subject in self.to_pause
        self._broken("who left so many offers unanswered is paused", subject, unless=owed)
        self.people[subject].status = "paused"
        self.to_pause.discard(subject)

    def _resumed(self, event: Happened) -> None:
        person = self.people[event.subject or ""]
        person.status, person.unanswered = "active", 0

    def _left(self, event: Happened) -> None:
        person = self.people[event.subject or ""]
        person.status = "left"
        for supplier in list(person.consents):
            self._ends_consent(person, supplier)
        for name, challenge in self.challenges.items():
            undecided = challenge.resident == event.subject and challenge.state == "open"
            if undecided and event.name == "ResidentErased":
                # Nobody decides about somebody who is forgotten.
                challenge.state = "forgotten"
                self.waits.pop(name, None)

    def _wishes(self, event: Happened) -> None:
        self.people[event.subject or ""].unanswered = 0

    def _doubts(self, _: Happened) -> None:
        self.doubted = True


def is_worse(before: Any, after: Any) -> bool:
    """
    Tell whether terms got worse, or other, of pay by the hour and in plain sight.

    Of pay by the year, of hours of the day and of days this judges nothing: it names only
    what nobody can call the same.
    """
    hourly = before.pay.basis is after.pay.basis is PayBasis.HOURLY
    return (
        (hourly and (after.pay.pence or 0) < (before.pay.pence or 0))
        or after.minutes_a_week != before.minutes_a_week
        or after.starts_on != before.starts_on
        or (after.place.outcode != before.place.outcode and not after.remote)
    )


Reader = Callable[[Walk, Happened], None]
READ: dict[str, Reader] = {
    "MarketOpened": Walk._market_opened,
    "RulesAdopted": Walk._rules_adopted,
    "PartyRegisteredSealed": Walk._party_registered,
    "DutyAssigned": Walk._duty,
    "ContractRegistered": Walk._contract_registered,
    "ContractAgreed": Walk._contract_agreed,
    "IntakeOpened": Walk._intake_opened,
    "PositionsAdjusted": Walk._groups,
    "OpportunityPostedSealed": Walk._posted,
    "OpportunityAmendedSealed": Walk._amended,
    "ResidentRegisteredSealed": Walk._resident_registered,
    "ResidentPaused": Walk._paused,
    "ResidentResumed": Walk._resumed,
    "ResidentClosed": Walk._left,
    "ResidentErased": Walk._left,
    "ConsentGiven": Walk._consent_given,
    "ConsentWithdrawn": Walk._consent_withdrawn,
    "InterestGivenSealed": Walk._wishes,
    "DayBegan": Walk._day_began,
    "ClockDoubted": Walk._doubts,
    "WindowsLengthened": Walk._lengthened,
    "RoundClosed": Walk._round_closed,
    "SlotProposed": Walk._slot_proposed,
    "ReferralOpened": Walk._referral_opened,
    "ProposalReleased": Walk._by_staff,
    "ProposalHeld": Walk._by_staff,
    "SlotOffered": Walk._sent,
    "OfferChanged": Walk._sent,
    "OfferDelivered": Walk._delivered,
    "ReleaseDue": Walk._due,
    "AnswerDue": Walk._due,
    "ContactTried": Walk._tried,
    "OfferLapsed": Walk._lapsed,
    "IntroductionMade": Walk._introduced,
    "InterviewHeld": Walk._interviewed,
    "ConfirmationDue": Walk._confirmation_due,
    "ReminderGiven": Walk._reminded,
    "ReleaseOverdue": Walk._overdue,
    "DecisionDue": Walk._decision_due,
    "ChallengeDecided": Walk._decided,
    "ChallengeUnanswered": Walk._unanswered,
    "RemedyGranted": Walk._granted,
}
