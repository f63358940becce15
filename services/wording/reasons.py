"""
The closed lists of what people choose from, in plain English: reasons, means, grounds, findings.
"""

from collections.abc import Iterable, Mapping
from shlex import quote
from typing import Final

from schemas.challenges import Finding, Ground
from schemas.introductions import CONTACT, ROUTE, Means
from schemas.slots import (
    HoldReason,
    LapseReason,
    OverrideReason,
    RejectionReason,
    TermChange,
    WithdrawalReason,
)

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
    WithdrawalReason.NOT_INTRODUCED: "the partner recorded no consent to meet the supplier in time",
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

LAPSES: Final[Mapping[str, str]] = {
    LapseReason.NOT_REACHED: "the partner recorded no attempt to reach the resident",
    LapseReason.NO_ANSWER: "the partner tried, and the resident did not answer",
}

CHANGES: Final[Mapping[str, str]] = {
    TermChange.PAY: "the pay",
    TermChange.HOURS: "the hours",
    TermChange.PLACE: "the place",
    TermChange.START: "the start",
}

# What the resident's own silence is judged by, so an attempt is recorded when it is made.
MEANS: Final[Mapping[str, str]] = {
    Means.TELEPHONE: "a call to their telephone",
    Means.MESSAGE: "a text or an e-mail",
    Means.LETTER: "a letter to their address",
    Means.VISIT: "a visit to where they live",
    Means.IN_PERSON: "spoken to face to face, elsewhere",
}

FIELDS: Final[Mapping[str, str]] = {
    CONTACT: "that somebody wants the position, whom they meet through their partner's office",
    ROUTE: "also by which route of the clause they come in, where its fence shows that",
}

GROUNDS: Final[Mapping[str, str]] = {
    Ground.FACTS_WRONG: "what was recorded about the resident was wrong or missing",
    Ground.NOT_ASKED: "the resident was never asked whether they wanted it",
    Ground.NOT_TOLD: "the resident was not told of an offer or a decision in time",
    Ground.RULE_MISAPPLIED: "the contract's rule or the published order was not followed",
    Ground.COORDINATOR: "it concerns what their own coordinator did or did not do",
    Ground.OTHER: "something else",
}

FINDINGS: Final[Mapping[str, str]] = {
    Finding.FACTS_WERE_WRONG: "the decision rested on facts that were wrong",
    Finding.RULE_WAS_MISAPPLIED: "the rule was not applied as the contract says",
    Finding.NOT_TREATED_FAIRLY: "the resident was not asked, told or helped as they should be",
    Finding.RULE_WAS_APPLIED: "the rule was applied as the contract says, on facts that held",
    Finding.NO_LOSS: "something went wrong, and it cost the resident no position",
}

# Which list an event's reason is of: the same word means another thing in another list.
BY_EVENT: Final[dict[str, Mapping[str, str]]] = {
    "ProposalHeld": HOLDS,
    "HireRejected": REJECTIONS,
    "FitOverridden": OVERRIDES,
    "OfferLapsed": LAPSES,
    "OfferWithdrawn": WITHDRAWALS,
}


def listed(reasons: Mapping[str, str]) -> str:
    """
    List a closed list for a command's help, one reason a line.

    >>> listed(OVERRIDES).splitlines()[1]
    'score_wrong: the fit misjudges what the profile says'
    """
    return "\n".join(f"{code}: {words}" for code, words in reasons.items())


def choices(codes: Iterable[str]) -> str:
    """
    Write a closed list where one of it belongs in a command, quoted: as it stands it is refused.

    >>> choices(OVERRIDES)
    "'evidence_not_in_profile|score_wrong|support_agreed'"
    """
    return quote("|".join(codes))


def indented(reasons: Mapping[str, str]) -> str:
    """
    List a closed list as it stands in the end of a command's help.
    """
    return "\n".join(f"  {line}" for line in listed(reasons).splitlines())
