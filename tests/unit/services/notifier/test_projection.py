"""
Letters are addressed, and neither a new database nor a re-issue tells anything wrongly.
"""

import json
from pathlib import Path

import pytest

from schemas.consents import ConsentWithdrawn
from schemas.opportunities import OpportunityWithdrawn
from schemas.residents import ResidentErased
from schemas.ticks import Tick
from schemas.vocabulary import Purpose
from services.notifier.projection import Notifier
from services.notifier.rebuilding import begin
from services.notifier.reissuing import reissue
from services.sealing import Destroyed
from services.storage.database import open_database
from services.storage.notifier_tables import SHARED
from services.storage.projections import ProjectionStore
from services.topology import MARKET_INBOX, MARKET_LOG, party_queue
from services.transport.chain import Chain
from services.transport.ports import Record
from tests.unit.services.notifier.scene import (
    FIRST,
    MARKET,
    OPERATOR,
    PARTITION,
    PARTNER,
    SECOND,
    SUPPLIER,
    Scene,
    open_scene,
    opportunity,
    pair,
)

SOON = "2026-01-13T12:00:00.000Z"
NINE_DAYS_LATER = "2026-01-22T12:00:00.000Z"


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """
    An opportunity and two residents of one partner, each with a list.
    """
    made = open_scene(tmp_path)
    for party in (SUPPLIER, PARTNER):
        made.log.make(party_queue(party))
    made.post()
    made.register()
    made.register(SECOND, reference="case 18")
    made.assess(pair(FIRST), pair(SECOND), subject=opportunity())
    return made


def database(folder: Path, name: str) -> ProjectionStore:
    return ProjectionStore(open_database("notifier", folder / f"{name}.sqlite"), SHARED)


async def project(scene: Scene, store: ProjectionStore) -> Notifier:
    """
    Apply the whole log to a new database.
    """
    notifier = Notifier(store, keys=scene.keys)
    chain = Chain()
    for record in scene.log.records(MARKET_LOG, PARTITION):
        view = chain.take(record)
        if view is not None:
            with store.begin() as transaction:
                notifier.project(view, transaction)
    return notifier


async def send(scene: Scene, store: ProjectionStore, notifier: Notifier) -> int:
    """
    Send all that is not forbidden, as the relay does.
    """
    rows = store.unsent()
    sent = 0
    for row in notifier.allowed(rows):
        for each in await notifier.compose(row):
            await scene.log.append(each.topic, each.partition, (each.entry,))
            sent += 1
    store.strike(tuple(row.id for row in rows))
    return sent


def told(scene: Scene, party: str) -> list[tuple[str, str]]:
    """
    Return type and log position of each record of a queue.
    """
    return [
        ((record.header("foothold-type") or b"").decode(), position_of(record))
        for record in scene.log.records(party_queue(party))
    ]


def position_of(record: Record) -> str:
    return (record.header("log-position") or b"").decode()


async def test_a_letter_lies_on_its_partys_queue_with_type_and_log_position(
    scene: Scene, tmp_path: Path
) -> None:
    store = database(tmp_path, "first")
    await begin(store, scene.log, now=SOON)

    await send(scene, store, await project(scene, store))

    assert told(scene, SUPPLIER) == [("Receipt", "tees/3/1")]
    assert told(scene, PARTNER) == [
        ("Receipt", "tees/4/1"),
        ("Receipt", "tees/5/1"),
        ("MatchesRanked", "tees/6/0"),
        ("MatchesRanked", "tees/6/0"),
    ]
    (record, *_) = scene.log.records(party_queue(PARTNER))
    assert record.key == MARKET.encode()


async def test_a_destroyed_key_is_said_to_the_markets_own_inbox(
    scene: Scene, tmp_path: Path
) -> None:
    scene.say(ResidentErased(resident=FIRST), party=PARTNER, subject=FIRST)
    store = database(tmp_path, "first")
    await begin(store, scene.log, now=SOON)

    await send(scene, store, await project(scene, store))

    (record,) = scene.log.records(MARKET_INBOX, PARTITION)
    assert json.loads(record.value)["data"] == {"resident": FIRST, "reason": "erased"}
    assert (record.key, record.header("source-topic-id")) == (MARKET.encode(), None)
    assert isinstance(scene.keys.key_for(FIRST), Destroyed)


async def test_a_destroyed_keys_row_goes_when_no_inbox_holds_the_old_bytes(
    scene: Scene, tmp_path: Path
) -> None:
    scene.keys.destroy(FIRST, at="2025-12-20T09:00:00.000Z")
    scene.keys.destroy(SECOND, at="2026-01-10T09:00:00.000Z")
    scene.say(Tick(market=MARKET, at="2026-01-14T09:00:00.000Z"), party=OPERATOR, subject=MARKET)

    await project(scene, database(tmp_path, "first"))

    assert scene.keys.key_for(FIRST) is None
    assert isinstance(scene.keys.key_for(SECOND), Destroyed)


async def test_a_rebuilt_notifier_sends_nothing_twice(scene: Scene, tmp_path: Path) -> None:
    first = database(tmp_path, "first")
    await begin(first, scene.log, now=SOON)
    await send(scene, first, await project(scene, first))
    before = told(scene, PARTNER), told(scene, SUPPLIER)

    second = database(tmp_path, "second")
    found = await begin(second, scene.log, now=SOON)
    sent = await send(scene, second, await project(scene, second))

    assert (found, sent) == (5, 0)
    assert (told(scene, PARTNER), told(scene, SUPPLIER)) == before


async def test_a_rebuilt_notifier_sends_what_its_predecessor_had_not(
    scene: Scene, tmp_path: Path
) -> None:
    first = database(tmp_path, "first")
    await begin(first, scene.log, now=SOON)
    await send(scene, first, await project(scene, first))
    scene.post("R-2")

    second = database(tmp_path, "second")
    await begin(second, scene.log, now=SOON)
    sent = await send(scene, second, await project(scene, second))

    assert sent == 1
    assert told(scene, SUPPLIER)[-1] == ("Receipt", f"tees/{scene.state.sequence}/1")


async def test_a_rebuilt_notifier_sends_nothing_older_than_a_queue_keeps(
    scene: Scene, tmp_path: Path
) -> None:
    store = database(tmp_path, "late")
    await begin(store, scene.log, now=NINE_DAYS_LATER)

    assert await send(scene, store, await project(scene, store)) == 0


async def test_an_old_erasure_still_destroys_the_key_in_a_rebuilt_database(
    scene: Scene, tmp_path: Path
) -> None:
    scene.say(ResidentErased(resident=FIRST), party=PARTNER, subject=FIRST)
    store = database(tmp_path, "late")
    await begin(store, scene.log, now=NINE_DAYS_LATER)

    assert await send(scene, store, await project(scene, store)) == 1
    assert isinstance(scene.keys.key_for(FIRST), Destroyed)


async def test_a_database_that_has_begun_is_left_as_it_is(scene: Scene, tmp_path: Path) -> None:
    store = database(tmp_path, "first")
    await begin(store, scene.log, now=SOON)
    await send(scene, store, await project(scene, store))

    assert await begin(store, scene.log, now=NINE_DAYS_LATER) == 0


async def test_what_was_sent_is_issued_again_with_the_ids_that_it_had(
    scene: Scene, tmp_path: Path
) -> None:
    store = database(tmp_path, "first")
    await begin(store, scene.log, now=SOON)
    await send(scene, store, await project(scene, store))

    again = await reissue(
        scene.log,
        party=PARTNER,
        since="2026-01-01T00:00:00.000Z",
        keys=scene.keys,
        scratch=tmp_path / "again.sqlite",
    )

    queue = scene.log.records(party_queue(PARTNER))
    assert [each.entry.value for each in again] == [record.value for record in queue]


async def test_nothing_older_than_asked_for_is_issued_again(scene: Scene, tmp_path: Path) -> None:
    (*_, last) = scene.log.records(MARKET_LOG, PARTITION)

    again = await reissue(
        scene.log,
        party=PARTNER,
        since=last.appended_at,
        keys=scene.keys,
        scratch=tmp_path / "again.sqlite",
    )

    assert [dict(each.entry.headers)["log-position"] for each in again] == [b"tees/6/0"] * 2


async def test_a_list_of_somebody_who_withdrew_since_is_not_issued_again(
    scene: Scene, tmp_path: Path
) -> None:
    scene.say(
        ConsentWithdrawn(resident=FIRST, purpose=Purpose.MATCHING), party=PARTNER, subject=FIRST
    )
    scene.say(
        OpportunityWithdrawn(opportunity=opportunity(), reason="filled"),
        party=SUPPLIER,
        subject=opportunity(),
    )

    again = await reissue(
        scene.log,
        party=PARTNER,
        since="2026-01-01T00:00:00.000Z",
        keys=scene.keys,
        scratch=tmp_path / "again.sqlite",
    )

    ranked = [
        json.loads(each.entry.value)["data"]["matches"]
        for each in again
        if dict(each.entry.headers)["foothold-type"] == b"MatchesRanked"
    ]
    assert ranked == [[], []]


async def test_no_byte_of_the_database_holds_a_persons_or_an_adverts_words(
    scene: Scene, tmp_path: Path
) -> None:
    scene.register("tees-r-" + "c" * 16, reference="case 19")
    store = database(tmp_path, "first")
    await project(scene, store)

    held = bytes_in(tmp_path, "first.sqlite")
    assert b"MatchesRanked" in held
    for words in (b"case 1", b"canteen", b"cooked", b"Kitchen", b"vegetables", b"1999-05"):
        assert words not in held


def bytes_in(folder: Path, name: str) -> bytes:
    files = [path for path in folder.iterdir() if path.name.startswith(name)]
    return b"".join(path.read_bytes() for path in files)
