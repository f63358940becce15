"""
What the notifier remembers of offers: to whom each was made, and what has become of it.

A proposal and the offer that it becomes are one row; nothing in it describes a person.
"""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, insert, select, update

from services.storage.notifier_tables import OFFERS

# As the market's own state names them.
PROPOSED: Final = "proposed"
OFFERED: Final = "offered"
PLACED: Final = ("accepted", "filled")
ENDED: Final = ("held", "declined", "rejected", "lapsed", "withdrawn")


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRow:
    """
    One proposal or offer; `delivered` tells whether the log has that it stands on the queue.
    """

    offer: str
    resident: str
    party: str
    supplier: str
    opportunity: str
    position: str
    status: str
    delivered: bool

    @property
    def ended(self) -> bool:
        """
        Tell whether nothing comes of it any more.
        """
        return self.status in ENDED

    @property
    def awaits_delivery(self) -> bool:
        """
        Tell whether the market waits to hear that it stands on its partner's queue.
        """
        return self.status == OFFERED and not self.delivered


class OfferBook:
    """
    The notifier's memory of offers, inside one transaction.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def propose(
        self,
        offer: str,
        *,
        resident: str,
        party: str,
        supplier: str,
        opportunity: str,
        position: str,
    ) -> None:
        """
        Keep a proposal.
        """
        self._connection.execute(
            insert(OFFERS).values(
                offer=offer,
                resident=resident,
                party=party,
                supplier=supplier,
                opportunity=opportunity,
                position=position,
                status=PROPOSED,
                delivered=False,
            )
        )

    def set_status(self, offer: str, status: str) -> None:
        """
        Note what has become of an offer.
        """
        self._set(offer, status=status)

    def deliver(self, offer: str) -> None:
        """
        Note that the log has an offer's delivery.
        """
        self._set(offer, delivered=True)

    def get(self, offer: str) -> OfferRow | None:
        """
        Return an offer, or nothing where none has that id.
        """
        query = select(OFFERS).where(OFFERS.c.offer == offer)
        found = self._connection.execute(query).mappings().first()
        return None if found is None else OfferRow(**found)

    def _set(self, offer: str, **values: object) -> None:
        self._connection.execute(update(OFFERS).where(OFFERS.c.offer == offer).values(**values))
