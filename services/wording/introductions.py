"""
What waits, introductions and challenges in plain English, as a queue tells them.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from services.wording.figures import counted
from services.wording.reasons import CHANGES, FIELDS, FINDINGS, GROUNDS
from services.wording.refusals import NotWorded

# Braces name what a message tells, in words; those that may be empty begin with their comma.
INTRODUCTIONS: Final[Mapping[str, str]] = {
    "ReleaseDue": (
        "Proposal {offer}: {who} for {what}{grounds}. Nothing is offered before you release it:"
        " release or hold it by {release_by}.{duty}"
    ),
    "ReleaseOverdue": (
        "The partner {partner} has not released a proposal for {what} (offer {offer}). Its last"
        " working day has begun: the proposal ends at {release_by}, at no cost to the resident."
        " You may call the partner; nothing else is awaited of you."
    ),
    "OfferChanged": (
        "Offer {offer}: {changed} of {what} changed after it was made, so {who} is asked again"
        " while the position is held. The days to answer, {answer_working_days} of work, run from"
        " its delivery."
    ),
    "ReferralOpened": "Referral {offer}: {who} is put forward for {what}, which no fence reserves.",
    "ConsentDue": (
        "Offer {offer}: {who} wants {what}. The supplier {supplier} hears of nobody before they"
        " consent to it: record their consent by {consent_by}, to {fields}."
    ),
    "SupplierIntroduced": (
        "Offer {offer}: {who} is introduced for {what}. Call {supplier_name} at {call} and tell"
        " them who is coming: the name passes between you, outside this system."
    ),
    "IntroductionReceived": (
        "{slot}{reserved}: somebody wants it (offer {offer}). Their partner's office is at {call}"
        " and tells you who. Confirm or reject by {confirm_by}."
    ),
    "InterviewOffered": (
        "Offer {offer}: the supplier offers {who} an interview for {what}, on {on}. Agree the"
        " hour and the place with its office."
    ),
    "DecisionDue": (
        "Challenge {challenge}: resident {resident} contests what was decided about {what}, on"
        " the ground that {ground}. Decide it by {decide_by}; undecided, it counts as upheld."
    ),
    "ChallengeUnanswered": (
        "Challenge {challenge} about {what} was not decided in time, and counts as upheld."
    ),
    "ChallengeDecided": "Challenge {challenge} of {who} about {what} is {upheld}: {finding}.",
    "RemedyGranted": (
        "{who} comes first of their rung at the next position of the same kind and hours as"
        " {what}, because challenge {challenge} was upheld. There is nothing that you must do."
    ),
    "ReminderGiven": "Reminder: {waiting} by {due}.{duty}",
}

# What is awaited, by the state in which it waits.
WAITING: Final[Mapping[str, str]] = {
    "delivery": "offer {about} for {what} is not delivered yet, and must be",
    "release": "proposal {about}, {who} for {what}{grounds}, is to be released or held",
    "answer": "the answer of {who} about {what} (offer {about}) is awaited",
    "consent": "the consent of {who} to meet the supplier of {what} (offer {about}) is awaited",
    "confirmation": (
        "who was introduced for {what} (offer {about}){reached} is to be confirmed or rejected"
    ),
    "decision": "challenge {about} about {what} is to be decided, or counts as upheld,",
}

RELEASE: Final = (
    "foothold release {party} {offer} --by STAFF",
    "foothold hold {party} {offer} --reason REASON --by STAFF",
)
ANSWER: Final = (
    "foothold accept {party} {offer} --by STAFF",
    "foothold decline {party} {offer} --by STAFF",
    "foothold contact {party} {offer} --means MEANS --by STAFF",
)
CONSENT: Final = (
    "foothold consent {party} {resident} --supplier {supplier}{route} --notice-version VERSION"
    " --by STAFF",
)
CONFIRM: Final = (
    "foothold confirm {party} {offer} --by STAFF",
    "foothold reject {party} {offer} --reason REASON --by STAFF",
)
INTERVIEW: Final = "foothold interview offer {party} {offer} --on DATE --by STAFF"
HELD: Final = "foothold interview held {party} {offer} --on DATE --by STAFF"
DECIDE: Final = (
    "foothold decide {party} {challenge} upheld --finding FINDING --by STAFF",
    "foothold decide {party} {challenge} dismissed --finding FINDING --by STAFF",
)

# The one command that answers each, the one that says otherwise, and what else helps.
ANSWERED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "SlotProposed": RELEASE,
    "ReleaseDue": RELEASE,
    "SlotOffered": ANSWER,
    "OfferChanged": ANSWER,
    "AnswerDue": ANSWER,
    "ConsentDue": CONSENT,
    "IntroductionReceived": (*CONFIRM, INTERVIEW),
    "ConfirmationDue": CONFIRM,
    "InterviewOffered": (HELD,),
    "DecisionDue": DECIDE,
}
# Of a reminder, by what it is of.
REMINDED_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "delivery": ("foothold status",),
    "release": RELEASE,
    "answer": ANSWER,
    "consent": ("foothold today {party}",),
    "confirmation": CONFIRM,
    "decision": DECIDE,
}
# Before each of its commands; what the third is for depends on the message.
LEADS: Final = ("answer with ", "or with ")
THEN: Final[Mapping[str, str]] = {
    "foothold contact": "and record each try with ",
    "foothold interview offer": "before that, an interview with ",
    "foothold interview held": "once it was held, say so with ",
    "foothold status": "look with ",
    "foothold today": "its command is in ",
}


def lead_of(command: str, *, at: int) -> str:
    """
    Say what a command does for a message, at its place among them from 0.

    >>> lead_of("foothold hold tees-homes o-1", at=1)
    'or with '
    >>> lead_of("foothold contact tees-homes o-1 --means MEANS", at=2)
    'and record each try with '
    """
    for begins, lead in THEN.items():
        if command.startswith(begins):
            return lead
    return LEADS[at]


def grounds_in_words(told: Mapping[str, object]) -> str:
    """
    Say on which grounds a proposal was made, counted from 1 where events count from 0.

    >>> grounds_in_words({"clause": "4.2", "tier": 0, "weeks_ready": 1, "place": 2,
    ...     "considered": 14})  # doctest: +NORMALIZE_WHITESPACE
    'reserved by clause 4.2. Meets rung 1, ready for 1 whole week, number 2 of 14 in the
    published order'
    """
    first = ", first of that rung because a challenge was upheld" if told.get("remedied") else ""
    weeks = counted(int(str(told["weeks_ready"])), "whole week")
    return (
        f"reserved by clause {told['clause']}. Meets rung {int(str(told['tier'])) + 1}, ready for"
        f" {weeks}, number {told['place']} of {told['considered']} in the published order{first}"
    )


def waiting_in_words(waiting: str, words: Mapping[str, str]) -> str:
    """
    Say what a reminder is of.

    Raises:
        NotWorded: the state has no words.
    """
    if waiting not in WAITING:
        raise NotWorded(f"what waits as {waiting} has no words")
    return WAITING[waiting].format_map(words)


def office_in_words(mailbox: str, telephone: str | None) -> str:
    """
    Say how an office is reached.

    >>> office_in_words("jobs@oakline.example", None)
    'jobs@oakline.example'
    >>> office_in_words("jobs@oakline.example", "01632 960000")
    'jobs@oakline.example or 01632 960000'
    """
    return f"{mailbox} or {telephone}" if telephone else mailbox


def changes_in_words(changes: Iterable[str]) -> str:
    """
    List what got worse.

    >>> changes_in_words(("pay", "hours"))
    'the pay and the hours'
    """
    return _listed([CHANGES.get(change, change) for change in changes])


def fields_in_words(fields: Iterable[str]) -> str:
    """
    Say to what a consent is needed.
    """
    return "the supplier hearing " + "; ".join(FIELDS.get(field, field) for field in fields)


def ground_in_words(ground: str) -> str:
    """
    Say what a challenge holds to be wrong.

    >>> ground_in_words("not_asked")
    'the resident was never asked whether they wanted it'
    """
    return GROUNDS.get(ground, ground)


def finding_in_words(finding: str) -> str:
    """
    Say what was found about a challenge.

    >>> finding_in_words("facts_were_wrong")
    'the decision rested on facts that were wrong'
    """
    return FINDINGS.get(finding, finding)


def _listed(words: list[str]) -> str:
    *before, last = words
    return f"{', '.join(before)} and {last}" if before else last
