"""
What the notifier remembers of intakes: who meets a rung, and who has answered already.

Rule codes stand here as the log has them: of each clause that a resident meets the first
rung, with its days, and which unknown facts may open an earlier one. Nothing says by which
route.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from schemas.envelope import canonical
from schemas.fits import RuleCode
from schemas.vocabulary import OpportunityKind
from services.storage.database import insert_once
from services.storage.notifier_tables import (
    ANSWERED,
    FITS,
    INTAKES,
    LISTED,
    MARKETS,
    OFFERS,
    OPPORTUNITIES,
    RESIDENTS,
    RULES,
    STANDING,
)
from services.storage.offers import ACCEPTED, FILLED

ACTIVE, OPEN = "active", "open"
# Whom these take on has work; anybody else goes on taking part in rounds.
EMPLOYING = (OpportunityKind.JOB.value, OpportunityKind.APPRENTICESHIP.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalTime:
    """
    A market's local day, and its clock: ascending, from when local time is UTC plus minutes.
    """

    nation: str
    day: str
    clock: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unasked:
    """
    Somebody who meets a rung of an opportunity's ladder and has not answered.

    `unknown` are the facts, by code in alphabetical order, that may open an earlier rung.
    """

    opportunity: str
    until: str
    party: str
    resident: str
    rung: int
    unknown: tuple[str, ...] = ()


class IntakeBook:
    """
    The notifier's memory of intakes, inside one transaction.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # --- a market's time ----------------------------------------------------------------

    def open_market(self, market: str, *, nation: str, day: str) -> None:
        """
        Keep a market whose clock changes are not known yet.
        """
        row = {"market": market, "nation": nation, "day": day, "clock": "[]"}
        insert_once(self._connection, MARKETS, row)

    def adopt_clock(self, market: str, changes: Iterable[tuple[str, int]]) -> None:
        """
        Keep the clock changes of a market's nation.
        """
        self._set_market(market, clock=canonical(sorted(changes)).decode())

    def begin_day(self, market: str, day: str) -> None:
        """
        Note a market's local day.
        """
        self._set_market(market, day=day)

    def local_time(self, market: str) -> LocalTime | None:
        """
        Return a market's local time.
        """
        query = select(MARKETS).where(MARKETS.c.market == market)
        found = self._connection.execute(query).mappings().first()
        if found is None:
            return None
        clock = tuple((at, minutes) for at, minutes in json.loads(found["clock"]))
        return LocalTime(nation=found["nation"], day=found["day"], clock=clock)

    # --- residents ----------------------------------------------------------------------

    def keep_rules(self, resident: str, codes: Iterable[RuleCode]) -> None:
        """
        Keep the rungs that a resident meets, in place of those before.
        """
        self._connection.execute(delete(RULES).where(RULES.c.resident == resident))
        rows = [
            {
                "resident": resident,
                "contract": code.contract,
                "clause": code.clause,
                "rung": code.rung,
                "first_day": _day(code.first_day),
                "last_day": _day(code.last_day),
                "unknown": " ".join(code.unknown),
            }
            for code in codes
            if code.rung is not None
        ]
        if rows:
            self._connection.execute(insert(RULES), rows)

    def drop_rules(self, contract: str, *, market: str) -> None:
        """
        Drop the rungs of a contract whose ladder is agreed anew.
        """
        here = select(RESIDENTS.c.resident).where(RESIDENTS.c.market == market)
        stale = and_(RULES.c.contract == contract, RULES.c.resident.in_(here))
        self._connection.execute(delete(RULES).where(stale))

    def keep_interest(
        self, resident: str, *, answered: Iterable[str], until: str | None, sequence: int
    ) -> None:
        """
        Keep a resident's whole answer, in place of the one before.

        Args:
            resident: our id.
            answered: the opportunities that were said yes or no to.
            until: the last day of a standing yes, where there is one.
            sequence: the record that says so.
        """
        self._forget_interest(resident)
        rows = [{"resident": resident, "opportunity": each} for each in sorted(set(answered))]
        if rows:
            self._connection.execute(insert(ANSWERED), rows)
        if until is not None:
            row = {"resident": resident, "until": until, "since": sequence}
            self._connection.execute(insert(STANDING).values(**row))

    def forget_resident(self, resident: str) -> None:
        """
        Forget what a resident who has left met and answered.
        """
        self._forget_interest(resident)
        for table in (RULES, LISTED):
            self._connection.execute(delete(table).where(table.c.resident == resident))

    # --- intakes ------------------------------------------------------------------------

    def open_intake(
        self, opportunity: str, *, market: str, contract: str, clauses: Iterable[str], until: str
    ) -> None:
        """
        Keep an intake with the clauses of its reserved positions.
        """
        for clause in sorted(set(clauses)):
            row = {"opportunity": opportunity, "clause": clause, "market": market}
            insert_once(self._connection, INTAKES, {**row, "contract": contract, "until": until})

    def set_clauses(self, opportunity: str, clauses: Iterable[str]) -> None:
        """
        Follow an amendment of an opportunity's reserved positions.
        """
        this = INTAKES.c.opportunity == opportunity
        known = self._connection.execute(select(INTAKES).where(this)).mappings().first()
        if known is None:
            return
        wanted = set(clauses)
        self._connection.execute(delete(INTAKES).where(this, INTAKES.c.clause.not_in(wanted)))
        self.open_intake(
            opportunity,
            market=known["market"],
            contract=known["contract"],
            clauses=wanted,
            until=known["until"],
        )

    def lengthen(self, opportunity: str, *, until: str) -> None:
        """
        Note that an intake ends later.
        """
        this = INTAKES.c.opportunity == opportunity
        self._connection.execute(update(INTAKES).where(this).values(until=until))

    def unasked(
        self,
        market: str,
        *,
        now: str,
        residents: Sequence[str] = (),
        opportunities: Sequence[str] = (),
    ) -> tuple[Unasked, ...]:
        """
        Return who meets a rung of an open intake, has not answered and was not listed yet.

        Who has a standing yes waits until one side was assessed, which tells whether it is
        met: only who has none that is met is unasked.

        Args:
            market: its code.
            now: the market's time.
            residents: whom to look for in every intake.
            opportunities: the intakes in which to look for everybody.
        """
        here = self.local_time(market)
        if here is None or not (residents or opportunities):
            return ()
        # Of the two only what is looked for, so that one resident is found by the key.
        wanted = [
            column.in_(named)
            for column, named in (
                (RULES.c.resident, residents),
                (INTAKES.c.opportunity, opportunities),
            )
            if named
        ]
        query = _unasked(market, now=now, day=here.day).where(or_(*wanted))
        return tuple(map(_found, self._connection.execute(query).mappings()))

    def note_listed(self, listed: Iterable[Unasked]) -> None:
        """
        Note who was listed, so that nobody is a second time.
        """
        rows = [{"resident": each.resident, "opportunity": each.opportunity} for each in listed]
        if rows:
            self._connection.execute(insert(LISTED), rows)

    def close(self, opportunity: str) -> None:
        """
        Forget the intake of an opportunity that is no longer open.
        """
        for table in (INTAKES, LISTED):
            self._connection.execute(delete(table).where(table.c.opportunity == opportunity))

    def has_answered(self, resident: str, opportunity: str) -> bool:
        """
        Tell whether a resident said yes or no to an opportunity.
        """
        this = and_(ANSWERED.c.resident == resident, ANSWERED.c.opportunity == opportunity)
        return self._connection.execute(select(ANSWERED.c.resident).where(this)).first() is not None

    def has_standing(self, resident: str) -> bool:
        """
        Tell whether a resident has said a standing yes.
        """
        query = select(STANDING.c.resident).where(STANDING.c.resident == resident)
        return self._connection.execute(query).first() is not None

    def _forget_interest(self, resident: str) -> None:
        for table in (ANSWERED, STANDING):
            self._connection.execute(delete(table).where(table.c.resident == resident))

    def _set_market(self, market: str, **values: str) -> None:
        this = MARKETS.c.market == market
        self._connection.execute(update(MARKETS).where(this).values(**values))


def _day(day: date | None) -> str | None:
    return None if day is None else str(day)


def _found(row: RowMapping) -> Unasked:
    # Several clauses of one posting may turn on the same fact.
    unknown = tuple(sorted(set(row["unknown"].split())))
    return Unasked(**{**row, "unknown": unknown})


def _unasked(market: str, *, now: str, day: str) -> Select[tuple[object, ...]]:
    rung = func.min(RULES.c.rung).label("rung")
    unknown = func.aggregate_strings(RULES.c.unknown, " ").label("unknown")
    own = and_(RULES.c.contract == INTAKES.c.contract, RULES.c.clause == INTAKES.c.clause)
    chosen = (INTAKES.c.opportunity, INTAKES.c.until, RESIDENTS.c.party, RESIDENTS.c.resident)
    return (
        select(*chosen, rung, unknown)
        .select_from(INTAKES)
        .join(OPPORTUNITIES, OPPORTUNITIES.c.opportunity == INTAKES.c.opportunity)
        .join(RULES, own)
        .join(RESIDENTS, RESIDENTS.c.resident == RULES.c.resident)
        .outerjoin(STANDING, STANDING.c.resident == RULES.c.resident)
        .where(
            INTAKES.c.market == market,
            INTAKES.c.until > now,
            OPPORTUNITIES.c.status == OPEN,
            RESIDENTS.c.market == market,
            RESIDENTS.c.status == ACTIVE,
            RESIDENTS.c.consented,
            or_(RULES.c.first_day.is_(None), RULES.c.first_day <= day),
            or_(RULES.c.last_day.is_(None), RULES.c.last_day >= day),
            _nothing_said(day),
            _not_in(LISTED.c.resident, LISTED.c.opportunity),
            ~exists().where(OFFERS.c.resident == RULES.c.resident, _is_placed()),
        )
        .group_by(*chosen)
        .order_by(INTAKES.c.opportunity, RESIDENTS.c.party, rung, RESIDENTS.c.resident)
    )


def _is_placed() -> ColumnElement[bool]:
    """
    Tell that an offer bars its resident from rounds: a referral does once it is work.
    """
    work = OPPORTUNITIES.alias()
    employs = exists().where(
        work.c.opportunity == OFFERS.c.opportunity, work.c.offers.in_(EMPLOYING)
    )
    accepted = and_(OFFERS.c.status == ACCEPTED, OFFERS.c.position.is_not(None))
    return or_(accepted, and_(OFFERS.c.status == FILLED, employs))


def _nothing_said(day: str) -> ColumnElement[bool]:
    """
    Tell that there is neither a yes or no to the opportunity nor a standing yes that it meets.
    """
    stands = and_(
        FITS.c.resident == RULES.c.resident,
        FITS.c.opportunity == INTAKES.c.opportunity,
        FITS.c.standing,
    )
    assessed = (OPPORTUNITIES.c.assessed, RESIDENTS.c.assessed)
    known = and_(
        or_(*(at >= OPPORTUNITIES.c.changed for at in assessed)),
        or_(*(at >= STANDING.c.since for at in assessed)),
    )
    none_met = or_(
        STANDING.c.until.is_(None), STANDING.c.until < day, and_(known, ~exists().where(stands))
    )
    return and_(_not_in(ANSWERED.c.resident, ANSWERED.c.opportunity), none_met)


def _not_in(resident: ColumnElement[str], opportunity: ColumnElement[str]) -> ColumnElement[bool]:
    return ~exists().where(resident == RULES.c.resident, opportunity == INTAKES.c.opportunity)
