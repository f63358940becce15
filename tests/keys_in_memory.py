"""
The key store as plain dictionaries: the same port and the same contract suite.
"""

from collections.abc import Callable

from schemas.envelope import resident_id
from services.sealing import Destroyed, Key


class KeysInMemory:
    def __init__(self) -> None:
        self.keys: dict[str, Key | Destroyed] = {}
        self.references: dict[tuple[str, str], str] = {}

    def key_for(self, subject: str) -> Key | Destroyed | None:
        return self.keys.get(subject)

    def create(self, subject: str, key: Key) -> Key | Destroyed:
        return self.keys.setdefault(subject, key)

    def destroy(self, subject: str, *, at: str) -> Destroyed:
        found = self.keys.get(subject)
        if isinstance(found, Destroyed):
            return found
        gone = Destroyed(at)
        self.keys[subject] = gone
        return gone

    def forget_destroyed(self, before: str) -> int:
        gone = {
            subject
            for subject, key in self.keys.items()
            if isinstance(key, Destroyed) and key.at < before
        }
        for subject in gone:
            del self.keys[subject]
        self.references = {
            name: subject for name, subject in self.references.items() if subject not in gone
        }
        return len(gone)

    def resident_for(
        self, party: str, reference: str, *, market: str, draw: Callable[[], bytes]
    ) -> str:
        if (party, reference) not in self.references:
            self.references[party, reference] = resident_id(market, draw())
        return self.references[party, reference]

    def resident_named(self, party: str, name: str) -> str | None:
        own = {subject for (owner, _), subject in self.references.items() if owner == party}
        return name if name in own else self.references.get((party, name))
