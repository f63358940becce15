"""
Slots: positions that a contract promised, and how each is proposed, released and answered.

A proposal and the offer that it becomes share one id. What a supplier is told of a
position is in `ConfirmationDue` and `PositionChanged`, which name no resident.
"""

from enum import StrEnum
from typing import Annotated

from annotated_types import Ge, Le, MaxLen, MinLen

from schemas.vocabulary import (
    ClauseName,
    Code,
    Coded,
    ContractId,
    Count,
    Epoch,
    EventId,
    Hex,
    Instant,
    Label,
    MarketCode,
    OfferId,
    Open,
    OpportunityId,
    Pattern,
    PositionId,
    Positions,
    Reference,
    ResidentId,
    Slug,
    Version,
    event,
    value,
)

Stage = Annotated[int, Ge(0), Le(1000)]
Ticket = Annotated[str, Pattern(r"^[0-9a-f]{16}$")]
# A kind of window and what it runs on: an offer, a posting, or one group of a posting.
ClockKey = Annotated[
    str,
    MaxLen(120),
    Pattern(r"^(offer|intake|rung|public) [a-z][a-z0-9]{1,15}-[fo]-[a-z2-7]{16}(/[a-z0-9_]+)?$"),
]
WorkingDays = Annotated[int, Ge(0), Le(366)]


class HoldReason(StrEnum):
    """
    Why a partner does not release a proposal; the rule runs again without that person.
    """

    DATA_WRONG = "data_wrong"
    SAFEGUARDING = "safeguarding"
    NOT_SUITABLE_NOW = "not_suitable_now"
    RESIDENT_CHANGED_MIND = "resident_changed_mind"


class RejectionReason(StrEnum):
    """
    Why a supplier does not take on somebody who accepted.
    """

    REQUIREMENT_NOT_MET = "requirement_not_met"
    DID_NOT_ATTEND = "did_not_attend"
    TERMS_NOT_AGREED = "terms_not_agreed"
    POSITION_CUT = "position_cut"


class OverrideReason(StrEnum):
    """
    Why a partner puts a resident past the minimum fit.
    """

    EVIDENCE_NOT_IN_PROFILE = "evidence_not_in_profile"
    SCORE_WRONG = "score_wrong"
    SUPPORT_AGREED = "support_agreed"


class WithdrawalReason(StrEnum):
    """
    What ended a proposal, an offer or an unconfirmed acceptance that nobody declined.
    """

    NOT_RELEASED = "not_released"
    NOT_DELIVERED = "not_delivered"
    SUPPLIER_SILENT = "supplier_silent"
    POSITION_CUT = "position_cut"
    OPPORTUNITY_WITHDRAWN = "opportunity_withdrawn"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    CONSENT_ENDED = "consent_ended"
    RESIDENT_CLOSED = "resident_closed"
    RESIDENT_ERASED = "resident_erased"
    SAID_NO = "said_no"
    ACCEPTED_ANOTHER = "accepted_another"
    DATA_WRONG = "data_wrong"
    SAFEGUARDING = "safeguarding"


class Outcome(StrEnum):
    """
    What a round did for one resident and one opportunity: an offer, or the one reason why not.
    """

    PROPOSED = "proposed"
    INACTIVE = "inactive"
    SAID_NO = "said_no"
    NOT_ASKED = "not_asked"
    PLACED = "placed"
    AT_LIMIT = "at_limit"
    ALREADY_TRIED = "already_tried"
    NOT_READY = "not_ready"
    NOT_ASSESSED = "not_assessed"
    REQUIREMENT_NOT_MET = "requirement_not_met"
    BELOW_MINIMUM_FIT = "below_minimum_fit"
    ROUTE_NOT_CONSENTED = "route_not_consented"
    NO_POSITION_IN_REACH = "no_position_in_reach"
    OUTRANKED = "outranked"
    PREFERRED_ANOTHER = "preferred_another"


class PositionState(StrEnum):
    """
    What a supplier is told of a position; `over` is one more than the cut posting has.
    """

    FREE = "free"
    ACCEPTED = "accepted"
    FILLED = "filled"
    OVER = "over"
    REMOVED = "removed"
    PUBLIC = "public"


# --- how positions come and go ------------------------------------------------------------


@value
class ReservedGroup:
    """
    The reserved positions of one group: how many, when each rung opens, when they go public.
    """

    group: Open[Code]
    clause: Open[ClauseName]
    positions: Open[Annotated[int, Ge(0), Le(500)]]
    rungs: Open[Annotated[tuple[Instant, ...], MinLen(1), MaxLen(12)]]
    public_at: Open[Instant]


ReservedGroups = Annotated[tuple[ReservedGroup, ...], MinLen(1), MaxLen(20)]


@event()
class IntakeOpened:
    """
    A posting has reserved positions: answers are taken in until a first round is held.
    """

    opportunity: Open[OpportunityId]
    contract: Open[ContractId]
    epoch: Open[Epoch]
    until: Open[Instant]
    first_round_at: Open[Instant]
    groups: Open[ReservedGroups]


@event()
class PositionsAdjusted:
    """
    The reserved positions follow an amendment, a withdrawal or a newly agreed contract.
    """

    opportunity: Open[OpportunityId]
    # More than a posting may have: those that it no longer has, until they hold nobody.
    groups: Open[Annotated[tuple[ReservedGroup, ...], MaxLen(1_000)]]


@event()
class StageOpened:
    """
    A rung of the ladder opens; without a stage the group is public and offering ends.
    """

    opportunity: Open[OpportunityId]
    group: Open[Code]
    stage: Open[Stage | None] = None


@value
class ToAsk:
    """
    A resident who meets a rung, counted from 0, and has not answered; under whose reference.

    `unknown` names the facts that may open an earlier rung, if they hold.
    """

    resident: Coded[ResidentId]
    reference: Coded[Reference | None] = None
    rung: Coded[Stage]
    unknown: Coded[Annotated[tuple[Code, ...], MaxLen(40)]] = ()


@event()
class IntakeListed:
    """
    Whom a partner may ask whether they want an opportunity, before its first round. On queues only.

    Only a resident's yes enters a round. `more` are as many again who are not listed.
    """

    opportunity: Open[OpportunityId]
    title: Open[Label]
    supplier: Open[Slug]
    until: Open[Instant]
    residents: Coded[Annotated[tuple[ToAsk, ...], MinLen(1), MaxLen(200)]]
    more: Coded[Count] = 0


# --- rounds -------------------------------------------------------------------------------


@value
class Decision:
    """
    One proposal that a round decided.

    `tier` is the rung that the resident meets, `place` their own position among
    `considered` claims on the opportunity, counted from 1 in the published order.
    """

    offer: Coded[OfferId]
    position: Open[PositionId]
    opportunity: Open[OpportunityId]
    resident: Coded[ResidentId]
    tier: Coded[Stage]
    weeks_ready: Coded[Count]
    ticket: Coded[Ticket]
    place: Coded[Annotated[int, Ge(1), Le(1_000_000)]]
    considered: Open[Count]


@value
class OutcomeCount:
    outcome: Open[Outcome]
    residents: Open[Count]


@value
class OpportunityRound:
    """
    One opportunity's part in a round: positions free, people considered, reasons counted.
    """

    opportunity: Open[OpportunityId]
    epoch: Open[Epoch]
    free: Open[Positions]
    considered: Open[Count]
    outcomes: Open[Annotated[tuple[OutcomeCount, ...], MaxLen(20)]]


@event()
class RoundClosed:
    """
    A round was decided whole, by these rules on these inputs, whose digest stands here.

    What exceeds one record is proposed by later ticks, without a new round.
    """

    at: Open[Instant]
    rules_version: Open[Version]
    opportunities: Open[Annotated[tuple[OpportunityRound, ...], MinLen(1)]]
    decisions: Coded[tuple[Decision, ...]] = ()
    digest: Open[Hex]


@event()
class SlotProposed:
    """
    A round proposes a position to a resident; it waits for the partner's release.

    `rests_on` names the facts by which the rung is met, each with its evidence on the log.
    """

    offer: Coded[OfferId]
    position: Open[PositionId]
    opportunity: Open[OpportunityId]
    contract: Open[ContractId]
    clause: Open[ClauseName]
    resident: Coded[ResidentId]
    tier: Coded[Stage]
    stage: Open[Stage]
    weeks_ready: Coded[Count]
    ticket: Coded[Ticket]
    epoch: Open[Epoch]
    place: Coded[Annotated[int, Ge(1), Le(1_000_000)]]
    considered: Open[Count]
    rests_on: Coded[Annotated[tuple[EventId, ...], MaxLen(40)]] = ()
    rules_version: Open[Version]
    decided_at: Open[Instant]
    release_by: Open[Instant]


@event()
class ProposalDropped:
    """
    A decided proposal was not made: its person or position was no longer there.
    """

    offer: Coded[OfferId]
    outcome: Coded[Outcome]


# --- answers ------------------------------------------------------------------------------


@event()
class ProposalReleased:
    """
    The resident's own partner releases a proposal, which becomes an offer.
    """

    offer: Coded[OfferId]


@event()
class ProposalHeld:
    """
    The resident's own partner does not release a proposal, or takes a wrong offer back.
    """

    offer: Coded[OfferId]
    reason: Coded[HoldReason]


@event()
class SlotOffered:
    """
    A position is offered to a resident; the answer's days run from its delivery.
    """

    offer: Coded[OfferId]
    position: Open[PositionId]
    opportunity: Open[OpportunityId]
    contract: Open[ContractId]
    clause: Open[ClauseName]
    resident: Coded[ResidentId]
    answer_working_days: Open[WorkingDays]
    deliver_by: Open[Instant]


@event()
class OfferDelivered:
    """
    An offer stands on its partner's queue. Said by the notifier.
    """

    offer: Coded[OfferId]


@event()
class AnswerDue:
    """
    The resident's answer to an offer is awaited until then.
    """

    offer: Coded[OfferId]
    resident: Coded[ResidentId]
    opportunity: Open[OpportunityId]
    answer_by: Open[Instant]


@event()
class OfferAccepted:
    """
    The resident accepts, through their own partner.
    """

    offer: Coded[OfferId]


@event()
class OfferDeclined:
    """
    The resident declines, through their own partner. No reason is asked for.
    """

    offer: Coded[OfferId]


@event()
class ConfirmationDue:
    """
    A position was accepted: its supplier confirms or rejects until then.
    """

    offer: Coded[OfferId]
    position: Open[PositionId]
    opportunity: Open[OpportunityId]
    clause: Open[ClauseName]
    confirm_by: Open[Instant]


@event()
class HireConfirmed:
    """
    The supplier takes on the person who accepted: the position is filled.
    """

    offer: Coded[OfferId]


@event()
class HireRejected:
    """
    The supplier does not take on the person who accepted, for a coded reason.
    """

    offer: Coded[OfferId]
    reason: Coded[RejectionReason]


@event()
class FitOverridden:
    """
    A partner puts its resident past an opportunity's minimum fit, for a coded reason.
    """

    resident: Coded[Reference]
    opportunity: Open[OpportunityId]
    reason: Coded[OverrideReason]


# --- ends and changes ---------------------------------------------------------------------


@event()
class OfferLapsed:
    """
    No answer came in time.
    """

    offer: Coded[OfferId]
    position: Open[PositionId]
    resident: Coded[ResidentId]


@event()
class OfferWithdrawn:
    """
    A proposal, an offer or an unconfirmed acceptance ended, through no answer of its resident's.
    """

    offer: Coded[OfferId]
    position: Open[PositionId]
    resident: Coded[ResidentId]
    reason: Coded[WithdrawalReason]


@event()
class EligibilityLost:
    """
    The resident no longer meets an open rung. What is offered or accepted stands.
    """

    offer: Coded[OfferId]
    resident: Coded[ResidentId]


@event()
class PositionChanged:
    """
    What a supplier is told of its position when something else than its own word changed it.
    """

    position: Open[PositionId]
    opportunity: Open[OpportunityId]
    clause: Open[ClauseName]
    state: Open[PositionState]
    offer: Coded[OfferId | None] = None


# --- time ---------------------------------------------------------------------------------


@value
class LengthenedWindow:
    """
    A running clock of the market, by its key, and when it ends now.
    """

    clock: Coded[ClockKey]
    ends_at: Open[Instant]


@event()
class WindowsLengthened:
    """
    Time stood still for so many seconds: every window that was running ends later by as much.
    """

    seconds: Open[Annotated[int, Ge(1), Le(2**53 - 1)]]
    windows: Coded[tuple[LengthenedWindow, ...]]


@event()
class ClockDoubted:
    """
    Time leapt by more than a day: it stands still until the operator confirms the leap.
    """

    since: Open[Instant]
    at: Open[Instant]


@event()
class ClockConfirmed:
    """
    The operator confirms that the market's time is right.
    """

    market: Open[MarketCode]
