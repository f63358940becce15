"""
What the notifier remembers: who is matched, what is open, which fits hold, what was said.

Everything here follows from the market's log and is written in the transaction that
applies a record. Profiles and adverts stay sealed; they are opened when a list is sent.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, insert, or_, select, update

from schemas.envelope import canonical
from services.storage.challenges import ChallengeBook
from services.storage.database import insert_once
from services.storage.intakes import IntakeBook
from services.storage.mails import MailBook
from services.storage.notifier_tables import (
    ANSWERS,
    BEGINNING,
    CONTRACTS,
    FITS,
    METADATA,
    OPPORTUNITIES,
    PARTS,
    QUESTIONS,
    RESIDENTS,
    SENT,
    SHARED,
)
from services.storage.offers import OfferBook
from services.storage.offices import OfficeBook

__all__ = ["METADATA", "SHARED", "Advert", "Fit", "NotificationBook", "Person"]

ACTIVE, OPEN = "active", "open"
BEST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """
    What is known of a resident: whose, in which version, and the sealed profile.
    """

    resident: str
    party: str
    version: int
    status: str
    kind: str | None
    sealed: str | None
    matched: bool
    list_digest: str | None
    list_sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Advert:
    """
    What is known of an opportunity: its open terms and its sealed words.
    """

    opportunity: str
    supplier: str
    version: int
    status: str
    kind: str
    sealed: str
    offers: str
    outcode: str
    starts_on: str
    closes_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """
    One pair as it holds. `why` carries its parts, reasons and codes, as on the wire.
    """

    opportunity: str
    as_of: int
    resident_version: int
    opportunity_version: int
    score: int
    eligible: str
    why: Mapping[str, Any]


class NotificationBook:
    """
    The notifier's memory, inside one transaction; of some things in books of their own within.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.offers = OfferBook(connection)
        self.intakes = IntakeBook(connection)
        self.offices = OfficeBook(connection)
        self.challenges = ChallengeBook(connection)
        self.mails = MailBook(connection)

    # --- residents ----------------------------------------------------------------------

    def register_resident(
        self, resident: str, *, market: str, party: str, sequence: int, kind: str, sealed: str
    ) -> None:
        """
        Keep a resident that was put forward; not yet matched.
        """
        self._connection.execute(
            insert(RESIDENTS).values(
                resident=resident,
                market=market,
                party=party,
                version=1,
                status=ACTIVE,
                kind=kind,
                sealed=sealed,
                consented=False,
                changed=sequence,
                assessed=0,
                list_sequence=0,
            )
        )

    def update_resident(self, resident: str, *, sequence: int, kind: str, sealed: str) -> None:
        """
        Keep the next version of a profile. What fitted the last one stands until it is assessed.
        """
        self._set_resident(
            resident,
            version=RESIDENTS.c.version + 1,
            kind=kind,
            sealed=sealed,
            changed=sequence,
        )

    def set_status(self, resident: str, status: str) -> None:
        """
        Set a resident's status; whoever is not active has no fits.
        """
        self._set_resident(resident, status=status)
        if status != ACTIVE:
            self._drop_fits(resident)

    def give_consent(self, resident: str, *, ends_on: str | None) -> None:
        """
        Note a consent to be matched, until and including its last day.
        """
        self._set_resident(resident, consented=True, consent_ends=ends_on)

    def end_consent(self, resident: str) -> None:
        """
        Take a resident out of the index.
        """
        self._set_resident(resident, consented=False, consent_ends=None)
        self._drop_fits(resident)

    def close_resident(self, resident: str, *, status: str) -> None:
        """
        Forget everything of a resident but the id and, until erasure, the sealed profile.
        """
        self.set_status(resident, status)
        self.end_consent(resident)
        self._connection.execute(delete(QUESTIONS).where(QUESTIONS.c.resident == resident))
        self.intakes.forget_resident(resident)
        if status == "erased":
            self._set_resident(resident, kind=None, sealed=None)

    def person(self, resident: str) -> Person | None:
        """
        Return what is known of a resident.
        """
        row = self._connection.execute(select(RESIDENTS).where(RESIDENTS.c.resident == resident))
        found = row.mappings().first()
        if found is None:
            return None
        names = ("resident", "party", "version", "status", "kind", "sealed")
        return Person(
            **{name: found[name] for name in (*names, "list_digest", "list_sequence")},
            matched=found["status"] == ACTIVE and bool(found["consented"]),
        )

    def keep_list(self, resident: str, *, digest: str, sequence: int) -> None:
        """
        Note the list last made for a resident, and the record that it was made at.
        """
        self._set_resident(resident, list_digest=digest, list_sequence=sequence)

    # --- opportunities ------------------------------------------------------------------

    def post_opportunity(
        self,
        opportunity: str,
        *,
        market: str,
        supplier: str,
        sequence: int,
        kind: str,
        sealed: str,
        terms: Mapping[str, str],
    ) -> None:
        """
        Keep an opportunity as it is from now on, as its first or its next version.

        Its `terms` are `offers` (its kind), `outcode`, `starts_on` and `closes_on`.
        """
        values = {"status": OPEN, "kind": kind, "sealed": sealed, "changed": sequence, **terms}
        known = self._connection.execute(
            update(OPPORTUNITIES)
            .where(OPPORTUNITIES.c.opportunity == opportunity)
            .values(version=OPPORTUNITIES.c.version + 1, **values)
        )
        if known.rowcount == 0:
            self._connection.execute(
                insert(OPPORTUNITIES).values(
                    opportunity=opportunity,
                    market=market,
                    supplier=supplier,
                    version=1,
                    assessed=0,
                    **values,
                )
            )

    def close_opportunity(self, opportunity: str, *, status: str) -> tuple[str, ...]:
        """
        Close an opportunity.

        Returns:
            The residents of whom a fit with it was held, and is no longer.
        """
        this = OPPORTUNITIES.c.opportunity == opportunity
        self._connection.execute(update(OPPORTUNITIES).where(this).values(status=status))
        self.intakes.close(opportunity)
        fitted = self._fitted(FITS.c.opportunity == opportunity)
        self._connection.execute(delete(FITS).where(FITS.c.opportunity == opportunity))
        return fitted

    def advert(self, opportunity: str) -> Advert | None:
        """
        Return what is known of an opportunity.
        """
        columns = [OPPORTUNITIES.c[name] for name in Advert.__slots__]
        query = select(*columns).where(OPPORTUNITIES.c.opportunity == opportunity)
        found = self._connection.execute(query).mappings().first()
        return None if found is None else Advert(**found)

    def begin_day(self, day: str, *, market: str) -> tuple[str, ...]:
        """
        End the consents and close the opportunities whose last day has passed.

        Returns:
            The residents whom that touches, sorted.
        """
        touched: set[str] = set()
        for resident in self._past_consents(day, market=market):
            self.end_consent(resident)
            touched.add(resident)
        for opportunity in self._past_opportunities(day, market=market):
            touched.update(self.close_opportunity(opportunity, status="closed"))
        return tuple(sorted(touched))

    # --- fits ---------------------------------------------------------------------------

    def keep_part(
        self,
        subject: str,
        *,
        model: str,
        as_of: int,
        part: int,
        parts: int,
        pairs: list[dict[str, Any]],
    ) -> tuple[dict[str, Any], ...] | None:
        """
        Keep one part of an assessment.

        Returns:
            All the pairs of the assessment in order if this was its last part, else nothing.
        """
        this = and_(PARTS.c.subject == subject, PARTS.c.model == model, PARTS.c.as_of == as_of)
        row = {"subject": subject, "model": model, "as_of": as_of, "part": part}
        insert_once(self._connection, PARTS, {**row, "pairs": canonical(pairs).decode()})
        query = select(PARTS.c.pairs).where(this).order_by(PARTS.c.part)
        held = self._connection.execute(query).scalars().all()
        if len(held) < parts:
            return None
        older = and_(PARTS.c.subject == subject, PARTS.c.model == model, PARTS.c.as_of <= as_of)
        self._connection.execute(delete(PARTS).where(older))
        return tuple(pair for told in held for pair in json.loads(told))

    def finish_assessment(self, subject: str, *, as_of: int) -> tuple[str, ...]:
        """
        Note that a side was assessed: from here on only pairs of its current version count.

        Returns:
            The residents whom that touches.
        """
        for table, key in ((RESIDENTS, "resident"), (OPPORTUNITIES, "opportunity")):
            this = and_(table.c[key] == subject, table.c.assessed < as_of)
            self._connection.execute(update(table).where(this).values(assessed=as_of))
        return self._fitted(or_(FITS.c.resident == subject, FITS.c.opportunity == subject))

    def carry(self, pair: Mapping[str, Any], *, as_of: int) -> None:
        """
        Keep a pair's fit, if it is current and none is held of a later assessment.
        """
        if not self._is_current(pair):
            return
        this = and_(FITS.c.resident == pair["resident"], FITS.c.opportunity == pair["opportunity"])
        held = self._connection.execute(select(FITS.c.as_of).where(this)).scalar()
        if held is not None and held > as_of:
            return
        self._connection.execute(delete(FITS).where(this))
        self._connection.execute(insert(FITS).values(as_of=as_of, **_fit_columns(pair)))

    def best(self, resident: str) -> tuple[Fit, ...]:
        """
        Return a resident's ten best open opportunities, best first; none if not matched.

        A pair of an outdated version counts only until its side is assessed anew.
        """
        return tuple(
            Fit(
                opportunity=row["opportunity"],
                as_of=row["as_of"],
                resident_version=row["resident_version"],
                opportunity_version=row["opportunity_version"],
                score=row["score"],
                eligible=row["eligible"],
                why=json.loads(row["why"]),
            )
            for row in self._connection.execute(_best_of(resident)).mappings()
        )

    # --- questions ----------------------------------------------------------------------

    def ask(self, event: str, *, resident: str, fact: str) -> None:
        """
        Keep a question that is open.
        """
        row = {"event": event, "resident": resident, "fact": fact}
        insert_once(self._connection, QUESTIONS, row)

    def answer(self, event: str) -> None:
        """
        Close a question.
        """
        self._connection.execute(delete(QUESTIONS).where(QUESTIONS.c.event == event))

    def is_open(self, event: str) -> bool:
        """
        Tell whether a question still waits for its answer.
        """
        query = select(QUESTIONS.c.event).where(QUESTIONS.c.event == event)
        return self._connection.execute(query).first() is not None

    def asked(self, resident: str) -> frozenset[str]:
        """
        Return the facts that are being asked about a resident.
        """
        query = select(QUESTIONS.c.fact).where(QUESTIONS.c.resident == resident)
        return frozenset(self._connection.execute(query).scalars())

    # --- contracts and answers ----------------------------------------------------------

    def register_contract(self, contract: str) -> None:
        """
        Count the versions of a contract.
        """
        this = CONTRACTS.c.contract == contract
        raised = update(CONTRACTS).where(this).values(version=CONTRACTS.c.version + 1)
        if self._connection.execute(raised).rowcount == 0:
            self._connection.execute(insert(CONTRACTS).values(contract=contract, version=1))

    def version(self, subject: str) -> int | None:
        """
        Return the current version of a resident, an opportunity or a contract.
        """
        keys = ((RESIDENTS, "resident"), (OPPORTUNITIES, "opportunity"), (CONTRACTS, "contract"))
        for table, key in keys:
            query = select(table.c.version).where(table.c[key] == subject)
            found = self._connection.execute(query).scalar()
            if found is not None:
                return int(found)
        return None

    def keep_receipt(self, receipt: Mapping[str, Any], *, market: str, sequence: int) -> None:
        """
        Keep what an accepted record was answered, for its duplicates.
        """
        told = canonical(dict(receipt)).decode()
        row = {"market": market, "sequence": sequence, "receipt": told}
        insert_once(self._connection, ANSWERS, row)

    def receipt(self, *, market: str, sequence: int) -> dict[str, Any] | None:
        """
        Return what an accepted record was answered.
        """
        query = select(ANSWERS.c.receipt).where(
            ANSWERS.c.market == market, ANSWERS.c.sequence == sequence
        )
        found = self._connection.execute(query).scalar()
        return None if found is None else dict(json.loads(found))

    # --- a new database -----------------------------------------------------------------

    def horizon(self) -> str | None:
        """
        Return the instant before which nothing is sent, or nothing in a new database.
        """
        found = self._connection.execute(select(BEGINNING.c.horizon)).scalar()
        return None if found is None else str(found)

    def begin(self, *, horizon: str) -> None:
        """
        Set the instant before which nothing is sent; it never changes afterwards.
        """
        insert_once(self._connection, BEGINNING, {"id": 1, "horizon": horizon})

    def mark_sent(self, recipient: str, *, position: str, kind: str) -> None:
        """
        Note what an earlier database has sent.
        """
        row = {"recipient": recipient, "position": position, "kind": kind}
        insert_once(self._connection, SENT, row)

    def was_sent(self, recipient: str, *, position: str, kind: str) -> bool:
        """
        Tell whether an earlier database has sent this.
        """
        query = select(SENT.c.kind).where(
            SENT.c.recipient == recipient, SENT.c.position == position, SENT.c.kind == kind
        )
        return self._connection.execute(query).first() is not None

    # --- inside -------------------------------------------------------------------------

    def _set_resident(self, resident: str, **values: Any) -> None:
        self._connection.execute(
            update(RESIDENTS).where(RESIDENTS.c.resident == resident).values(**values)
        )

    def _drop_fits(self, resident: str) -> None:
        self._connection.execute(delete(FITS).where(FITS.c.resident == resident))
        self._connection.execute(delete(PARTS).where(PARTS.c.subject == resident))

    def _fitted(self, which: ColumnElement[bool]) -> tuple[str, ...]:
        query = select(FITS.c.resident).where(which).distinct().order_by(FITS.c.resident)
        return tuple(self._connection.execute(query).scalars())

    def _past_consents(self, day: str, *, market: str) -> tuple[str, ...]:
        query = select(RESIDENTS.c.resident).where(
            RESIDENTS.c.market == market, RESIDENTS.c.consented, RESIDENTS.c.consent_ends < day
        )
        return tuple(self._connection.execute(query).scalars())

    def _past_opportunities(self, day: str, *, market: str) -> tuple[str, ...]:
        query = select(OPPORTUNITIES.c.opportunity).where(
            OPPORTUNITIES.c.market == market,
            OPPORTUNITIES.c.status == OPEN,
            OPPORTUNITIES.c.closes_on < day,
        )
        return tuple(self._connection.execute(query).scalars())

    def _is_current(self, pair: Mapping[str, Any]) -> bool:
        same_market = RESIDENTS.join(OPPORTUNITIES, RESIDENTS.c.market == OPPORTUNITIES.c.market)
        query = select(RESIDENTS.c.resident).select_from(same_market)
        query = query.where(
            RESIDENTS.c.resident == pair["resident"],
            RESIDENTS.c.version == pair["resident_version"],
            RESIDENTS.c.status == ACTIVE,
            RESIDENTS.c.consented,
            OPPORTUNITIES.c.opportunity == pair["opportunity"],
            OPPORTUNITIES.c.version == pair["opportunity_version"],
            OPPORTUNITIES.c.status == OPEN,
        )
        return self._connection.execute(query).first() is not None


def _fit_columns(pair: Mapping[str, Any]) -> dict[str, Any]:
    names = ("resident", "opportunity", "resident_version", "opportunity_version")
    why = {name: pair[name] for name in ("parts", "reasons", "codes") if name in pair}
    return {
        **{name: pair[name] for name in (*names, "score", "eligible")},
        "standing": pair.get("standing", False),
        "why": canonical(why).decode(),
    }


def _best_of(resident: str) -> Select[Any]:
    return (
        select(FITS)
        .join(RESIDENTS, RESIDENTS.c.resident == FITS.c.resident)
        .join(OPPORTUNITIES, OPPORTUNITIES.c.opportunity == FITS.c.opportunity)
        .where(
            FITS.c.resident == resident,
            FITS.c.eligible != "no",
            RESIDENTS.c.status == ACTIVE,
            RESIDENTS.c.consented,
            OPPORTUNITIES.c.status == OPEN,
            or_(
                FITS.c.resident_version == RESIDENTS.c.version,
                RESIDENTS.c.assessed < RESIDENTS.c.changed,
            ),
            or_(
                FITS.c.opportunity_version == OPPORTUNITIES.c.version,
                OPPORTUNITIES.c.assessed < OPPORTUNITIES.c.changed,
            ),
        )
        .order_by(FITS.c.score.desc(), FITS.c.opportunity)
        .limit(BEST)
    )
