"""
The way of an offer in plain English, event by event, as its resident's partner reads it.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from services.wording.reasons import BY_EVENT, CHANGES, FINDINGS, GROUNDS, MEANS
from services.wording.refusals import NotWorded

# Braces name what an event tells; instants and days come in as words.
EVENTS: Final[dict[str, str]] = {
    "SlotProposed": "proposed; to reach the partner's queue until {deliver_by}",
    "ProposalDropped": "decided, and not proposed after all",
    "ReleaseDue": "the partner is to release it until {release_by}",
    "ReleaseOverdue": "the last day of its release began; the contract's owner was told",
    "ProposalReleased": "released by the partner",
    "ProposalHeld": "held by the partner: {reason}",
    "SlotOffered": "offered; to reach the partner's queue until {deliver_by}",
    "OfferChanged": "asked again, since terms got worse: {changed}; to reach the partner's queue "
    "until {deliver_by}",
    "OfferDelivered": "delivered to the partner's queue",
    "AnswerDue": "the answer is awaited until {answer_by}",
    "ContactTried": "the partner tried to reach the resident on {tried_on}: {means}",
    "OfferAccepted": "accepted by the resident",
    "OfferDeclined": "declined by the resident",
    "OfferLapsed": "lapsed: {reason}",
    "OfferWithdrawn": "withdrawn: {reason}",
    "EligibilityLost": "the resident no longer meets an open rung; what is offered stands",
    "ReferralOpened": "referred by the partner, with the resident's yes",
    "DeclineExplained": "the resident told their partner why; that is sealed",
    "DeclineExplainedSealed": "the resident told their partner why; that is sealed",
    "ConsentDue": "the resident's consent to meet the supplier is awaited until {consent_by}",
    "IntroductionMade": "introduced: the resident's partner and the supplier know whom to call",
    "SupplierIntroduced": "the partner was told whom to call at the supplier",
    "IntroductionReceived": "the supplier was told whom to call at the partner",
    "ConfirmationDue": "the supplier is to confirm or reject until {confirm_by}",
    "InterviewOffered": "the supplier offers an interview on {on}",
    "InterviewHeld": "an interview was held on {on}",
    "HireConfirmed": "confirmed by the supplier: the position is filled",
    "HireRejected": "rejected by the supplier: {reason}",
    "PositionChanged": "the supplier was told what became of the position",
    "ChallengeRaised": "contested: {ground}",
    "DecisionDue": "contested: {ground}; {decider} is to decide until {decide_by}",
    "ChallengeDecided": "{upheld} by who decides: {finding}",
    "ChallengeUnanswered": "nobody decided in time, which counts as upheld",
    "RemedyGranted": "the resident comes first of their rung at the next position of the same "
    "kind and hours",
}

# Which list a field's code is of, where the event does not matter.
LISTS: Final[Mapping[str, Mapping[str, str]]] = {
    "changed": CHANGES,
    "means": MEANS,
    "ground": GROUNDS,
    "finding": FINDINGS,
    "upheld": {"True": "upheld", "False": "not upheld"},
}

WAITS: Final = "Nothing yet: the proposal is decided, and comes at one of the next ticks."
PROPOSED_ONCE: Final = (
    "Nothing for this opportunity, which is proposed to a resident once: others are open to them "
    "as before."
)
TAKEN_BACK: Final = "Nothing is needed: they may be proposed again as long as they say yes."
REFERRED: Final = "While it is open and they still want it: `foothold refer`, once more."
ANSWER: Final = (
    "Tell the resident, and record each attempt with `foothold contact`; then send their answer "
    "with `foothold accept` or `foothold decline`. What rests on wrong data is taken back with "
    "`foothold hold`."
)
CONSENT: Final = (
    "Ask whether the supplier may hear of them, and record it with `foothold consent`: until then "
    "it hears of nobody."
)
HIRE: Final = (
    "The partner and the supplier talk (`foothold queue` says whom to call); then the supplier "
    "confirms or rejects (`foothold confirm`, `foothold reject`)."
)
CONTEST: Final = (
    "If the resident holds it to be wrong: `foothold challenge PARTNER RESIDENT OPPORTUNITY "
    "--ground ...`. Somebody outside their partner decides."
)

# After which event what can be done; those that are not here change nothing about it.
NEXT: Final[dict[str, str]] = {
    "SlotProposed": (
        "Release it with `foothold release`, or hold it with `foothold hold` and a reason."
    ),
    "ProposalDropped": TAKEN_BACK,
    "ProposalReleased": ANSWER,
    "ProposalHeld": PROPOSED_ONCE,
    "SlotOffered": ANSWER,
    "OfferChanged": ANSWER,
    "AnswerDue": ANSWER,
    "OfferAccepted": CONSENT,
    "OfferDeclined": PROPOSED_ONCE,
    "OfferLapsed": PROPOSED_ONCE,
    "OfferWithdrawn": PROPOSED_ONCE,
    "ReferralOpened": CONSENT,
    "ConsentDue": CONSENT,
    "IntroductionMade": HIRE,
    "ConfirmationDue": HIRE,
    "InterviewOffered": "Once it was held, either side says so: `foothold interview held`.",
    "HireConfirmed": "Nothing: the position is filled.",
    "HireRejected": PROPOSED_ONCE,
}


def next_for(steps: Iterable[str], *, again: bool) -> str:
    """
    Say what can be done about an offer, by its way so far.

    Args:
        steps: the bare name of each event in order.
        again: whether the pair may be proposed again once it has ended, since others ended it.

    >>> next_for(["SlotProposed", "OfferWithdrawn"], again=True)
    'Nothing is needed: they may be proposed again as long as they say yes.'
    """
    told, is_referral = WAITS, False
    for name in steps:
        is_referral = is_referral or name == "ReferralOpened"
        told = NEXT.get(name, told)
    if told != PROPOSED_ONCE:
        return told
    return REFERRED if is_referral else TAKEN_BACK if again else PROPOSED_ONCE


def happened(name: str, details: Mapping[str, str]) -> str:
    """
    Say what an event did to an offer.

    Args:
        name: the event's bare name.
        details: what it tells, by field: instants in words, reasons as their codes.

    Raises:
        NotWorded: the event has no sentence.

    >>> happened("OfferWithdrawn", {"reason": "not_released"})
    'withdrawn: the partner did not release it in time'
    """
    if name not in EVENTS:
        raise NotWorded(f"event {name} of an offer has no sentence")
    lists = {"reason": BY_EVENT.get(name, {}), **LISTS}
    words = {field: _in_words(told, lists.get(field, {})) for field, told in details.items()}
    return EVENTS[name].format_map(words)


def _in_words(told: str, codes: Mapping[str, str]) -> str:
    """
    Put codes in words: one, or several with a space between.
    """
    if told in codes or not codes:
        return codes.get(told, told)
    return ", ".join(codes.get(each, each) for each in told.split(" "))
