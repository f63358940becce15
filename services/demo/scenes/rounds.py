"""
Scene 6, 15 to 27 January: residents answer, rounds propose, and each position has its course.

The market's operator says its time, tick by tick; partners, residents and the supplier
react to what stands in the log. Who is proposed for what is decided by the run alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matching.market.waiting import ONCE_MORE
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
RELEASES_ARE_LATE = "2026-01-21T09:05:00.000Z"
ANSWERS_END = "2026-01-22T09:05:00.000Z"
ROUND_AFTER = "2026-01-22T13:05:00.000Z"
CONFIRMATIONS_END = "2026-01-27T09:05:00.000Z"
LATER = (
    SECOND_ROUND,
    LADDER_OPENS,
    RELEASES_ARE_LATE,
    ANSWERS_END,
    ROUND_AFTER,
    CONFIRMATIONS_END,
)

Ids = Mapping[tuple[str, str], str]
Wish = tuple[str, str, bool]


# What nothing is lost by: who was proposed there may be proposed there once more.
GIVEN_BACK = frozenset(reason.value for reason in ONCE_MORE)


@dataclass(frozen=True, slots=True, kw_only=True)
class OffDuty:
    """
    Somebody on leave who tried to release, and what they were told.
    """

    partner: str
    desk: str
    released_by: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """
    A proposal of which the contract's owner was told that nobody had released it.
    """

    partner: str
    title: str
    release_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """
    What residents said, what was answered, and what became of the reserved positions.

    `duties` counts the partners that said who is on duty; `reminders` the reminders given.
    """

    wishes: int
    ranked: int
    standing: int
    said_no: int
    ticks: int
    submissions: int
    receipts: int
    duties: int
    reminders: int
    contacts: int
    off_duty: tuple[OffDuty, ...]
    overdue: tuple[Overdue, ...]
    found: Fortnight


def play(stage: Stage) -> Outcome[Rounds]:
    """
    Say what residents want, let the market's time pass, and answer all that comes of it.

    Raises:
        NotArrived: something does not come in time.
    """
    exchange, script = stage.exchange, cast.packed("rounds")
    desks = Desks(exchange, script)
    answered = [*_on_duty(exchange, script, at=AFTERNOON)]
    answered += _wished(exchange, script["first"], at=AFTERNOON)
    for at in (FIRST_ROUND, AFTER_THE_HOLD):
        answered += _moment(exchange, desks, at)
    answered += _wished(exchange, script["later"], at=AFTER_THE_HOLD)
    for at in LATER:
        answered += _moment(exchange, desks, at)
    _heard(exchange)
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


def _on_duty(exchange: Exchange, script: Mapping[str, Any], *, at: str) -> tuple[Answered, ...]:
    """
    Say for each partner who releases its proposals, and wait until the market knows.
    """
    leave, code = script["on_leave"], cast.market()["code"]
    days = {name: leave[name] for name in ("first_day", "last_day")}
    away = [{"staff": script["duty"]["on_duty"], **days}]
    sent: list[Sent] = []
    for slug in cast.partners():
        told = script["duty"] | ({"away": away} if slug == leave["partner"] else {})
        sent += exchange.say("DutyAssigned", [told], by=slug, at=at)
    answered = exchange.answers(sent, what="answers about who is on duty")
    exchange.until(
        lambda: len(exchange.ledger.named(code, "DutyAssigned")) == len(sent),
        what="who is on duty in the market",
    )
    return answered


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


def _heard(exchange: Exchange) -> None:
    """
    Wait until each proposal stands on a queue, and the owner knows of each that is overdue.
    """
    code, ledger = cast.market()["code"], exchange.ledger
    proposed = ledger.named(code, "SlotProposed")
    exchange.until(
        lambda: len(_overdue(exchange)) == len(ledger.named(code, "ReleaseOverdue")),
        what="overdue releases on the owner's queue",
    )
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
    kinds = [kind_of(each) for each in answered]
    code, ledger = cast.market()["code"], exchange.ledger
    return Rounds(
        wishes=len(told),
        ranked=sum("ranked" in each for each in told),
        standing=sum("standing" in each for each in told),
        said_no=sum("no" in each for each in told),
        ticks=kinds.count("Tick"),
        submissions=len(answered),
        receipts=sum(each.accepted for each in answered),
        duties=len(ledger.named(code, "DutyAssigned")),
        reminders=len(ledger.named(code, "ReminderGiven")),
        contacts=len(ledger.named(code, "ContactTried")),
        off_duty=tuple(_off_duty(answered, deputy=script["duty"]["deputy"])),
        overdue=_overdue(exchange),
        found=fortnight(ledger, heard=exchange.heard),
    )


def kind_of(answered: Answered) -> str:
    """
    Return the bare name of what was answered.
    """
    return str(answered.sent.event["type"]).split(".")[1]


def _off_duty(answered: Iterable[Answered], *, deputy: str) -> Iterator[OffDuty]:
    for each in answered:
        for problem in each.problems:
            if problem["code"] == "off_duty":
                yield OffDuty(
                    partner=each.sent.party,
                    desk=each.sent.event["authid"],
                    released_by=deputy,
                    why=problem["why"],
                )


def _overdue(exchange: Exchange) -> tuple[Overdue, ...]:
    """
    Return what the contract's owner heard of releases, from its own queue.
    """
    titles = {
        id_: posting["title"]
        for (party, reference), id_ in minted(exchange.heard).items()
        for posting in cast.postings(party)
        if posting["reference"] == reference
    }
    return tuple(
        Overdue(
            partner=each.data["partner"],
            title=titles[each.data["opportunity"]],
            release_by=each.data["release_by"],
        )
        for each in exchange.queue(cast.owner())
        if each.name == "ReleaseOverdue"
    )


# --- what is expected -----------------------------------------------------------------------


def _expectations(exchange: Exchange, figures: Rounds) -> tuple[Expectation, ...]:
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
        _costs_nothing(found, "lapsed", "who was not reached is proposed again"),
        _costs_nothing(found, "not_released", "who nobody released is proposed again"),
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


def _costs_nothing(found: Sequence[Course], state: str, what: str) -> Expectation:
    """
    Expect that whoever an end took nothing from came to be proposed there once more.
    """
    ended = followed_by(found, state)
    again = [
        any(each.state == "proposed" and each.resident == step.resident for each in later)
        for step, later in ended
    ]
    return holds(what, bool(again) and all(again), found=ended)


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
            f"{freed.reference} is freed, and proposed again",
            freed.now_in is not None,
            found=freed,
        ),
        holds(
            f"{freed.reference} keeps the weeks since their readiness",
            freed.weeks is not None and freed.weeks == freed.weeks_by_log and freed.weeks > 0,
            found=f"{freed.weeks}, by the log {freed.weeks_by_log}",
        ),
    )
