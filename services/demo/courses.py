"""
The course of each reserved position, from nothing but a market's log: its states with dates.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from services.commands.register import Fact

# What a position is in while somebody holds it, and what it is free after.
HELD = frozenset({"proposed", "offered", "accepted", "introduced", "filled"})

# By event, the state that it brings an offer's position into.
ANSWERS = {
    "SlotOffered": "offered",
    "OfferAccepted": "accepted",
    "OfferDeclined": "declined",
    "IntroductionMade": "introduced",
    "HireConfirmed": "filled",
    "HireRejected": "rejected",
    "OfferLapsed": "lapsed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """
    One state of a position, and the market's time since which it has it.

    `state` is the reason where an offer was withdrawn; `rung` the one that opened, counted
    from 0; `because` the coded reason of who answered.
    """

    at: str
    state: str
    offer: str | None = None
    resident: str | None = None
    because: str | None = None
    rung: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """
    One position with all its states so far, in order.
    """

    position: str
    steps: tuple[Step, ...]

    @property
    def opportunity(self) -> str:
        """
        Whose position it is.
        """
        return self.position.split("/")[0]

    @property
    def last(self) -> Step:
        """
        The state that it has now.
        """
        return self.steps[-1]

    @property
    def standing(self) -> str:
        """
        Where it stands: who holds it, or free, or free for a later rung or for everybody.
        """
        return self.last.state if self.last.state in (*HELD, "public") else "free"

    @property
    def doubled(self) -> bool:
        """
        Tell whether it was ever proposed to somebody while somebody held it.
        """
        pairs = zip(self.steps, self.steps[1:], strict=False)
        return any(one.state in HELD and two.state == "proposed" for one, two in pairs)


@dataclass(slots=True, kw_only=True)
class _Offers:
    """
    The proposals read so far, by offer: its event's data.
    """

    proposed: dict[str, dict[str, Any]] = field(default_factory=dict)

    def position(self, offer: str) -> str:
        return str(self.proposed[offer]["position"])

    def resident(self, offer: str) -> str:
        return str(self.proposed[offer]["resident"])


def courses(timed: Iterable[tuple[str, Fact]]) -> tuple[Course, ...]:
    """
    Return the course of every reserved position that was posted, in order of posting.

    Args:
        timed: a market's events in order, each with the market's time.
    """
    steps: dict[str, list[Step]] = {}
    offers = _Offers()
    for at, fact in timed:
        for position, step in _steps(at, fact, offers, steps):
            steps.setdefault(position, []).append(step)
    return tuple(Course(position=each, steps=tuple(found)) for each, found in steps.items())


def _steps(
    at: str, fact: Fact, offers: _Offers, steps: dict[str, list[Step]]
) -> Iterator[tuple[str, Step]]:
    data = fact.data
    if fact.name == "IntakeOpened":
        for position in _positions(data):
            yield position, Step(at=at, state="free")
    elif fact.name == "StageOpened":
        begins = f"{data['opportunity']}/{data['group']}/"
        yield from _opened(at, data, [each for each in steps if each.startswith(begins)], steps)
    elif fact.name == "SlotProposed":
        offers.proposed[data["offer"]] = data
        yield data["position"], _of(data["offer"], at, "proposed", offers)
    elif fact.name == "OfferWithdrawn":
        yield data["position"], _of(data["offer"], at, data["reason"], offers)
    elif fact.name == "ProposalHeld":
        position = offers.position(data["offer"])
        # What is offered already and taken back ends by a withdrawal, which comes next.
        if steps[position][-1].state == "proposed":
            yield position, _of(data["offer"], at, "held", offers, because=data["reason"])
    elif fact.name in ANSWERS:
        state, because = ANSWERS[fact.name], data.get("reason")
        position = offers.position(data["offer"])
        yield position, _of(data["offer"], at, state, offers, because=because)


def _positions(data: dict[str, Any]) -> Iterator[str]:
    for group in data["groups"]:
        for ordinal in range(1, group["positions"] + 1):
            yield f"{data['opportunity']}/{group['group']}/{ordinal}"


def _opened(
    at: str, data: dict[str, Any], positions: list[str], steps: dict[str, list[Step]]
) -> Iterator[tuple[str, Step]]:
    """
    Tell a rung only of positions that it opens: those that nobody holds.
    """
    stage = data.get("stage")
    for position in positions:
        if steps[position][-1].state not in HELD:
            yield position, Step(at=at, state="public" if stage is None else "opened", rung=stage)


def _of(offer: str, at: str, state: str, offers: _Offers, *, because: str | None = None) -> Step:
    return Step(at=at, state=state, offer=offer, resident=offers.resident(offer), because=because)
