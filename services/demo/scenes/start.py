"""
Scene 1: the broker, the topics and the workers start.
"""

from dataclasses import dataclass

from schemas.vocabulary import REGISTER
from services.demo import cast
from services.demo.expectations import Expectation, equals, holds
from services.demo.stage import Outcome, Stage
from services.topology import MARKET_LOG, WORKERS


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningWorker:
    """
    A worker in a process of its own.
    """

    name: str
    pid: int | None
    decides: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """
    What runs, where, and after how many seconds.

    `seconds_to_start` is from nothing to a broker that answers, topics and workers set
    off; `seconds_to_first_fact` to the operator and the rules standing in the log.
    """

    broker: str
    data: str
    logs: str
    topics: tuple[str, ...]
    workers: tuple[RunningWorker, ...]
    rules_version: int
    law_rows: int
    seconds_to_start: float
    seconds_to_first_fact: float


def play(stage: Stage) -> Outcome[Started]:
    """
    Wait until the register's log holds its first party and its first rules.

    Raises:
        NotArrived: it does not in time.
    """
    exchange = stage.exchange
    exchange.follow(0, cast.market()["partition"])
    exchange.until(
        lambda: bool(exchange.ledger.named(REGISTER, "RulesAdopted")),
        what="the first facts of the register",
    )
    figures = _figures(stage)
    return Outcome(figures=figures, expectations=_expectations(stage, figures))


def _figures(stage: Stage) -> Started:
    rules = stage.exchange.ledger.named(REGISTER, "RulesAdopted")[-1].data
    return Started(
        broker=stage.house.broker,
        data=str(stage.house.data),
        logs=str(stage.house.logs),
        topics=tuple(sorted(stage.exchange.kafka.topic_ids())),
        workers=tuple(
            RunningWorker(name=each.name, pid=stage.house.pid_of(each.name), decides=each.decides)
            for each in WORKERS
        ),
        rules_version=rules["version"],
        law_rows=sum(len(rows) for rows in rules.values() if isinstance(rows, list)),
        seconds_to_start=round(stage.started - stage.began, 1),
        seconds_to_first_fact=round(stage.monotonic() - stage.began, 1),
    )


def _expectations(stage: Stage, figures: Started) -> tuple[Expectation, ...]:
    parties = stage.exchange.ledger.named(REGISTER, "PartyRegisteredSealed")
    return (
        holds(
            "every worker runs in a process of its own",
            len({each.pid for each in figures.workers if each.pid}) == len(WORKERS),
            found={each.name: each.pid for each in figures.workers},
        ),
        holds("the market's log is there", MARKET_LOG in figures.topics),
        equals(
            "the register begins with its operator",
            tuple(each.data["slug"] for each in parties),
            expected=(cast.operator()["slug"],),
        ),
        equals("and with the first version of the rules", figures.rules_version, expected=1),
    )
