"""
What the matcher's worker reads: which assessments are owed, and what changed since when.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select, update

from services.storage.assessments import ACTIVE, OPEN
from services.storage.database import insert_once, leave_no_trace, reading
from services.storage.matcher_tables import (
    CONTRACTS,
    DEBTS,
    FACTS,
    FITS,
    MARKETS,
    MODELS,
    OPPORTUNITIES,
    PROJECTION,
    RESIDENTS,
    RULE_DAYS,
)

AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """
    An assessment owed: of which kind (`fits` or `rules`) and subject.

    `first` and `last` are the sequences of the records that it arose from first and last.
    """

    kind: str
    subject: str
    market: str
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedFact:
    """
    A fact that was given, with the id of its event.
    """

    event: str
    resident: str
    kind: str
    sealed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedResident:
    """
    A resident as kept; whoever is not `matched` has left the index, or never was in it.
    """

    resident: str
    version: int
    matched: bool
    erased: bool
    kind: str | None
    sealed: str | None
    yes: tuple[str, ...]
    standing: str | None
    standing_until: str | None
    facts: tuple[SealedFact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedOpportunity:
    """
    An opportunity as kept: open terms, sealed words.
    """

    opportunity: str
    version: int
    is_open: bool
    kind: str
    sealed: str
    terms: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedFit:
    """
    The score of a pair that the log carries; `counts` where it is not ruled out.
    """

    resident: str
    opportunity: str
    score: int
    counts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketNow:
    """
    A market at the last applied record: its day, patches, rules and agreed ring fences.

    `fences` are pairs of contract id and fence as the handlers keep it.
    """

    market: str
    partition: int
    day: str
    patches: Mapping[str, tuple[str, ...]]
    rules: Mapping[str, Any] | None
    fences: tuple[tuple[str, Mapping[str, Any]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """
    What changed in a market after one record until another, `as_of`, the last applied one.
    """

    as_of: int
    market: MarketNow
    residents: tuple[SealedResident, ...]
    opportunities: tuple[SealedOpportunity, ...]
    fits: tuple[CarriedFit, ...]


class DebtStore:
    """
    The matcher's database as its worker of debts sees it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def owed(self, *, at_most: int) -> tuple[Debt, ...]:
        """
        Return debts: rule codes first, since a gate waits for them, then by age.
        """
        order = (DEBTS.c.kind.desc(), DEBTS.c.first, DEBTS.c.subject)
        with reading(self._engine) as connection:
            rows = connection.execute(select(DEBTS).order_by(*order).limit(at_most)).mappings()
            return tuple(Debt(**row) for row in rows)

    def changes(self, market: str, *, since: int) -> Changes:
        """
        Return what changed in a market after a record, as one snapshot.
        """
        with reading(self._engine) as connection:
            head = select(PROJECTION.markets.c.sequence).where(
                PROJECTION.markets.c.market == market
            )
            return Changes(
                as_of=connection.execute(head).scalar_one(),
                market=_market(connection, market),
                residents=tuple(_residents(connection, market, since=since)),
                opportunities=tuple(_opportunities(connection, market, since=since)),
                fits=tuple(_fits(connection, market, since=since)),
            )

    def note_rule_days(self, market: str, days: Mapping[str, Iterable[str]]) -> None:
        """
        Note for residents in the index the days on which an assessment of them changes.
        """
        with self._engine.begin() as connection:
            for resident, changing in days.items():
                which = (RESIDENTS.c.resident == resident, *_matched())
                locked = select(RESIDENTS.c.resident).where(*which).with_for_update()
                if connection.execute(locked).first() is None:
                    continue
                for day in changing:
                    row = {"resident": resident, "day": day, "market": market}
                    insert_once(connection, RULE_DAYS, row)

    def adopt_model(self, model: str) -> bool:
        """
        Let a model assess from now on; if another one did before, all fits are owed anew.

        Returns:
            Whether another one did.
        """
        with self._engine.begin() as connection:
            known = connection.execute(select(MODELS.c.model)).scalar()
            if known == model:
                return False
            for market, sequence in _heads(connection).items() if known else ():
                _owe_all(connection, market, sequence=sequence)
            connection.execute(delete(MODELS))
            connection.execute(insert(MODELS).values(id=1, model=model))
        return known is not None

    def leave_no_trace(self) -> None:
        """
        Take deleted rows out of the database's write-ahead log.
        """
        leave_no_trace(self._engine)


def _heads(connection: Connection) -> dict[str, int]:
    applied = PROJECTION.markets
    ours = select(applied.c.market, applied.c.sequence).join(
        MARKETS, MARKETS.c.market == applied.c.market
    )
    return dict(connection.execute(ours).all())


def _market(connection: Connection, market: str) -> MarketNow:
    which = MARKETS.c.market == market
    row = connection.execute(select(MARKETS).where(which)).mappings().one()
    agreed = select(CONTRACTS.c.contract, CONTRACTS.c.agreed).where(
        CONTRACTS.c.market == market, CONTRACTS.c.ends_before > row["day"]
    )
    fences = connection.execute(agreed.order_by(CONTRACTS.c.contract))
    return MarketNow(
        market=market,
        partition=row["partition"],
        day=row["day"],
        patches={name: tuple(outcodes) for name, outcodes in row["patches"].items()},
        rules=row["rules"],
        fences=tuple((contract, fence) for contract, agreed in fences for fence in agreed),
    )


def _residents(connection: Connection, market: str, *, since: int) -> Iterator[SealedResident]:
    touched = (RESIDENTS.c.market == market, RESIDENTS.c.touched > since)
    rows = connection.execute(select(RESIDENTS).where(*touched)).mappings().all()
    facts: dict[str, list[SealedFact]] = {}
    found = (
        select(FACTS.c.event, FACTS.c.resident, FACTS.c.kind, FACTS.c.sealed)
        .join(RESIDENTS, RESIDENTS.c.resident == FACTS.c.resident)
        .where(*touched)
        .order_by(FACTS.c.sequence, FACTS.c.number)
    )
    for fact in connection.execute(found).mappings():
        facts.setdefault(fact["resident"], []).append(SealedFact(**fact))
    for row in rows:
        yield SealedResident(
            resident=row["resident"],
            version=row["version"],
            matched=row["status"] == ACTIVE and row["consented"],
            erased=row["sealed"] is None,
            kind=row["kind"],
            sealed=row["sealed"],
            yes=tuple(row["yes"]),
            standing=row["standing"],
            standing_until=row["standing_until"],
            facts=tuple(facts.get(row["resident"], ())),
        )


def _opportunities(
    connection: Connection, market: str, *, since: int
) -> Iterator[SealedOpportunity]:
    touched = (OPPORTUNITIES.c.market == market, OPPORTUNITIES.c.touched > since)
    for row in connection.execute(select(OPPORTUNITIES).where(*touched)).mappings():
        yield SealedOpportunity(
            opportunity=row["opportunity"],
            version=row["version"],
            is_open=row["status"] == OPEN,
            kind=row["kind"],
            sealed=row["sealed"],
            terms=row["terms"],
        )


def _fits(connection: Connection, market: str, *, since: int) -> Iterator[CarriedFit]:
    columns = (FITS.c.resident, FITS.c.opportunity, FITS.c.score, FITS.c.counts)
    found = select(*columns).where(FITS.c.market == market, FITS.c.touched > since)
    for row in connection.execute(found).mappings():
        yield CarriedFit(**row)


def _owe_all(connection: Connection, market: str, *, sequence: int) -> None:
    """
    Owe the fits of everybody in the index and of all that is open, and carry none meanwhile.
    """
    connection.execute(delete(FITS).where(FITS.c.market == market))
    residents = select(RESIDENTS.c.resident).where(RESIDENTS.c.market == market, *_matched())
    opportunities = select(OPPORTUNITIES.c.opportunity).where(
        OPPORTUNITIES.c.market == market, OPPORTUNITIES.c.status == OPEN
    )
    for named in (opportunities, residents):
        for subject in connection.execute(named).scalars().all():
            row = {"kind": "fits", "subject": subject, "market": market}
            span = {"first": sequence, "last": sequence}
            if not insert_once(connection, DEBTS, {**row, **span}):
                which = (DEBTS.c.kind == "fits", DEBTS.c.subject == subject)
                connection.execute(update(DEBTS).where(*which).values(last=sequence))


def _matched() -> tuple[Any, ...]:
    return RESIDENTS.c.status == ACTIVE, RESIDENTS.c.consented.is_(True)
