"""
The notifier over a whole log: what it reads before it publishes, and what it sends once.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas.consents import ConsentWithdrawn
from schemas.opportunities import OpportunityWithdrawn
from schemas.residents import ResidentErased
from schemas.vocabulary import Purpose
from services.notifier.agents import projector
from services.storage.projections import Transaction
from services.topology import MARKET_INBOX, MARKET_LOG, party_queue
from services.transport.ports import AppendFailed, Entry, Place
from services.transport.projector import Projector
from tests.unit.services.notifier.scene import (
    FIRST,
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
PLACE = Place(MARKET_LOG, PARTITION)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """
    A market with an opportunity and a resident, whose fit is on the log.
    """
    made = open_scene(tmp_path / "scene")
    for party in (SUPPLIER, PARTNER, OPERATOR):
        made.log.make(party_queue(party))
    made.post()
    made.register()
    made.assess(pair(), subject=FIRST)
    return made


async def open_notifier(scene: Scene, folder: Path, name: str = "one") -> Projector[Transaction]:
    where = folder / f"{name}.sqlite"
    made = await projector(scene.log, where=where, keys=scene.keys, now=SOON)
    await made.prepare(PLACE)
    return made


async def apply_all(notifier: Projector[Transaction]) -> None:
    while await notifier.step(PLACE):
        pass


async def send_all(notifier: Projector[Transaction]) -> None:
    while await notifier.send():
        pass


def queue(scene: Scene, party: str, kind: str) -> list[dict[str, Any]]:
    return [
        json.loads(record.value)["data"]
        for record in scene.log.records(party_queue(party))
        if record.header("foothold-type") == kind.encode()
    ]


async def test_each_party_reads_its_answers_and_the_partner_its_matches(
    scene: Scene, tmp_path: Path
) -> None:
    notifier = await open_notifier(scene, tmp_path)
    await apply_all(notifier)

    await send_all(notifier)

    assert len(queue(scene, SUPPLIER, "Receipt")) == len(queue(scene, PARTNER, "Receipt")) == 1
    (ranked,) = queue(scene, PARTNER, "MatchesRanked")
    assert ranked["matches"][0]["title"] == "Kitchen assistant"
    assert queue(scene, SUPPLIER, "MatchesRanked") == []


async def test_the_notifier_reads_to_the_logs_end_before_it_publishes(
    scene: Scene, tmp_path: Path
) -> None:
    notifier = await open_notifier(scene, tmp_path)
    await apply_all(notifier)
    withdrawn = ConsentWithdrawn(resident=FIRST, purpose=Purpose.MATCHING)
    scene.say(withdrawn, party=PARTNER, subject=FIRST)

    await send_all(notifier)

    assert [each["matches"] for each in queue(scene, PARTNER, "MatchesRanked")] == [[]]


@pytest.mark.parametrize("last", ["erased", "taken_back"])
async def test_what_the_logs_end_forbids_reaches_nobody(
    scene: Scene, tmp_path: Path, last: str
) -> None:
    notifier = await open_notifier(scene, tmp_path)
    await apply_all(notifier)
    if last == "erased":
        scene.say(ResidentErased(resident=FIRST), party=PARTNER, subject=FIRST)
    else:
        taken_back = OpportunityWithdrawn(opportunity=opportunity(), reason="filled")
        scene.say(taken_back, party=SUPPLIER, subject=opportunity())

    await send_all(notifier)

    texts = b"".join(record.value for record in scene.log.records(party_queue(PARTNER)))
    assert b"Kitchen assistant" not in texts


async def test_a_rebuilt_notifier_sends_nothing_twice(scene: Scene, tmp_path: Path) -> None:
    first = await open_notifier(scene, tmp_path, "one")
    await apply_all(first)
    await send_all(first)
    before = scene.log.records(party_queue(PARTNER)), scene.log.records(party_queue(SUPPLIER))

    second = await open_notifier(scene, tmp_path, "two")
    await apply_all(second)
    await send_all(second)

    after = scene.log.records(party_queue(PARTNER)), scene.log.records(party_queue(SUPPLIER))
    assert before == after


async def test_a_restarted_notifier_goes_on_where_it_stood(scene: Scene, tmp_path: Path) -> None:
    first = await open_notifier(scene, tmp_path)
    await apply_all(first)
    await send_all(first)
    scene.register(SECOND, reference="case 18")

    again = await open_notifier(scene, tmp_path)
    await apply_all(again)
    await send_all(again)

    assert len(queue(scene, PARTNER, "Receipt")) == 2


async def test_a_party_without_topics_holds_up_nobody_and_loses_nothing(
    scene: Scene, tmp_path: Path
) -> None:
    scene.log.remove(party_queue(SUPPLIER))
    notifier = await open_notifier(scene, tmp_path)
    await apply_all(notifier)

    await send_all(notifier)
    assert len(queue(scene, PARTNER, "Receipt")) == 1

    scene.log.make(party_queue(SUPPLIER))
    await send_all(notifier)
    assert len(queue(scene, SUPPLIER, "Receipt")) == 1


async def test_a_missing_receipt_of_the_broker_leaves_the_row_and_the_same_bytes_go_later(
    scene: Scene, tmp_path: Path
) -> None:
    notifier = await open_notifier(scene, tmp_path)
    await apply_all(notifier)

    def lost(place: Place, entries: tuple[Entry, ...]) -> None:
        if place.topic == party_queue(SUPPLIER):
            scene.log.put(place.topic, place.partition, *entries)
            raise AppendFailed("no receipt")

    scene.log.before_append = lost
    with pytest.raises(AppendFailed):
        await notifier.send()
    scene.log.before_append = None
    await send_all(notifier)

    first, second = scene.log.records(party_queue(SUPPLIER))
    assert (first.value, first.headers) == (second.value, second.headers)


async def test_an_erasure_reaches_the_market_once_however_often_it_is_sent(
    scene: Scene, tmp_path: Path
) -> None:
    scene.say(ResidentErased(resident=FIRST), party=PARTNER, subject=FIRST)
    for name in ("one", "two"):
        notifier = await open_notifier(scene, tmp_path, name)
        await apply_all(notifier)
        await send_all(notifier)

    said = {record.value for record in scene.log.records(MARKET_INBOX, PARTITION)}
    assert len(said) == 1
