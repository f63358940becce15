"""
The herald over the register's log: every market hears of every fact, once and in order.
"""

import json
from dataclasses import replace
from pathlib import Path

from schemas.vocabulary import Role
from services.herald.agents import projector
from services.topology import MARKET_INBOX, MARKET_LOG
from services.transport.ports import Place
from tests.unit.services.notifier.scene import (
    OPERATOR,
    PARTNER,
    Scene,
    open_register,
    opened,
    party,
)

REGISTER_LOG = Place(MARKET_LOG, 0)


def told(scene: Scene, partition: int) -> list[tuple[bytes | None, int]]:
    """
    Return market and register sequence of each record in a partition of the inbox.
    """
    return [
        (record.key, json.loads(record.value)["data"]["register_sequence"])
        for record in scene.log.records(MARKET_INBOX, partition)
    ]


async def carry(scene: Scene, folder: Path, name: str = "one") -> None:
    herald = projector(scene.log, where=folder / f"{name}.sqlite")
    await herald.prepare(REGISTER_LOG)
    while await herald.step(REGISTER_LOG) or await herald.send():
        pass


def open_market(scene: Scene, code: str, *outcodes: str, partition: int) -> None:
    begun = replace(opened(code, partition=partition), outcodes=outcodes)
    scene.say(begun, party=OPERATOR, subject=code)


async def test_a_market_hears_of_every_fact_from_the_first_record_on(tmp_path: Path) -> None:
    scene = open_register(tmp_path / "scene")
    open_market(scene, "tees", "ZZ1", partition=3)

    await carry(scene, tmp_path)

    assert told(scene, 3) == [(b"tees", n) for n in (1, 2, 3, 4)]


async def test_a_market_opened_later_hears_all_and_the_first_only_what_is_new(
    tmp_path: Path,
) -> None:
    scene = open_register(tmp_path / "scene")
    open_market(scene, "tees", "ZZ1", partition=3)
    await carry(scene, tmp_path)
    open_market(scene, "wear", "ZZ2", partition=4)

    await carry(scene, tmp_path)

    assert told(scene, 3) == [(b"tees", n) for n in (1, 2, 3, 4, 5)]
    assert told(scene, 4) == [(b"wear", n) for n in (1, 2, 3, 4, 5)]


async def test_a_refusal_of_the_register_is_no_fact_for_a_market(tmp_path: Path) -> None:
    scene = open_register(tmp_path / "scene")
    open_market(scene, "tees", "ZZ1", partition=3)
    open_market(scene, "tees", "ZZ2", partition=4)
    sealed = scene.sealed(party(PARTNER, Role.PARTNER), subject=f"party:{PARTNER}")
    scene.say(sealed, party=OPERATOR, subject=f"party:{PARTNER}")

    await carry(scene, tmp_path)

    assert told(scene, 3) == [(b"tees", n) for n in (1, 2, 3, 4, 6)]
    assert told(scene, 4) == []


async def test_a_rebuilt_herald_says_the_same_bytes_again_in_the_same_order(
    tmp_path: Path,
) -> None:
    scene = open_register(tmp_path / "scene")
    open_market(scene, "tees", "ZZ1", partition=3)
    await carry(scene, tmp_path, "one")

    await carry(scene, tmp_path, "two")

    said = [record.value for record in scene.log.records(MARKET_INBOX, 3)]
    assert said[:4] == said[4:]
