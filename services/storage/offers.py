"""
What the notifier remembers of offers: to whom each was made, and what has become of it.

A proposal and the offer that it becomes are one row, and so is a referral, which has no
position; nothing in it describes a person.
"""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, insert, select, update

from services.storage.notifier_tables import OFFERS

# As the market's own state names them.
PROPOSED: Final = "proposed"
OFFERED: Final = "offered"
ACCEPTED: Final = "accepted"
FILLED: Final = "filled"
ENDED: Final = ("held", "declined", "rejected", "lapsed", "withdrawn")


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRow:
    """
    One proposal, offer or referral.

    `undelivered` is the id of the event that the market waits to hear of, that it stands on
    the partner's queue; `introduced` tells whether the supplier may be told whom to call.
    `since` is the record of its market that opened the window that runs on it.
    """

    offer: str
    resident: str
    party: str
    supplier: str
    opportunity: str
    position: str | None
    status: str
    undelivered: str | None
    introduced: bool
    since: int

    @property
    def ended(self) -> bool:
        """
        Tell whether nothing comes of it any more.
        """
        return self.status in ENDED

    @property
    def is_introduced(self) -> bool:
        """
        Tell whether its resident and its supplier are being brought together now.
        """
        return self.status == ACCEPTED and self.introduced

    def awaits_delivery(self, event: str) -> bool:
        """
        Tell whether the market waits to hear that this event stands on its partner's queue.
        """
        return self.undelivered == event


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
        position: str | None,
        since: int,
        undelivered: str | None = None,
        status: str = PROPOSED,
    ) -> None:
        """
        Keep a proposal, or a referral, which begins as accepted and is delivered to nobody.
        """
        self._connection.execute(
            insert(OFFERS).values(
                offer=offer,
                resident=resident,
                party=party,
                supplier=supplier,
                opportunity=opportunity,
                position=position,
                status=status,
                undelivered=undelivered,
                introduced=False,
                since=since,
            )
        )

    def send(self, offer: str, *, event: str) -> None:
        """
        Note that an offer is on its way to its partner, by an event; who was introduced is not.
        """
        self._set(offer, status=OFFERED, undelivered=event, introduced=False)

    def set_status(self, offer: str, status: str) -> None:
        """
        Note what has become of an offer, of which no delivery is awaited any more.
        """
        self._set(offer, status=status, undelivered=None)

    def deliver(self, offer: str) -> None:
        """
        Note that the log has an offer's delivery.
        """
        self._set(offer, undelivered=None)

    def open_window(self, offer: str, *, since: int) -> None:
        """
        Note which record opened the window that runs on an offer from now on.
        """
        self._set(offer, since=since)

    def introduce(self, offer: str) -> None:
        """
        Note that an offer's resident and supplier are introduced.
        """
        self._set(offer, introduced=True)

    def get(self, offer: str) -> OfferRow | None:
        """
        Return an offer, or nothing where none has that id.
        """
        query = select(OFFERS).where(OFFERS.c.offer == offer)
        found = self._connection.execute(query).mappings().first()
        return None if found is None else OfferRow(**found)

    def _set(self, offer: str, **values: object) -> None:
        self._connection.execute(update(OFFERS).where(OFFERS.c.offer == offer).values(**values))
