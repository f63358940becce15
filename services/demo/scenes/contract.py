"""
Scene 2, 6 January: parties are registered, a market opens, a contract is made and agreed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from matching.market.local_time import nation_calendar
from matching.market.working_time import Calendar
from schemas import codec
from schemas.contracts import RingFence
from schemas.envelope import contract_id
from schemas.rules import RulesAdopted
from schemas.vocabulary import REGISTER, Nation
from services.commands.register import Fact
from services.demo import cast
from services.demo.exchange import Exchange
from services.demo.expectations import Expectation, equals, holds
from services.demo.heard import Answered
from services.demo.stage import Outcome, Stage
from services.wording.ladders import Ladder, ladder, last_day_to_post

# On which day the story's supplier posts; until then nobody has agreed to anything.
POSTED_ON = date(2026, 1, 13)
DAY = "2026-01-06"
MORNING = f"{DAY}T09:00:00.000Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """
    A buyer's share, an exact fraction.
    """

    party: str
    n: int
    d: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """
    Who may come from so many working days on: facts that must all hold, route by route.
    """

    after_working_days: int
    everyone: bool
    ways_in: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """
    How long each side has, in hours or working days.
    """

    intake_hours: int
    release_working_days: int
    answer_working_days: int
    supplier_working_days: int
    challenge_working_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """
    What the contract means in dates, for a position that is posted on `posted_on`.

    `last_day` is the last day to post, so that the whole ladder runs before its end.
    """

    posted_on: str
    ladder: Ladder
    last_day: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """
    By a day, so many in all.
    """

    by: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """
    The contract as the log holds it, what was registered, and how it was answered.

    `pence_per_start` is the contract's value for each pledged start, rounded down.
    """

    parties: tuple[str, ...]
    market: str
    outcodes: int
    now: str
    contract: str
    version: int
    title: str
    owner: str
    supplier: str
    buyers: tuple[Share, ...]
    value_pence: int
    pence_per_start: int
    starts_on: str
    ends_before: str
    clause: str
    clause_title: str
    pay_floor: str
    rungs: tuple[Rung, ...]
    windows: Windows
    dates: Dates
    pledged: int
    unit: str
    measure: str
    due: tuple[Due, ...]
    submissions: int
    receipts: int
    slowest_receipt_ms: int


def play(stage: Stage) -> Outcome[Agreed]:
    """
    Register everybody, open the market, make the contract, and have the supplier agree.

    Raises:
        NotArrived: something does not come in time.
    """
    exchange = stage.exchange
    answered = _registered(exchange)
    exchange.join(*(each["slug"] for each in cast.newcomers()))
    answered += _contracted(exchange)
    exchange.until(
        lambda: bool(exchange.ledger.named(cast.market()["code"], "ContractAgreed")),
        what="the contract in the market where it applies",
    )
    answered += tick(exchange, MORNING)
    figures = _figures(exchange, answered)
    return Outcome(figures=figures, expectations=_expectations(exchange, answered, figures))


def tick(exchange: Exchange, at: str) -> tuple[Answered, ...]:
    """
    Tell the market the time, as its operator: its clock is simulated.

    Raises:
        NotArrived: there is no answer in time.
    """
    told = {"market": cast.market()["code"], "at": at}
    return exchange.asked(
        "Tick", [told], by=cast.operator()["slug"], at=at, what=f"the clock at {at[:10]}"
    )


def _registered(exchange: Exchange) -> tuple[Answered, ...]:
    operator, early = cast.operator()["slug"], f"{DAY}T08:00:00.000Z"
    exchange.join(operator)
    parties = exchange.say("PartyRegistered", cast.newcomers(), by=operator, at=early)
    market = exchange.say("MarketOpened", [cast.market()], by=operator, at=early)
    return exchange.answers((*parties, *market), what="receipts for parties and market")


def _contracted(exchange: Exchange) -> tuple[Answered, ...]:
    told, owner = cast.packed("contract"), cast.owner()
    (contract,) = exchange.asked(
        "ContractRegistered", [told["contract"]], by=owner, at=MORNING, what="the contract"
    )
    named = {name: item for name, item in told["pledge"].items() if name != "contract_reference"}
    (pledge,) = exchange.asked(
        "PledgeMade",
        [{"contract": contract.our_id, **named}],
        by=owner,
        at=MORNING,
        what="the pledge",
    )
    agreement = {
        "contract_id": contract.our_id,
        "version": contract.answer.data.get("version"),
    }
    (agreed,) = exchange.asked(
        "ContractAgreed", [agreement], by=cast.supplier(), at=MORNING, what="the agreement"
    )
    return contract, pledge, agreed


def _figures(exchange: Exchange, answered: Sequence[Answered]) -> Agreed:
    ledger, code = exchange.ledger, cast.market()["code"]
    contract = ledger.named(code, "ContractRegistered")[-1]
    pledge = ledger.named(code, "PledgeMade")[-1].data
    terms, clause = contract.data, _clause(contract.data, pledge["clause"])
    opened = ledger.named(code, "MarketOpened")[0].data
    return Agreed(
        parties=_slugs(ledger.named(REGISTER, "PartyRegisteredSealed")),
        market=opened["name"],
        outcodes=len(opened["outcodes"]),
        now=ledger.named(code, "Tick")[-1].data["at"],
        contract=contract.subject or "",
        version=ledger.named(code, "ContractAgreed")[-1].data["version"],
        title=terms["title"],
        owner=contract.party or "",
        supplier=terms["supplier"],
        buyers=tuple(Share(**each) for each in terms["buyers"]),
        value_pence=terms["value_pence"],
        pence_per_start=terms["value_pence"] // pledge["quantity"],
        starts_on=terms["starts_on"],
        ends_before=terms["ends_before"],
        clause=clause["clause"],
        clause_title=clause["title"],
        pay_floor=clause["pay_floor"],
        rungs=rungs_of(clause["ring_fence"]),
        windows=Windows(**{name: clause["ring_fence"][name] for name in Windows.__slots__}),
        dates=_dates(exchange, terms, clause["ring_fence"]),
        pledged=pledge["quantity"],
        unit=pledge["unit"],
        measure=pledge["measure"],
        due=tuple(Due(**each) for each in pledge["due"]),
        submissions=len(answered),
        receipts=sum(each.accepted for each in answered),
        slowest_receipt_ms=max(each.milliseconds for each in answered),
    )


def rules_of(exchange: Exchange) -> RulesAdopted:
    """
    Return the rules that the register adopted last.
    """
    told = exchange.ledger.named(REGISTER, "RulesAdopted")[-1].data
    rules: RulesAdopted = codec.restore(RulesAdopted, told)
    return rules


def calendar_of(rules: RulesAdopted) -> Calendar:
    """
    Return the working days of the story's market.
    """
    return nation_calendar(rules, Nation(cast.market()["nation"]))


def _dates(exchange: Exchange, terms: Mapping[str, Any], told: Mapping[str, Any]) -> Dates:
    rules = rules_of(exchange)
    calendar, fence = calendar_of(rules), codec.restore(RingFence, told)
    last_day = last_day_to_post(
        fence,
        calendar=calendar,
        policy=rules.policy,
        starts_on=date.fromisoformat(terms["starts_on"]),
        ends_before=date.fromisoformat(terms["ends_before"]),
    )
    laid = ladder(fence, calendar=calendar, posted_on=POSTED_ON, policy=rules.policy)
    return Dates(
        posted_on=str(POSTED_ON),
        ladder=laid,
        last_day=None if last_day is None else str(last_day),
    )


def rungs_of(fence: Mapping[str, Any]) -> tuple[Rung, ...]:
    """
    Return the ladder of a ring fence, each route as the facts that it asks for.
    """
    facts = {route["route"]: tuple(route["all_of"]) for route in fence["routes"]}
    return tuple(
        Rung(
            after_working_days=rung["after_working_days"],
            everyone=rung.get("everyone", False),
            ways_in=tuple(facts[route] for route in rung.get("routes", ())),
        )
        for rung in fence["rungs"]
    )


def _clause(terms: Mapping[str, Any], named: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(each for each in terms["clauses"] if each["clause"] == named)
    return found


def _slugs(facts: Sequence[Fact]) -> tuple[str, ...]:
    return tuple(fact.data["slug"] for fact in facts)


def _expectations(
    exchange: Exchange, answered: Sequence[Answered], figures: Agreed
) -> tuple[Expectation, ...]:
    told = cast.packed("contract")
    everyone = (cast.operator()["slug"], *(each["slug"] for each in cast.newcomers()))
    agreed = exchange.ledger.named(cast.market()["code"], "ContractAgreed")[-1]
    return (
        equals("each submission has a receipt", figures.receipts, expected=len(answered)),
        equals("every party stands in the register", figures.parties, expected=everyone),
        equals(
            "the contract's id follows from its owner and reference",
            figures.contract,
            expected=contract_id(owner=cast.owner(), reference=told["contract"]["reference"]),
        ),
        equals("the pledge is of as many starts as was said", figures.pledged, expected=14),
        equals("the ladder has the rungs that were agreed", len(figures.rungs), expected=3),
        equals(
            "each rung has its day",
            [step.opens[:10] for step in figures.dates.ladder.steps],
            expected=["2026-01-13", "2026-01-20", "2026-01-27"],
        ),
        holds("there is a last day to post", figures.dates.last_day is not None),
        equals("two ways in stand on the first rung", len(figures.rungs[0].ways_in), expected=2),
        holds(
            "it is the supplier who agreed, and to this contract",
            (agreed.party, agreed.subject) == (cast.supplier(), figures.contract),
            found=f"{agreed.party}, {agreed.subject}",
        ),
        equals("it is the morning of 6 January in the market", figures.now, expected=MORNING),
    )
