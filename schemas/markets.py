"""
Markets: areas in which people live and work, each with its clock and its places.
"""

from typing import Annotated

from annotated_types import Ge, Le, MaxLen, MinLen

from schemas.vocabulary import (
    REGISTER,
    Clock,
    Code,
    Date,
    Instant,
    Label,
    MarketCode,
    Nation,
    Open,
    Outcode,
    Problem,
    event,
    value,
)


@value
class Patch:
    """
    A neighbourhood of a market.
    """

    name: Open[Code]
    outcodes: Open[Annotated[tuple[Outcode, ...], MinLen(1), MaxLen(500)]]


@event()
class MarketOpened:
    """
    A market begins. Said by the operator; first record of the market's own log too.

    `clock` is fixed at birth: in a simulated market only the operator says `Tick`.
    """

    code: Open[MarketCode]
    name: Open[Label]
    partition: Open[Annotated[int, Ge(0), Le(10_000)]]
    outcodes: Open[Annotated[tuple[Outcode, ...], MaxLen(3_000)]] = ()
    patches: Open[Annotated[tuple[Patch, ...], MaxLen(500)]] = ()
    nation: Open[Nation]
    clock: Open[Clock]
    tick_minutes: Open[Annotated[int, Ge(1), Le(1_440)]] = 5
    now: Open[Instant]


@event()
class DayBegan:
    """
    The first tick of a local day: the readers' only clock.
    """

    day: Open[Date]


def problems(opened: MarketOpened) -> tuple[Problem, ...]:
    """
    Return what is wrong across the fields of a market.
    """
    found = []
    if opened.code == REGISTER:
        found.append(Problem(code="market_reserved", field="/code"))
    if not opened.outcodes:
        found.append(Problem(code="outcodes_missing", field="/outcodes"))
    if len(set(opened.outcodes)) < len(opened.outcodes):
        found.append(Problem(code="said_twice", field="/outcodes"))
    for at, patch in enumerate(opened.patches):
        found += [
            Problem(code="patch_outside_market", field=f"/patches/{at}/outcodes/{n}")
            for n, outcode in enumerate(patch.outcodes)
            if outcode not in opened.outcodes
        ]
    return tuple(found)
