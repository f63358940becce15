"""
What the notifier remembers of parties: how each one's office is reached, sealed.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from services.storage.database import insert_once
from services.storage.notifier_tables import PARTIES


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """
    A party's name and its sealed registration, as the register's record `sequence` has it.
    """

    party: str
    name: str
    sequence: int
    kind: str
    sealed: str


class OfficeBook:
    """
    The notifier's memory of parties, inside one transaction.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, party: str, *, name: str, sequence: int, kind: str, sealed: str) -> None:
        """
        Keep a registration, unless a later one of the register is known: markets lag behind.
        """
        row = {"party": party, "name": name, "sequence": sequence, "kind": kind, "sealed": sealed}
        if insert_once(self._connection, PARTIES, row):
            return
        older = (PARTIES.c.party == party) & (PARTIES.c.sequence < sequence)
        self._connection.execute(update(PARTIES).where(older).values(**row))

    def get(self, party: str) -> Office | None:
        """
        Return what is known of a party.
        """
        query = select(PARTIES).where(PARTIES.c.party == party)
        found = self._connection.execute(query).mappings().first()
        return None if found is None else Office(**found)
