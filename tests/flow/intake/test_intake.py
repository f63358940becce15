"""
Intake over party inboxes and the register's log: nothing lost, and alike in every life.
"""

import json
from pathlib import Path
from typing import Any, get_args

import pytest

from matching.market import fold
from schemas import codec
from schemas.log_record import LARGEST_RECORD
from schemas.vocabulary import Clock, OfferId, Pattern
from services.intake.agents import Inboxes, forwarder
from services.storage.keys import KeyStore, open_keys
from services.topology import MARKET_INBOX, party_inbox
from services.transport.exit_codes import TOPIC_RECREATED
from services.transport.inbox import said_in, source_of
from services.transport.ports import AppendFailed, Entry, Place, Record
from tests.fakes import MemoryLog, refuse_append
from tests.flow.transport.leaving import leaves_with
from tests.submissions import WHO, event, posted, profile, registered
from tests.unit.services.notifier.scene import OPERATOR, Scene, open_register, opened

MASTER = b"m" * 32
NORTHFIELD, OAKLINE = (Place(party_inbox(slug), 0) for slug in ("northfield", "oakline"))
TEES = 1
OFFER_ID: Pattern = get_args(OfferId)[1]


class Town:
    """
    A register with one market, two parties' inboxes, and intakes that come and go.
    """

    def __init__(self, folder: Path) -> None:
        self.scene: Scene = open_register(folder / "scene")
        self.log: MemoryLog = self.scene.log
        self.where = folder / "keys.sqlite"
        for place in (NORTHFIELD, OAKLINE):
            self.log.make(place.topic)

    def open_market(self) -> None:
        self.scene.say(
            opened("tees", clock=Clock.REAL, partition=TEES), party=OPERATOR, subject="tees"
        )

    def say(self, place: Place, *things: Any, at: str = "2026-01-13T12:00:00.000Z") -> None:
        raw = [
            thing if isinstance(thing, bytes) else json.dumps(thing).encode() for thing in things
        ]
        self.log.at(at)
        self.log.put(*place, *(Entry(key=None, value=each) for each in raw))

    def intake(self) -> Inboxes:
        return forwarder(self.log, where=self.where, master=MASTER)

    async def forward(self, intake: Inboxes | None = None) -> None:
        inboxes = intake or self.intake()
        for place in (NORTHFIELD, OAKLINE):
            await inboxes.prepare(place)
            while await inboxes.step(place):
                pass

    async def read_again(self, intake: Inboxes | None = None) -> None:
        """
        Live as a process does whose predecessor ended before its position was raised.
        """
        inboxes = intake or self.intake()
        await inboxes.prepare(NORTHFIELD)
        inboxes._next[NORTHFIELD] = 0
        await inboxes.step(NORTHFIELD)

    def arrived(self, partition: int = TEES) -> tuple[Record, ...]:
        return self.log.records(MARKET_INBOX, partition)

    def keys(self) -> KeyStore:
        return open_keys(self.where, master=MASTER)[0]


@pytest.fixture
def town(tmp_path: Path) -> Town:
    made = Town(tmp_path)
    made.open_market()
    return made


def names(records: tuple[Record, ...]) -> list[str]:
    messages = [codec.read(record.value, largest=LARGEST_RECORD) for record in records]
    return [
        message.envelope.event_name
        for message in messages
        if not isinstance(message, codec.Rejected)
    ]


async def test_each_submission_arrives_where_it_belongs_and_the_fold_can_read_it(
    town: Town,
) -> None:
    town.say(NORTHFIELD, registered(), b"not json", registered(outcode="QQ9"))
    town.say(OAKLINE, posted())

    await town.forward()

    assert names(town.arrived()) == ["ResidentRegisteredSealed", "OpportunityPostedSealed"]
    assert names(town.arrived(0)) == ["InputUnreadable", "InputUnreadable"]
    for record in (*town.arrived(), *town.arrived(0)):
        said = said_in(record, inbox_topic_id="market-inbox")
        assert said is not None
        assert said.source == source_of(record)


async def test_answers_about_offers_arrive_at_the_offers_market_or_are_told_why_not(
    town: Town,
) -> None:
    def release(offer: str) -> dict[str, Any]:
        return event("ProposalReleased", {"offer": offer}, party="northfield", **WHO)

    ours, foreign = f"tees-f-{'a' * 16}", f"tyne-f-{'a' * 16}"
    town.say(NORTHFIELD, release(ours), release(foreign), release("tees-f-1"))
    town.say(OAKLINE, event("HireConfirmed", {"offer": ours}, party="oakline", **WHO))

    await town.forward()

    assert names(town.arrived()) == ["ProposalReleased", "HireConfirmed"]
    assert {json.loads(record.value)["subject"] for record in town.arrived()} == {ours}
    assert [json.loads(record.value)["data"]["problems"] for record in town.arrived(0)] == [
        [{"code": "market_unknown", "field": "/data/offer"}],
        [{"code": "wrong_form", "field": "/data/offer", "rule": OFFER_ID.expression}],
    ]


async def test_a_life_that_ended_before_its_position_stood_sends_the_same_bytes_again(
    town: Town,
) -> None:
    town.say(NORTHFIELD, registered(), event("ResidentUpdated", profile(of_version=1),
             party="northfield"))  # fmt: skip
    town.log.before_append = refuse_append
    with pytest.raises(AppendFailed):
        await town.forward()
    town.log.before_append = None
    await town.forward()
    first = town.arrived()

    town.log.make(MARKET_INBOX, partitions=12)
    await town.read_again()

    assert [record.value for record in town.arrived()] == [record.value for record in first]
    assert [record.headers for record in town.arrived()] == [record.headers for record in first]


async def test_two_intakes_that_overlap_give_a_resident_one_id_and_one_key(town: Town) -> None:
    town.say(NORTHFIELD, registered())
    one, other = town.intake(), town.intake()

    await town.forward(one)
    await town.read_again(other)

    first, second = town.arrived()
    assert first.value == second.value


async def test_a_submission_is_judged_by_the_register_as_it_stood_when_it_came(
    tmp_path: Path,
) -> None:
    town = Town(tmp_path)
    town.say(OAKLINE, posted(), at="2026-01-13T08:00:00.000Z")
    town.open_market()
    town.say(OAKLINE, posted())

    await town.forward()

    assert names(town.arrived(0)) == ["InputUnreadable"]
    assert names(town.arrived()) == ["OpportunityPostedSealed"]


async def test_what_was_forwarded_is_not_read_again(town: Town) -> None:
    town.say(NORTHFIELD, registered())
    await town.forward()
    town.say(NORTHFIELD, registered(reference="N-18"))

    await town.forward()

    assert len(town.arrived()) == 2


async def test_of_an_inbox_made_again_nothing_is_sent(town: Town) -> None:
    running = town.intake()
    await running.prepare(NORTHFIELD)
    town.log.make(NORTHFIELD.topic)
    town.say(NORTHFIELD, registered())

    with leaves_with(TOPIC_RECREATED):
        await running.step(NORTHFIELD)

    assert town.arrived() == ()


async def test_a_resident_erased_between_two_lives_is_forwarded_as_origin_only(
    town: Town,
) -> None:
    town.say(NORTHFIELD, registered())
    await town.forward()
    (sealed,) = town.arrived()
    subject = json.loads(sealed.value)["subject"]
    town.keys().destroy(subject, at="2026-01-13T15:00:00.000Z")

    await town.read_again()

    _, told = town.arrived()
    assert json.loads(told.value)["data"]["problems"] == [{"code": "erased_since", "field": ""}]
    assert source_of(told) == source_of(sealed)


async def test_what_was_said_of_a_resident_erased_between_two_lives_is_answered_once(
    town: Town,
) -> None:
    town.say(NORTHFIELD, registered())
    await town.forward()
    subject = json.loads(town.arrived()[0].value)["subject"]
    town.say(NORTHFIELD, event("ResidentErased", {"resident": subject}, party="northfield"))
    await town.forward()
    town.keys().destroy(subject, at="2026-01-13T15:00:00.000Z")

    await town.read_again()

    market = fold.empty("tees")
    heard = [said_in(record, inbox_topic_id="inbox") for record in town.arrived()]
    decided = [fold.decide(market, said) for said in heard if said is not None]
    assert [events is not None for events in decided] == [True, True, False, False]
    assert town.arrived(0) == ()


async def test_a_challenge_and_its_decision_arrive_at_one_market_with_who_stands_for_them(
    town: Town,
) -> None:
    town.say(NORTHFIELD, registered())
    await town.forward()
    subject = json.loads(town.arrived()[0].value)["subject"]
    raised = {"opportunity": f"tees-o-{'a' * 16}", "ground": "not_told"}
    decision = {"challenge": "tees-4-1", "upheld": False, "finding": "no_loss"}
    town.say(
        NORTHFIELD,
        event("ChallengeRaised", {"resident": "N-17", **raised}, party="northfield", **WHO),
    )
    town.say(
        OAKLINE,
        event("ChallengeRaised", {"resident": subject, **raised}, party="oakline", **WHO),
        event("ChallengeDecided", decision, party="oakline", **WHO),
    )

    await town.forward()

    _, *arrived = town.arrived()
    told = [json.loads(record.value) for record in arrived]
    assert names(tuple(arrived)) == ["ChallengeRaised", "ChallengeRaised", "ChallengeDecided"]
    assert [each["subject"] for each in told] == [subject, subject, "tees-4-1"]
    assert {each["authid"] for each in told} == {WHO["authid"]}
    assert b"N-17" not in b"".join(record.value for record in arrived)
