"""
What is expected of the rounds: by the log's courses and its clocks, and by the queues.
"""

from collections.abc import Iterable, Sequence

from matching.market.waiting import ONCE_MORE
from services.commands.register import Fact
from services.demo import cast
from services.demo.courses import Course, Step, courses
from services.demo.exchange import Exchange
from services.demo.expectations import Expectation, equals, holds, none_of
from services.demo.heard import minted
from services.demo.scenes.rounds_figures import Rounds
from services.wording.figures import code_in_words, days_in_words

# What nothing is lost by: who was proposed there may be proposed there once more.
GIVEN_BACK = frozenset(reason.value for reason in ONCE_MORE)


def expectations(exchange: Exchange, figures: Rounds) -> tuple[Expectation, ...]:
    """
    Judge the rounds by the log and the queues.
    """
    code, ledger = cast.market()["code"], exchange.ledger
    found = courses(ledger.timed(code))
    proposed = ledger.named(code, "SlotProposed")
    return (
        equals(
            "every answer has its receipt, but for the one of somebody on leave",
            (figures.receipts, len(figures.off_duty)),
            expected=(figures.submissions - 1, 1),
        ),
        equals("every partner has somebody on duty", figures.duties, expected=len(cast.partners())),
        equals("twelve positions have a course", len(found), expected=12),
        none_of("no position is held twice at a time", [c.position for c in found if c.doubled]),
        none_of("nobody is proposed again but who lost nothing, once", repeated(found)),
        none_of("each proposal is on its own partner's queue, once", _misdirected(exchange)),
        none_of("no supplier's queue holds a resident", _seen_by_suppliers(exchange, proposed)),
        *_of_the_courses(exchange, found),
        *_of_the_clocks(exchange, found, figures),
        *_of_the_ladder(exchange, found, proposed),
        *_of_the_freed(figures),
    )


def repeated(found: Iterable[Course]) -> tuple[tuple[str, str], ...]:
    """
    Return the residents who were proposed more often to one opportunity than they may be.

    That is once, and once more where somebody else had caused the end.
    """
    told = [
        ((course.opportunity, step.resident or ""), step)
        for course in found
        for step in course.steps
    ]
    pairs = [pair for pair, step in told if step.state == "proposed"]
    again = {pair for pair, step in told if {step.state, step.because} & GIVEN_BACK}
    return tuple(sorted({pair for pair in pairs if pairs.count(pair) > 1 + (pair in again)}))


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


def queues_of(offer: str, exchange: Exchange) -> tuple[str, ...]:
    """
    Return on whose queues a proposal stands, as often as it stands there.
    """
    return tuple(
        each.party
        for each in exchange.heard
        if each.name == "SlotProposed" and each.data["offer"] == offer
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
        _goes_on(found, "held", "a held proposal is decided again, without that person"),
        _goes_on(found, "declined", "a declined offer rolls on to somebody else"),
        costs_nothing(found, "lapsed", "who was not reached is proposed again"),
        costs_nothing(found, "not_released", "who nobody released is proposed again"),
        equals("several hires are confirmed", len(followed_by(found, "filled")) > 1, expected=True),
        _part(exchange, found, "accepts", "filled"),
        _part(exchange, found, "declines", "declined"),
        _part(exchange, found, "silent_supplier", "supplier_silent"),
    )


def _of_the_clocks(
    exchange: Exchange, found: Sequence[Course], figures: Rounds
) -> tuple[Expectation, ...]:
    code, ledger = cast.market()["code"], exchange.ledger
    steps = [step for course in found for step in course.steps]
    introduced = [step.offer for step in steps if step.state == "introduced"]
    lapses = [step.because for step in steps if step.state == "lapsed"]
    leave = cast.packed("rounds")["on_leave"]["partner"]
    released = {f.data["offer"] for f in ledger.named(code, "ProposalReleased") if f.party == leave}
    return (
        holds("the deputy releases for who is on leave", bool(released), found=released),
        equals("one offer lapses, and nobody is blamed", lapses, expected=["not_reached"]),
        equals("then a contact is tried", figures.contacts, expected=1),
        equals(
            "the owner knows of what nobody released",
            [each.partner for each in figures.overdue],
            expected=[cast.packed("rounds")["not_released"]["partner"]],
        ),
        holds("what waits is reminded of", figures.reminders > 0, found=figures.reminders),
        none_of(
            "nobody is hired who was not introduced",
            {step.offer for step in steps if step.state == "filled"} - set(introduced),
        ),
    )


def costs_nothing(found: Sequence[Course], state: str, what: str) -> Expectation:
    """
    Expect that whoever an end took nothing from came to be proposed there once more.
    """
    ended = followed_by(found, state)
    again = [
        any(each.state == "proposed" and each.resident == step.resident for each in later)
        for step, later in ended
    ]
    return holds(what, bool(again) and all(again), found=_onward(ended))


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
        found=_onward(ended),
    )


def _onward(ended: Iterable[tuple[Step, tuple[Step, ...]]]) -> str:
    """
    Say of each end when it was, and what its position came to afterwards.
    """
    told = (
        f"{code_in_words(step.state)} on {days_in_words(step.at)}, then "
        f"{', '.join(code_in_words(each.state) for each in later) or 'nothing more'}"
        for step, later in ended
    )
    return "; ".join(told) or "no such end"


def _part(exchange: Exchange, found: Sequence[Course], part: str, state: str) -> Expectation:
    person = cast.person(part)
    resident = minted(exchange.heard)[person.partner, person.reference]
    states = [s.state for course in found for s in course.steps if s.resident == resident]
    return holds(
        f"{person.reference}: {state.replace('_', ' ')}",
        state in states,
        found=map(code_in_words, states),
    )


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
            f"{freed.reference} is freed, and proposed again",
            freed.now_in is not None,
            found=f"freed on {days_in_words(freed.at)}, and then "
            + ("proposed for " + freed.now_in if freed.now_in else "proposed for nothing yet"),
        ),
        holds(
            f"{freed.reference} keeps the weeks since their readiness",
            freed.weeks is not None and freed.weeks == freed.weeks_by_log and freed.weeks > 0,
            found=f"{freed.weeks}, by the log {freed.weeks_by_log}",
        ),
    )
