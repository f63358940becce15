"""
The last scene: what was said and answered in all, and how to go on.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from schemas.vocabulary import REGISTER, later
from services.demo import cast
from services.demo.exchange import Exchange
from services.demo.expectations import Expectation, equals, none_of
from services.demo.fortnight import Fortnight, PassedOver, fortnight
from services.demo.saying import DESK
from services.demo.stage import Outcome, Stage

# The story ends on a morning; its market's next round is after noon.
TO_NEXT_ROUND = timedelta(hours=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """
    The first commands of one of the users.
    """

    user: str
    party: str
    does: str
    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Onward:
    """
    The story in figures, and how to go on.

    `answers` counts the answers on queues; each submission has exactly one. `data` is the
    folder of the installation, where it is left running.
    """

    submissions: int
    answers: int
    receipts: int
    refusals: int
    register_records: int
    market_records: int
    events: int
    messages_on_queues: int
    seconds: float
    data: str | None
    steps: tuple[Step, ...]


def play(stage: Stage) -> Outcome[Onward]:
    """
    Count what happened, and name the next step of each user.
    """
    exchange = stage.exchange
    kinds = Counter(each.name for each in exchange.heard)
    figures = Onward(
        submissions=len(exchange.sent),
        answers=kinds["Receipt"] + kinds["Refusal"],
        receipts=kinds["Receipt"],
        refusals=kinds["Refusal"],
        register_records=exchange.ledger.records(REGISTER),
        market_records=exchange.ledger.records(cast.market()["code"]),
        events=sum(len(facts) for facts in exchange.ledger.facts.values()),
        messages_on_queues=len(exchange.heard),
        seconds=round(stage.monotonic() - stage.began, 1),
        data=str(stage.house.data) if stage.keep else None,
        steps=steps(fortnight(exchange.ledger, heard=exchange.heard)),
    )
    return Outcome(figures=figures, expectations=_expectations(exchange))


def steps(found: Fortnight) -> tuple[Step, ...]:
    """
    Return the first commands of each user.

    Args:
        found: what became of the reserved positions, of which some wait for an answer.
    """
    return (
        _supplier(),
        _coordinator(found),
        *(_asked_why(each) for each in asking(found.passed_over)),
        _owner(),
        _operator(found.now),
    )


def asking(passed_over: Iterable[PassedOver]) -> tuple[PassedOver, ...]:
    """
    Choose whose question is answered: of the story's person if they were passed over.
    """
    person = cast.person("passed_over")
    own = (person.partner, person.reference)
    ordered = sorted(passed_over, key=lambda each: (each.partner, each.reference) != own)
    return tuple(ordered[:1])


def _supplier() -> Step:
    supplier = cast.supplier()
    return Step(
        user="a supplier",
        party=supplier,
        does="reads what was refused and why; posts a vacancy",
        commands=(
            f"foothold queue {supplier} --only refusals",
            "foothold template opportunity --csv > vacancies.csv",
            f"foothold send {supplier} vacancies.csv --as opportunity",
        ),
    )


def _coordinator(found: Fortnight) -> Step:
    partner = cast.person("silent_supplier").partner
    waiting = (each.offer for each in found.waiting if each.partner == partner)
    return Step(
        user="a coordinator",
        party=partner,
        does="sees what waits today, reads matches and proposals, and releases one",
        commands=(
            f"foothold today {partner}",
            f"foothold queue {partner} --only matches",
            f"foothold queue {partner} --only offers",
            *(f"foothold release {partner} {offer} --by {DESK}" for offer in waiting),
        ),
    )


def _asked_why(asked: PassedOver) -> Step:
    return Step(
        user="a coordinator whose resident was passed over",
        party=asked.partner,
        does=f"is asked by {asked.reference} why, about {asked.title}",
        commands=(
            f"foothold letter {asked.reference} --as {asked.partner} --out letter.md",
            f"foothold why {asked.reference} {asked.opportunity} --as {asked.partner}",
        ),
    )


def _owner() -> Step:
    code = cast.market()["code"]
    return Step(
        user="a framework owner",
        party=cast.owner(),
        does="takes the market's log home, and has every decision made again",
        commands=(
            f"foothold log export {code} --out {code}.jsonl",
            f"foothold replay {code}.jsonl",
        ),
    )


def _operator(now: str) -> Step:
    """
    Return how the reader moves the simulated clock on, to the next time of a round.
    """
    operator, code = cast.operator()["slug"], cast.market()["code"]
    told = json.dumps({"market": code, "at": later(now, TO_NEXT_ROUND)})
    return Step(
        user="the operator",
        party=operator,
        does="says what time it is in the market; nobody else moves its simulated clock",
        commands=(f"echo '{told}' > tick.json", f"foothold send {operator} tick.json --as tick"),
    )


def leaked(names: Iterable[str], texts: Iterable[bytes]) -> tuple[str, ...]:
    """
    Return the names that stand in a text as words of their own.
    """
    found = re.compile(rb"\b(" + b"|".join(name.encode() for name in names) + rb")\b")
    return tuple(sorted({hit.decode() for text in texts for hit in found.findall(text)}))


def _expectations(exchange: Exchange) -> tuple[Expectation, ...]:
    once = [each for each in exchange.sent if len(exchange.answers_to(each)) == 1]
    texts = (
        *(each.value for each in exchange.sent),
        *(each.value for each in exchange.heard),
        *exchange.ledger.values,
    )
    origins = {each.origin for each in exchange.sent}
    return (
        equals("every submission has exactly one answer", len(once), expected=len(exchange.sent)),
        none_of(
            "nobody is answered what they did not say",
            {each.answers for each in exchange.heard if each.answers} - origins,
        ),
        none_of(
            "no event, log or queue holds a person's name",
            leaked((each.name for each in cast.people()), texts),
        ),
    )
