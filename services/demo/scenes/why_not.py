"""
Scene 8, 27 January: somebody who was passed over asks why, is told, and contests it.

Whom the rounds passed over is decided by the run: the story's person, unless they won.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from matching.market.explanation import Explanation
from services.commands.installation import Installation
from services.commands.letter import keys_at
from services.commands.letter_facts import letter_facts
from services.commands.register import Fact, market_records
from services.demo import cast
from services.demo.exchange import Exchange
from services.demo.expectations import Expectation, NotArrived, equals, holds, none_of
from services.demo.fortnight import PassedOver, fortnight
from services.demo.heard import minted
from services.demo.scenes.contract import tick
from services.demo.scenes.onward import asking
from services.demo.stage import Outcome, Stage
from services.wording.letter import main_text
from services.wording.letter_facts import Facts

DECIDED = "2026-01-28T09:05:00.000Z"
CONTESTED = "## If you think that a decision was wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyNot:
    """
    What a resident's letter says of one opportunity, and what became of their challenge.

    `place` is their own position among `considered`; `last_place` the last that reached a
    position, where one did. `lines` counts the letter's own.
    """

    partner: str
    reference: str
    title: str
    place: int
    considered: int
    last_place: int | None
    excerpt: str
    lines: int
    decider: str
    decide_by: str
    ground: str
    upheld: bool
    finding: str
    remedied: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Contested:
    """
    A challenge: until when it was to be decided, by whom, and what came of it.
    """

    due: Fact
    decided: Fact
    remedy: Fact | None


def play(stage: Stage) -> Outcome[WhyNot]:
    """
    Write the letter, raise the challenge through the partner, and have it decided.

    Raises:
        NotArrived: nobody was passed over, or something does not come in time.
    """
    exchange = stage.exchange
    found = fortnight(exchange.ledger, heard=exchange.heard)
    asked = next(iter(asking(found.passed_over)), None)
    if asked is None:
        raise NotArrived("somebody who was passed over")
    facts = _facts(stage, asked)
    told = _explanation(facts, asked)
    excerpt = "\n".join(excerpt_of(main_text(facts), opportunity=asked.opportunity))
    contested = _contested(exchange, asked)
    figures = _figures(asked, told, contested, excerpt=excerpt, lines=len(list(main_text(facts))))
    return Outcome(figures=figures, expectations=_expectations(exchange, asked, figures))


def _facts(stage: Stage, asked: PassedOver) -> Facts:
    installation = Installation(data=stage.house.data, named_broker=stage.house.broker)
    records = tuple(market_records(stage.exchange.kafka, cast.market()["code"]))
    return letter_facts(records, resident=asked.resident, keys=keys_at(installation))


def _explanation(facts: Facts, asked: PassedOver) -> Explanation:
    """
    Return the last decision in which the resident had a place in line.
    """
    placed = [
        each.explanation
        for account in facts.dossier.accounts
        if account.opportunity == asked.opportunity
        for each in account.rounds
        if each.explanation is not None and each.explanation.place is not None
    ]
    if not placed:
        raise NotArrived(f"a round with {asked.reference}")
    return placed[-1]


def excerpt_of(lines: Iterable[str], *, opportunity: str) -> Iterator[str]:
    """
    Yield what a letter says of one opportunity and of how to contest it.
    """
    sections = list(_sections(lines))
    for section in sections:
        if any(opportunity in line for line in section) and section[0].startswith("### "):
            yield from section
    for section in sections:
        if section[0] == CONTESTED:
            yield from section


def _sections(lines: Iterable[str]) -> Iterator[list[str]]:
    section: list[str] = []
    for line in lines:
        if line.startswith("#") and section:
            yield section
            section = []
        section.append(line)
    yield section


def _contested(exchange: Exchange, asked: PassedOver) -> _Contested:
    """
    Raise the challenge as the resident's partner, and decide it a day later as the decider.
    """
    script = cast.packed("rounds")["challenge"]
    at = exchange.ledger.now(cast.market()["code"])
    raised = {"resident": asked.reference, "opportunity": asked.opportunity}
    exchange.asked(
        "ChallengeRaised",
        [raised | {"ground": script["ground"]}],
        by=asked.partner,
        at=at,
        what="the challenge",
    )
    due = _came(exchange, "DecisionDue")
    tick(exchange, DECIDED)
    answer = {name: script[name] for name in ("upheld", "finding")}
    exchange.asked(
        "ChallengeDecided",
        [{"challenge": due.data["challenge"], **answer}],
        by=due.data["decider"],
        at=DECIDED,
        what="the decision",
    )
    remedy = _came(exchange, "RemedyGranted") if script["upheld"] else None
    return _Contested(due=due, decided=_came(exchange, "ChallengeDecided"), remedy=remedy)


def _came(exchange: Exchange, name: str) -> Fact:
    code, ledger = cast.market()["code"], exchange.ledger
    exchange.until(lambda: bool(ledger.named(code, name)), what=f"{name} in the log")
    return ledger.named(code, name)[-1]


def _figures(
    asked: PassedOver, told: Explanation, contested: _Contested, *, excerpt: str, lines: int
) -> WhyNot:
    due: dict[str, Any] = contested.due.data
    return WhyNot(
        partner=asked.partner,
        reference=asked.reference,
        title=asked.title,
        place=told.place or 0,
        considered=told.considered,
        last_place=told.last_place,
        excerpt=excerpt,
        lines=lines,
        decider=due["decider"],
        decide_by=due["decide_by"],
        ground=due["ground"],
        upheld=contested.decided.data["upheld"],
        finding=contested.decided.data["finding"],
        remedied=contested.remedy is not None,
    )


# --- what is expected -----------------------------------------------------------------------


def _expectations(
    exchange: Exchange, asked: PassedOver, figures: WhyNot
) -> tuple[Expectation, ...]:
    others = {
        id_
        for (party, _), id_ in minted(exchange.heard).items()
        if party in cast.partners() and id_ != asked.resident
    }
    decider = cast.names()[figures.decider]
    own = f"number {figures.place:,} in a line of {figures.considered:,}"
    reached = figures.last_place is None or f"number {figures.last_place:,}." in figures.excerpt
    return (
        holds("the letter gives their own place", own in figures.excerpt, found=own),
        holds("and the last that was reached", reached, found=figures.last_place),
        holds("and who decides a challenge", decider in figures.excerpt, found=decider),
        none_of("it names nobody else", [each for each in others if each in figures.excerpt]),
        holds(
            "it is decided outside the resident's partner",
            figures.decider != figures.partner,
            found=figures.decider,
        ),
        equals("upheld, it has its remedy", figures.remedied, expected=figures.upheld),
    )
