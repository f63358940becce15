"""
A market, the matcher's database and the keys of its people, in one process.

The market's log is applied record by record, as the projector does; people are put
forward and work is posted in clear words, which are sealed as intake seals them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Table, func, select

from matching.market.record import Happened
from schemas.codec import plain, restore
from schemas.consents import ConsentGiven, ConsentWithdrawn
from schemas.facts import FactGiven
from schemas.interests import InterestGiven
from schemas.opportunities import OpportunityAmended, OpportunityPosted
from schemas.residents import (
    Consent,
    ResidentErased,
    ResidentPaused,
    ResidentRegistered,
    ResidentResumed,
    ResidentUpdated,
)
from schemas.vocabulary import FactStatus, Purpose
from services.matcher import handlers
from services.sealing import Key, derive, seal_event
from services.storage import matcher_tables as tables
from services.storage.assessments import AssessmentBook
from services.storage.database import open_database
from services.storage.projections import AppliedMarket, ProjectionStore
from tests.builders import (
    PARTNER,
    SUPPLIER,
    TODAY,
    MarketUnderTest,
    opportunity,
    posted,
    resident,
    zedford,
)
from tests.keys_in_memory import KeysInMemory

MASTER = b"a key for tests, never for a pers"[:32]


@dataclass(slots=True)
class Rehearsal:
    """
    Zedford, and the matcher's memory of it.
    """

    folder: Path
    market: MarketUnderTest = field(default_factory=zedford)
    keys: KeysInMemory = field(default_factory=KeysInMemory)
    applied: int = 0

    def __post_init__(self) -> None:
        self.engine = open_database("matcher", self.folder / "matcher.sqlite")

    engine: Engine = field(init=False)

    # --- what people say ----------------------------------------------------------------

    def put_forward(self, name: str, *, consent: bool = True, **profile: Any) -> str:
        """
        Put somebody forward; returns the id that intake would draw.
        """
        given = Consent(purpose=Purpose.MATCHING, notice_version=1, given_on=TODAY)
        said = ResidentRegistered(**_profile(name, profile), consent=given if consent else None)
        self.say(said, subject=resident(name), by=PARTNER)
        return resident(name)

    def update(self, name: str, *, of_version: int, **profile: Any) -> None:
        said = ResidentUpdated(**_profile(name, profile), of_version=of_version)
        self.say(said, subject=resident(name), by=PARTNER)

    def post(self, reference: str = "R-1", **changes: Any) -> str:
        words, terms = _words(changes)
        told = {**_open_part(posted(reference, **terms)), **words}
        self.say(restore(OpportunityPosted, told), subject=opportunity(reference), by=SUPPLIER)
        return opportunity(reference)

    def amend(self, reference: str, *, of_version: int, **changes: Any) -> None:
        words, terms = _words(changes)
        told = {
            **_open_part(posted(reference, **terms)),
            **words,
            "opportunity": opportunity(reference),
            "of_version": of_version,
        }
        self.say(restore(OpportunityAmended, told), subject=opportunity(reference), by=SUPPLIER)

    def give_fact(self, name: str, fact: str, **told: Any) -> None:
        given = FactGiven(
            resident=resident(name),
            evidence="letter",
            assessor_role="coach",
            assessed_on=TODAY,
            fact=fact,
            **{"status": FactStatus.TRUE, **told},
        )
        self.say(given, subject=resident(name), by=PARTNER)

    def say_yes(self, name: str, *opportunities: str, **told: Any) -> None:
        said = InterestGiven(resident=resident(name), yes=opportunities, **told)
        self.say(said, subject=resident(name), by=PARTNER)

    def consent(self, name: str, *, ends_on: date | None = None) -> None:
        given = ConsentGiven(
            resident=resident(name),
            purpose=Purpose.MATCHING,
            notice_version=1,
            given_on=TODAY,
            ends_on=ends_on,
        )
        self.say(given, subject=resident(name), by=PARTNER)

    def withdraw_consent(self, name: str) -> None:
        said = ConsentWithdrawn(resident=resident(name), purpose=Purpose.MATCHING)
        self.say(said, subject=resident(name), by=PARTNER)

    def pause(self, name: str) -> None:
        said = ResidentPaused(resident=resident(name), reason="away")
        self.say(said, subject=resident(name), by=PARTNER)

    def resume(self, name: str) -> None:
        self.say(ResidentResumed(resident=resident(name)), subject=resident(name), by=PARTNER)

    def erase(self, name: str) -> None:
        self.say(ResidentErased(resident=resident(name)), subject=resident(name), by=PARTNER)

    def say(self, data: Any, *, subject: str, **who: Any) -> tuple[Happened, ...]:
        """
        Say something, sealed where intake seals it, and expect it to be accepted.
        """
        sealed = (
            seal_event(data, key=self._key(subject), subject=subject, origin="o")
            if (_is_sealed_kind(data))
            else data
        )
        events = self.market.say(sealed, subject=subject, **who)
        refused = [event.data for event in events if event.name == "SubmissionRefused"]
        assert not refused, refused
        return events

    # --- what the matcher does ----------------------------------------------------------

    def read_log(self) -> None:
        """
        Apply every record of the log that is not applied yet, each in its own transaction.
        """
        store = ProjectionStore(self.engine, tables.PROJECTION)
        for sequence in range(self.applied + 1, len(self.market.log) + 1):
            _, _, events = self.market.log[sequence - 1]
            with store.begin() as transaction:
                book = AssessmentBook(transaction.connection, market="zedford", sequence=sequence)
                handlers.project(events, book=book)
                was = transaction.head("zedford")
                to = AppliedMarket(market="zedford", sequence=sequence, digest=str(sequence))
                transaction.link(to, was=was)
            self.applied = sequence

    def owed(self) -> set[tuple[str, str]]:
        """
        The debts as they stand, by kind and subject.
        """
        with self.engine.begin() as connection:
            rows = connection.execute(select(tables.DEBTS.c.kind, tables.DEBTS.c.subject))
            return {(kind, subject) for kind, subject in rows}

    def rows(self, table: Table, **which: Any) -> int:
        with self.engine.begin() as connection:
            counted = select(func.count()).select_from(table).filter_by(**which)
            return int(connection.execute(counted).scalar_one())

    def _key(self, subject: str) -> Key:
        found = self.keys.create(subject, Key(derive(MASTER, subject)))
        assert isinstance(found, Key)
        return found


def begun(folder: Path, *, after: Sequence[str] = ()) -> Rehearsal:
    """
    Zedford at noon, its log read.
    """
    rehearsal = Rehearsal(folder=folder)
    rehearsal.read_log()
    return rehearsal


def _profile(name: str, changes: dict[str, Any]) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "reference": f"N-{name}",
        "birth_date": date(2002, 6, 10),
        "outcode": "ZZ1",
        "summary": f"{name} likes to work with people.",
        "skills": ("caring for people", "cooking meals"),
        "licences": (),
        "right_to_work": True,
    }
    return usual | changes


def _words(changes: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    usual: dict[str, Any] = {
        "title": "Care assistant",
        "description": "Caring for older people at home.",
        "duties": ["Cook meals for people", "Keep homes clean"],
        "skills": ["caring for people"],
        "role_mailbox": "jobs@example.org",
    }
    words = {name: changes.pop(name) for name in tuple(changes) if name in usual}
    return usual | words, changes


def _open_part(terms: Any) -> dict[str, Any]:
    told = plain(replace(terms))
    return {name: each for name, each in told.items() if name not in ("sealed", "fingerprint")}


def _is_sealed_kind(data: Any) -> bool:
    from schemas.codec import sealed_form

    return sealed_form(type(data)) is not None
