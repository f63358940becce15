"""
Scene 6, 15 to 27 January: residents answer, rounds propose, and each position has its course.

The market's operator says its time, tick by tick; partners, residents and the supplier
react to what stands in the log. Who is proposed for what is decided by the run alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from services.demo import cast
from services.demo.exchange import Exchange
from services.demo.expectations import NotArrived
from services.demo.fortnight import fortnight
from services.demo.heard import Answered, Sent, minted
from services.demo.reactions import Desks
from services.demo.scenes.contract import tick
from services.demo.scenes.matches import AFTERNOON, MATCHING_SECONDS
from services.demo.scenes.rounds_expected import expectations, queues_of
from services.demo.scenes.rounds_figures import OffDuty, Overdue, Rounds
from services.demo.stage import Outcome, Stage

FIRST_ROUND = "2026-01-19T09:05:00.000Z"
AFTER_THE_HOLD = "2026-01-19T09:10:00.000Z"
SECOND_ROUND = "2026-01-19T13:05:00.000Z"
LADDER_OPENS = "2026-01-20T09:05:00.000Z"
RELEASES_ARE_LATE = "2026-01-21T09:05:00.000Z"
ANSWERS_END = "2026-01-22T09:05:00.000Z"
ROUND_AFTER = "2026-01-22T13:05:00.000Z"
CONFIRMATIONS_END = "2026-01-27T09:05:00.000Z"
ROUND_AFTER_SILENCE = "2026-01-27T13:05:00.000Z"
LATER = (
    SECOND_ROUND,
    LADDER_OPENS,
    RELEASES_ARE_LATE,
    ANSWERS_END,
    ROUND_AFTER,
    CONFIRMATIONS_END,
    ROUND_AFTER_SILENCE,
)

SETTLING_SECONDS = 15.0

Ids = Mapping[tuple[str, str], str]
Wish = tuple[str, str, bool]


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
    _settled(exchange)
    figures = _figures(exchange, script, answered)
    return Outcome(figures=figures, expectations=expectations(exchange, figures))


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


def _settled(exchange: Exchange) -> None:
    """
    Give the log a while to hold the round that comes last; what is missing then is judged.
    """

    def again() -> bool:
        freed = fortnight(exchange.ledger, heard=exchange.heard).freed
        return freed is not None and freed.now_in is not None

    with suppress(NotArrived):
        exchange.until(again, what="the round after the silence", seconds=SETTLING_SECONDS)


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
