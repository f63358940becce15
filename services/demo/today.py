"""
What needs a coordinator today, from nothing but the queue of their own organisation.

A queue's last list of a resident is the one that counts; a question stands until its fact
was given; who has matches and has not said yes or no to any of them was not yet asked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.demo.heard import Heard, Sent
from services.wording.fits import open_question


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchToday:
    """
    A resident's match: how good, why, and what is missing or not known.

    Scores are of 10,000.
    """

    reference: str
    resident: str
    rank: int
    of: int
    opportunity: str
    title: str
    supplier: str
    outcode: str
    closes_on: str
    score: int
    dense: int
    cover: int
    lexical: int
    why: tuple[str, ...]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionToday:
    """
    A fact that the market asks for, once, and for which opportunity.
    """

    reference: str
    resident: str
    asked: str
    fact: str
    question: str
    opportunity: str
    title: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAskedToday:
    """
    Somebody who has matches and whom nobody has asked yet whether they want them.
    """

    reference: str
    resident: str
    matches: int
    best: str
    best_title: str
    best_score: int
    closes_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """
    A coordinator's page.

    `matched` counts the residents with at least one match.
    """

    party: str
    matched: int
    matches: tuple[MatchToday, ...]
    questions: tuple[QuestionToday, ...]
    not_asked: tuple[NotAskedToday, ...]


@dataclass(slots=True, kw_only=True)
class _Seen:
    """
    What a queue says, read to its end.
    """

    lists: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: dict[str, dict[str, Any]] = field(default_factory=dict)


def today(party: str, *, heard: Sequence[Heard], said: Iterable[Sent]) -> Today:
    """
    Return what needs one partner today.

    Args:
        party: the partner.
        heard: its queue, in order.
        said: what it has said itself.
    """
    seen = _read(heard)
    answered, decided = _answered(said)
    current = {who: told for who, told in seen.lists.items() if told["matches"]}
    references = {who: str(told.get("reference") or who) for who, told in seen.lists.items()}
    by_reference = sorted(current.values(), key=lambda told: references[told["resident"]])
    return Today(
        party=party,
        matched=len(current),
        matches=tuple(_match(told) for told in by_reference),
        questions=tuple(
            _question(asked, told, current.get(told["resident"]), references)
            for asked, told in seen.asked.items()
            if asked not in answered
        ),
        not_asked=tuple(
            _not_asked(told)
            for told in by_reference
            if not decided & {told["resident"], references[told["resident"]]}
        ),
    )


def _read(heard: Sequence[Heard]) -> _Seen:
    seen = _Seen()
    for each in heard:
        if each.name == "MatchesRanked":
            seen.lists[each.data["resident"]] = dict(each.data)
        elif each.name == "FactAsked":
            seen.asked[str(each.event["id"])] = dict(each.data)
    return seen


def _answered(said: Iterable[Sent]) -> tuple[frozenset[str], frozenset[str]]:
    """
    Return the questions that were answered, and whose wishes were told.
    """
    answered, decided = set(), set()
    for each in said:
        kind, data = str(each.event.get("type", "")), each.event.get("data", {})
        if kind.startswith("foothold.FactGiven.") and data.get("asked"):
            answered.add(data["asked"])
        elif kind.startswith("foothold.InterestGiven."):
            decided.add(data["resident"])
    return frozenset(answered), frozenset(decided)


def _match(told: dict[str, Any]) -> MatchToday:
    best = told["matches"][0]
    figures = ("rank", "opportunity", "title", "supplier", "outcode", "closes_on", "score")
    return MatchToday(
        reference=str(told.get("reference") or told["resident"]),
        resident=told["resident"],
        of=len(told["matches"]),
        **{name: best[name] for name in (*figures, "dense", "cover", "lexical")},
        why=tuple(best["why"]),
        missing=tuple(best.get("missing", ())),
        unknown=tuple(open_question(code) for code in best.get("unknown", ())),
    )


def _question(
    asked: str,
    told: dict[str, Any],
    current: dict[str, Any] | None,
    references: dict[str, str],
) -> QuestionToday:
    titles = {each["opportunity"]: each["title"] for each in (current or {}).get("matches", ())}
    return QuestionToday(
        reference=references.get(told["resident"], told["resident"]),
        resident=told["resident"],
        asked=asked,
        fact=told["fact"],
        question=open_question(told["fact"]),
        opportunity=told["opportunity"],
        title=titles.get(told["opportunity"]),
    )


def _not_asked(told: dict[str, Any]) -> NotAskedToday:
    best = told["matches"][0]
    return NotAskedToday(
        reference=str(told.get("reference") or told["resident"]),
        resident=told["resident"],
        matches=len(told["matches"]),
        best=best["opportunity"],
        best_title=best["title"],
        best_score=best["score"],
        closes_on=best["closes_on"],
    )
