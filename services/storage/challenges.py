"""
What the notifier remembers of challenges: whose each one is, and whether it is open.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from services.storage.database import insert_once
from services.storage.notifier_tables import CHALLENGES


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeRow:
    """
    A challenge, named by the event that raised it; `party` is its resident's partner.
    """

    challenge: str
    resident: str
    party: str
    opportunity: str
    open: bool


class ChallengeBook:
    """
    The notifier's memory of challenges, inside one transaction.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self, challenge: str, *, resident: str, party: str, opportunity: str) -> None:
        """
        Keep a challenge that waits to be decided.
        """
        row = {
            "challenge": challenge,
            "resident": resident,
            "party": party,
            "opportunity": opportunity,
            "open": True,
        }
        insert_once(self._connection, CHALLENGES, row)

    def close(self, challenge: str) -> None:
        """
        Note that a challenge waits for nobody any more.
        """
        this = CHALLENGES.c.challenge == challenge
        self._connection.execute(update(CHALLENGES).where(this).values(open=False))

    def close_all(self, resident: str) -> None:
        """
        Note that no challenge of a resident's waits for anybody any more.
        """
        theirs = CHALLENGES.c.resident == resident
        self._connection.execute(update(CHALLENGES).where(theirs).values(open=False))

    def get(self, challenge: str) -> ChallengeRow | None:
        """
        Return a challenge, or nothing where none has that id.
        """
        query = select(CHALLENGES).where(CHALLENGES.c.challenge == challenge)
        found = self._connection.execute(query).mappings().first()
        return None if found is None else ChallengeRow(**found)
