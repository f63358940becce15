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
from services.notifier.reissuing import reissue
from services.storage.projections import Transaction
from services.topology import MARKET_INBOX, MARKET_LOG, party_queue
from services.transport.ports import AppendFailed, Entry, Place
from services.transport.projector import Projector
from tests.unit.services.notifier.reserved import (
    accepted,
    codes,
    delivered,
    enter,
    open_reserved,
    post,
    proposed,
    released,
    worsen,
)
from tests.unit.services.notifier.scene import (
    FIRST,
    OPERATOR,
    OTHER_PARTNER,
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


# --- offers -------------------------------------------------------------------------------


@pytest.fixture
def offering(tmp_path: Path) -> tuple[Scene, str]:
    """
    A market in which one proposal was just released.
    """
    made = open_reserved(tmp_path / "scene")
    for party in (SUPPLIER, PARTNER, OPERATOR):
        made.log.make(party_queue(party))
    enter(made)
    offer, _ = proposed(made)
    released(made, offer)
    return made, offer


def said_delivered(scene: Scene) -> list[str]:
    told = [json.loads(record.value) for record in scene.log.records(MARKET_INBOX, PARTITION)]
    return [each["data"]["offer"] for each in told if each["type"] == "foothold.OfferDelivered.v1"]


async def run(scene: Scene, folder: Path, name: str = "one") -> None:
    notifier = await open_notifier(scene, folder, name)
    await apply_all(notifier)
    await send_all(notifier)


async def test_an_offer_is_said_to_be_delivered_after_it_stands_on_its_queue(
    offering: tuple[Scene, str], tmp_path: Path
) -> None:
    scene, offer = offering
    on_queue_first: list[bool] = []

    def look(place: Place, entries: tuple[Entry, ...]) -> None:
        if place.topic == MARKET_INBOX and any(b"OfferDelivered" in each.value for each in entries):
            on_queue_first.append(bool(queue(scene, PARTNER, "SlotOffered")))

    scene.log.before_append = look
    await run(scene, tmp_path)

    assert said_delivered(scene) == [offer]
    assert on_queue_first == [True]


async def test_a_proposal_is_said_to_be_delivered_under_the_id_of_the_very_event(
    tmp_path: Path,
) -> None:
    scene = proposing(tmp_path)

    await run(scene, tmp_path)

    (said,) = [json.loads(each.value) for each in scene.log.records(MARKET_INBOX, PARTITION)]
    (offer,) = scene.state.offers
    awaited = scene.state.offers[offer].undelivered
    assert said["data"] == {"offer": offer, "event": awaited}
    assert said["id"] == f"delivered-{awaited}"


def proposing(folder: Path) -> Scene:
    """
    A market in which one proposal was just made.
    """
    made = open_reserved(folder / "scene")
    for party in (SUPPLIER, PARTNER, OPERATOR):
        made.log.make(party_queue(party))
    enter(made)
    proposed(made)
    return made


async def test_a_rebuilt_notifier_says_of_a_proposal_on_a_queue_that_it_was_delivered(
    tmp_path: Path,
) -> None:
    scene = proposing(tmp_path)
    notifier = await open_notifier(scene, tmp_path)
    await apply_all(notifier)

    def lost(place: Place, _: tuple[Entry, ...]) -> None:
        if place.topic == MARKET_INBOX:
            raise AppendFailed("no receipt")

    scene.log.before_append = lost
    with pytest.raises(AppendFailed):
        await notifier.send()
    scene.log.before_append = None

    await run(scene, tmp_path, "two")

    assert said_delivered(scene) == list(scene.state.offers)
    assert len(queue(scene, PARTNER, "SlotProposed")) == 1


async def test_terms_that_got_worse_are_said_to_be_delivered_like_the_offer_before(
    offering: tuple[Scene, str], tmp_path: Path
) -> None:
    scene, offer = offering
    await run(scene, tmp_path)
    delivered(scene, offer)
    worsen(scene)

    await run(scene, tmp_path)

    told = [json.loads(record.value) for record in scene.log.records(MARKET_INBOX, PARTITION)]
    events = [each["data"]["event"] for each in told]
    assert said_delivered(scene) == [offer, offer]
    assert events[-1] == scene.state.offers[offer].undelivered
    assert len(queue(scene, PARTNER, "OfferChanged")) == 1


async def test_an_introduction_whose_consent_was_withdrawn_before_it_was_sent_reaches_nobody(
    offering: tuple[Scene, str], tmp_path: Path
) -> None:
    scene, offer = offering
    delivered(scene, offer)
    accepted(scene, offer, meets=True)
    notifier = await open_notifier(scene, tmp_path)
    await apply_all(notifier)
    said = ConsentWithdrawn(resident=FIRST, purpose=Purpose.INTRODUCTION, supplier=SUPPLIER)
    scene.say(said, party=PARTNER, subject=FIRST)

    await send_all(notifier)

    assert queue(scene, SUPPLIER, "IntroductionReceived") == []
    assert queue(scene, PARTNER, "SupplierIntroduced") == []
    assert len(queue(scene, PARTNER, "OfferWithdrawn")) == 1


async def test_an_introduction_is_sent_to_each_side_once_over_a_lost_database(
    offering: tuple[Scene, str], tmp_path: Path
) -> None:
    scene, offer = offering
    delivered(scene, offer)
    accepted(scene, offer, meets=True)

    await run(scene, tmp_path)
    await run(scene, tmp_path, "two")

    assert len(queue(scene, SUPPLIER, "IntroductionReceived")) == 1
    assert len(queue(scene, PARTNER, "SupplierIntroduced")) == 1
    assert queue(scene, SUPPLIER, "ConfirmationDue") == []


async def test_no_offer_of_a_batch_is_said_to_be_delivered_before_the_last_stands_on_its_queue(
    offering: tuple[Scene, str], tmp_path: Path
) -> None:
    scene, _ = offering
    scene.log.make(party_queue(OTHER_PARTNER))
    enter(scene, SECOND, party=OTHER_PARTNER, reference="B 4")
    second, _ = proposed(scene, at="2026-01-15T13:05:00.000Z")
    released(scene, second, party=OTHER_PARTNER)
    topics: list[str] = []
    scene.log.before_append = lambda place, _: topics.append(place.topic)

    await run(scene, tmp_path)

    assert len(said_delivered(scene)) == 2
    assert topics.index(MARKET_INBOX) > topics.index(party_queue(OTHER_PARTNER))
    assert topics.count(party_queue(OTHER_PARTNER)) == 1


async def test_an_offer_that_did_not_reach_its_queue_is_not_said_to_be_delivered(
    offering: tuple[Scene, str], tmp_path: Path
) -> None:
    scene, offer = offering
    notifier = await open_notifier(scene, tmp_path)
    await apply_all(notifier)

    def refuse(place: Place, _: tuple[Entry, ...]) -> None:
        if place.topic == party_queue(PARTNER):
            raise AppendFailed("no receipt")

    scene.log.before_append = refuse
    with pytest.raises(AppendFailed):
        await notifier.send()
    assert said_delivered(scene) == []

    scene.log.before_append = None
    await send_all(notifier)
    assert said_delivered(scene) == [offer]


async def test_an_offer_waits_for_its_partys_queue_with_what_is_said_of_it(
    offering: tuple[Scene, str], tmp_path: Path
) -> None:
    scene, offer = offering
    scene.log.remove(party_queue(PARTNER))
    notifier = await open_notifier(scene, tmp_path)
    await apply_all(notifier)
    await send_all(notifier)
    assert said_delivered(scene) == []

    scene.log.make(party_queue(PARTNER))
    await send_all(notifier)

    assert said_delivered(scene) == [offer]


async def test_a_rebuilt_notifier_says_of_an_offer_on_a_queue_that_it_was_delivered(
    offering: tuple[Scene, str], tmp_path: Path
) -> None:
    scene, offer = offering
    notifier = await open_notifier(scene, tmp_path)
    await apply_all(notifier)

    def lost(place: Place, _: tuple[Entry, ...]) -> None:
        if place.topic == MARKET_INBOX:
            raise AppendFailed("no receipt")

    scene.log.before_append = lost
    with pytest.raises(AppendFailed):
        await notifier.send()
    scene.log.before_append = None
    assert len(queue(scene, PARTNER, "SlotOffered")) == 1

    await run(scene, tmp_path, "two")

    assert said_delivered(scene) == [offer]
    assert len(queue(scene, PARTNER, "SlotOffered")) == 1


async def test_an_offer_sent_again_for_want_of_a_receipt_is_not_said_delivered_again(
    offering: tuple[Scene, str], tmp_path: Path
) -> None:
    scene, offer = offering
    notifier = await open_notifier(scene, tmp_path)
    await apply_all(notifier)

    def lost(place: Place, entries: tuple[Entry, ...]) -> None:
        if place.topic == MARKET_INBOX:
            scene.log.put(place.topic, place.partition, *entries)
            raise AppendFailed("no receipt")

    scene.log.before_append = lost
    with pytest.raises(AppendFailed):
        await notifier.send()
    scene.log.before_append = None
    delivered(scene, offer)
    await send_all(notifier)

    first, second = (
        each
        for each in scene.log.records(party_queue(PARTNER))
        if each.header("foothold-type") == b"SlotOffered"
    )
    assert (first.value, first.headers) == (second.value, second.headers)
    assert said_delivered(scene) == [offer]


async def test_a_rebuilt_notifier_lists_nobody_a_second_time(tmp_path: Path) -> None:
    scene = open_reserved(tmp_path / "scene")
    post(scene, "R-2")
    for party in (SUPPLIER, PARTNER, OPERATOR):
        scene.log.make(party_queue(party))
    scene.register()
    codes(scene)
    await run(scene, tmp_path, "one")
    before = scene.log.records(party_queue(PARTNER))

    await run(scene, tmp_path, "two")

    assert len(queue(scene, PARTNER, "IntakeListed")) == 2
    assert scene.log.records(party_queue(PARTNER)) == before


async def test_what_the_log_has_as_delivered_is_not_said_again(
    offering: tuple[Scene, str], tmp_path: Path
) -> None:
    scene, offer = offering
    await run(scene, tmp_path)
    delivered(scene, offer)

    await run(scene, tmp_path, "one")
    await run(scene, tmp_path, "two")

    assert said_delivered(scene) == [offer]
    assert len(queue(scene, PARTNER, "AnswerDue")) == 1


@pytest.mark.parametrize("last", ["erased", "consent withdrawn"])
async def test_an_offer_that_the_logs_end_has_ended_reaches_nobody_and_is_not_said_delivered(
    offering: tuple[Scene, str], tmp_path: Path, last: str
) -> None:
    scene, _ = offering
    notifier = await open_notifier(scene, tmp_path)
    await apply_all(notifier)
    if last == "erased":
        scene.say(ResidentErased(resident=FIRST), party=PARTNER, subject=FIRST)
    else:
        withdrawn = ConsentWithdrawn(resident=FIRST, purpose=Purpose.MATCHING)
        scene.say(withdrawn, party=PARTNER, subject=FIRST)

    await send_all(notifier)

    assert queue(scene, PARTNER, "SlotOffered") == queue(scene, PARTNER, "SlotProposed") == []
    assert len(queue(scene, PARTNER, "OfferWithdrawn")) == 1
    assert said_delivered(scene) == []


async def test_names_that_a_partner_knows_accompany_an_offer_and_stand_nowhere_else(
    offering: tuple[Scene, str], tmp_path: Path
) -> None:
    scene, _ = offering

    await run(scene, tmp_path)

    (record,) = [
        each
        for each in scene.log.records(party_queue(PARTNER))
        if each.header("foothold-type") == b"SlotOffered"
    ]
    assert record.header("foothold-reference") == b"case 17"
    assert record.header("foothold-title") == b"Kitchen assistant"
    assert b"case 17" not in record.value
    for each in scene.log.records(party_queue(SUPPLIER)):
        assert each.header("foothold-reference") is None


async def test_an_offer_issued_again_has_its_bytes_and_says_nothing_to_the_market(
    offering: tuple[Scene, str], tmp_path: Path
) -> None:
    scene, _ = offering
    await run(scene, tmp_path)
    before = said_delivered(scene)

    again = await reissue(
        scene.log,
        party=PARTNER,
        since="2026-01-01T00:00:00.000Z",
        keys=scene.keys,
        scratch=tmp_path / "again.sqlite",
    )

    sent = scene.log.records(party_queue(PARTNER))
    assert [each.entry.value for each in again] == [record.value for record in sent]
    assert {each.topic for each in again} == {party_queue(PARTNER)}
    assert said_delivered(scene) == before
