"""
The closed lists of reasons about an offer, in plain English.
"""

from collections.abc import Mapping
from typing import Final

from schemas.slots import HoldReason, OverrideReason, RejectionReason, WithdrawalReason

HOLDS: Final[Mapping[str, str]] = {
    HoldReason.DATA_WRONG: "what is recorded about the resident is wrong",
    HoldReason.SAFEGUARDING: "it would put somebody at risk",
    HoldReason.NOT_SUITABLE_NOW: "it does not suit the resident now",
    HoldReason.RESIDENT_CHANGED_MIND: "the resident does not want it any more",
}

REJECTIONS: Final[Mapping[str, str]] = {
    RejectionReason.REQUIREMENT_NOT_MET: "a stated requirement turned out not to be met",
    RejectionReason.DID_NOT_ATTEND: "the person did not come",
    RejectionReason.TERMS_NOT_AGREED: "the terms were not agreed",
    RejectionReason.POSITION_CUT: "the position is no longer there",
}

OVERRIDES: Final[Mapping[str, str]] = {
    OverrideReason.EVIDENCE_NOT_IN_PROFILE: "the resident can show more than the profile says",
    OverrideReason.SCORE_WRONG: "the fit misjudges what the profile says",
    OverrideReason.SUPPORT_AGREED: "support that makes it suitable is agreed",
}

WITHDRAWALS: Final[Mapping[str, str]] = {
    WithdrawalReason.NOT_RELEASED: "the partner did not release it in time",
    WithdrawalReason.NOT_DELIVERED: "it did not reach the partner's queue in time",
    WithdrawalReason.SUPPLIER_SILENT: "the supplier neither confirmed nor rejected in time",
    WithdrawalReason.POSITION_CUT: "the supplier posts fewer positions now",
    WithdrawalReason.OPPORTUNITY_WITHDRAWN: "the supplier withdrew the posting",
    WithdrawalReason.CONSENT_WITHDRAWN: "the resident's consent was withdrawn",
    WithdrawalReason.CONSENT_ENDED: "the resident's consent had its last day",
    WithdrawalReason.RESIDENT_CLOSED: "the resident is no longer put forward",
    WithdrawalReason.RESIDENT_ERASED: "the resident was erased",
    WithdrawalReason.SAID_NO: "the resident said no to it",
    WithdrawalReason.ACCEPTED_ANOTHER: "the resident accepted another position",
    WithdrawalReason.DATA_WRONG: "the partner took it back: what was recorded was wrong",
    WithdrawalReason.SAFEGUARDING: "the partner took it back: it would put somebody at risk",
}

# Which list an event's reason is of: the same word means another thing in another list.
BY_EVENT: Final[dict[str, Mapping[str, str]]] = {
    "ProposalHeld": HOLDS,
    "HireRejected": REJECTIONS,
    "FitOverridden": OVERRIDES,
    "OfferWithdrawn": WITHDRAWALS,
}


def listed(reasons: Mapping[str, str]) -> str:
    """
    List a closed list for a command's help, one reason a line.

    >>> listed(OVERRIDES).splitlines()[1]
    'score_wrong: the fit misjudges what the profile says'
    """
    return "\n".join(f"{code}: {words}" for code, words in reasons.items())
