"""
Outcomes in plain English: why somebody was or was not proposed, and what can be done.

What is said of the order is the resident's own place and the last that was reached; of
another person, nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from matching.market.explanation import Explanation
from schemas.slots import Outcome
from services.wording.figures import code_in_words, counted
from services.wording.offers import NEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """
    One outcome: its name, what it means, and what can be done about it.
    """

    name: str
    means: str
    mend: str


OUTCOMES: Final[dict[Outcome, Reason]] = {
    Outcome.PROPOSED: Reason(
        name="proposed",
        means="A position was proposed to the resident.",
        mend=NEXT["SlotProposed"],
    ),
    Outcome.INACTIVE: Reason(
        name="not taking part",
        means="The resident is paused, as after several offers in a row without an answer, closed "
        "or erased, or no consent to be matched is in force.",
        mend="If the resident wants to take part: `foothold consent PARTNER RESIDENT --matching`, "
        "or send a `resumption`.",
    ),
    Outcome.SAID_NO: Reason(
        name="said no",
        means="The resident says no to this opportunity.",
        mend="If they have changed their mind: `foothold interest PARTNER RESIDENT yes "
        "OPPORTUNITY`.",
    ),
    Outcome.NOT_ASKED: Reason(
        name="not asked",
        means="A position is in the resident's reach, and no yes is recorded: neither to this "
        "opportunity nor a standing one that it is known to meet.",
        mend="Ask the resident, and record the answer with `foothold interest`.",
    ),
    Outcome.PLACED: Reason(
        name="placed",
        means="The resident has accepted a position, or has been taken on.",
        mend="Nothing, unless that falls through: then they take part in rounds again.",
    ),
    Outcome.AT_LIMIT: Reason(
        name="at the limit",
        means="As many proposals and offers wait for an answer as one resident may have.",
        mend="Answer what waits (`foothold queue PARTNER --only offers`); the next round follows.",
    ),
    Outcome.ALREADY_TRIED: Reason(
        name="already tried",
        means="This opportunity was proposed to the resident before; it is proposed once.",
        mend="Nothing here: other opportunities are open to them as before. Where others ended "
        "an offer, by their silence, it is proposed once more.",
    ),
    Outcome.NOT_READY: Reason(
        name="not ready",
        means="The resident is not recorded as ready to start.",
        mend="Once they are, send a `readiness`; the weeks that count begin then.",
    ),
    Outcome.NOT_ASSESSED: Reason(
        name="not yet assessed",
        means="The contract's rules or the fit had not been worked out for the resident yet.",
        mend="Nothing: it is worked out by itself, and the next round takes it up. If it stays "
        "so, see `foothold status`.",
    ),
    Outcome.REQUIREMENT_NOT_MET: Reason(
        name="a requirement is not met",
        means="By the facts recorded, the resident does not meet a requirement of the position.",
        mend="The resident's matches name the requirement. If a fact is wrong, send the right "
        "one; if it can be met, say so once it is.",
    ),
    Outcome.BELOW_MINIMUM_FIT: Reason(
        name="below the minimum fit",
        means="The fit is below the least that the contract sets for these positions.",
        mend="If the resident is suitable nevertheless: `foothold override PARTNER RESIDENT "
        "OPPORTUNITY --reason ...`.",
    ),
    Outcome.ROUTE_NOT_CONSENTED: Reason(
        name="no consent to be known by the route",
        means="Taking up this position would tell the supplier which route led to it, and the "
        "resident has not consented to that.",
        mend="If the resident agrees: `foothold consent PARTNER RESIDENT --supplier SUPPLIER "
        "--fields contact,route`.",
    ),
    Outcome.NO_POSITION_IN_REACH: Reason(
        name="no position in reach",
        means="No free position has an open rung whose conditions the resident meets.",
        mend="Check that what the contract asks for is recorded, with its evidence.",
    ),
    Outcome.OUTRANKED: Reason(
        name="outranked",
        means="Every position in the resident's reach went to somebody with a better claim: by "
        "the rung, then whoever a challenge put first, then the weeks ready, then the lottery "
        "ticket.",
        mend="Nothing is needed: they take part in each further round as long as they say yes.",
    ),
    Outcome.PREFERRED_ANOTHER: Reason(
        name="preferred another",
        means="The round proposed them another opportunity, which comes first in their own order: "
        "their ranking, or the better fit where they gave none.",
        mend="If their order is another one, record it with `foothold interest ... --ranked`.",
    ),
}


def figures(told: Explanation) -> Iterator[str]:
    """
    Say what a round was decided on, as far as it concerns this resident.
    """
    if told.place is not None:
        yield f"They are number {told.place:,} of {told.considered:,} in the published order."
        yield _last(told)
    if told.tier is not None:
        yield f"They meet rung {told.tier + 1} of the ladder, of which {_open(told)}."
    if told.remedied:
        yield "They came first of their rung, since a challenge of theirs was upheld."
    yield f"They have been ready for {counted(told.weeks_ready, 'whole week')}."


def unknowns(told: Explanation) -> str | None:
    """
    Name what is not known of the resident and might open a rung; nothing where all is.
    """
    if not told.unknown:
        return None
    codes = ", ".join(code_in_words(code) for code in told.unknown)
    return f"Not recorded, and it might open a rung: {codes}."


def _last(told: Explanation) -> str:
    free = f"{counted(told.free, 'position')} {'was' if told.free == 1 else 'were'} free"
    if told.last_place is None:
        return f"{free}; none was proposed to anybody."
    reached = f"{free}, and the last to be proposed one is number {told.last_place:,}"
    if told.outcome is Outcome.OUTRANKED and told.last_place > (told.place or 0):
        # By the rule of choice nobody takes what somebody before them could have had.
        return f"{reached}, whose claim on that very position is the better one."
    return f"{reached}."


def _open(told: Explanation) -> str:
    return f"{told.stage + 1} {'is' if told.stage == 0 else 'are'} open"
