"""
Reminders as mail: one each, whatever restarts, and nothing about a person in any of them.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import cast

import pytest

from matching.market.waiting import Wait
from schemas.introductions import InterviewHeld
from services.commands.installation import Installation
from services.commands.status import mail_in_words
from services.commands.wiring import Parts
from services.notifier.agents import post as open_post
from services.notifier.agents import projector
from services.notifier.mail import PAUSES, Post
from services.notifier.slots import WAITING
from services.settings import Settings
from services.storage.database import open_database
from services.storage.mails import MailRow
from services.storage.notifications import NotificationBook
from services.storage.projections import Transaction
from services.topology import MARKET_LOG, party_queue
from services.transport.ports import Place, RecordLog
from services.transport.projector import Projector
from services.transport.smtp import Handed, MailServer
from services.transport.worker import Desk
from services.wording.introductions import REMINDED_OF
from services.wording.introductions import WAITING as WAITING_IN_WORDS
from services.wording.mails import WAITS
from tests.mail_catcher import MailCatcher, catching
from tests.unit.services.notifier.reserved import (
    OWNER,
    accepted,
    delivered,
    enter,
    open_reserved,
    proposed,
    released,
    tick,
)
from tests.unit.services.notifier.scene import (
    FIRST,
    OPERATOR,
    PARTITION,
    PARTNER,
    SUPPLIER,
    Scene,
)

SENDER = "foothold@zedford.example"
PLACE = Place(MARKET_LOG, PARTITION)
# The scene's records are appended on this morning, whatever its market's own time is.
MORNING = datetime.fromisoformat("2026-01-13T12:00:00+00:00")


class Clock:
    """
    A time of day that tests move.
    """

    def __init__(self) -> None:
        self.at = MORNING

    def __call__(self) -> datetime:
        return self.at


class Scripted:
    """
    A mail server that answers as it is told, and keeps what it was given.
    """

    def __init__(self, *answers: Handed) -> None:
        self.answers = list(answers)
        self.given: list[EmailMessage] = []

    def send(self, message: EmailMessage) -> Handed:
        self.given.append(message)
        return self.answers.pop(0) if self.answers else Handed.SENT


class CutShort(RuntimeError):
    """
    The process ends while the server is spoken to.
    """


class Ending:
    def send(self, message: EmailMessage) -> Handed:
        raise CutShort


@pytest.fixture
async def catcher() -> AsyncIterator[MailCatcher]:
    async with catching() as made:
        yield made


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """
    A proposal stands on its partner's queue, and half of the days for its release are over.
    """
    made = open_reserved(tmp_path / "scene")
    for party in (SUPPLIER, PARTNER, OPERATOR, OWNER):
        made.log.make(party_queue(party))
    enter(made)
    offer, _ = proposed(made)
    delivered(made, offer)
    tick(made, "2026-01-19T09:05:00.000Z")
    return made


async def notifier(
    scene: Scene, folder: Path, *, name: str = "one", mails: bool = True
) -> Projector[Transaction]:
    made = await projector(
        scene.log,
        where=folder / f"{name}.sqlite",
        keys=scene.keys,
        now="2026-01-13T12:00:00.000Z",
        mails=mails,
    )
    await made.prepare(PLACE)
    while await made.step(PLACE):
        pass
    return made


async def on_queues(scene: Scene, folder: Path, *, name: str = "one", mails: bool = True) -> None:
    made = await notifier(scene, folder, name=name, mails=mails)
    while await made.send():
        pass


def post(
    scene: Scene,
    folder: Path,
    server: Scripted | Ending | MailServer,
    *,
    clock: Clock | None = None,
    name: str = "one",
) -> Post:
    return open_post(
        where=folder / f"{name}.sqlite",
        keys=scene.keys,
        server=server,
        sender=SENDER,
        now=clock or Clock(),
    )


def reminder(scene: Scene) -> str:
    (found,) = [
        event.id for view in scene.views for event in view.events if event.name == "ReminderGiven"
    ]
    return found


def kept(scene: Scene, folder: Path, *, name: str = "one") -> MailRow | None:
    engine = open_database("notifier", folder / f"{name}.sqlite")
    with engine.begin() as connection:
        return NotificationBook(connection).mails.get(reminder(scene))


async def test_a_reminder_leaves_as_one_mail_to_the_partys_office(
    scene: Scene, tmp_path: Path, catcher: MailCatcher
) -> None:
    await on_queues(scene, tmp_path)
    server = MailServer(host=catcher.host, port=catcher.port, starttls=False)

    sent = [await post(scene, tmp_path, server).send() for _ in range(2)]

    (mail,) = catcher.taken
    assert sent == [1, 0]
    assert catcher.recipients == [f"office@{PARTNER}.example"]
    assert catcher.greeted_by[0] == "zedford.example"
    assert mail["From"] == SENDER
    assert mail["Message-ID"] == f"<{reminder(scene)}@zedford.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Subject"] == "Something waits for you until Tuesday 20 January 2026, 17:00"
    told = mail.get_content()
    assert "A proposal waits to be released or held, until Tuesday 20 January 2026, 17:00." in told
    assert f"foothold today {PARTNER}" in told


async def test_a_mail_holds_nothing_about_a_person_and_no_id_of_an_offer(
    scene: Scene, tmp_path: Path
) -> None:
    server = Scripted()
    await on_queues(scene, tmp_path)
    await post(scene, tmp_path, server).send()

    told = server.given[0].as_string()
    (offer,) = scene.state.offers
    event = reminder(scene)
    for marker in (FIRST, "case 17", offer, "Kitchen", "canteen", "tees-o-"):
        assert marker not in told.replace(event, "")


async def test_no_mail_is_sent_before_its_reminder_stands_on_the_queue(
    scene: Scene, tmp_path: Path
) -> None:
    server = Scripted()
    made = await notifier(scene, tmp_path)

    assert await post(scene, tmp_path, server).send() == 0
    while await made.send():
        pass
    assert await post(scene, tmp_path, server).send() == 1


async def test_a_mail_is_sent_once_over_restarts_and_a_lost_database(
    scene: Scene, tmp_path: Path
) -> None:
    server = Scripted()
    await on_queues(scene, tmp_path)
    await post(scene, tmp_path, server).send()

    await on_queues(scene, tmp_path)
    await post(scene, tmp_path, server).send()
    await on_queues(scene, tmp_path, name="two")
    await post(scene, tmp_path, server, name="two").send()

    assert len(server.given) == 1
    row = kept(scene, tmp_path)
    assert row is not None
    assert (row.status, row.tries) == ("sent", 1)


async def test_what_was_cut_short_is_not_sent_again_and_that_is_kept(
    scene: Scene, tmp_path: Path
) -> None:
    server, clock = Scripted(), Clock()
    await on_queues(scene, tmp_path)
    with pytest.raises(CutShort):
        await post(scene, tmp_path, Ending()).send()

    clock.at += timedelta(minutes=6)
    await post(scene, tmp_path, server, clock=clock).send()

    assert server.given == []
    row = kept(scene, tmp_path)
    assert row is not None
    assert row.status == "unknown"


async def test_what_a_server_refuses_is_tried_again_so_often_and_no_more(
    scene: Scene, tmp_path: Path
) -> None:
    server, clock = Scripted(*[Handed.REFUSED] * 20), Clock()
    await on_queues(scene, tmp_path)
    for pause in (timedelta(0), *PAUSES, timedelta(hours=1)):
        clock.at += pause
        for _ in range(2):
            await post(scene, tmp_path, server, clock=clock).send()

    assert len(server.given) == 1 + len(PAUSES)
    row = kept(scene, tmp_path)
    assert row is not None
    assert row.status == "failed"


async def test_what_may_have_been_taken_is_not_tried_again(scene: Scene, tmp_path: Path) -> None:
    server, clock = Scripted(Handed.UNKNOWN), Clock()
    await on_queues(scene, tmp_path)
    for _ in range(3):
        await post(scene, tmp_path, server, clock=clock).send()
        clock.at += timedelta(hours=1)

    assert len(server.given) == 1


async def test_a_reminder_of_yesterday_leaves_no_more(scene: Scene, tmp_path: Path) -> None:
    server, clock = Scripted(), Clock()
    clock.at += timedelta(days=1)
    await on_queues(scene, tmp_path)

    await post(scene, tmp_path, server, clock=clock).send()

    assert server.given == []
    row = kept(scene, tmp_path)
    assert row is not None
    assert row.status == "late"


async def test_what_waits_no_more_is_not_reminded_of_by_mail(scene: Scene, tmp_path: Path) -> None:
    server = Scripted()
    await on_queues(scene, tmp_path)
    (offer,) = scene.state.offers
    released(scene, offer)
    await on_queues(scene, tmp_path)

    await post(scene, tmp_path, server).send()

    assert server.given == []


async def test_an_end_that_has_moved_is_not_reminded_of_by_mail(
    scene: Scene, tmp_path: Path
) -> None:
    server, clock = Scripted(Handed.REFUSED), Clock()
    (offer,) = scene.state.offers
    released(scene, offer)
    delivered(scene, offer)
    accepted(scene, offer, meets=True)
    tick(scene, "2026-01-27T09:05:00.000Z")
    await on_queues(scene, tmp_path)
    await post(scene, tmp_path, server, clock=clock).send()
    held = InterviewHeld(offer=offer, on=date(2026, 1, 27))
    scene.say(held, party=PARTNER, subject=offer)
    await on_queues(scene, tmp_path)
    clock.at += PAUSES[0]

    await post(scene, tmp_path, server, clock=clock).send()

    # The supplier has its days again, of which it is reminded later.
    assert len(server.given) == 1


async def test_where_no_server_is_set_reminders_stand_on_queues_alone(
    scene: Scene, tmp_path: Path
) -> None:
    await on_queues(scene, tmp_path, mails=False)

    assert kept(scene, tmp_path) is None
    kinds = [each.header("foothold-type") for each in scene.log.records(party_queue(PARTNER))]
    assert kinds.count(b"ReminderGiven") == 1


async def test_an_introduced_supplier_is_reminded_without_a_word_of_whom(
    scene: Scene, tmp_path: Path
) -> None:
    server = Scripted()
    (offer,) = scene.state.offers
    released(scene, offer)
    delivered(scene, offer)
    accepted(scene, offer, meets=True)
    tick(scene, "2026-01-27T09:05:00.000Z")
    await on_queues(scene, tmp_path)

    await post(scene, tmp_path, server).send()

    to_supplier = [each for each in server.given if SUPPLIER in str(each["To"])]
    (told,) = (each.as_string() for each in to_supplier)
    assert "Somebody who was introduced waits to be confirmed or rejected" in told
    assert PARTNER not in told


@pytest.mark.parametrize(("host", "beside"), [("", 1), ("mail.zedford.example", 2)])
async def test_the_notifiers_process_sends_mail_only_where_a_server_is_set(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, beside: int
) -> None:
    monkeypatch.setenv("FOOTHOLD_SMTP_HOST", host)
    monkeypatch.setenv("FOOTHOLD_SMTP_FROM", SENDER)
    installation = Installation(data=tmp_path / "data", named_broker="kafka-1:9092")
    parts = Parts(installation, Settings.read())

    work = await parts.notifier(cast(Desk, OneDesk(scene.log)))

    assert len(work.beside) == beside


class OneDesk:
    """
    What a worker's wiring is given, over topics in memory.
    """

    def __init__(self, record_log: RecordLog) -> None:
        self.record_log = record_log

    async def reach(self, place: Place, end: int) -> None:
        del place, end


def test_every_state_that_waits_has_its_words_its_commands_and_its_end() -> None:
    states = {each.value for each in Wait}

    assert states == WAITS.keys() == REMINDED_OF.keys() == WAITING_IN_WORDS.keys()
    assert states - {Wait.DECISION} == WAITING.keys()


# --- the server's own words ---------------------------------------------------------------


def letter() -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = SENDER, "office@riverside.example", "A reminder"
    made.set_content("Something waits.\n.\nStill.\n")
    return made


@pytest.mark.parametrize(
    ("refuses", "handed"),
    [
        ({}, Handed.SENT),
        ({"MAIL": "451 later"}, Handed.REFUSED),
        ({"RCPT": "550 nobody of that name"}, Handed.REFUSED),
        ({"DATA": "554 no"}, Handed.REFUSED),
        ({"END": "451 later"}, Handed.REFUSED),
        ({"EHLO": "hangs up"}, Handed.REFUSED),
        ({"RCPT": "hangs up"}, Handed.REFUSED),
        ({"END": "hangs up"}, Handed.UNKNOWN),
        ({"QUIT": "hangs up"}, Handed.SENT),
    ],
)
async def test_what_a_server_says_tells_whether_a_mail_was_taken(
    catcher: MailCatcher, refuses: dict[str, str], handed: Handed
) -> None:
    catcher.refuses = refuses
    server = MailServer(host=catcher.host, port=catcher.port, starttls=False)

    assert await asyncio.to_thread(server.send, letter()) is handed


async def test_a_server_that_cannot_make_the_connection_private_is_told_nothing(
    catcher: MailCatcher,
) -> None:
    server = MailServer(host=catcher.host, port=catcher.port)

    assert await asyncio.to_thread(server.send, letter()) is Handed.REFUSED
    assert catcher.recipients == []


async def test_a_server_that_is_not_there_refuses() -> None:
    async with catching() as gone:
        port = gone.port
    server = MailServer(host="127.0.0.1", port=port)

    assert await asyncio.to_thread(server.send, letter()) is Handed.REFUSED


def test_status_says_plainly_whether_mail_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "none is sent" in mail_in_words(Settings.read())

    monkeypatch.setenv("FOOTHOLD_SMTP_HOST", "mail.zedford.example")
    monkeypatch.setenv("FOOTHOLD_SMTP_FROM", SENDER)

    assert "leave by mail.zedford.example:587, from foothold@zedford.example" in mail_in_words(
        Settings.read()
    )
