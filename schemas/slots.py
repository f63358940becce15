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
    StaffCode,
    Version,
    event,
    value,
)

Stage = Annotated[int, Ge(0), Le(1000)]
Ticket = Annotated[str, Pattern(r"^[0-9a-f]{16}$")]
# A kind of window and what it runs on: an offer, a challenge, a posting, or a group of one.
ClockKey = Annotated[
    str,
    MaxLen(120),
    Pattern(r"^(offer|challenge|remind|overdue|intake|rung|public) [a-z0-9/_-]+$"),
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
    NOT_INTRODUCED = "not_introduced"
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


class LapseReason(StrEnum):
    """
    Why no answer came: nobody recorded that they tried, or the resident did not answer.
    """

    NOT_REACHED = "not_reached"
    NO_ANSWER = "no_answer"


class TermChange(StrEnum):
    """
    What an amendment made worse, or other, for somebody who has an offer of a position.
    """

    PAY = "pay"
    HOURS = "hours"
    PLACE = "place"
    START = "start"


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

    After terms got worse somebody is `asked_again`: the position stays held meanwhile.
    """

    FREE = "free"
    ACCEPTED = "accepted"
    FILLED = "filled"
    OVER = "over"
    REMOVED = "removed"
    PUBLIC = "public"
    ASKED_AGAIN = "asked_again"


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
    `considered` claims on the opportunity, counted from 1 in the published order, in which
    they came first of their rung if `remedied`: a challenge of theirs had been upheld.
    """

    offer: Coded[OfferId]
    position: Open[PositionId]
    opportunity: Open[OpportunityId]
    resident: Coded[ResidentId]
    tier: Coded[Stage]
    weeks_ready: Coded[Count]
    ticket: Coded[Ticket]
    remedied: Coded[bool] = False
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
    A round proposes a position to a resident; the days for its release run from its delivery.

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
    remedied: Coded[bool] = False
    epoch: Open[Epoch]
    place: Coded[Annotated[int, Ge(1), Le(1_000_000)]]
    considered: Open[Count]
    rests_on: Coded[Annotated[tuple[EventId, ...], MaxLen(40)]] = ()
    rules_version: Open[Version]
    decided_at: Open[Instant]
    release_working_days: Open[WorkingDays]
    deliver_by: Open[Instant]
    remind_at: Open[Instant | None] = None


@event()
class ProposalDropped:
    """
    A decided proposal was not made: its person or position was no longer there.
    """

    offer: Coded[OfferId]
    outcome: Coded[Outcome]


# --- answers ------------------------------------------------------------------------------


@event()
class ReleaseDue:
    """
    A proposal stands on its partner's queue: who is on duty releases or holds it until then.

    From `remind_at` on the deputy may, too; from `overdue_at` on the contract's owner knows.
    """

    offer: Coded[OfferId]
    resident: Coded[ResidentId]
    opportunity: Open[OpportunityId]
    release_by: Open[Instant]
    remind_at: Open[Instant | None] = None
    overdue_at: Open[Instant | None] = None
    on_duty: Coded[StaffCode | None] = None


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
    remind_at: Open[Instant | None] = None


@event()
class OfferChanged:
    """
    Terms got worse after an offer: its resident is asked again while the position is held.
    """

    offer: Coded[OfferId]
    position: Open[PositionId | None] = None
    opportunity: Open[OpportunityId]
    resident: Coded[ResidentId]
    changed: Open[Annotated[tuple[TermChange, ...], MinLen(1), MaxLen(4)]]
    answer_working_days: Open[WorkingDays]
    deliver_by: Open[Instant]
    remind_at: Open[Instant | None] = None


@event()
class OfferDelivered:
    """
    A proposal or an offer stands on its partner's queue, as the event named. Said by the notifier.
    """

    offer: Coded[OfferId]
    event: Coded[EventId]


@event()
class AnswerDue:
    """
    The resident's answer to an offer is awaited until then.
    """

    offer: Coded[OfferId]
    resident: Coded[ResidentId]
    opportunity: Open[OpportunityId]
    answer_by: Open[Instant]
    remind_at: Open[Instant | None] = None


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
    Somebody was introduced for a position: its supplier confirms or rejects until then.

    Of a referral there is no reserved position and no clause.
    """

    offer: Coded[OfferId]
    position: Open[PositionId | None] = None
    opportunity: Open[OpportunityId]
    clause: Open[ClauseName | None] = None
    confirm_by: Open[Instant]
    remind_at: Open[Instant | None] = None


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
    No answer came in time. Only an offer of which the resident was told counts as unanswered.
    """

    offer: Coded[OfferId]
    position: Open[PositionId | None] = None
    resident: Coded[ResidentId]
    reason: Coded[LapseReason]


@event()
class OfferWithdrawn:
    """
    A proposal, an offer or an unconfirmed acceptance ended, through no answer of its resident's.
    """

    offer: Coded[OfferId]
    position: Open[PositionId | None] = None
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

    Of a referral there is no reserved position and no clause.
    """

    position: Open[PositionId | None] = None
    opportunity: Open[OpportunityId]
    clause: Open[ClauseName | None] = None
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
