"""
A market, the matcher's database and the keys of its people, in one process.

The market's log is applied record by record, as the projector does; people are put
forward and work is posted in clear words, which are sealed as intake seals them.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Engine, Table, func, select

from matching.market.record import Happened
from matching.model import Side
from matching.ranking.eligibility import Ground
from matching.ranking.engines.hashing_encoder import HashingEncoder
from matching.ranking.lexical import TermTable
from matching.ranking.retrieval import ExactIndex
from matching.ranking.scoring import Constants, Scale
from schemas import codec
from schemas.codec import plain, restore, sealed_form
from schemas.consents import ConsentGiven, ConsentWithdrawn
from schemas.envelope import Message
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
from services import places
from services.matcher import handlers
from services.matcher.debts import Assessor
from services.matcher.index import Model
from services.sealing import Key, derive, seal_event
from services.storage import matcher_tables as tables
from services.storage.assessments import AssessmentBook
from services.storage.database import open_database
from services.storage.debts import DebtStore
from services.storage.projections import AppliedMarket, ProjectionStore
from services.storage.vectors import VectorStore
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

BACKGROUND = (
    "keep records",
    "drive a lorry",
    "paint walls",
    "answer the telephone",
    "plan a garden",
    "repair bicycles",
)
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
    loads: int = 0

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

    def new_process(self, *, model: Model | None = None) -> Assessor:
        """
        Start the worker of debts, with nothing in memory.
        """
        self.loads = 0

        def load() -> Model:
            self.loads += 1
            return model or hashing_model()

        return Assessor(
            debts=DebtStore(self.engine),
            vectors=VectorStore(self.engine),
            keys=self.keys,
            load=load,
        )

    def work_off(self, assessor: Assessor, *, deliver: bool = True) -> list[Any]:
        """
        Work until nothing is left to say; returns what was said, as the market heard it.

        Args:
            assessor: the worker.
            deliver: whether the market hears it, or the process is killed before that.
        """
        heard = []
        while (worked := assessor.work()).more:
            for message in worked.messages:
                read = codec.read(message.entry.value)
                assert isinstance(read, Message)
                heard.append(read.data)
                if deliver:
                    self.market.say(read.data, worker="matcher", subject=read.envelope.subject)
            if deliver:
                assessor.said(worked)
            elif worked.messages:
                break
        return heard

    def settle(self, assessor: Assessor) -> list[Any]:
        """
        Read the log and work debts off until neither has anything left to do.
        """
        heard: list[Any] = []
        self.read_log()
        while said := self.work_off(assessor):
            heard += said
            self.read_log()
        return heard

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


@lru_cache(maxsize=1)
def hashing_model(name: str = "hashing-1") -> Model:
    """
    A model without a model: the hashing encoder and constants from a few plain phrases.
    """
    encoder = HashingEncoder()
    background = encoder.encode(BACKGROUND, side=Side.OPPORTUNITY).astype(np.float16)
    unit = Scale(mean=0.0, deviation=1.0)
    constants = Constants(
        model=name,
        background=background,
        terms=TermTable(texts=100, frequencies={"people": 30, "meal": 5}, mean_length=20.0),
        dense=unit,
        cover=unit,
        lexical=Scale(mean=0.2, deviation=0.2),
    )
    return Model(
        encoder=encoder,
        constants=constants,
        new_index=lambda: ExactIndex(dim=encoder.dim),
        ground=Ground(places=places.coordinates()),
    )


def begun(folder: Path) -> Rehearsal:
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
    return sealed_form(type(data)) is not None
