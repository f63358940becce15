"""
What the register accepted lies in each market's inbox, in the market's own partition.
"""

import json
from pathlib import Path

from schemas.vocabulary import REGISTER
from services.herald.projection import Herald
from services.storage.announcements import SHARED
from services.storage.database import open_database
from services.storage.projections import ProjectionStore
from services.topology import MARKET_INBOX
from tests.unit.services.herald.test_handlers import opened, party, record


async def test_each_markets_inbox_holds_the_registers_records_in_order(tmp_path: Path) -> None:
    store = ProjectionStore(open_database("herald", tmp_path / "herald.sqlite"), SHARED)
    herald = Herald(store)
    views = (
        record(1, opened(REGISTER, partition=0)),
        record(2, party()),
        record(3, opened("tees", partition=3)),
        record(4, opened("wear", partition=7)),
    )

    for view in views:
        with store.begin() as transaction:
            herald.project(view, transaction)

    sent = [each for row in store.unsent() for each in await herald.compose(row)]
    assert {each.topic for each in sent} == {MARKET_INBOX}
    told = [
        (each.entry.key, each.partition, json.loads(each.entry.value)["data"]["register_sequence"])
        for each in sent
    ]
    tees = [(b"tees", 3, n) for n in (1, 2, 3, 4)]
    wear = [(b"wear", 7, n) for n in (1, 2, 3, 4)]
    assert [each for each in told if each[0] == b"tees"] == tees
    assert [each for each in told if each[0] == b"wear"] == wear
    assert len(told) == 8
