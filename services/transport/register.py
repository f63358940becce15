"""
The register as every worker reads it: parties, markets and contracts, as they stood when.

Partition 0 of the log is read from its beginning, links checked, and followed. The answer
to a question about an instant rests only on records appended at or before it, so that two
lives of a worker answer alike.
"""

import asyncio
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, TypeVar

from matching.market.record import Happened
from schemas.contracts import ContractRegistered
from schemas.markets import MarketOpened
from schemas.parties import PartyRegisteredSealed
from schemas.vocabulary import REGISTER, Instant
from services.topology import MARKET_LOG
from services.transport.chain import Chain, genesis_of
from services.transport.ports import Place, RecordLog
from services.transport.records import RecordView

DOORBELL_SECONDS: Final = 2.0
V = TypeVar("V")
PLACE: Final = Place(MARKET_LOG, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredContract:
    """
    A contract in its latest version; `agreed` is the version the supplier last agreed to.
    """

    id: str
    owner: str
    terms: ContractRegistered
    version: int
    agreed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """
    The register at one of its records.

    `appended` holds, by slug, market code and contract id, when its latest record was
    appended to the log.
    """

    sequence: int = 0
    parties: Mapping[str, PartyRegisteredSealed] = field(default_factory=dict)
    markets: Mapping[str, MarketOpened] = field(default_factory=dict)
    contracts: Mapping[str, RegisteredContract] = field(default_factory=dict)
    appended: Mapping[str, Instant] = field(default_factory=dict)

    def partition_of(self, market: str) -> int | None:
        """
        Return the partition in which a market lives; the register lives in the first.
        """
        if market == REGISTER:
            return PLACE.partition
        found = self.markets.get(market)
        return None if found is None else found.partition


class RegisterReader:
    """
    Reads the register from the log.

    Args:
        record_log: the topics; nothing else may read partition 0 of the log through it.
    """

    def __init__(self, record_log: RecordLog) -> None:
        self._log = record_log
        self._chain = Chain()
        self._begun = False
        self._next = 0
        self._views: list[RecordView] = []
        self._times: list[Instant] = []
        self._built = (0, Register())
        self._turn = asyncio.Lock()

    @property
    def current(self) -> Register:
        """
        The register as far as it was read.
        """
        return self._at(len(self._views))

    @property
    def position(self) -> int:
        """
        The next offset of the log's first partition that was not read yet.
        """
        return self._next

    def as_of(self, appended_at: Instant) -> Register:
        """
        Return the register by the records appended at or before an instant.
        """
        return self._at(bisect_right(self._times, appended_at))

    async def catch_up(self) -> None:
        """
        Read to the log's end.

        Raises:
            UnknownEvent: a newer release wrote it.
            Leave: it is no log of ours.
        """
        async with self._turn:
            _, end = await self._log.span(*PLACE)
            if end and not self._begun:
                await genesis_of(self._log, PLACE)
                self._begun = True
            while self._next < end:
                read = await self._log.read(*PLACE, self._next)
                for record in read.records:
                    if record.key == REGISTER.encode():
                        self._keep(self._chain.take(record))
                self._next = read.next_offset
                await asyncio.sleep(0)

    async def market(self, code: str) -> MarketOpened | None:
        """
        Read to the end and return a market, if it was opened.
        """
        await self.catch_up()
        return self.current.markets.get(code)

    async def follow(self) -> None:
        """
        Read on for ever, as records come.
        """
        while True:
            await self.catch_up()
            await self._log.wait(*PLACE, self._next, DOORBELL_SECONDS)

    def _keep(self, view: RecordView | None) -> None:
        if view is None:
            return
        # A broker's clock may step back; what stands later counts as later.
        last = self._times[-1] if self._times else view.appended_at
        self._views.append(view)
        self._times.append(max(last, view.appended_at))

    def _at(self, count: int) -> Register:
        built, register = self._built
        if count < built:
            built, register = 0, Register()
        for view in self._views[built:count]:
            register = _after(register, view)
        self._built = (count, register)
        return register


def _after(register: Register, view: RecordView) -> Register:
    register = replace(register, sequence=view.sequence)
    for event in view.events:
        register = _with(register, event, view)
    return register


def _with(register: Register, event: Happened, view: RecordView) -> Register:
    data, key = event.data, event.subject or ""
    if isinstance(data, PartyRegisteredSealed):
        key = data.slug
        register = replace(register, parties=_put(register.parties, key, data))
    elif isinstance(data, MarketOpened) and data.code != REGISTER:
        key = data.code
        register = replace(register, markets=_put(register.markets, key, data))
    elif isinstance(data, ContractRegistered):
        contract = _contract(register, event)
        register = replace(register, contracts=_put(register.contracts, key, contract))
    elif event.name == "ContractAgreed" and data.contract_id in register.contracts:
        key = data.contract_id
        agreed = replace(register.contracts[key], agreed=data.version)
        register = replace(register, contracts=_put(register.contracts, key, agreed))
    else:
        return register
    return replace(register, appended=_put(register.appended, key, view.appended_at))


def _contract(register: Register, event: Happened) -> RegisteredContract:
    known = register.contracts.get(event.subject or "")
    return RegisteredContract(
        id=event.subject or "",
        owner=event.party or "",
        terms=event.data,
        version=known.version + 1 if known else 1,
        agreed=known.agreed if known else 0,
    )


def _put(entries: Mapping[str, V], key: str, entry: V) -> Mapping[str, V]:
    return MappingProxyType({**entries, key: entry})
