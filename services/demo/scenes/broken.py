"""
Scene 4: one party's system sends forty broken messages, and its neighbours hardly notice.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.demo import cast, messages
from services.demo.exchange import Exchange
from services.demo.expectations import Expectation, equals, holds
from services.demo.heard import Answered
from services.demo.scenes.postings import MORNING, NEIGHBOUR, held_back
from services.demo.stage import Outcome, Stage

SENDER = "tollhatch-logistics"
# What a neighbour may have to wait behind the flood; the rest of a slow machine is its own.
MOST_NEIGHBOUR_MS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """
    One broken message, and what its sender was told.
    """

    label: str
    code: str
    field: str
    why: str
    mend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """
    How forty broken messages were answered, and how long a neighbour waited meanwhile.

    The neighbour's event is answered after `quiet_ms` milliseconds when nothing else is
    sent, and after `behind_ms` when it is sent right behind the broken ones; `delay_ms`
    is what lies between.
    """

    sender: str
    sent: int
    answered: int
    by_code: Mapping[str, int]
    examples: tuple[Example, ...]
    slowest_answer_ms: int
    neighbour: str
    quiet_ms: int
    behind_ms: int
    delay_ms: int


def play(stage: Stage) -> Outcome[Broken]:
    """
    Send the broken messages in one burst, and a neighbour's posting right behind them.

    Raises:
        NotArrived: an answer does not come in time.
    """
    exchange = stage.exchange
    before, behind = held_back()
    quiet = _neighbour(exchange, before)
    told = cast.packed("broken_messages")
    sent = exchange.say_raw([messages.raw(each) for each in told], by=SENDER)
    (later,) = exchange.say("OpportunityPosted", [behind], by=NEIGHBOUR, at=MORNING)
    *answered, neighbour = exchange.answers((*sent, later), what="answers to broken messages")
    figures = _figures(told, answered, quiet=quiet, behind=neighbour)
    return Outcome(
        figures=figures,
        expectations=_expectations(exchange, told, answered, quiet, neighbour, figures),
    )


def _neighbour(exchange: Exchange, posting: Mapping[str, Any]) -> Answered:
    (answered,) = exchange.asked(
        "OpportunityPosted", [posting], by=NEIGHBOUR, at=MORNING, what="a neighbour's receipt"
    )
    return answered


def _figures(
    told: Sequence[Mapping[str, Any]],
    answered: Sequence[Answered],
    *,
    quiet: Answered,
    behind: Answered,
) -> Broken:
    first = [each.problems[0] for each in answered if each.problems]
    labelled = zip(told, answered, strict=True)
    return Broken(
        sender=SENDER,
        sent=len(told),
        answered=len(answered),
        by_code=dict(Counter(problem["code"] for problem in first).most_common()),
        examples=tuple(_example(each["label"], answer) for each, answer in labelled),
        slowest_answer_ms=max(each.milliseconds for each in answered),
        neighbour=NEIGHBOUR,
        quiet_ms=quiet.milliseconds,
        behind_ms=behind.milliseconds,
        delay_ms=max(0, behind.milliseconds - quiet.milliseconds),
    )


def _example(label: str, answered: Answered) -> Example:
    problem = answered.problems[0] if answered.problems else {}
    return Example(
        label=label,
        code=problem.get("code", "accepted"),
        field=problem.get("field", ""),
        why=problem.get("why", ""),
        mend=problem.get("mend", ""),
    )


def is_told(expected: Mapping[str, str], answered: Answered) -> bool:
    """
    Tell whether a refusal names what is wrong with the message.
    """
    found = {(problem["code"], problem["field"]) for problem in answered.problems}
    return (expected["code"], expected["field"]) in found


def _expectations(
    exchange: Exchange,
    told: Sequence[Mapping[str, Any]],
    answered: Sequence[Answered],
    quiet: Answered,
    neighbour: Answered,
    figures: Broken,
) -> tuple[Expectation, ...]:
    labelled = list(zip(told, answered, strict=True))
    mistaken = [each["label"] for each, told in labelled if not is_told(each["expected"], told)]
    once = [each for each in answered if len(exchange.answers_to(each.sent)) == 1]
    return (
        equals("forty broken messages are sent", figures.sent, expected=40),
        equals("each is answered once", len(once), expected=figures.sent),
        equals("each for what is wrong with it", mistaken, expected=[]),
        holds("each answer says how to mend it", all(each.mend for each in figures.examples)),
        holds("the neighbour's events are accepted", quiet.accepted and neighbour.accepted),
        holds(
            f"the neighbour waits less than {MOST_NEIGHBOUR_MS / 1000:g} s behind them",
            figures.behind_ms < MOST_NEIGHBOUR_MS,
            found=f"{figures.behind_ms} ms",
        ),
    )
