"""
The sentences of a resident's letter: short words, for a reader of eleven.

Who reads them is "you"; the partner, the supplier and the office come in by their names.
Braces name what an event tells, in words already.
"""

from collections.abc import Mapping
from typing import Final

from schemas.challenges import Finding, Ground
from schemas.introductions import CONTACT, ROUTE, Means
from schemas.slots import (
    HoldReason,
    LapseReason,
    Outcome,
    OverrideReason,
    RejectionReason,
    TermChange,
    WithdrawalReason,
)

# What a round did, and why: the rule decides, and no person does.
OUTCOMES: Final[Mapping[Outcome, str]] = {
    Outcome.PROPOSED: "The rule put you forward for a place.",
    Outcome.INACTIVE: (
        "You were not put forward. You did not take part at that time: you were paused or had"
        " left, or had not agreed to be matched."
    ),
    Outcome.SAID_NO: "You were not put forward. You had said no to this job.",
    Outcome.NOT_ASKED: (
        "You were not put forward. There was a place for you to try for, but we held no yes from"
        " you."
    ),
    Outcome.PLACED: "You were not put forward. You had said yes to a place, or had one.",
    Outcome.AT_LIMIT: (
        "You were not put forward. You had as many open offers as one person can have at a time."
    ),
    # True of an offer that is still open, too.
    Outcome.ALREADY_TRIED: "You had been put forward for this job already.",
    Outcome.NOT_READY: "You were not put forward. You were not marked as ready for work.",
    Outcome.NOT_ASSESSED: (
        "You were not put forward. We had not yet checked if you fit this job. That was not your"
        " fault."
    ),
    Outcome.REQUIREMENT_NOT_MET: (
        "You were not put forward. This job asks for a thing that you do not have, as far as we"
        " know."
    ),
    Outcome.BELOW_MINIMUM_FIT: (
        "You were not put forward. The contract for this job asks for a good fit. What we hold"
        " about"
        " you came out too low."
    ),
    Outcome.ROUTE_NOT_CONSENTED: (
        "You were not put forward. With this job the firm can tell why you got a place. You had"
        " not said that it may know."
    ),
    Outcome.NO_POSITION_IN_REACH: "You were not put forward. No free place was open to you then.",
    Outcome.OUTRANKED: (
        "You were not put forward. All the places that were open to you went to people with a"
        " stronger claim."
    ),
    Outcome.PREFERRED_ANOTHER: (
        "You were not put forward for this job. The rule put you forward for one that you like"
        " more."
    ),
}

HOLDS: Final[Mapping[str, str]] = {
    HoldReason.DATA_WRONG: "what we held about you was wrong",
    HoldReason.SAFEGUARDING: "it would not be safe",
    HoldReason.NOT_SUITABLE_NOW: "it did not suit you at that time",
    HoldReason.RESIDENT_CHANGED_MIND: "you did not want it any more",
}

REJECTIONS: Final[Mapping[str, str]] = {
    RejectionReason.REQUIREMENT_NOT_MET: "the job asks for a thing that you did not have",
    RejectionReason.DID_NOT_ATTEND: "they say that you did not come",
    RejectionReason.TERMS_NOT_AGREED: "you and they did not agree on the terms",
    RejectionReason.POSITION_CUT: "the place is not there any more",
}

OVERRIDES: Final[Mapping[str, str]] = {
    OverrideReason.EVIDENCE_NOT_IN_PROFILE: "you can show more than your details say",
    OverrideReason.SCORE_WRONG: "the fit got your details wrong",
    OverrideReason.SUPPORT_AGREED: "help for you in this job is agreed",
}

LAPSES: Final[Mapping[str, str]] = {
    LapseReason.NOT_REACHED: (
        "No reply came in time, so the offer ended. {partner} did not write down that they tried to"
        " reach you. So it does not count against you. The one who was late is {partner}."
    ),
    LapseReason.NO_ANSWER: (
        "No reply came from you in time, so the offer ended. {partner} wrote down that they"
        " had tried"
        " to reach you. You keep the weeks that you have been ready."
    ),
}

# Each says through whom it ended.
WITHDRAWALS: Final[Mapping[str, str]] = {
    WithdrawalReason.NOT_RELEASED: (
        "It ended because {partner} did not pass it on in time. You did no wrong."
    ),
    WithdrawalReason.NOT_DELIVERED: (
        "It ended because our own service did not bring it to {partner} in time. You did no wrong."
    ),
    WithdrawalReason.NOT_INTRODUCED: (
        "It ended because {partner} did not write down in time that {supplier} may hear of you."
    ),
    WithdrawalReason.SUPPLIER_SILENT: (
        "It ended because {supplier} did not say yes or no in time. You did no wrong, and you"
        " are free"
        " for the next one."
    ),
    WithdrawalReason.POSITION_CUT: (
        "It ended because {supplier} has fewer places now. You did no wrong."
    ),
    WithdrawalReason.OPPORTUNITY_WITHDRAWN: (
        "It ended because {supplier} took the job back. You did no wrong."
    ),
    WithdrawalReason.CONSENT_WITHDRAWN: "It ended because you took back what you had agreed to.",
    WithdrawalReason.CONSENT_ENDED: "It ended because the time that you had agreed to was over.",
    WithdrawalReason.RESIDENT_CLOSED: (
        "It ended because {partner} does not put you forward any more."
    ),
    WithdrawalReason.RESIDENT_ERASED: "It ended because you asked for your data to go.",
    WithdrawalReason.SAID_NO: "It ended because you said no to it.",
    WithdrawalReason.ACCEPTED_ANOTHER: "It ended because you said yes to another place.",
    WithdrawalReason.DATA_WRONG: (
        "{partner} took it back. What was held about you was wrong. {staff}"
    ),
    WithdrawalReason.SAFEGUARDING: "{partner} took it back. It would not be safe. {staff}",
}

CHANGES: Final[Mapping[str, str]] = {
    TermChange.PAY: "the pay",
    TermChange.HOURS: "the hours",
    TermChange.PLACE: "the place",
    TermChange.START: "the start",
}

MEANS: Final[Mapping[str, str]] = {
    Means.TELEPHONE: "by telephone",
    Means.MESSAGE: "by text or email",
    Means.LETTER: "by post",
    Means.VISIT: "at your home",
    Means.IN_PERSON: "face to face",
}

GROUNDS: Final[Mapping[str, str]] = {
    Ground.FACTS_WRONG: "what we held about you was wrong, or was not there",
    Ground.NOT_ASKED: "you were not asked if you want it",
    Ground.NOT_TOLD: "you were not told in time",
    Ground.RULE_MISAPPLIED: "the rule was not kept",
    Ground.COORDINATOR: "it is about what your coach did or did not do",
    Ground.OTHER: "some other thing",
}

FINDINGS: Final[Mapping[str, str]] = {
    Finding.FACTS_WERE_WRONG: "The facts were wrong.",
    Finding.RULE_WAS_MISAPPLIED: "The rule was not kept.",
    Finding.NOT_TREATED_FAIRLY: "You were not asked, told or helped as you should be.",
    Finding.RULE_WAS_APPLIED: "The rule was kept, and the facts were right.",
    Finding.NO_LOSS: "A thing went wrong, but it cost you no place.",
}

# How an offer went, event by event; what is not here tells of no decision.
STEPS: Final[Mapping[str, str]] = {
    "ProposalDropped": "The place was gone by then, so you were not put forward after all.",
    "ReleaseDue": "{partner} had to pass it on by {release_by}.",
    "ReleaseOverdue": (
        "{partner} had not passed it on when its last day began, and {owner} was told so."
    ),
    "ProposalReleased": "{partner} passed the offer on to you. {staff}",
    "ProposalHeld": "{partner} held it back. They say: {reason}. {staff}",
    "AnswerDue": "You had time to reply until {answer_by}.",
    "ContactTried": "{partner} tried to reach you on {tried_on} {means}. {staff}",
    "OfferChanged": "{supplier} made the job worse: {changed}. So you were asked once more.",
    "OfferAccepted": "You said yes. {partner} wrote it down. {staff}",
    "OfferDeclined": "You said no. {partner} wrote it down. It does not count against you. {staff}",
    "DeclineExplained": "You said why: {reason} Only {partner} and you can read that.",
    "EligibilityLost": "You no longer meet the rule for this place. Your offer still stands.",
    "ReferralOpened": "You want this job, and {partner} put you forward. No rule decided that.",
    "ConsentDue": (
        "{supplier} could not hear of you until you agreed. You had time until {consent_by}."
    ),
    "IntroductionMade": (
        "You and {supplier} were put in touch. They were told how to reach {partner}, and not your"
        " name."
    ),
    "ConfirmationDue": "{supplier} had to say yes or no by {confirm_by}.",
    "InterviewOffered": "{supplier} asked you to come and talk on {on}.",
    "InterviewHeld": "You met {supplier} on {on}.",
    "HireConfirmed": "{supplier} took you on. They decided that. {staff}",
    "HireRejected": (
        "{supplier} did not take you on. They decided that. They say: {reason}. {staff}"
    ),
}

# The same while it is still waited for; above it is told of what is over.
WAITS: Final[Mapping[str, str]] = {
    "ReleaseDue": "{partner} has until {release_by} to pass it on.",
    "AnswerDue": "You have until {answer_by} to reply.",
    "ConsentDue": (
        "{supplier} cannot hear of you until you agree. You have until {consent_by} to say so."
    ),
    "ConfirmationDue": "{supplier} has until {confirm_by} to say yes or no.",
    "DecisionDue": "{decider} has until {decide_by} to decide.",
}

# What a firm may be told, by the field of the consent.
TOLD: Final[Mapping[str, str]] = {
    CONTACT: "that you want the job",
    ROUTE: "why you can have this place",
}

CHALLENGES: Final[Mapping[str, str]] = {
    "ChallengeRaised": "You said that it was wrong: {ground}. {staff}",
    "DecisionDue": "{decider} had to decide by {decide_by}.",
    "upheld": "{decider} found that you were right. {finding} {staff}",
    "dismissed": "{decider} found that it was not wrong. {finding} {staff}",
    "ChallengeUnanswered": ("{decider} did not decide in time. So it counts as if you were right."),
    "RemedyGranted": (
        "You will come first on your step for the next job of the same kind and with much the same"
        " hours."
    ),
}

# What a person is called by, of each field of their details.
FIELDS: Final[Mapping[str, str]] = {
    "reference": "The code that {partner} has for you",
    "birth_date": "Your date of birth",
    "outcode": "The first part of your postcode",
    "max_travel_metres": "How far you can go",
    "minutes_a_week": "Your hours a week",
    "earliest_start": "The first time in the day that you can start",
    "latest_end": "The last time in the day that you can end",
    "days": "The days that you can work",
    "available_from": "You are free from",
    "licences": "Your licences and cards",
    "right_to_work": "You have the right to work in the UK",
    "summary": "About you",
    "skills": "What you can do",
    "experience": "What you have done",
    "barriers": "What makes work hard for you",
    "pay_floor_pence": "The least pay an hour that you can work for",
    "notes": "Notes",
}
