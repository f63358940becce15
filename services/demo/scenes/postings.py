"""
Scene 3, 13 January: suppliers post what they offer; what is wrong comes back in plain words.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.demo import cast
from services.demo.exchange import Exchange
from services.demo.expectations import Expectation, equals, holds, none_of
from services.demo.heard import Answered, Sent
from services.demo.scenes.contract import tick
from services.demo.stage import Outcome, Stage
from services.notifier.answers import value_at

DAY = "2026-01-13"
MORNING = f"{DAY}T09:00:00.000Z"
# Two of what this supplier offers wait for the next scene, which measures their answers.
NEIGHBOUR = "fernhollow-grounds"
HELD_BACK = 2
MISTAKES = ("pay below the legal wage", "a typing error in a field name")
LEAST_ACCEPTED = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """
    One refused posting: field, value, rule, and what to change.
    """

    label: str
    reference: str
    title: str
    code: str
    field: str
    value: Any
    rule: str | None
    lawful_value: str | None
    why: str
    mend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """
    One date of a receipt's timetable, by its code.
    """

    what: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """
    One accepted opportunity; with reserved positions its receipt has a timetable.
    """

    opportunity: str
    reference: str
    title: str
    supplier: str
    kind: str
    outcode: str
    positions: int
    ring_fenced: int
    pay: Mapping[str, Any]
    minutes_a_week: int
    closes_on: str
    starts_on: str
    timetable: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Postings:
    """
    What was posted, accepted and refused.
    """

    submissions: int
    accepted: tuple[Posted, ...]
    refused: tuple[Refused, ...]
    positions: int
    ring_fenced_positions: int
    ring_fenced_opportunities: int
    by_kind: Mapping[str, int]
    by_supplier: Mapping[str, int]
    slowest_answer_ms: int


def play(stage: Stage) -> Outcome[Postings]:
    """
    Post everything, the supplier of the contract first, with two mistakes among it.

    Raises:
        NotArrived: an answer does not come in time.
    """
    exchange = stage.exchange
    tick(exchange, MORNING)
    sent = (*_of_the_contract(exchange), *_of_the_others(exchange))
    answered = exchange.answers(sent, what="answers to postings")
    figures = _figures(answered)
    return Outcome(figures=figures, expectations=_expectations(answered, figures))


def mistakes() -> tuple[Mapping[str, Any], ...]:
    """
    Return the two postings of the contract's supplier that are wrong.
    """
    told = cast.packed("broken_opportunities")
    return tuple(each for label in MISTAKES for each in told if each["label"] == label)


def held_back() -> tuple[dict[str, Any], ...]:
    """
    Return the postings that the next scene says.
    """
    return cast.postings(NEIGHBOUR)[-HELD_BACK:]


def _of_the_contract(exchange: Exchange) -> tuple[Sent, ...]:
    supplier = cast.supplier()
    good, wrong = cast.postings(supplier), [cast.under_our_id(each["data"]) for each in mistakes()]
    fenced = [each for each in good if "ring_fence" in each]
    others = [each for each in good if "ring_fence" not in each]
    told = (*fenced, *wrong, *others)
    return exchange.say("OpportunityPosted", told, by=supplier, at=MORNING)


def _of_the_others(exchange: Exchange) -> tuple[Sent, ...]:
    sent: tuple[Sent, ...] = ()
    for supplier in cast.suppliers():
        told = cast.postings(supplier)
        if supplier == cast.supplier():
            continue
        if supplier == NEIGHBOUR:
            told = told[:-HELD_BACK]
        sent += exchange.say("OpportunityPosted", told, by=supplier, at=MORNING)
    return sent


def posted(answered: Answered) -> Posted:
    """
    Return an accepted opportunity.
    """
    data = answered.sent.event["data"]
    return Posted(
        opportunity=answered.our_id or "",
        reference=data["reference"],
        title=data["title"],
        supplier=answered.sent.party,
        kind=data["kind"],
        outcode=data["place"]["outcode"],
        positions=data["positions"],
        ring_fenced=sum(group["positions"] for group in data.get("ring_fence", ())),
        pay=data["pay"],
        minutes_a_week=data["minutes_a_week"],
        closes_on=data["closes_on"],
        starts_on=data["starts_on"],
        timetable=tuple(Entry(**each) for each in answered.answer.data.get("timetable", ())),
    )


def refusals(answered: Answered) -> tuple[Refused, ...]:
    """
    Return what is wrong with a posting, the values filled in from what its sender sent.
    """
    data = answered.sent.event["data"]
    labels = {each["data"]["reference"]: each["label"] for each in mistakes()}
    return tuple(
        Refused(
            label=labels.get(data["reference"], ""),
            reference=data["reference"],
            title=data["title"],
            code=problem["code"],
            field=problem["field"],
            value=problem.get("value", value_at(answered.sent.event, problem["field"])),
            rule=problem.get("rule"),
            lawful_value=problem.get("lawful_value"),
            why=problem["why"],
            mend=problem["mend"],
        )
        for problem in answered.problems
    )


def _figures(answered: Sequence[Answered]) -> Postings:
    accepted = tuple(posted(each) for each in answered if each.accepted)
    return Postings(
        submissions=len(answered),
        accepted=accepted,
        refused=tuple(told for each in answered for told in refusals(each)),
        positions=sum(each.positions for each in accepted),
        ring_fenced_positions=sum(each.ring_fenced for each in accepted),
        ring_fenced_opportunities=sum(each.ring_fenced > 0 for each in accepted),
        by_kind=_counted(each.kind for each in accepted),
        by_supplier=_counted(each.supplier for each in accepted),
        slowest_answer_ms=max(each.milliseconds for each in answered),
    )


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))


def _expectations(answered: Sequence[Answered], figures: Postings) -> tuple[Expectation, ...]:
    wrong = {each["data"]["reference"] for each in mistakes()}
    refused = {each.sent.event["data"]["reference"] for each in answered if not each.accepted}
    of_the_contract = [each for each in figures.accepted if each.ring_fenced]
    return (
        equals("12 ring-fenced positions are posted", figures.ring_fenced_positions, expected=12),
        holds(
            "in several opportunities, all of the contract's supplier",
            len(of_the_contract) > 1
            and {each.supplier for each in of_the_contract} == {cast.supplier()},
            found=len(of_the_contract),
        ),
        *_timetables(of_the_contract),
        *(_right_refusal(figures, each) for each in mistakes()),
        equals("nothing else is refused", refused, expected=wrong),
        holds(
            f"at least {LEAST_ACCEPTED} opportunities are open",
            len(figures.accepted) >= LEAST_ACCEPTED,
            found=len(figures.accepted),
        ),
        holds(
            "each has an id of ours",
            len({each.opportunity for each in figures.accepted}) == len(figures.accepted),
        ),
    )


def _timetables(reserved: Sequence[Posted]) -> tuple[Expectation, ...]:
    """
    Expect of each receipt the dates that the contract's words gave before it was agreed.
    """
    rungs = {
        tuple(entry.at[:10] for entry in each.timetable if entry.what.startswith("rung_"))
        for each in reserved
    }
    needed = {"intake_ends", "first_proposals", "open_advertising", "closes"}
    return (
        equals("each has the rungs' days", rungs, expected={("2026-01-20", "2026-01-27")}),
        none_of(
            "each has a whole timetable",
            [each.reference for each in reserved if needed - {e.what for e in each.timetable}],
        ),
    )


def _right_refusal(figures: Postings, mistake: Mapping[str, Any]) -> Expectation:
    code, field = mistake["expected"]["code"], mistake["expected"]["field"]
    told = [
        each
        for each in figures.refused
        if (each.label, each.code, each.field) == (mistake["label"], code, field)
    ]
    shown = value_at({"data": mistake["data"]}, field)
    return holds(
        f"{mistake['label']} is refused with its value and how to mend it",
        any(each.value == shown and each.why and each.mend for each in told),
        found=[each.code for each in figures.refused if each.label == mistake["label"]],
    )
