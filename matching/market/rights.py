"""
Who may say what about whom: event x role x relation, as one table.

`foothold rights` prints it, and a test goes through it row by row.
"""

from dataclasses import dataclass
from enum import StrEnum

from matching.market.record import Refusal, Said, refused
from matching.market.state import MarketState
from matching.market.waiting import decider_of, owner_of
from schemas.vocabulary import REGISTER, Clock, Role


class Relation(StrEnum):
    """
    How a speaker must stand to what the event is about.
    """

    ANY = "anything"
    BELOW = "a supplier or partner"
    OWN_RESIDENT = "the partner's own resident"
    OWN_OPPORTUNITY = "the supplier's own opportunity"
    OWN_CONTRACT = "the owner's own contract"
    CONTRACT_SUPPLIER = "a contract of which it is the supplier"
    OWN_OFFER = "a proposal or offer to the partner's own resident"
    OWN_POSITION = "an offer of the supplier's own position"
    ITSELF = "its own staff"
    CONTESTED = "a resident at an opportunity of the owner's own contract"
    CONTESTED_INSTEAD = "a resident whose partner owns the contract, where it decides instead"
    DECIDES = "a challenge that it is to decide"
    SIMULATED = "a market with a simulated clock"


@dataclass(frozen=True, slots=True)
class Right:
    """
    One row: parties in this role may say this event about that.
    """

    event: str
    role: Role
    relation: Relation


@dataclass(frozen=True, slots=True)
class WorkerRight:
    """
    One row for our own workers.
    """

    event: str
    worker: str


RIGHTS = (
    Right("PartyRegistered", Role.OPERATOR, Relation.ANY),
    Right("PartyRegistered", Role.OWNER, Relation.BELOW),
    Right("MarketOpened", Role.OPERATOR, Relation.ANY),
    Right("RulesAdopted", Role.OPERATOR, Relation.ANY),
    Right("ContractRegistered", Role.OWNER, Relation.OWN_CONTRACT),
    Right("PledgeMade", Role.OWNER, Relation.OWN_CONTRACT),
    Right("ContractAgreed", Role.SUPPLIER, Relation.CONTRACT_SUPPLIER),
    Right("DutyAssigned", Role.PARTNER, Relation.ITSELF),
    Right("LotteryCommitted", Role.OPERATOR, Relation.ANY),
    Right("LotteryContributed", Role.OWNER, Relation.ANY),
    Right("LotteryRevealed", Role.OPERATOR, Relation.ANY),
    Right("OpportunityPosted", Role.SUPPLIER, Relation.ANY),
    Right("OpportunityAmended", Role.SUPPLIER, Relation.OWN_OPPORTUNITY),
    Right("OpportunityWithdrawn", Role.SUPPLIER, Relation.OWN_OPPORTUNITY),
    Right("ResidentRegistered", Role.PARTNER, Relation.ANY),
    Right("ResidentUpdated", Role.PARTNER, Relation.OWN_RESIDENT),
    Right("ResidentPaused", Role.PARTNER, Relation.OWN_RESIDENT),
    Right("ResidentResumed", Role.PARTNER, Relation.OWN_RESIDENT),
    Right("ResidentClosed", Role.PARTNER, Relation.OWN_RESIDENT),
    Right("ResidentErased", Role.PARTNER, Relation.OWN_RESIDENT),
    Right("ConsentGiven", Role.PARTNER, Relation.OWN_RESIDENT),
    Right("ConsentWithdrawn", Role.PARTNER, Relation.OWN_RESIDENT),
    Right("FactGiven", Role.PARTNER, Relation.OWN_RESIDENT),
    Right("ReadinessChanged", Role.PARTNER, Relation.OWN_RESIDENT),
    Right("InterestGiven", Role.PARTNER, Relation.OWN_RESIDENT),
    Right("ReferralMade", Role.PARTNER, Relation.OWN_RESIDENT),
    Right("ChallengeRaised", Role.PARTNER, Relation.OWN_RESIDENT),
    Right("ChallengeRaised", Role.OWNER, Relation.CONTESTED),
    Right("ChallengeRaised", Role.OPERATOR, Relation.CONTESTED_INSTEAD),
    Right("ChallengeDecided", Role.OWNER, Relation.DECIDES),
    Right("ChallengeDecided", Role.OPERATOR, Relation.DECIDES),
    Right("DeclineExplained", Role.PARTNER, Relation.OWN_RESIDENT),
    Right("ContactTried", Role.PARTNER, Relation.OWN_OFFER),
    Right("ProposalReleased", Role.PARTNER, Relation.OWN_OFFER),
    Right("ProposalHeld", Role.PARTNER, Relation.OWN_OFFER),
    Right("OfferAccepted", Role.PARTNER, Relation.OWN_OFFER),
    Right("OfferDeclined", Role.PARTNER, Relation.OWN_OFFER),
    Right("FitOverridden", Role.PARTNER, Relation.OWN_RESIDENT),
    Right("InterviewOffered", Role.SUPPLIER, Relation.OWN_POSITION),
    Right("InterviewHeld", Role.SUPPLIER, Relation.OWN_POSITION),
    Right("InterviewHeld", Role.PARTNER, Relation.OWN_OFFER),
    Right("HireConfirmed", Role.SUPPLIER, Relation.OWN_POSITION),
    Right("HireRejected", Role.SUPPLIER, Relation.OWN_POSITION),
    Right("ClockConfirmed", Role.OPERATOR, Relation.ANY),
    Right("Tick", Role.OPERATOR, Relation.SIMULATED),
)

WORKER_RIGHTS = (
    WorkerRight("FitsAssessed", "matcher"),
    WorkerRight("RulesAssessed", "matcher"),
    WorkerRight("KeyDestroyed", "notifier"),
    WorkerRight("OfferDelivered", "notifier"),
    WorkerRight("RegisterFacts", "herald"),
    WorkerRight("InputUnreadable", "intake"),
    WorkerRight("Tick", "ticker"),
    WorkerRight("PartyRegistered", "bootstrap"),
    WorkerRight("RulesAdopted", "bootstrap"),
)

REGISTER_EVENTS = frozenset(
    {
        "PartyRegistered",
        "MarketOpened",
        "RulesAdopted",
        "ContractRegistered",
        "PledgeMade",
        "ContractAgreed",
        "DutyAssigned",
        "LotteryCommitted",
        "LotteryContributed",
        "LotteryRevealed",
        "InputUnreadable",
    }
)


def refusal(state: MarketState, said: Said) -> Refusal | None:
    """
    Return why the speaker may not say this, or nothing where it may.
    """
    event = said.name.removesuffix("Sealed")
    if said.party is None:
        return _worker_refusal(state, said, event)
    if (event in REGISTER_EVENTS) != (state.code == REGISTER):
        return refused("market_unknown", "/type")
    entry = state.parties.get(said.party)
    if entry is None:
        return refused("party_unknown", "/source")
    rows = [row for row in RIGHTS if row.event == event and row.role in entry.party.roles]
    if not rows:
        allowed = sorted({row.role.value for row in RIGHTS if row.event == event})
        return refused("right_missing", "/type", lawful=", ".join(allowed) or None)
    answers = [_relation_refusal(state, said, row.relation) for row in rows]
    return None if None in answers else answers[0]


def _worker_refusal(state: MarketState, said: Said, event: str) -> Refusal | None:
    worker = said.message.envelope.source.removeprefix("/worker/")
    if WorkerRight(event, worker) not in WORKER_RIGHTS:
        return refused("right_missing", "/source")
    if worker == "bootstrap" and state.code != REGISTER:
        return refused("market_unknown", "/type")
    if worker == "bootstrap" and state.parties and event == "PartyRegistered":
        return refused("bootstrap_over", "/source")
    if worker == "bootstrap" and state.rules is not None and event == "RulesAdopted":
        return refused("bootstrap_over", "/source")
    if event == "Tick" and state.opened and state.opened.clock is Clock.SIMULATED:
        return refused("right_missing", "/source")
    return None


def _relation_refusal(state: MarketState, said: Said, relation: Relation) -> Refusal | None:
    if relation is Relation.BELOW and not _below(state, said):
        return refused("right_missing", "/data/roles", rule=relation.value)
    if relation is Relation.OWN_RESIDENT:
        return _own_resident(state, said)
    if relation in (Relation.OWN_OFFER, Relation.OWN_POSITION):
        return _own_offer(state, said, relation)
    if relation is Relation.OWN_OPPORTUNITY:
        opportunity = state.opportunities.get(said.subject)
        if opportunity is None or opportunity.party != said.party:
            return refused("opportunity_unknown", "/data/opportunity")
    if relation is Relation.OWN_CONTRACT:
        contract = state.contracts.get(said.subject)
        if contract is not None and contract.owner != said.party:
            return refused("contract_not_yours", "/data/contract")
    if relation is Relation.CONTRACT_SUPPLIER:
        contract = state.contracts.get(said.data.contract_id)
        if contract is None or contract.terms.supplier != said.party:
            return refused("contract_unknown", "/data/contract_id")
    if relation in (Relation.CONTESTED, Relation.CONTESTED_INSTEAD):
        contested = _contested if relation is Relation.CONTESTED else _contested_instead
        return contested(state, said)
    if relation is Relation.DECIDES:
        return _decides(state, said)
    if relation is Relation.SIMULATED and not _simulated(state):
        return refused("real_market", "/type")
    return None


def _own_offer(state: MarketState, said: Said, relation: Relation) -> Refusal | None:
    """
    Refuse alike an offer that is unknown, another's, or not yet the supplier's to know of.
    """
    offer = state.offers.get(said.data.offer)
    whose = None
    if offer is not None:
        whose = offer.party if relation is Relation.OWN_OFFER else offer.supplier
    reached = relation is Relation.OWN_OFFER or (offer is not None and offer.is_introduced)
    if whose != said.party or not reached:
        return refused("offer_unknown", "/data/offer")
    return None


def _contested(state: MarketState, said: Said) -> Refusal | None:
    """
    Refuse alike whatever does not concern one of the owner's own contracts.
    """
    opportunity = state.opportunities.get(said.data.opportunity)
    named = opportunity.terms.contract if opportunity is not None else None
    if named is None or state.contracts[named].owner != said.party:
        return refused("opportunity_unknown", "/data/opportunity")
    resident = state.residents.get(said.subject)
    if resident is None or resident.status == "erased":
        return refused("resident_unknown", "/data/resident")
    return None


def _contested_instead(state: MarketState, said: Said) -> Refusal | None:
    """
    Refuse alike whatever the contract's owner itself can be asked to contest.
    """
    resident, opportunity = state.residents.get(said.subject), said.data.opportunity
    if resident is not None and resident.status != "erased" and opportunity in state.opportunities:
        decider = decider_of(state, opportunity, partner=resident.party)
        if owner_of(state, opportunity) == resident.party and decider == said.party:
            return None
    return refused("opportunity_unknown", "/data/opportunity")


def _decides(state: MarketState, said: Said) -> Refusal | None:
    """
    Refuse whoever is not to decide a challenge, the resident's own partner with its reason.
    """
    challenge = state.challenges.get(said.data.challenge)
    if challenge is not None and state.residents[challenge.resident].party == said.party:
        return refused("challenge_own_partner", "/data/challenge")
    if challenge is None or challenge.decider != said.party:
        return refused("challenge_unknown", "/data/challenge")
    return None


def _below(state: MarketState, said: Said) -> bool:
    """
    Tell whether a registration neither makes nor changes an operator or an owner.
    """
    known = state.parties.get(said.data.slug)
    roles = {*said.data.roles, *(known.party.roles if known else ())}
    return not roles & {Role.OPERATOR, Role.OWNER}


def _simulated(state: MarketState) -> bool:
    return state.opened is not None and state.opened.clock is Clock.SIMULATED


def _own_resident(state: MarketState, said: Said) -> Refusal | None:
    """
    Refuse alike what is unknown and what is another's, so that nobody learns who is known.
    """
    resident = state.residents.get(said.subject)
    if resident is None or resident.party != said.party:
        return refused("resident_unknown", "/data/resident")
    if resident.status == "erased":
        return refused("resident_erased", "/data/resident")
    return None
