"""
What parties may say at all, where each event goes, and which must name who says it.

Whether this party may say it is the market's to judge, by its table of rights.
"""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final

from schemas.challenges import ChallengeDecided, ChallengeRaised
from schemas.consents import ConsentGiven, ConsentWithdrawn
from schemas.contracts import ContractAgreed, ContractRegistered
from schemas.duties import DutyAssigned
from schemas.facts import FactGiven
from schemas.interests import InterestGiven
from schemas.introductions import (
    ContactTried,
    DeclineExplained,
    InterviewHeld,
    InterviewOffered,
    ReferralMade,
)
from schemas.lottery import LotteryCommitted, LotteryContributed, LotteryRevealed
from schemas.markets import MarketOpened
from schemas.opportunities import OpportunityAmended, OpportunityPosted, OpportunityWithdrawn
from schemas.parties import PartyRegistered
from schemas.pledges import PledgeMade
from schemas.readiness import ReadinessChanged
from schemas.residents import (
    ResidentClosed,
    ResidentErased,
    ResidentPaused,
    ResidentRegistered,
    ResidentResumed,
    ResidentUpdated,
)
from schemas.rules import RulesAdopted
from schemas.slots import (
    ClockConfirmed,
    FitOverridden,
    HireConfirmed,
    HireRejected,
    OfferAccepted,
    OfferDeclined,
    ProposalHeld,
    ProposalReleased,
)
from schemas.ticks import Tick
from schemas.vocabulary import event_type


class Route(Enum):
    """
    How the market of an event is found.
    """

    REGISTER = auto()
    NEW_RESIDENT = auto()
    CHANGED_RESIDENT = auto()
    RESIDENT = auto()
    CONTESTED = auto()
    NEW_OPPORTUNITY = auto()
    OPPORTUNITY = auto()
    OFFER = auto()
    CHALLENGE = auto()
    MARKET = auto()


ROUTES: Final[Mapping[type, Route]] = {
    PartyRegistered: Route.REGISTER,
    ContractRegistered: Route.REGISTER,
    ContractAgreed: Route.REGISTER,
    PledgeMade: Route.REGISTER,
    DutyAssigned: Route.REGISTER,
    MarketOpened: Route.REGISTER,
    RulesAdopted: Route.REGISTER,
    LotteryCommitted: Route.REGISTER,
    LotteryContributed: Route.REGISTER,
    LotteryRevealed: Route.REGISTER,
    OpportunityPosted: Route.NEW_OPPORTUNITY,
    OpportunityAmended: Route.OPPORTUNITY,
    OpportunityWithdrawn: Route.OPPORTUNITY,
    ResidentRegistered: Route.NEW_RESIDENT,
    ResidentUpdated: Route.CHANGED_RESIDENT,
    ResidentPaused: Route.RESIDENT,
    ResidentResumed: Route.RESIDENT,
    ResidentClosed: Route.RESIDENT,
    ResidentErased: Route.RESIDENT,
    ConsentGiven: Route.RESIDENT,
    ConsentWithdrawn: Route.RESIDENT,
    FactGiven: Route.RESIDENT,
    ReadinessChanged: Route.RESIDENT,
    InterestGiven: Route.RESIDENT,
    FitOverridden: Route.RESIDENT,
    ReferralMade: Route.RESIDENT,
    DeclineExplained: Route.RESIDENT,
    ChallengeRaised: Route.CONTESTED,
    ChallengeDecided: Route.CHALLENGE,
    ContactTried: Route.OFFER,
    ProposalReleased: Route.OFFER,
    ProposalHeld: Route.OFFER,
    OfferAccepted: Route.OFFER,
    OfferDeclined: Route.OFFER,
    InterviewOffered: Route.OFFER,
    InterviewHeld: Route.OFFER,
    HireConfirmed: Route.OFFER,
    HireRejected: Route.OFFER,
    ClockConfirmed: Route.MARKET,
    Tick: Route.MARKET,
}

# Evidence about a person, agreements and answers: a member of staff stands for each.
NAMES_WHO: Final = frozenset(
    {
        ConsentGiven,
        FactGiven,
        ReadinessChanged,
        ContractAgreed,
        InterestGiven,
        FitOverridden,
        ProposalReleased,
        ProposalHeld,
        OfferAccepted,
        OfferDeclined,
        HireConfirmed,
        HireRejected,
        DutyAssigned,
        ReferralMade,
        DeclineExplained,
        ChallengeRaised,
        ChallengeDecided,
        ContactTried,
        InterviewOffered,
        InterviewHeld,
        ClockConfirmed,
    }
)

SAID_BY_PARTIES: Final = frozenset(event_type(cls).wire_name for cls in ROUTES)
