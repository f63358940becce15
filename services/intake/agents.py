"""
Intake's place in the transport: the forwarder over every party's inbox.
"""

from pathlib import Path

from services import clock
from services.intake.handlers import Intake
from services.storage.keys import open_keys
from services.transport.forwarder import Forwarder
from services.transport.ports import Place, RecordLog
from services.transport.register import RegisterReader

NAME = "intake"


class Inboxes(Forwarder):
    """
    A forwarder that tells the id of each inbox in which it stands.
    """

    def topic_id(self, topic: str) -> str:
        """
        Return the id that an inbox had when it was prepared; a new one ends the process.

        Raises:
            KeyError: the inbox was not prepared.
        """
        return self._ids[Place(topic, 0)]


def forwarder(record_log: RecordLog, *, where: Path | str, master: bytes) -> Inboxes:
    """
    Open intake's database and return its forwarder, before any inbox is prepared.

    The register is read to its end after each batch was fetched and before it is judged.

    Args:
        record_log: the topics.
        where: the file of an SQLite database, or a URL.
        master: the key that wraps every other (`services.storage.keys.master_key`).

    Raises:
        WrongMasterKey: the key store was begun under another master key.
    """
    keys, positions = open_keys(where, master=master)
    register = RegisterReader(record_log)

    def topic_id(topic: str) -> str:
        return inboxes.topic_id(topic)

    handler = Intake(register=register, keys=keys, topic_id=topic_id, draw=clock.random_bytes)
    inboxes = Inboxes(record_log, positions=positions, handler=handler, before=register.catch_up)
    return inboxes
