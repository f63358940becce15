"""
Scene 6, 15 to 27 January: residents answer, rounds propose, and each position has its course.

The market's operator says its time, tick by tick; partners, residents and the supplier
react to what stands in the log. Who is proposed for what is decided by the run alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.commands.register import Fact
from services.demo import cast
from services.demo.courses import Course, Step, courses
from services.demo.exchange import Exchange
from services.demo.expectations import Expectation, equals, holds, none_of
from services.demo.fortnight import Fortnight, fortnight
from services.demo.heard import Answered, Sent, minted
from services.demo.reactions import Desks
from services.demo.scenes.contract import tick
from services.demo.scenes.matches import AFTERNOON, MATCHING_SECONDS
from services.demo.stage import Outcome, Stage

FIRST_ROUND = "2026-01-19T09:05:00.000Z"
AFTER_THE_HOLD = "2026-01-19T09:10:00.000Z"
SECOND_ROUND = "2026-01-19T13:05:00.000Z"
LADDER_OPENS = "2026-01-20T09:05:00.000Z"
ANSWERS_END = "2026-01-22T09:05:00.000Z"
ROUND_AFTER = "2026-01-22T13:05:00.000Z"
CONFIRMATIONS_END = "2026-01-27T09:05:00.000Z"

Ids = Mapping[tuple[str, str], str]
Wish = tuple[str, str, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """
    What residents said, what was answered, and what became of the reserved positions.
    """

    wishes: int
    ranked: int
    standing: int
    said_no: int
    ticks: int
    submissions: int
    receipts: int
    found: Fortnight


def play(stage: Stage) -> Outcome[Rounds]:
    """
    Say what residents want, let the market's time pass, and answer all that comes of it.

    Raises:
        NotArrived: something does not come in time.
    """
    exchange, script = stage.exchange, cast.packed("rounds")
    desks = Desks(exchange, script)
    answered = [*_wished(exchange, script["first"], at=AFTERNOON)]
    for at in (FIRST_ROUND, AFTER_THE_HOLD):
        answered += _moment(exchange, desks, at)
    answered += _wished(exchange, script["later"], at=AFTER_THE_HOLD)
    for at in (SECOND_ROUND, LADDER_OPENS, ANSWERS_END, ROUND_AFTER, CONFIRMATIONS_END):
        answered += _moment(exchange, desks, at)
    _proposals_heard(exchange)
    figures = _figures(exchange, script, answered)
    return Outcome(figures=figures, expectations=_expectations(exchange, figures))


def _moment(exchange: Exchange, desks: Desks, at: str) -> tuple[Answered, ...]:
    """
    Let it be a time of the market, and have everybody answer what it brought.
    """
    code, ledger = cast.market()["code"], exchange.ledger
    ticked = tick(exchange, at)
    exchange.until(lambda: ledger.now(code) >= at, what=f"what {at[:10]} brings")
    return (*ticked, *desks.answered(at=at))


def _wished(
    exchange: Exchange, told: Sequence[Mapping[str, Any]], *, at: str
) -> tuple[Answered, ...]:
    """
    Say residents' own answers, and wait until each pair that they said yes to is assessed.
    """
    ids = minted(exchange.heard)
    sent: list[Sent] = []
    for each in told:
        data = in_our_ids(each["data"], ids)
        sent += exchange.say("InterestGiven", [data], by=each["partner"], at=at)
    answered = exchange.answers(sent, what="answers about residents' wishes")
    exchange.until_all(
        lambda wish: _assessed(wish, exchange),
        [wish for each in told for wish in wishes(each, ids)],
        what="assessments of what residents said yes to",
        seconds=MATCHING_SECONDS,
    )
    return answered


def _assessed(wish: Wish, exchange: Exchange) -> bool:
    resident, opportunity, beforehand = wish
    ledger = exchange.ledger
    stands = ledger.compared.get((resident, opportunity))
    return stands is not None and stands >= beforehand and resident not in ledger.rules_owed


def in_our_ids(data: Mapping[str, Any], ids: Ids) -> dict[str, Any]:
    """
    Put our ids of opportunities in the place of their supplier's references.
    """
    supplier = cast.supplier()
    named = {
        name: [ids[supplier, reference] for reference in data[name]]
        for name in ("yes", "no")
        if name in data
    }
    return {**data, **named}


def wishes(told: Mapping[str, Any], ids: Ids) -> tuple[Wish, ...]:
    """
    Return resident and opportunity of each yes, and whether it is one given beforehand.
    """
    data, supplier = told["data"], cast.supplier()
    resident = ids[told["partner"], data["resident"]]
    named = tuple((resident, ids[supplier, each], False) for each in data.get("yes", ()))
    outcodes = data.get("standing", {}).get("outcodes", ())
    beforehand = (
        (resident, ids[supplier, posting["reference"]], True)
        for posting in cast.postings(supplier)
        if "ring_fence" in posting and posting["place"]["outcode"] in outcodes
    )
    return (*named, *beforehand)


def _proposals_heard(exchange: Exchange) -> None:
    """
    Wait until each proposal stands on a queue.
    """
    proposed = exchange.ledger.named(cast.market()["code"], "SlotProposed")
    exchange.until_all(
        lambda fact: bool(queues_of(fact.data["offer"], exchange)),
        proposed,
        what="proposals on queues",
    )


def queues_of(offer: str, exchange: Exchange) -> tuple[str, ...]:
    """
    Return on whose queues a proposal stands, as often as it stands there.
    """
    return tuple(
        each.party
        for each in exchange.heard
        if each.name == "SlotProposed" and each.data["offer"] == offer
    )


def _figures(exchange: Exchange, script: Mapping[str, Any], answered: list[Answered]) -> Rounds:
    told = [each["data"] for part in ("first", "later") for each in script[part]]
    kinds = [str(each.sent.event["type"]).split(".")[1] for each in answered]
    return Rounds(
        wishes=len(told),
        ranked=sum("ranked" in each for each in told),
        standing=sum("standing" in each for each in told),
        said_no=sum("no" in each for each in told),
        ticks=kinds.count("Tick"),
        submissions=len(answered),
        receipts=sum(each.accepted for each in answered),
        found=fortnight(exchange.ledger, heard=exchange.heard),
    )


# --- what is expected -----------------------------------------------------------------------


def _expectations(exchange: Exchange, figures: Rounds) -> tuple[Expectation, ...]:
    code, ledger = cast.market()["code"], exchange.ledger
    found = courses(ledger.timed(code))
    proposed = ledger.named(code, "SlotProposed")
    return (
        equals("every answer has its receipt", figures.receipts, expected=figures.submissions),
        equals("twelve positions have a course", len(found), expected=12),
        none_of("no position is held twice at a time", [c.position for c in found if c.doubled]),
        none_of("nobody is proposed twice to one opportunity", repeated(found)),
        none_of("each proposal is on its own partner's queue, once", _misdirected(exchange)),
        none_of("no supplier's queue holds a resident", _seen_by_suppliers(exchange, proposed)),
        *_of_the_courses(exchange, found),
        *_of_the_ladder(exchange, found, proposed),
        *_of_the_freed(figures),
    )


def repeated(found: Iterable[Course]) -> tuple[tuple[str, str], ...]:
    """
    Return the residents who were proposed more than once to one opportunity.
    """
    pairs = [
        (course.opportunity, step.resident or "")
        for course in found
        for step in course.steps
        if step.state == "proposed"
    ]
    return tuple(sorted({pair for pair in pairs if pairs.count(pair) > 1}))


def followed_by(found: Iterable[Course], state: str) -> tuple[tuple[Step, tuple[Step, ...]], ...]:
    """
    Return each step of a state, with what followed it in the course of its position.
    """
    return tuple(
        (step, course.steps[at + 1 :])
        for course in found
        for at, step in enumerate(course.steps)
        if step.state == state
    )


def _misdirected(exchange: Exchange) -> tuple[str, ...]:
    proposed = exchange.ledger.named(cast.market()["code"], "SlotProposed")
    return tuple(
        fact.data["offer"]
        for fact in proposed
        if queues_of(fact.data["offer"], exchange) != (fact.party,)
    )


def _seen_by_suppliers(exchange: Exchange, proposed: Sequence[Fact]) -> tuple[str, ...]:
    residents = {fact.data["resident"].encode() for fact in proposed}
    return tuple(
        supplier
        for supplier in cast.suppliers()
        if any(each in told.value for told in exchange.queue(supplier) for each in residents)
    )


def _of_the_courses(exchange: Exchange, found: Sequence[Course]) -> tuple[Expectation, ...]:
    return (
        *(
            _goes_on(found, state, what)
            for state, what in (
                ("held", "a held proposal is decided again, without that person"),
                ("declined", "a declined offer rolls on to somebody else"),
                ("lapsed", "an offer that nobody answered leaves its position to the next"),
                ("not_released", "a proposal that was not released leaves its position free"),
            )
        ),
        equals("several hires are confirmed", len(followed_by(found, "filled")) > 1, expected=True),
        _part(exchange, found, "accepts", "filled"),
        _part(exchange, found, "declines", "declined"),
        _part(exchange, found, "silent_supplier", "supplier_silent"),
    )


def _goes_on(found: Sequence[Course], state: str, what: str) -> Expectation:
    ended = followed_by(found, state)
    onward = [
        next((each for each in later if each.state == "proposed"), None) for _, later in ended
    ]
    return holds(
        what,
        bool(ended)
        and all(
            each is not None and each.resident != step.resident
            for (step, _), each in zip(ended, onward, strict=True)
        ),
        found=ended,
    )


def _part(exchange: Exchange, found: Sequence[Course], part: str, state: str) -> Expectation:
    person = cast.person(part)
    resident = minted(exchange.heard)[person.partner, person.reference]
    states = [s.state for course in found for s in course.steps if s.resident == resident]
    return holds(f"{person.reference}: {state.replace('_', ' ')}", state in states, found=states)


def _of_the_ladder(
    exchange: Exchange, found: Sequence[Course], proposed: Sequence[Fact]
) -> tuple[Expectation, ...]:
    reference = cast.packed("rounds")["ladder"]
    subject = minted(exchange.heard)[cast.supplier(), reference]
    rungs = {
        group["rungs"][1][:10]
        for fact in exchange.ledger.named(cast.market()["code"], "IntakeOpened")
        for group in fact.data["groups"]
    }
    opened = [step for course in found for step in course.steps if step.rung == 1]
    (course,) = (each for each in found if each.opportunity == subject)
    tiers = [fact.data["tier"] for fact in proposed if fact.data["opportunity"] == subject]
    return (
        equals("the second rung opens on its day", {s.at[:10] for s in opened}, expected=rungs),
        equals(f"{reference} goes to the second rung", tiers, expected=[1]),
        equals("and is filled from it", course.last.state, expected="filled"),
    )


def _of_the_freed(figures: Rounds) -> tuple[Expectation, ...]:
    freed = figures.found.freed
    if freed is None:
        return (holds("a silent supplier keeps nobody waiting for ever", False),)
    return (
        holds(
            f"{freed.reference} is freed, and proposed for another position",
            freed.now_in is not None,
            found=freed,
        ),
        holds(
            f"{freed.reference} keeps the weeks since their readiness",
            freed.weeks is not None and freed.weeks == freed.weeks_by_log and freed.weeks > 0,
            found=f"{freed.weeks}, by the log {freed.weeks_by_log}",
        ),
    )
