"""
What parties may send, by the names that people type.
"""

import difflib
import re

import click

from schemas.codec import EVENTS
from schemas.vocabulary import event_type

NOUNS = {
    "party": "PartyRegistered",
    "market": "MarketOpened",
    "rules": "RulesAdopted",
    "contract": "ContractRegistered",
    "agreement": "ContractAgreed",
    "pledge": "PledgeMade",
    "lottery": "LotteryCommitted",
    "contribution": "LotteryContributed",
    "reveal": "LotteryRevealed",
    "opportunity": "OpportunityPosted",
    "amendment": "OpportunityAmended",
    "withdrawal": "OpportunityWithdrawn",
    "resident": "ResidentRegistered",
    "update": "ResidentUpdated",
    "pause": "ResidentPaused",
    "resumption": "ResidentResumed",
    "closure": "ResidentClosed",
    "erasure": "ResidentErased",
    "consent": "ConsentGiven",
    "consent-end": "ConsentWithdrawn",
    "fact": "FactGiven",
    "readiness": "ReadinessChanged",
    "interest": "InterestGiven",
    "override": "FitOverridden",
    "release": "ProposalReleased",
    "hold": "ProposalHeld",
    "acceptance": "OfferAccepted",
    "decline": "OfferDeclined",
    "duty": "DutyAssigned",
    "contact": "ContactTried",
    "explanation": "DeclineExplained",
    "referral": "ReferralMade",
    "interview": "InterviewOffered",
    "interview-held": "InterviewHeld",
    "confirmation": "HireConfirmed",
    "rejection": "HireRejected",
    "challenge": "ChallengeRaised",
    "decision": "ChallengeDecided",
    "clock": "ClockConfirmed",
    "tick": "Tick",
}

CLASSES: dict[str, type] = {
    noun: next(cls for cls in EVENTS.values() if event_type(cls).name == name)
    for noun, name in NOUNS.items()
}


def find_kind(name: str) -> type:
    """
    Return the event class that a typed name means: a noun, or the event's own name.

    Raises:
        click.UsageError: no kind has that name; the message names the nearest.
    """
    wanted = re.sub(r"[^a-z]", "", name.lower().removeprefix("foothold.").removesuffix(".v1"))
    for noun, cls in CLASSES.items():
        if wanted in (noun.replace("-", ""), NOUNS[noun].lower()):
            return cls
    near = difflib.get_close_matches(name.lower(), CLASSES, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise click.UsageError(f"{name!r} is no kind.{hint} Kinds: {', '.join(CLASSES)}.")


def noun_of(cls: type) -> str:
    """
    Return the noun that people type for an event class.
    """
    return next(noun for noun, each in CLASSES.items() if each is cls)
