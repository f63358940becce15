"""
The register as workers read it, on a log in memory.
"""

from typing import Any

from matching.market.record import Happened
from schemas import log_record
from schemas.envelope import event_id
from schemas.log_record import Cause, Genesis, InboxPosition
from schemas.parties import PartyRegisteredSealed, WorkingHours
from schemas.vocabulary import REGISTER, Day, Nation, Role, event_type
from services.topology import MARKET_LOG
from services.transport.chain import Chain
from services.transport.ports import Entry
from services.transport.records import compose
from services.transport.register import RegisterReader
from tests.fakes import NINE_IN_THE_MORNING, MemoryLog
from tests.flow.transport.toy import market_topics, opened, salts

TEN = "2026-01-13T10:00:00.000Z"
ELEVEN = "2026-01-13T11:00:00.000Z"


def a_register() -> MemoryLog:
    log = market_topics()
    genesis = Genesis(genesis="genesis-1", partition=0, partitions=1)
    log.put(MARKET_LOG, 0, Entry(key=None, value=log_record.write(genesis)))
    return log


def party(slug: str, name: str) -> PartyRegisteredSealed:
    return PartyRegisteredSealed(
        slug=slug,
        name=name,
        roles=(Role.PARTNER,),
        nation=Nation.ENGLAND,
        working_days=(Day.MON, Day.TUE),
        working_hours=WorkingHours(starts="09:00", ends="17:00"),
        sealed="c2VhbGVk",
        fingerprint="a" * 64,
    )


def record(log: MemoryLog, data: Any, *, at: str, market: str = REGISTER) -> None:
    """
    Let the register record one event, as the market worker writes it.
    """
    chain = Chain()
    for each in log.records(MARKET_LOG)[1:]:
        chain.accept(each)
    head, kind = chain.head(market), event_type(data)
    event = Happened(
        id=event_id(market, sequence=head.sequence + 1, n=1),
        name=kind.name,
        version=kind.version,
        subject=None,
        party=None,
        data=data,
    )
    cause = Cause(
        key=("tick", at),
        inbox=InboxPosition(topic_id="inbox", offset=0),
        appended_at=at,
        now=at,
        rules_version=0,
        release="1",
    )
    made = compose(
        market,
        sequence=head.sequence + 1,
        previous=head.digest,
        cause=cause,
        told={"message": {}},
        events=(event,),
        salts=salts,
    )
    log.at(at)
    log.put(MARKET_LOG, 0, Entry(key=market.encode(), value=log_record.write(made)))


async def test_parties_and_markets_are_read_with_the_time_of_their_records() -> None:
    log = a_register()
    record(log, party("oakline", "Oakline Homes"), at=NINE_IN_THE_MORNING)
    record(log, opened("tees", partition=7), at=TEN)
    register = RegisterReader(log)

    await register.catch_up()

    found = register.current
    assert found.parties["oakline"].name == "Oakline Homes"
    assert (found.partition_of("tees"), found.partition_of(REGISTER)) == (7, 0)
    assert found.partition_of("nowhere") is None
    assert found.appended == {"oakline": NINE_IN_THE_MORNING, "tees": TEN}
    assert found.sequence == 2


async def test_a_question_about_an_instant_rests_only_on_what_was_appended_by_then() -> None:
    log = a_register()
    record(log, party("oakline", "Oakline"), at=NINE_IN_THE_MORNING)
    record(log, party("oakline", "Oakline Homes"), at=TEN)
    record(log, party("riverside", "Riverside"), at=ELEVEN)
    register = RegisterReader(log)
    await register.catch_up()

    assert set(register.as_of(ELEVEN).parties) == {"oakline", "riverside"}
    assert register.as_of(TEN).parties["oakline"].name == "Oakline Homes"
    assert register.as_of(NINE_IN_THE_MORNING).parties["oakline"].name == "Oakline"
    assert register.as_of("2026-01-13T08:59:59.999Z").parties == {}
    assert set(register.current.parties) == {"oakline", "riverside"}


async def test_noise_and_other_markets_are_no_part_of_the_register() -> None:
    log = a_register()
    record(log, party("oakline", "Oakline"), at=NINE_IN_THE_MORNING)
    genuine = log.records(MARKET_LOG)[1].value
    log.put(MARKET_LOG, 0, Entry(key=REGISTER.encode(), value=genuine))
    log.put(MARKET_LOG, 0, Entry(key=REGISTER.encode(), value=b"noise"))
    record(log, opened("tees"), at=TEN, market="tees")
    register = RegisterReader(log)

    await register.catch_up()

    assert register.current.sequence == 1
    assert register.current.markets == {}
    assert register.position == 5


async def test_a_market_that_was_just_opened_is_found() -> None:
    log = a_register()
    register = RegisterReader(log)
    before = await register.market("tees")
    record(log, opened("tees", partition=3), at=TEN)

    after = await register.market("tees")

    assert before is None
    assert after is not None
    assert after.partition == 3
