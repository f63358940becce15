"""
What the fold knows of one market: data only, changed by `evolve` alone.

Every mapping has strings for keys, so that a snapshot is plain JSON.
"""

from dataclasses import dataclass, field

from schemas.contracts import ContractRegistered
from schemas.fits import Pair, RuleCode
from schemas.log_record import first_previous
from schemas.markets import MarketOpened
from schemas.opportunities import OpportunityAmendedSealed, OpportunityPostedSealed
from schemas.parties import PartyRegisteredSealed
from schemas.pledges import PledgeMade
from schemas.rules import RulesAdopted
from schemas.vocabulary import Answer

STATE_VERSION = 1
BEFORE_TIME = "0001-01-01T00:00:00.000Z"


@dataclass(slots=True, kw_only=True)
class PartyEntry:
    """
    A party as registered, by whom at first (nobody: the bootstrap), and the record that says so.
    """

    party: PartyRegisteredSealed
    registered_by: str | None
    sequence: int


@dataclass(slots=True, kw_only=True)
class ContractEntry:
    """
    A contract in its current version; `agreed_version` is the last the supplier agreed to.
    """

    owner: str
    terms: ContractRegistered
    version: int
    agreed_version: int
    sequence: int
    agreed_sequence: int = 0
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
    A consent that holds until and including `ends_on`, or without an end.
    """

    ends_on: str | None
    fields: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class ResidentEntry:
    """
    `status` is active, paused, closed or erased. Nothing here describes the person.
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
    asked: dict[str, str] = field(default_factory=dict)
    open_questions: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    rule_codes: tuple[RuleCode, ...] = ()
    rules_as_of: int = 0
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
    """

    as_of: int
    score: int
    eligible: Answer
    unknown: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class PendingAssessment:
    """
    The parts of an assessment that have come; they act together, with the last.
    """

    as_of: int
    parts: dict[str, tuple[Pair, ...]] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class MarketState:
    """
    One market at a log position.

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
