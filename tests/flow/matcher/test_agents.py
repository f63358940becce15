"""
The matcher's whole process on a log in memory: killed wherever it stands, it forgets nothing.
"""

import asyncio
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from schemas import codec, log_record
from schemas.envelope import Message, canonical
from schemas.log_record import Genesis, first_previous
from services.matcher.agents import MatcherAgents, agents
from services.storage import matcher_tables as tables
from services.topology import MARKET_INBOX, MARKET_LOG
from services.transport.ports import Entry, Place
from services.transport.records import compose
from tests.builders import tick
from tests.fakes import MemoryLog
from tests.flow.matcher.rehearsal import Rehearsal, hashing_model

PLACE = Place(MARKET_LOG, 1)


@dataclass
class City:
    """
    A market whose log and inbox are topics in memory.
    """

    rehearsal: Rehearsal
    topics: MemoryLog
    written: int = 0
    heard: int = 0
    previous: str = first_previous("zedford")

    def write_log(self) -> None:
        """
        Write what the market decided since.
        """
        market = self.rehearsal.market
        for sequence in range(self.written + 1, len(market.log) + 1):
            cause, told, events = market.log[sequence - 1]
            record = compose(
                "zedford",
                sequence=sequence,
                previous=self.previous,
                cause=cause,
                told=told,
                events=events,
                salts=lambda *_: bytes(32),
            )
            self.previous, self.written = record.digest, sequence
            value = log_record.write(record)
            self.topics.put(MARKET_LOG, 1, Entry(key=b"zedford", value=value))

    def hear(self) -> int:
        """
        Let the market decide what the matcher said since; returns how much that was.
        """
        records = self.topics.records(MARKET_INBOX, 1)[self.heard :]
        self.heard += len(records)
        for record in records:
            read = codec.read(record.value)
            assert isinstance(read, Message)
            self.rehearsal.market.say(read.data, worker="matcher", subject=read.envelope.subject)
        self.write_log()
        return len(records)

    async def process(self) -> MatcherAgents:
        """
        Start the matcher anew: nothing but its database is left of an earlier life.
        """
        model = hashing_model()
        started = agents(
            self.topics,
            where=self.rehearsal.folder / "matcher.sqlite",
            keys=self.rehearsal.keys,
            model=model.digest,
            load=lambda: model,
        )
        await started.projector.prepare(PLACE)
        return started


@pytest.fixture
def city(tmp_path: Path) -> City:
    topics = MemoryLog()
    topics.make(MARKET_LOG, partitions=2)
    topics.make(MARKET_INBOX, partitions=2)
    for partition in range(2):
        genesis = Genesis(genesis="zedford-log", partition=partition, partitions=2)
        topics.put(MARKET_LOG, partition, Entry(key=None, value=log_record.write(genesis)))
    return City(rehearsal=Rehearsal(folder=tmp_path), topics=topics)


async def read_log(matcher: MatcherAgents) -> None:
    while await matcher.projector.step(PLACE):
        pass


async def run(matcher: MatcherAgents, city: City) -> None:
    """
    Let the process run until neither it nor the market has anything left to say.
    """
    await matcher.projector.prepare(Place(MARKET_LOG, 0))
    await matcher.projector.step(Place(MARKET_LOG, 0))
    await read_log(matcher)
    stop = asyncio.Event()
    worker = asyncio.create_task(matcher.work_off(stop))
    while city.rehearsal.owed():
        before = len(city.topics.records(MARKET_INBOX, 1))
        await city.topics.wait(MARKET_INBOX, 1, max(before, city.heard), 0.1)
        city.hear()
        await read_log(matcher)
    stop.set()
    matcher.bell.ring()
    await worker


async def test_a_matcher_killed_before_it_says_anything_says_it_in_its_next_life(
    city: City,
) -> None:
    amal, care = city.rehearsal.put_forward("amal"), city.rehearsal.post()
    city.write_log()
    await read_log(await city.process())

    await run(await city.process(), city)

    state = city.rehearsal.market.state
    assert set(state.fits[amal]) == {care}
    assert state.residents[amal].rule_codes
    assert city.rehearsal.owed() == set()


async def test_a_matcher_killed_between_saying_and_reading_changes_nothing_the_second_time(
    city: City,
) -> None:
    city.rehearsal.put_forward("amal")
    city.rehearsal.post()
    city.write_log()
    first = await city.process()
    await read_log(first)
    while (worked := first.assessor.work()).more:
        for message in worked.messages:
            city.topics.put(message.topic, message.partition, message.entry)
        first.assessor.said(worked)
    said = assessments(city)

    await run(await city.process(), city)

    # A later look may carry a larger `as_of`; what it says of the pair is the same.
    assert said != set()
    assert city.rehearsal.owed() == set()
    assert assessments(city) == said


def assessments(city: City) -> set[bytes]:
    """
    What the matcher has said, but for the log position at which it looked.
    """
    found = set()
    for record in city.topics.records(MARKET_INBOX, 1):
        told = json.loads(record.value)
        del told["id"], told["data"]["as_of"]
        found.add(canonical(told))
    return found


async def test_a_database_lost_is_rebuilt_from_the_log_and_assesses_nothing_again(
    city: City,
) -> None:
    city.rehearsal.put_forward("amal")
    city.rehearsal.post()
    city.write_log()
    await run(await city.process(), city)
    said = len(city.topics.records(MARKET_INBOX, 1))
    fits = city.rehearsal.rows(tables.FITS)
    city.rehearsal.engine.dispose()
    for path in city.rehearsal.folder.glob("matcher.sqlite*"):
        path.unlink()

    rebuilt = await city.process()
    await run(rebuilt, city)

    assert rebuilt.assessor.work().messages == ()
    assert len(city.topics.records(MARKET_INBOX, 1)) == said
    assert city.rehearsal.rows(tables.FITS) == fits > 0


async def test_whoever_left_is_wiped_by_the_next_life_too(city: City) -> None:
    matcher = await city.process()

    assert matcher.bell.wipe_due()


async def test_a_consent_that_ends_with_a_day_is_wiped_like_one_withdrawn(city: City) -> None:
    city.rehearsal.put_forward("amal", consent=False)
    city.rehearsal.consent("amal", ends_on=date(2026, 1, 20))
    matcher = await city.process()
    city.write_log()
    await read_log(matcher)
    matcher.bell.wipe_due()

    tick(city.rehearsal.market, "2026-01-21T12:00:00.000Z")
    city.write_log()
    await read_log(matcher)

    assert matcher.bell.wipe_due()
