"""
What the matcher remembers of a market, as one record of its log changes it.

Nothing here decides anything about a person: a profile is a sealed blob and a version.
Who leaves the index leaves it in the very transaction that applies the record.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, update

from schemas import codec
from schemas.fits import Pair
from schemas.vocabulary import Answer
from services.storage.database import insert_once
from services.storage.matcher_tables import (
    CONTRACTS,
    DEBTS,
    FACTS,
    FITS,
    MARKETS,
    OPPORTUNITIES,
    PARTS,
    RESIDENTS,
    RULE_DAYS,
)
from services.storage.vectors import forget_subject

OPEN = "open"
ACTIVE = "active"
BEST = 10
# SQLite takes so many parameters in one statement, and some more.
AT_ONCE = 500


class AssessmentBook:
    """
    The matcher's memory of one market, open for one record.

    Args:
        connection: of the transaction that applies the record.
        market: the market's code.
        sequence: the record's sequence number in that market.
    """

    def __init__(self, connection: Connection, *, market: str, sequence: int) -> None:
        self.market = market
        self._connection = connection
        self._sequence = sequence

    # --- the market ---------------------------------------------------------------------

    def open_market(
        self, *, partition: int, day: str, patches: Mapping[str, tuple[str, ...]]
    ) -> None:
        """
        Begin a market on its first day.
        """
        told = {name: list(outcodes) for name, outcodes in patches.items()}
        row = {"market": self.market, "partition": partition, "day": day, "patches": told}
        insert_once(self._connection, MARKETS, row)

    def keep_rules(self, rules: Mapping[str, Any]) -> None:
        """
        Keep the law's rows, by which pay is told in pence an hour, and owe what they may change.
        """
        this = MARKETS.c.market == self.market
        known = self._connection.execute(select(MARKETS.c.rules).where(this)).scalar()
        self._run(update(MARKETS).where(this).values(rules=dict(rules)))
        if known is None or known["wages"] != rules["wages"]:
            for opportunity in self._opportunities(OPPORTUNITIES.c.status == OPEN):
                self.owe("fits", opportunity)

    def begin_day(self, day: str) -> None:
        """
        End what ended yesterday, and owe again what was assessed until this day.
        """
        self._run(update(MARKETS).where(MARKETS.c.market == self.market).values(day=day))
        past = (OPPORTUNITIES.c.status == OPEN, OPPORTUNITIES.c.closes_on < day)
        for opportunity in self._opportunities(*past):
            self.close_opportunity(opportunity, status="closed")
        for resident in self._residents(RESIDENTS.c.consented, RESIDENTS.c.consent_ends < day):
            self.end_consent(resident)
        self._owe_due(day)

    # --- residents ----------------------------------------------------------------------

    def keep_profile(self, resident: str, *, kind: str, sealed: str) -> None:
        """
        Keep a resident's profile, as a first or as the next version.
        """
        values = {"kind": kind, "sealed": sealed, "version": RESIDENTS.c.version + 1}
        if self._touch(resident, **values):
            self._drop_fits(FITS.c.resident == resident)
            self._run(delete(RULE_DAYS).where(RULE_DAYS.c.resident == resident))
            return
        self._run(
            insert(RESIDENTS).values(
                resident=resident,
                market=self.market,
                version=1,
                status=ACTIVE,
                kind=kind,
                sealed=sealed,
                consented=False,
                yes=[],
                touched=self._sequence,
            )
        )

    def set_status(self, resident: str, status: str) -> None:
        """
        Set a resident's status; who is not active leaves the index and is owed nothing.
        """
        self._touch(resident, status=status)
        if status != ACTIVE:
            self._leave_index(resident)

    def give_consent(self, resident: str, *, ends_on: str | None) -> None:
        """
        Note a consent to be matched, that holds until and including its last day.
        """
        self._touch(resident, consented=True, consent_ends=ends_on)

    def end_consent(self, resident: str) -> None:
        """
        Take a resident out of the index, with what was made of the person's words.
        """
        self._touch(resident, consented=False, consent_ends=None)
        self._leave_index(resident)

    def forget_resident(self, resident: str, *, status: str) -> None:
        """
        Forget everything about a resident but the id and that it is gone.
        """
        self._touch(
            resident,
            status=status,
            kind=None,
            sealed=None,
            consented=False,
            consent_ends=None,
            yes=[],
            standing=None,
            standing_until=None,
        )
        self._leave_index(resident)
        self._run(delete(FACTS).where(FACTS.c.resident == resident))

    def keep_fact(self, event: str, *, resident: str, number: int, kind: str, sealed: str) -> None:
        """
        Keep a fact that was given, sealed as it is.
        """
        row = {"event": event, "resident": resident, "kind": kind, "sealed": sealed}
        self._run(insert(FACTS).values(sequence=self._sequence, number=number, **row))
        self._touch(resident)

    def keep_interest(
        self, resident: str, *, yes: tuple[str, ...], standing: str | None, until: str | None
    ) -> None:
        """
        Keep what a resident said yes to: the whole list each time.
        """
        self._touch(resident, yes=list(yes), standing=standing, standing_until=until)

    def is_matched(self, resident: str) -> bool:
        """
        Tell whether a resident is in the index: active, and consenting to be matched.
        """
        return bool(self._residents(RESIDENTS.c.resident == resident, *_matched()))

    def has_standing(self, resident: str) -> bool:
        """
        Tell whether a resident's last answer may have held a standing yes.
        """
        which = (RESIDENTS.c.resident == resident, RESIDENTS.c.standing_until.is_not(None))
        return bool(self._residents(*which))

    def lacks_score(self, resident: str, opportunities: tuple[str, ...]) -> bool:
        """
        Tell whether a fit with one of these opportunities, if open, is missing.
        """
        scored = select(FITS.c.opportunity).where(FITS.c.resident == resident)
        missing = select(OPPORTUNITIES.c.opportunity).where(
            OPPORTUNITIES.c.opportunity.in_(opportunities),
            OPPORTUNITIES.c.status == OPEN,
            OPPORTUNITIES.c.opportunity.not_in(scored),
        )
        return self._connection.execute(missing.limit(1)).first() is not None

    # --- opportunities and contracts ----------------------------------------------------

    def keep_opportunity(
        self, opportunity: str, *, kind: str, sealed: str, terms: Mapping[str, Any]
    ) -> None:
        """
        Keep an opportunity's open terms and sealed words, as a first or the next version.
        """
        values = {
            "status": OPEN,
            "kind": kind,
            "sealed": sealed,
            "terms": dict(terms),
            "closes_on": terms["closes_on"],
            "touched": self._sequence,
        }
        row = {"opportunity": opportunity, "market": self.market, "version": 1}
        if insert_once(self._connection, OPPORTUNITIES, {**row, **values}):
            return
        this = OPPORTUNITIES.c.opportunity == opportunity
        again = {"version": OPPORTUNITIES.c.version + 1, **values}
        self._run(update(OPPORTUNITIES).where(this).values(again))
        self._lose(opportunity)

    def close_opportunity(self, opportunity: str, *, status: str) -> None:
        """
        Take an opportunity out; who had it among their ten best is owed a next best.
        """
        this = OPPORTUNITIES.c.opportunity == opportunity
        self._run(update(OPPORTUNITIES).where(this).values(status=status, touched=self._sequence))
        self._lose(opportunity)
        self._run(delete(DEBTS).where(DEBTS.c.kind == "fits", DEBTS.c.subject == opportunity))
        forget_subject(self._connection, opportunity)

    def keep_contract(
        self, contract: str, *, ends_before: str, fences: Sequence[Mapping[str, Any]]
    ) -> None:
        """
        Keep a version of a contract; its fences count from the supplier's agreement on.
        """
        told = [dict(fence) for fence in fences]
        row = {"market": self.market, "contract": contract, "version": 1, "agreed": []}
        values = {"ends_before": ends_before, "fences": told}
        if not insert_once(self._connection, CONTRACTS, {**row, **values}):
            self._run(
                update(CONTRACTS)
                .where(self._contract(contract))
                .values(version=CONTRACTS.c.version + 1, **values)
            )

    def agree_contract(self, contract: str, *, version: int) -> None:
        """
        Let the agreed version's fences count; if they are others, all rule codes are owed.
        """
        this = self._contract(contract)
        row = self._connection.execute(select(CONTRACTS).where(this)).mappings().first()
        if row is None or row["version"] != version or row["agreed"] == row["fences"]:
            return
        self._run(update(CONTRACTS).where(this).values(agreed=row["fences"]))
        for resident in self._residents(*_matched()):
            self.owe("rules", resident)

    # --- assessments that the log holds -------------------------------------------------

    def take_part(
        self, subject: str, *, model: str, as_of: int, part: int, pairs: Sequence[Pair]
    ) -> int:
        """
        Keep one part of an assessment until the others are there.

        Returns:
            How many parts of it are there now.
        """
        told = [codec.plain(_bare(pair)) for pair in pairs]
        row = {"subject": subject, "model": model, "as_of": as_of, "part": part, "pairs": told}
        insert_once(self._connection, PARTS, row)
        counted = select(func.count()).select_from(PARTS).where(_whole(subject, model, as_of))
        return int(self._connection.execute(counted).scalar_one())

    def carry_parts(self, subject: str, *, model: str, as_of: int) -> None:
        """
        Carry the pairs of a whole assessment that are current, and drop its parts.
        """
        parts = select(PARTS.c.pairs).where(_whole(subject, model, as_of)).order_by(PARTS.c.part)
        for told in self._connection.execute(parts).scalars().all():
            pairs = [codec.restore(Pair, pair) for pair in told]
            for start in range(0, len(pairs), AT_ONCE):
                self._carry(pairs[start : start + AT_ONCE], as_of=as_of)
        older = and_(PARTS.c.subject == subject, PARTS.c.model == model, PARTS.c.as_of <= as_of)
        self._run(delete(PARTS).where(older))

    def note_rule_days(self, resident: str, days: Iterable[str]) -> None:
        """
        Note the days on which a resident's rule codes change.
        """
        for day in days:
            row = {"resident": resident, "day": day, "market": self.market}
            insert_once(self._connection, RULE_DAYS, row)

    # --- debts --------------------------------------------------------------------------

    def owe(self, kind: str, subject: str) -> None:
        """
        Owe an assessment that has applied this record.
        """
        row = {"kind": kind, "subject": subject, "market": self.market}
        span = {"first": self._sequence, "last": self._sequence}
        if not insert_once(self._connection, DEBTS, {**row, **span}):
            which = and_(DEBTS.c.kind == kind, DEBTS.c.subject == subject)
            self._run(update(DEBTS).where(which).values(last=self._sequence))

    def strike(self, kind: str, subject: str, *, as_of: int) -> None:
        """
        Strike a debt off that an assessment of this `as_of` has paid.
        """
        which = and_(DEBTS.c.kind == kind, DEBTS.c.subject == subject, DEBTS.c.last <= as_of)
        self._run(delete(DEBTS).where(which))

    # --- within -------------------------------------------------------------------------

    def _run(self, statement: Any) -> int:
        return int(self._connection.execute(statement).rowcount)

    def _touch(self, resident: str, **values: Any) -> bool:
        which = update(RESIDENTS).where(RESIDENTS.c.resident == resident)
        return self._run(which.values(touched=self._sequence, **values)) > 0

    def _contract(self, contract: str) -> ColumnElement[bool]:
        return and_(CONTRACTS.c.market == self.market, CONTRACTS.c.contract == contract)

    def _leave_index(self, resident: str) -> None:
        """
        Drop all that was made of a resident's words and days; what comes back is owed anew.
        """
        self._drop_fits(FITS.c.resident == resident)
        self._run(delete(RULE_DAYS).where(RULE_DAYS.c.resident == resident))
        self._run(delete(DEBTS).where(DEBTS.c.subject == resident))
        self._run(delete(PARTS).where(PARTS.c.subject == resident))
        forget_subject(self._connection, resident)

    def _drop_fits(self, which: ColumnElement[bool]) -> None:
        self._run(delete(FITS).where(which))

    def _lose(self, opportunity: str) -> None:
        """
        Drop an opportunity's fits; who had it among their ten best is owed a next best.
        """
        if len(self._opportunities(OPPORTUNITIES.c.status == OPEN)) >= BEST:
            for resident in self._with_it_among_their_best(opportunity):
                self.owe("fits", resident)
        self._drop_fits(FITS.c.opportunity == opportunity)

    def _residents(self, *which: ColumnElement[bool]) -> tuple[str, ...]:
        found = select(RESIDENTS.c.resident).where(RESIDENTS.c.market == self.market, *which)
        return tuple(self._connection.execute(found.order_by(RESIDENTS.c.resident)).scalars())

    def _opportunities(self, *which: ColumnElement[bool]) -> tuple[str, ...]:
        of_market = OPPORTUNITIES.c.market == self.market
        found = select(OPPORTUNITIES.c.opportunity).where(of_market, *which)
        ordered = found.order_by(OPPORTUNITIES.c.opportunity)
        return tuple(self._connection.execute(ordered).scalars())

    def _owe_due(self, day: str) -> None:
        due = and_(RULE_DAYS.c.market == self.market, RULE_DAYS.c.day <= day)
        named = select(RULE_DAYS.c.resident).where(due)
        for resident in self._residents(RESIDENTS.c.resident.in_(named), *_matched()):
            # A fact that begins or ends decides requirements of pairs as well as rungs.
            self.owe("rules", resident)
            self.owe("fits", resident)
        self._run(delete(RULE_DAYS).where(due))

    def _carry(self, pairs: Sequence[Pair], *, as_of: int) -> None:
        current = self._current(pairs)
        held = self._held(current)
        kept = [pair for pair in current if held.get(_ends(pair), -1) <= as_of]
        for pair in kept:
            if _ends(pair) in held:
                self._run(delete(FITS).where(_fit(pair)))
        rows = [
            {
                "resident": pair.resident,
                "opportunity": pair.opportunity,
                "market": self.market,
                "as_of": as_of,
                "score": pair.score,
                "counts": pair.eligible is not Answer.NO,
                "touched": self._sequence,
            }
            for pair in kept
        ]
        if rows:
            self._connection.execute(insert(FITS), rows)

    def _current(self, pairs: Sequence[Pair]) -> list[Pair]:
        """
        Leave out pairs of an outdated version, or of somebody who has left meanwhile.
        """
        residents = select(RESIDENTS.c.resident, RESIDENTS.c.version).where(
            RESIDENTS.c.resident.in_({pair.resident for pair in pairs}), *_matched()
        )
        opportunities = select(OPPORTUNITIES.c.opportunity, OPPORTUNITIES.c.version).where(
            OPPORTUNITIES.c.opportunity.in_({pair.opportunity for pair in pairs}),
            OPPORTUNITIES.c.status == OPEN,
        )
        versions = dict(self._connection.execute(residents).all())
        versions |= dict(self._connection.execute(opportunities).all())
        return [
            pair
            for pair in pairs
            if versions.get(pair.resident) == pair.resident_version
            and versions.get(pair.opportunity) == pair.opportunity_version
        ]

    def _held(self, pairs: Sequence[Pair]) -> dict[tuple[str, str], int]:
        named = select(FITS.c.resident, FITS.c.opportunity, FITS.c.as_of).where(
            FITS.c.resident.in_({pair.resident for pair in pairs}),
            FITS.c.opportunity.in_({pair.opportunity for pair in pairs}),
        )
        rows = self._connection.execute(named)
        return {(resident, opportunity): as_of for resident, opportunity, as_of in rows}

    def _with_it_among_their_best(self, opportunity: str) -> tuple[str, ...]:
        better = FITS.alias("better")
        tied = and_(better.c.score == FITS.c.score, better.c.opportunity < FITS.c.opportunity)
        ahead = (
            select(func.count())
            .select_from(better)
            .where(
                better.c.resident == FITS.c.resident,
                better.c.counts,
                or_(better.c.score > FITS.c.score, tied),
            )
            .scalar_subquery()
        )
        found = select(FITS.c.resident).where(
            FITS.c.opportunity == opportunity, FITS.c.counts, ahead < BEST
        )
        return tuple(self._connection.execute(found.order_by(FITS.c.resident)).scalars())


def _matched() -> tuple[ColumnElement[bool], ...]:
    return RESIDENTS.c.status == ACTIVE, RESIDENTS.c.consented.is_(True)


def _whole(subject: str, model: str, as_of: int) -> ColumnElement[bool]:
    return and_(PARTS.c.subject == subject, PARTS.c.model == model, PARTS.c.as_of == as_of)


def _bare(pair: Pair) -> Pair:
    """
    Leave out what the index has no use for.
    """
    return replace(pair, codes=(), reasons=())


def _ends(pair: Pair) -> tuple[str, str]:
    return pair.resident, pair.opportunity


def _fit(pair: Pair) -> ColumnElement[bool]:
    return and_(FITS.c.resident == pair.resident, FITS.c.opportunity == pair.opportunity)
