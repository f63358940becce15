"""
A market with a supplier and two partners, played through the real fold into the notifier.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from matching.market import fold
from matching.market.record import Happened, Said
from matching.market.state import MarketState
from schemas import codec, log_record
from schemas.answers import RegisterFacts
from schemas.envelope import Envelope, Message, opportunity_id, resident_id
from schemas.fits import FitsAssessed, Pair, Parts, Reason
from schemas.log_record import Cause, Genesis, InboxPosition, Position
from schemas.markets import MarketOpened
from schemas.opportunities import OpportunityAmended, OpportunityPosted, Pay, Place
from schemas.parties import PartyRegistered, WorkingHours
from schemas.residents import Consent, ResidentRegistered, ResidentUpdated
from schemas.rules import ApprenticeshipRule, RulesAdopted, Wage
from schemas.vocabulary import (
    REGISTER,
    Answer,
    Clock,
    Day,
    Nation,
    OpportunityKind,
    PayBasis,
    Purpose,
    Role,
    event_type,
    later,
)
from services.herald.handlers import carried_facts
from services.notifier.handlers import notify
from services.notifier.letters import letter
from services.notifier.owed import Owed
from services.sealing import Key, seal_event
from services.storage.database import open_database
from services.storage.keys import KeyStore, open_keys
from services.storage.notifications import NotificationBook
from services.storage.projections import OutboxRow
from services.topology import MARKET_INBOX, MARKET_LOG, PARTITIONS
from services.transport.ports import Entry, Record
from services.transport.records import RecordView, compose
from services.transport.records import view as opened_record
from tests.fakes import MemoryLog

MARKET = "tees"
# Where the market lives; the register lives in partition 0.
PARTITION = 1
NOW = "2026-01-13T09:00:00.000Z"
SUPPLIER, PARTNER, OTHER_PARTNER = "oakline-homes", "riverside-homes", "harbour-trust"
OPERATOR = "northgate"
FIRST, SECOND = (resident_id(MARKET, bytes([n] * 10)) for n in (1, 2))


@dataclass(slots=True)
class Scene:
    """
    One market: what is said in it goes through the fold, and its record to the notifier.
    """

    engine: Any
    keys: KeyStore
    log: MemoryLog
    state: MarketState
    code: str = MARKET
    views: list[RecordView] = field(default_factory=list)
    offset: int = 0
    hears: Callable[[tuple[Owed, ...]], object] | None = None

    @property
    def partition(self) -> int:
        return 0 if self.code == REGISTER else PARTITION

    @contextmanager
    def book(self) -> Iterator[NotificationBook]:
        with self.engine.begin() as connection:
            yield NotificationBook(connection)

    def say(
        self,
        data: Any,
        *,
        party: str | None = None,
        worker: str = "matcher",
        subject: str | None = None,
        named: str | None = None,
        carried: tuple[Happened, ...] = (),
    ) -> tuple[Owed, ...]:
        """
        Say something, and return what its record owes; nothing where it leaves no record.
        """
        self.offset += 1
        said = self._said(data, party, worker, subject, named, carried)
        now = self.state.now
        events = fold.decide(self.state, said)
        return () if events is None else self.record(said, events, now=now)

    def record(self, said: Said, events: tuple[Happened, ...], *, now: str) -> tuple[Owed, ...]:
        cause = Cause(
            source=said.source,
            key=() if said.source else (said.name, said.message.envelope.id),
            inbox=said.inbox,
            appended_at=said.appended_at,
            now=now,
            rules_version=1,
            release="test",
        )
        made = compose(
            self.code,
            sequence=self.state.writing,
            previous=self.state.digest,
            cause=cause,
            told=said.told,
            events=events,
            salts=lambda market, sequence, leaf: bytes(32),
        )
        record = self._written(log_record.write(made), said.appended_at)
        fold.link(self.state, sequence=made.sequence, digest=made.digest)
        view = opened_record(record, made)
        self.views.append(view)
        with self.book() as book:
            owed = notify(view, book)
        if self.hears is not None:
            self.hears(owed)
        return owed

    def _written(self, value: bytes, appended_at: str) -> Record:
        self.log.at(later(appended_at, timedelta(seconds=1)))
        self.log.put(MARKET_LOG, self.partition, Entry(key=self.code.encode(), value=value))
        return self.log.records(MARKET_LOG, self.partition)[-1]

    def row(self, owed: Owed) -> OutboxRow:
        """
        Return a row as the outbox gives it back: its payload has been JSON.
        """
        view = self.views[-1]
        return OutboxRow(
            partition=view.partition,
            market=view.market,
            sequence=view.sequence,
            leaf=owed.leaf,
            recipient=owed.recipient,
            kind=owed.key,
            appended_at=view.appended_at,
            payload=json.loads(json.dumps(dict(owed.payload))),
        )

    def read(self, owed: Owed) -> dict[str, Any]:
        """
        Return the data of the message that its recipient reads.
        """
        with self.book() as book:
            found = letter(self.row(owed), book, self.keys)
        assert found is not None
        told: dict[str, Any] = json.loads(found.value)
        assert not isinstance(codec.message_of(told), codec.Rejected)
        return dict(told["data"])

    def sealed(self, data: Any, *, subject: str) -> Any:
        key = self.keys.create(subject, Key(subject.encode().ljust(32, b".")[:32]))
        assert isinstance(key, Key)
        return seal_event(data, key=key, subject=subject, origin=f"inbox/0/{self.offset + 1}")

    def begin(self) -> None:
        """
        Open the market, as its own first record does.
        """
        begun = opened(self.code, partition=self.partition)
        said = self._said(begun, None, "market", self.code, None, ())
        self.record(said, fold.open_market(self.state, begun), now=NOW)

    # --- what is said often ---------------------------------------------------------------

    def post(self, reference: str = "R-1", *, named: str | None = None, **changed: Any) -> Any:
        subject = opportunity_id(MARKET, party=SUPPLIER, reference=reference)
        data = replace(posting(), reference=reference, **changed)
        return self.say(
            self.sealed(data, subject=subject), party=SUPPLIER, subject=subject, named=named
        )

    def register(self, resident: str = FIRST, *, party: str = PARTNER, **changed: Any) -> Any:
        data = replace(profile(), **changed)
        return self.say(self.sealed(data, subject=resident), party=party, subject=resident)

    def assess(self, *pairs: Pair, subject: str, as_of: int | None = None) -> tuple[Owed, ...]:
        return self.say(
            FitsAssessed(
                subject=subject,
                model="small",
                as_of=self.state.sequence if as_of is None else as_of,
                part=1,
                parts=1,
                pairs=pairs,
            )
        )

    def _said(
        self,
        data: Any,
        party: str | None,
        worker: str,
        subject: str | None,
        named: str | None,
        carried: tuple[Happened, ...],
    ) -> Said:
        envelope = Envelope(
            id=named or f"m-{self.offset}",
            source=f"/party/{party}" if party else f"/worker/{worker}",
            type=event_type(data).wire_name,
            subject=subject,
        )
        source = Position(topic_id=f"inbox-{party}", partition=0, offset=self.offset)
        return Said(
            message=Message(envelope=envelope, data=data),
            source=source if party or worker == "intake" else None,
            inbox=InboxPosition(topic_id="market-inbox", offset=self.offset),
            appended_at=f"2026-01-13T09:{self.offset // 60:02d}:{self.offset % 60:02d}.000Z",
            told={"message": {**codec.plain(envelope), "data": codec.plain(data)}},
            carried=carried,
        )


def memory_log() -> MemoryLog:
    """
    Return a log that holds nothing but where it begins.
    """
    log = MemoryLog()
    log.make(MARKET_LOG, partitions=PARTITIONS)
    log.make(MARKET_INBOX, partitions=PARTITIONS)
    for n in range(PARTITIONS):
        first = Genesis(genesis="g" * 32, partition=n, partitions=PARTITIONS)
        log.put(MARKET_LOG, n, Entry(key=None, value=log_record.write(first)))
    return log


def open_register(folder: Path) -> Scene:
    """
    Open the register, with the operator and the rules that `init` says.
    """
    scene = _begun(folder, REGISTER)
    scene.say(
        scene.sealed(party(OPERATOR, Role.OPERATOR), subject=f"party:{OPERATOR}"),
        worker="bootstrap",
        subject=f"party:{OPERATOR}",
    )
    scene.say(law(), worker="bootstrap")
    return scene


def _begun(folder: Path, code: str) -> Scene:
    keys, _ = open_keys(folder / "keys.sqlite", master=b"m" * 32)
    scene = Scene(
        engine=open_database("notifier", folder / "notifier.sqlite"),
        keys=keys,
        log=memory_log(),
        state=fold.empty(code),
        code=code,
    )
    scene.begin()
    return scene


def open_scene(folder: Path) -> Scene:
    """
    Open a market whose register facts have arrived.
    """
    scene = _begun(folder, MARKET)
    facts = [
        *(party_fact(scene, slug, role) for slug, role in PARTIES.items()),
        Happened(
            id="_register-9-1",
            name="RulesAdopted",
            version=1,
            subject=None,
            party=OPERATOR,
            data=law(),
        ),
    ]
    facts_said = RegisterFacts(register_sequence=9, events=carried_facts(tuple(facts)))
    scene.say(facts_said, worker="herald", carried=tuple(facts))
    return scene


PARTIES = {
    OPERATOR: Role.OPERATOR,
    SUPPLIER: Role.SUPPLIER,
    PARTNER: Role.PARTNER,
    OTHER_PARTNER: Role.PARTNER,
}


def party_fact(scene: Scene, slug: str, role: Role) -> Happened:
    sealed = scene.sealed(party(slug, role), subject=f"party:{slug}")
    return Happened(
        id="_register-2-1",
        name="PartyRegisteredSealed",
        version=1,
        subject=slug,
        party=slug,
        data=sealed,
    )


def party(slug: str, role: Role) -> PartyRegistered:
    return PartyRegistered(
        slug=slug,
        name=slug.replace("-", " ").title(),
        roles=(role,),
        nation=Nation.ENGLAND,
        working_days=(Day.MON, Day.TUE),
        working_hours=WorkingHours(starts="09:00", ends="17:00"),
        role_mailbox=f"office@{slug}.example",
        role_telephone="01632 960000",
    )


def opened(
    code: str = MARKET, *, clock: Clock = Clock.SIMULATED, partition: int = 1
) -> MarketOpened:
    return MarketOpened(
        code=code,
        name=code.title(),
        partition=partition,
        outcodes=("ZZ1", "ZZ2"),
        nation=Nation.ENGLAND,
        clock=clock,
        now=NOW,
    )


def law() -> RulesAdopted:
    wage = Wage(
        name="national_living_wage",
        valid_from=date(2025, 4, 1),
        least_age=21,
        hourly_pence=1221,
        source="a test",
    )
    rule = ApprenticeshipRule(
        valid_from=date(2025, 8, 1), least_months=8, least_off_the_job_hours=187, source="a test"
    )
    return RulesAdopted(version=1, wages=(wage,), apprenticeships=(rule,))


def posting() -> OpportunityPosted:
    return OpportunityPosted(
        reference="R-1",
        kind=OpportunityKind.JOB,
        place=Place(outcode="ZZ1"),
        positions=2,
        pay=Pay(basis=PayBasis.HOURLY, pence=1300),
        minutes_a_week=1800,
        starts_on=date(2026, 3, 2),
        closes_on=date(2026, 2, 10),
        title="Kitchen assistant",
        duties=("Prepare vegetables", "Keep the kitchen clean"),
        skills=("Food hygiene",),
        role_mailbox="kitchens@oakline-homes.example",
    )


def profile() -> ResidentRegistered:
    return ResidentRegistered(
        reference="case 17",
        birth_date=date(1999, 5, 4),
        outcode="ZZ2",
        skills=("I cooked for forty people a day",),
        experience=("Two years in a school canteen",),
        notes="prefers mornings",
        consent=Consent(purpose=Purpose.MATCHING, notice_version=1, given_on=date(2026, 1, 12)),
    )


def updated(of_version: int = 1) -> ResidentUpdated:
    return ResidentUpdated(
        reference="case 17",
        birth_date=date(1999, 5, 4),
        outcode="ZZ2",
        skills=("I baked bread", "I cooked for forty people a day"),
        of_version=of_version,
    )


def amended(opportunity: str, of_version: int = 1) -> OpportunityAmended:
    told = codec.plain(posting())
    made: OpportunityAmended = codec.restore(
        OpportunityAmended, {**told, "opportunity": opportunity, "of_version": of_version}
    )
    return made


def opportunity(reference: str = "R-1") -> str:
    return opportunity_id(MARKET, party=SUPPLIER, reference=reference)


def pair(
    resident: str = FIRST, reference: str = "R-1", *, score: int = 7000, **changed: Any
) -> Pair:
    made = Pair(
        resident=resident,
        resident_version=1,
        opportunity=opportunity(reference),
        opportunity_version=1,
        eligible=Answer.YES,
        score=score,
        parts=Parts(dense=6000, cover=7000, lexical=2000),
        reasons=(
            Reason(code="meets", resident_statement=0, opportunity_statement=1, strength=8000),
            Reason(code="missing", opportunity_statement=3),
        ),
    )
    return replace(made, **changed)
