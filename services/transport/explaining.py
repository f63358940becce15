"""
Explaining: what each round did for one resident and one opportunity, and what came of it.

The log is walked from its start. At each round that the opportunity took part in, the
round is decided again on the state just before it: the reason is read off that decision,
and the decision must be the one on the log.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from matching.market import challenges, claims, fold, rounds
from matching.market.entitlement import admitted
from matching.market.explanation import Explanation, explanation
from matching.market.local_time import market_calendar, minutes_between
from matching.market.record import Happened
from matching.market.state import MarketState
from matching.market.working_time import first_round
from schemas.challenges import DecisionDue
from schemas.introductions import ReferralOpened
from schemas.log_record import LogRecord
from schemas.slots import IntakeOpened, Outcome, RoundClosed
from services.transport.replaying import opened

# What may be told of how an offer went, by the field that says until when or why.
DETAILS = (
    "release_by",
    "deliver_by",
    "answer_by",
    "consent_by",
    "confirm_by",
    "decide_by",
    "reason",
    "outcome",
    "changed",
    "means",
    "tried_on",
    "on",
    "ground",
    "decider",
    "upheld",
    "finding",
)


class DoesNotFollow(ValueError):
    """
    A record speaks of what no record before it has brought about.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTold:
    """
    One round that the opportunity took part in, by its record.

    Without an explanation the resident was not known to the market yet. `differs` names
    what of the round on the log is not what deciding it again gives.
    """

    sequence: int
    at: str
    explanation: Explanation | None
    differs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """
    One event on the way of an offer of the pair's, or of its challenge, in the market's own time.

    `about` is the id of the offer or the challenge.
    """

    at: str
    name: str
    about: str
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """
    All that a market's log says of one resident and one opportunity, until its end.

    `intake` is nothing where the opportunity has no reserved positions; it ends when it ends
    by now, lengthened or not. `missing` is what would keep the resident out of a round now;
    nothing where they would enter it. `public` are the groups that the service proposes
    nobody for any more, `reserved` tells whether there is another one. `waits` tells of a
    proposal that is decided and not made yet, `again` whether others ended the last one, so that
    the pair may be proposed again. An offer's way is that of a referral, too, where there was
    one. `contestable` tells whether what became of it may be challenged now.
    """

    resident: str
    opportunity: str
    partner: str | None
    posted: bool
    intake: IntakeOpened | None
    rounds: tuple[RoundTold, ...]
    offer: tuple[Step, ...]
    challenge: tuple[Step, ...]
    missing: Outcome | None
    free: bool
    public: tuple[str, ...]
    reserved: bool
    waits: bool
    again: bool
    contestable: bool
    state: MarketState

    @property
    def differences(self) -> tuple[RoundTold, ...]:
        """
        The rounds that deciding them again does not give.
        """
        return tuple(each for each in self.rounds if each.differs)


def state_at_end(records: Iterable[LogRecord]) -> MarketState | None:
    """
    Evolve a market to the end of its log; nothing where there is no record.

    Raises:
        DoesNotFollow: the records do not follow from each other.
        UnknownEvent: a newer release wrote them.
    """
    state = None
    for state, _, _ in _walked(records):  # noqa: B007 - the last is what is wanted
        pass
    return state


def accounted(records: Iterable[LogRecord], *, resident: str, opportunity: str) -> Account:
    """
    Account for what became of one resident and one opportunity.

    Args:
        records: the market's records from its first on, whose chain was checked.
        resident: our id.
        opportunity: our id.

    Raises:
        DoesNotFollow: the records do not follow from each other.
        UnknownEvent: a newer release wrote them.
    """
    (account,) = accounts(records, resident=resident, opportunities=(opportunity,))
    return account


def accounts(
    records: Iterable[LogRecord], *, resident: str, opportunities: Iterable[str]
) -> tuple[Account, ...]:
    """
    Account, in one walk over the log, for a resident and several opportunities, in that order.

    Raises:
        DoesNotFollow: the records do not follow from each other.
        UnknownEvent: a newer release wrote them.
    """
    walks = [_Walk(resident=resident, opportunity=each) for each in opportunities]
    state = fold.empty("")
    for state, sequence, event in _walked(records):
        if event is not None:
            for walk in walks:
                walk.take(state, sequence, event)
    return tuple(walk.account(state) for walk in walks)


def _walked(records: Iterable[LogRecord]) -> Iterator[tuple[MarketState, int, Happened | None]]:
    """
    Evolve a market by its records; stop at each event before it acts, and after each record.
    """
    state = None
    for record in records:
        state = state or fold.empty(record.market)
        seen = opened(record)
        try:
            for event in fold.steps(state, seen.cause, seen.told, seen.events):
                yield state, seen.sequence, event
        except LookupError as error:
            raise DoesNotFollow(f"record {seen.sequence}: {error}") from error
        fold.link(state, sequence=seen.sequence, digest=seen.digest)
        yield state, seen.sequence, None


@dataclass(slots=True, kw_only=True)
class _Walk:
    """
    What was met so far of one resident and one opportunity.
    """

    resident: str
    opportunity: str
    intake: IntakeOpened | None = None
    offer: str | None = None
    rounds: list[RoundTold] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    challenge: str | None = None
    contested: list[Step] = field(default_factory=list)

    def take(self, state: MarketState, sequence: int, event: Happened) -> None:
        """
        Take an event into account, on the state before it acts.
        """
        data = event.data
        if isinstance(data, IntakeOpened) and data.opportunity == self.opportunity:
            self.intake = data
        elif isinstance(data, RoundClosed):
            self._take_round(state, sequence, data)
        elif isinstance(data, ReferralOpened | DecisionDue):
            self._take_opening(state, event)
        elif self.offer is not None and getattr(data, "offer", None) == self.offer:
            self.steps.append(_step(state, event, self.offer))
        elif self.challenge is not None and getattr(data, "challenge", None) == self.challenge:
            self.contested.append(_step(state, event, self.challenge))

    def account(self, state: MarketState) -> Account:
        """
        Sum up at the end of the log.
        """
        entry = state.reserved.get(self.opportunity)
        known = state.residents.get(self.resident)
        groups = entry.groups if entry is not None else ()
        gate = None
        if entry is not None:
            gate = admitted(state, self.resident, opportunity=self.opportunity, entry=entry)
        return Account(
            resident=self.resident,
            opportunity=self.opportunity,
            partner=known.party if known is not None else None,
            posted=self.opportunity in state.opportunities,
            intake=self.intake and _as_it_stands(state, self.intake),
            rounds=tuple(self.rounds),
            offer=tuple(self.steps),
            challenge=tuple(self.contested),
            missing=gate if isinstance(gate, Outcome) else None,
            free=entry is not None and entry.has_free,
            public=tuple(group.group for group in groups if group.public),
            reserved=any(not group.public for group in groups),
            waits=any(each.offer == self.offer for each in state.unproposed),
            again=known is not None and self.opportunity not in known.tried,
            contestable=known is not None
            and challenges.hindrance(state, self.resident, opportunity=self.opportunity) is None,
            state=state,
        )

    def _take_opening(self, state: MarketState, event: Happened) -> None:
        """
        Begin the way of a referral, or of a challenge with the ground on which it was raised.
        """
        data: ReferralOpened | DecisionDue = event.data
        if (data.resident, data.opportunity) != (self.resident, self.opportunity):
            return
        if isinstance(data, ReferralOpened):
            self.offer = data.offer
            self.steps.append(_step(state, event, data.offer))
        else:
            self.challenge = data.challenge
            self.contested.append(_step(state, event, data.challenge))

    def _take_round(self, state: MarketState, sequence: int, closed: RoundClosed) -> None:
        subjects = rounds.due(state)
        took_part = {part.opportunity for part in closed.opportunities}
        if self.opportunity not in took_part.union(subjects):
            return
        told, differs = None, _hindrance(state, subjects, self.opportunity)
        if not differs:
            found = claims.decided(state, subjects)
            differs = _differences(closed, rounds.closed(state, found))
            if self.resident in state.residents:
                told = explanation(state, found, self.resident, opportunity=self.opportunity)
        self.rounds.append(
            RoundTold(sequence=sequence, at=state.now, explanation=told, differs=differs)
        )
        for decision in closed.decisions:
            if (decision.resident, decision.opportunity) == (self.resident, self.opportunity):
                self.offer = decision.offer


def _as_it_stands(state: MarketState, intake: IntakeOpened) -> IntakeOpened:
    """
    Let an intake end when it does by now: it is lengthened where time stood still.
    """
    entry = state.reserved[intake.opportunity]
    if entry.until == intake.until:
        return intake
    minutes = minutes_between(state, (group.fence for group in entry.groups))
    held = first_round(market_calendar(state), entry.until, minutes)
    return replace(intake, until=entry.until, first_round_at=held)


def _hindrance(state: MarketState, subjects: tuple[str, ...], opportunity: str) -> tuple[str, ...]:
    """
    Say why a round that the log holds could not be held: not due, or drawn by no seed.
    """
    if opportunity not in subjects:
        return ("the opportunity was not due",)
    if not set(rounds.epochs(state, subjects)) <= state.seeds.keys():
        return ("no seed was fixed",)
    return ()


def _differences(closed: RoundClosed, again: RoundClosed) -> tuple[str, ...]:
    parts = {
        "the time": (closed.at, again.at),
        "the version of the rules": (closed.rules_version, again.rules_version),
        "the counts": (closed.opportunities, again.opportunities),
        "the decisions": (closed.decisions, again.decisions),
        "the digest": (closed.digest, again.digest),
    }
    return tuple(name for name, (written, decided) in parts.items() if written != decided)


def _step(state: MarketState, event: Happened, about: str) -> Step:
    told = {name: getattr(event.data, name, None) for name in DETAILS}
    return Step(
        at=state.now,
        name=event.name,
        about=about,
        details=tuple((name, _text(each)) for name, each in told.items() if each is not None),
    )


def _text(told: Any) -> str:
    return " ".join(map(str, told)) if isinstance(told, tuple) else str(told)
