"""
The market's own core under the transport: what recovery builds is what decisions made.
"""

from pathlib import Path

import pytest

from matching.market.state import MarketState
from schemas import codec
from schemas.envelope import Message
from schemas.vocabulary import REGISTER
from services.market import agents
from services.topology import MARKET_INBOX, MARKET_LOG
from services.transport import inbox
from services.transport.chain import Chain
from services.transport.fold import Folds
from services.transport.ports import Place
from services.transport.register import RegisterReader
from tests.builders import MarketUnderTest, opened, register_market, with_contract, zedford
from tests.fakes import MemoryLog
from tests.flow.transport.toy import market_topics

PARTITIONS = 12
ZEDFORD = Place(MARKET_INBOX, opened().partition)
FIRST = Place(MARKET_INBOX, 0)


def tell(log: MemoryLog, market: MarketUnderTest, place: Place) -> None:
    """
    Put all that a market heard, but its opening, into the inbox.
    """
    for cause, told, _ in market.log[1:]:
        message = codec.message_of(told["message"])
        assert isinstance(message, Message)
        log.put(*place, inbox.entry(market.code, message, source=cause.source))


async def at_work(log: MemoryLog, folder: Path) -> Folds[MarketState]:
    register = RegisterReader(log)
    folds = agents.folds(
        log,
        snapshots=folder,
        salting=lambda market: market.encode(),
        release="test",
        new_id=lambda: "genesis-1",
        lookup=register.market,
    )
    for place in (FIRST, ZEDFORD):
        await folds.prepare(place)
        while await folds.step(place):
            pass
    return folds


@pytest.fixture
def log() -> MemoryLog:
    log = market_topics(partitions=PARTITIONS)
    tell(log, with_contract(register_market()), FIRST)
    tell(log, zedford(), ZEDFORD)
    return log


def state(folds: Folds[MarketState], place: Place, code: str) -> MarketState:
    return folds.by_partition[place.partition].state(code)


async def test_the_log_holds_what_the_core_decided_for_every_record(
    log: MemoryLog, tmp_path: Path
) -> None:
    wanted = {
        REGISTER: with_contract(register_market()).log,
        "zedford": zedford().log,
    }

    await at_work(log, tmp_path)

    for code, place in ((REGISTER, FIRST), ("zedford", ZEDFORD)):
        chain = Chain()
        views = [chain.take(record) for record in log.records(MARKET_LOG, place.partition)[1:]]
        assert chain.noise == 0
        found = [[event.data for event in view.events] for view in views if view is not None]
        held = [[event.data for event in events] for _, _, events in wanted[code]]
        assert found[1:] == held[1:]


@pytest.mark.parametrize("way", ["by the log alone", "by a snapshot"])
async def test_recovery_builds_the_state_that_decisions_made(
    way: str, log: MemoryLog, tmp_path: Path
) -> None:
    before = await at_work(log, tmp_path)
    if way == "by a snapshot":
        before.snapshot()

    after = await at_work(log, tmp_path)

    for place, code in ((FIRST, REGISTER), (ZEDFORD, "zedford")):
        assert state(after, place, code) == state(before, place, code)
