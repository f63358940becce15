"""
What the fold knows of one market: data only, changed by `evolve` alone.

Every mapping has strings for keys, so that a snapshot is plain JSON.
"""

from dataclasses import dataclass, field

from schemas.challenges import Ground
from schemas.contracts import ContractRegistered, RingFence
from schemas.duties import DutyAssigned
from schemas.fits import Pair, RuleCode
from schemas.log_record import first_previous
from schemas.lottery import LotteryCommitted, SeedFixed
from schemas.markets import MarketOpened
from schemas.opportunities import OpportunityAmendedSealed, OpportunityPostedSealed
from schemas.parties import PartyRegisteredSealed
from schemas.pledges import PledgeMade
from schemas.rules import Policy, RulesAdopted
from schemas.slots import Decision
from schemas.vocabulary import Answer

STATE_VERSION = 4
BEFORE_TIME = "0001-01-01T00:00:00.000Z"


@dataclass(slots=True, kw_only=True)
class PartyEntry:
    """
    A party as registered, by whom at first (nobody: the bootstrap), and the record that says so.

    `since` is the record that first registered it, whoever has changed it later.
    """

    party: PartyRegisteredSealed
    registered_by: str | None
    sequence: int
    since: int


@dataclass(slots=True, kw_only=True)
class ContractEntry:
    """
    A contract in its current version; `agreed_version` is the last the supplier agreed to.

    `agreed_terms` are the terms of that version, which bind until another is agreed.
    """

    owner: str
    terms: ContractRegistered
    version: int
    agreed_version: int
    sequence: int
    agreed_sequence: int = 0
    agreed_terms: ContractRegistered | None = None
    pledges: dict[str, PledgeMade] = field(default_factory=dict)
    pledge_sequences: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class OpportunityEntry:
    """
    `status` is open, closed (its closing date is past) or withdrawn.
    """

    party: str
    terms: OpportunityPostedSealed | OpportunityAmendedSealed
    version: int
    status: str
    sequence: int


@dataclass(slots=True, kw_only=True)
class ConsentEntry:
    """
    A consent that holds until and including `ends_on`, or without an end, and its event.
    """

    ends_on: str | None
    fields: tuple[str, ...] = ()
    event: str = ""


@dataclass(slots=True, kw_only=True)
class ResidentEntry:
    """
    `status` is active, paused, closed or erased. Nothing here describes the person.

    `wishes_since` is the record of their last answer. `live` are proposals and offers that
    wait for an answer, `placed` those accepted or confirmed, `referred` the live referrals.

    `tried` are the opportunities that were proposed and not taken back, `given_back` those
    that were taken back once because of somebody else's silence, `unanswered` how many offers
    in a row they left unanswered, `remedies` the challenges that put them first, `overridden`
    the opportunities whose minimum fit a partner set aside, `shut_out` those whose minimum fit
    the partner was told of.
    """

    party: str
    version: int
    status: str
    fingerprint: str
    sequence: int
    matching: ConsentEntry | None = None
    introductions: dict[str, ConsentEntry] = field(default_factory=dict)
    ready_since: str | None = None
    yes: tuple[str, ...] = ()
    ranked: bool = False
    no: tuple[str, ...] = ()
    standing_until: str | None = None
    wishes_since: int = 0
    asked: dict[str, str] = field(default_factory=dict)
    open_questions: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    rule_codes: tuple[RuleCode, ...] = ()
    rules_as_of: int = 0
    live: tuple[str, ...] = ()
    placed: tuple[str, ...] = ()
    referred: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()
    given_back: tuple[str, ...] = ()
    unanswered: int = 0
    remedies: tuple[str, ...] = ()
    overridden: tuple[str, ...] = ()
    shut_out: tuple[str, ...] = ()
    key_destroyed: bool = False

    @property
    def matched(self) -> bool:
        """
        Whether this resident is in the index: active, and consenting to be matched.
        """
        return self.status == "active" and self.matching is not None


@dataclass(slots=True, kw_only=True)
class CarriedFit:
    """
    What the market keeps of a carried pair; `unknown` are the facts that can be asked for.

    `standing` tells whether the opportunity meets the resident's standing yes, `thin` that
    too little is known of the resident for the score to speak against them.
    """

    as_of: int
    score: int
    eligible: Answer
    unknown: tuple[str, ...]
    standing: bool = False
    thin: bool = False


@dataclass(slots=True, kw_only=True)
class PendingAssessment:
    """
    The parts of an assessment that have come; they act together, with the last.
    """

    as_of: int
    parts: dict[str, tuple[Pair, ...]] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class PositionEntry:
    """
    `status` is free, proposed, offered, accepted, filled or removed; `offer` is what holds it.

    `since` is when it last became free, whatever has become of it.
    """

    status: str = "free"
    offer: str | None = None
    since: str = BEFORE_TIME


@dataclass(slots=True, kw_only=True)
class GroupEntry:
    """
    The reserved positions of one group, by ordinal from 1, under the terms of its clause.

    `declared` is how many the posting has, of which a cut may leave more standing. `rungs`
    and `public_at` are instants; `stage` is the highest rung that is open, -1 where none is.
    """

    group: str
    clause: str
    fence: RingFence
    declared: int
    rungs: tuple[str, ...]
    public_at: str
    stage: int = 0
    public: bool = False
    positions: list[PositionEntry] = field(default_factory=list)

    @property
    def standing(self) -> int:
        """
        How many positions there are.
        """
        return sum(position.status != "removed" for position in self.positions)

    @property
    def has_free(self) -> bool:
        """
        Whether a position is free to be proposed.
        """
        return not self.public and any(each.status == "free" for each in self.positions)


@dataclass(slots=True, kw_only=True)
class ReservedEntry:
    """
    The reserved positions of an opportunity, their groups in precedence order.

    `last_round` is the time of its last round, `rerun` whether the next tick owes it one
    for a proposal that was held, `owed` whether somebody was left out of the last one for
    an assessment that had not come; `lengthened` the seconds by which its ladder was moved.
    """

    contract: str
    epoch: str
    posted_on: str
    until: str
    groups: tuple[GroupEntry, ...]
    last_round: str = BEFORE_TIME
    rerun: bool = False
    owed: bool = False
    lengthened: int = 0

    @property
    def has_free(self) -> bool:
        """
        Whether a position of any group is free to be proposed.
        """
        return any(group.has_free for group in self.groups)

    def free_at(self, at: str) -> bool:
        """
        Tell whether a position that is free to be proposed became so by an instant.
        """
        return any(
            each.status == "free" and each.since <= at
            for group in self.groups
            if not group.public
            for each in group.positions
        )

    def named(self, group: str) -> GroupEntry:
        """
        Return one of the groups.
        """
        return next(each for each in self.groups if each.group == group)


@dataclass(slots=True, kw_only=True)
class OfferEntry:
    """
    A proposal, and the offer that it becomes; or a referral, which holds no reserved position.

    `status` is proposed, offered, accepted or filled; or held, declined, lapsed, withdrawn
    or rejected. `answered` holds the record of each answer that was taken, by its event;
    `undelivered` the event that is not known to stand on the partner's queue yet; `remind_at`
    when what it waits for is half over; `contacted` whether its partner tried to reach the
    resident; `remedied_by` the upheld challenges that put its resident first. Asked again for
    worse terms, it `was_accepted`, and its supplier knows if somebody `was_introduced`.
    """

    opportunity: str
    group: str | None
    ordinal: int
    resident: str
    party: str
    supplier: str
    status: str
    proposed_at: str
    place: int
    answered: dict[str, int] = field(default_factory=dict)
    undelivered: str | None = None
    remind_at: str | None = None
    contacted: bool = False
    reason: str | None = None
    lost: bool = False
    remedied_by: tuple[str, ...] = ()
    was_accepted: bool = False
    was_introduced: bool = False

    @property
    def position(self) -> str | None:
        """
        The position's id; a referral has none.
        """
        return None if self.group is None else f"{self.opportunity}/{self.group}/{self.ordinal}"

    @property
    def is_introduced(self) -> bool:
        """
        Whether its supplier knows of somebody.
        """
        return "IntroductionMade" in self.answered


@dataclass(slots=True, kw_only=True)
class ChallengeEntry:
    """
    A challenge, which somebody outside the resident's partner decides.

    `status` is open, upheld, dismissed or unanswered; `decided` the record that decided it.
    """

    resident: str
    opportunity: str
    contract: str
    decider: str
    ground: Ground
    status: str = "open"
    decided: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """
    An owner's nonce for a lottery, and the record that says so.
    """

    owner: str
    nonce: str
    sequence: int


@dataclass(slots=True, kw_only=True)
class LotteryEntry:
    """
    An epoch's lottery; `contributions` stand in the order in which they were accepted.

    The stand-in's digest is known in the register alone, once that record is written.
    """

    terms: LotteryCommitted
    sequence: int
    contributions: tuple[Contribution, ...] = ()
    stand_in_digest: str | None = None
    seed: str | None = None
    revealed_sequence: int = 0


@dataclass(slots=True, kw_only=True)
class MarketState:
    """
    One market at a log position.

    `clocks` holds every running window by its key and when it ends; `unadjusted` the
    opportunities whose positions the next tick brings up to date; `unproposed` what a round
    decided and no record has proposed yet; `doubted_since` the time before a leap.

    `marks` holds the highest offset taken from each party inbox partition; `recent` the
    accepted submissions of the last days by source and id, for telling duplicates.
    """

    code: str
    opened: MarketOpened | None = None
    now: str = BEFORE_TIME
    day: str = ""
    sequence: int = 0
    digest: str = ""
    rules: RulesAdopted | None = None
    marks: dict[str, int] = field(default_factory=dict)
    recent: dict[str, tuple[int, str]] = field(default_factory=dict)
    register_sequence: int = 0
    markets: dict[str, MarketOpened] = field(default_factory=dict)
    parties: dict[str, PartyEntry] = field(default_factory=dict)
    contracts: dict[str, ContractEntry] = field(default_factory=dict)
    opportunities: dict[str, OpportunityEntry] = field(default_factory=dict)
    residents: dict[str, ResidentEntry] = field(default_factory=dict)
    fits: dict[str, dict[str, CarriedFit]] = field(default_factory=dict)
    assessed: dict[str, int] = field(default_factory=dict)
    pending: dict[str, PendingAssessment] = field(default_factory=dict)
    lotteries: dict[str, LotteryEntry] = field(default_factory=dict)
    seeds: dict[str, SeedFixed] = field(default_factory=dict)
    rules_since: int = 0
    reserved: dict[str, ReservedEntry] = field(default_factory=dict)
    offers: dict[str, OfferEntry] = field(default_factory=dict)
    challenges: dict[str, ChallengeEntry] = field(default_factory=dict)
    duties: dict[str, DutyAssigned] = field(default_factory=dict)
    clocks: dict[str, str] = field(default_factory=dict)
    unadjusted: tuple[str, ...] = ()
    unproposed: tuple[Decision, ...] = ()
    doubted_since: str | None = None
    leap_confirmed: bool = False

    @property
    def policy(self) -> Policy:
        """
        The policy of the rules in force; before any are adopted, the policy of the wire's form.
        """
        return self.rules.policy if self.rules else Policy()

    @property
    def rules_version(self) -> int:
        """
        The version of the rules in force, 0 before any.
        """
        return self.rules.version if self.rules else 0

    @property
    def writing(self) -> int:
        """
        The sequence number of the record that is being decided.
        """
        return self.sequence + 1


def empty(code: str) -> MarketState:
    """
    Return the state of a market before its first record.
    """
    return MarketState(code=code, digest=first_previous(code))
