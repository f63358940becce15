"""
Reasons for a fit, as sentences that quote the statements of both sides.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from matching.model import FitCode, GateCode, OpportunityProfile, ResidentProfile
from matching.ranking.profile_text import statements
from services.wording.facts import question
from services.wording.figures import code_in_words, shortened
from services.wording.refusals import NotWorded

# Two quotations and the words between them stay within a statement's 500 characters.
LONGEST_QUOTE: Final = 200

QUOTED: Final[Mapping[str, str]] = {
    FitCode.MEETS: "“{own}” meets “{asked}”.",
    FitCode.PARTLY_MEETS: "“{own}” comes close to “{asked}”.",
    FitCode.MISSING: "Nothing said so far meets “{asked}”.",
}
# Where a side has changed since it was assessed, its statements cannot be quoted by number.
UNQUOTED: Final[Mapping[str, str]] = {
    FitCode.MEETS: "What the resident says meets something that the work asks for.",
    FitCode.PARTLY_MEETS: "What the resident says comes close to something that the work asks for.",
    FitCode.MISSING: "Nothing said so far meets something that the work asks for.",
}

OPEN_QUESTIONS: Final[Mapping[str, str]] = {
    GateCode.HOURS: "How many hours a week can the resident work?",
    GateCode.TRAVEL: "How far can the resident travel?",
    GateCode.START: "From which day is the resident available?",
    GateCode.TIMES: "Between which times of day can the resident work?",
    GateCode.DAYS: "On which days can the resident work?",
    GateCode.PAY: "Is the pay enough for the resident?",
    GateCode.AGE: "Is the resident of an age at which this can lawfully be started?",
    GateCode.RIGHT_TO_WORK: "Has the resident's right to work in the UK been checked?",
}

NOT_MET: Final[Mapping[str, str]] = {
    GateCode.HOURS: "The weekly hours do not suit the resident.",
    GateCode.TRAVEL: "The place is farther than the resident can travel.",
    GateCode.START: "The work starts before the resident is available.",
    GateCode.TIMES: "The working times do not suit the resident.",
    GateCode.DAYS: "The working days do not suit the resident.",
    GateCode.PAY: "The pay is below what the resident needs.",
    GateCode.AGE: "The resident is not of an age at which this can lawfully be started.",
    GateCode.RIGHT_TO_WORK: "The resident's right to work in the UK is not shown.",
}


def resident_statements(profile: Mapping[str, Any]) -> tuple[str, ...]:
    """
    Return the numbered statements of an opened profile.
    """
    return statements(
        ResidentProfile(
            resident_id="",
            summary=profile.get("summary"),
            skills=tuple(profile.get("skills", ())),
            experience=tuple(profile.get("experience", ())),
        )
    )


def opportunity_statements(advert: Mapping[str, Any]) -> tuple[str, ...]:
    """
    Return the numbered statements of an opened advert.
    """
    return statements(
        OpportunityProfile(
            opportunity_id="",
            title=advert["title"],
            description=advert.get("description"),
            duties=tuple(advert.get("duties", ())),
            skills=tuple(advert.get("skills", ())),
        )
    )


def why(
    reasons: Iterable[Mapping[str, Any]], *, own: tuple[str, ...], asked: tuple[str, ...]
) -> tuple[str, ...]:
    """
    Say what speaks for a match.

    Args:
        reasons: as on the wire, most telling first.
        own: the resident's statements of the version that was assessed; none are quoted
            where there are none.
        asked: those of the opportunity.

    Raises:
        NotWorded: a reason has no sentence.
    """
    told = [reason for reason in reasons if reason["code"] != FitCode.MISSING]
    return tuple(dict.fromkeys(_sentences(told, own=own, asked=asked)))


def missing(reasons: Iterable[Mapping[str, Any]], *, asked: tuple[str, ...]) -> tuple[str, ...]:
    """
    Say what the work asks for and nothing of the resident's meets.
    """
    told = [reason for reason in reasons if reason["code"] == FitCode.MISSING]
    return tuple(dict.fromkeys(_sentences(told, own=(), asked=asked)))


def open_question(code: str) -> str:
    """
    Ask for what is unknown of a pair: a gate's code, or a fact's.
    """
    return OPEN_QUESTIONS.get(code) or question(code)


def not_met(code: str) -> str:
    """
    Say what rules a pair out.

    >>> not_met("pay_suits"), not_met("cscs_card")
    ('The pay is below what the resident needs.', 'This is asked for and not met: CSCS card.')
    """
    return NOT_MET.get(code) or f"This is asked for and not met: {code_in_words(code)}."


def _sentences(
    reasons: Iterable[Mapping[str, Any]], *, own: tuple[str, ...], asked: tuple[str, ...]
) -> Iterator[str]:
    for reason in reasons:
        code = reason["code"]
        if code not in QUOTED:
            raise NotWorded(f"reason {code} has no sentence")
        words = {
            "own": _numbered(own, reason.get("resident_statement")),
            "asked": _numbered(asked, reason.get("opportunity_statement")),
        }
        needed = [name for name in words if f"{{{name}}}" in QUOTED[code]]
        quoted = all(words[name] is not None for name in needed)
        yield QUOTED[code].format(**words) if quoted else UNQUOTED[code]


def _numbered(said: tuple[str, ...], number: int | None) -> str | None:
    if number is None or number >= len(said):
        return None
    return shortened(said[number].rstrip("."), longest=LONGEST_QUOTE)
