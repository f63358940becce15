"""
Exit codes: why a worker process ended, as a number that a supervisor can act on.

A worker is crash-only. What it cannot go on from ends the process with one of these, and
the process that is started in its place reads where it stands from its store or the log.
"""

from dataclasses import dataclass
from typing import Final, NoReturn


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitCode:
    """
    One reason to end: its number, name, meaning, and whether a new start is due at once.
    """

    number: int
    name: str
    meaning: str
    at_once: bool = False


class Leave(Exception):
    """
    This process must end, with this code; the message holds ids and positions only.
    """

    def __init__(self, code: ExitCode, message: str = "") -> None:
        super().__init__(message or code.meaning)
        self.code = code


def leave(code: ExitCode, message: str = "") -> NoReturn:
    """
    End this process with a code, through the worker's outermost loop.

    Raises:
        Leave: always.
    """
    raise Leave(code, message)


STOPPED: Final = ExitCode(number=0, name="stopped", meaning="it was asked to stop, and did")
NO: Final = ExitCode(number=1, name="no", meaning="a command's answer is no")
WRONG_USE: Final = ExitCode(
    number=2, name="wrong_use", meaning="a command was used wrongly, or cannot be used here"
)
UNANSWERED: Final = ExitCode(
    number=3,
    name="unanswered",
    meaning="what a command said was not answered in time; the answer comes on the party's queue",
)
UNEXPECTED: Final = ExitCode(
    number=70,
    name="unexpected",
    meaning="a bug: the log names the error's class and place, and the record's position",
)
BROKER_LOST: Final = ExitCode(
    number=71, name="broker_lost", meaning="no broker answered for longer than a worker waits"
)
APPEND_FAILED: Final = ExitCode(
    number=72,
    name="append_failed",
    meaning="the broker gave no receipt for a record, which may stand in the topic or not",
)
RACE_LOST: Final = ExitCode(
    number=73,
    name="race_lost",
    meaning="another process wrote the next record of a market first; the log's order decides",
    at_once=True,
)
UNKNOWN_EVENT: Final = ExitCode(
    number=74,
    name="unknown_event",
    meaning="the log holds an event kind or format of a newer release: deploy that release here",
)
PARTITIONS_DIFFER: Final = ExitCode(
    number=75,
    name="partitions_differ",
    meaning="a topic's number of partitions is not the one that the log was begun with",
)
TOPIC_RECREATED: Final = ExitCode(
    number=76,
    name="topic_recreated",
    meaning="a topic was deleted and made again while it was being read; nothing was sent of it",
    at_once=True,
)
INBOXES_CHANGED: Final = ExitCode(
    number=77,
    name="inboxes_changed",
    meaning="a party inbox that was read went; a new start takes those that are there",
    at_once=True,
)
STATE_AHEAD: Final = ExitCode(
    number=78,
    name="state_ahead",
    meaning="a database has applied more than the log holds, or rests on another log: "
    "drop the database and it is rebuilt",
)
INBOX_BEHIND: Final = ExitCode(
    number=79,
    name="inbox_behind",
    meaning="the log names causes that the market's inbox does not hold: the inbox was cut or "
    "restored from an older copy, and a person must decide",
)
NOT_ALONE: Final = ExitCode(
    number=80,
    name="not_alone",
    meaning="another process of this worker runs, and on SQLite one process takes all partitions",
)
OVERTAKEN: Final = ExitCode(
    number=81,
    name="overtaken",
    meaning="another process applied the same records to the same database first",
    at_once=True,
)
MEMBERSHIP_LOST: Final = ExitCode(
    number=82, name="membership_lost", meaning="the consumer group's client ended by itself"
)
TOPIC_MISSING: Final = ExitCode(
    number=83, name="topic_missing", meaning="a topic is not there: run `foothold topics apply`"
)
NOT_OUR_LOG: Final = ExitCode(
    number=84,
    name="not_our_log",
    meaning="a partition of the log does not begin with its genesis record",
)
STALLED: Final = ExitCode(
    number=85, name="stalled", meaning="there was something to read and nothing was, for minutes"
)

EXIT_CODES: Final = (
    STOPPED,
    NO,
    WRONG_USE,
    UNANSWERED,
    UNEXPECTED,
    BROKER_LOST,
    APPEND_FAILED,
    RACE_LOST,
    UNKNOWN_EVENT,
    PARTITIONS_DIFFER,
    TOPIC_RECREATED,
    INBOXES_CHANGED,
    STATE_AHEAD,
    INBOX_BEHIND,
    NOT_ALONE,
    OVERTAKEN,
    MEMBERSHIP_LOST,
    TOPIC_MISSING,
    NOT_OUR_LOG,
    STALLED,
)

RESTART_AT_ONCE: Final = frozenset(code.number for code in EXIT_CODES if code.at_once)
