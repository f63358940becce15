"""
`foothold send`: publish as a party, and show the answer to each event.
"""

import json
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path
from time import sleep
from typing import get_args

import click
from rich.console import Console

from schemas.vocabulary import Pattern, StaffCode, instant
from services import clock
from services.commands.answers import Answers, is_receipt, show, wants_retry
from services.commands.installation import Installation, installation_options
from services.commands.kafka_access import Kafka
from services.commands.submissions import Speaker, Submission, read_files
from services.topology import party_inbox, party_queue
from services.transport import exit_codes
from services.wording.forms import form_in_words

RETRY_SECONDS = 30.0
# Each try is a record for good, so what waits for something is not sent as fast as it goes.
PAUSE_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0)
UNANSWERED = exit_codes.UNANSWERED.number

EPILOG = """\b
Examples:
  foothold send oakline vacancies.csv --as opportunity
  foothold send northfield residents.jsonl --by jo-1
\b
Exit codes: 0 all accepted, 1 some refused, 2 wrong use, 3 some not answered in time.
"""


@click.command("send", epilog=EPILOG)
@click.argument("party")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--as", "kind", metavar="KIND", help="What bare objects or rows are.")
@click.option(
    "--by",
    "staff",
    metavar="STAFF",
    callback=lambda _context, _option, staff: staff_code(staff),
    help="Your own code for who says it, never a name.",
)
@click.option("--wait", "seconds", default=60.0, show_default=True, help="Seconds for the answers.")
@click.option("--json", "as_json", is_flag=True, help="Print each answer as one JSON line.")
@installation_options
def command(
    installation: Installation,
    party: str,
    files: tuple[Path, ...],
    kind: str | None,
    staff: str | None,
    seconds: float,
    as_json: bool,
) -> None:
    """
    Send events as PARTY from FILEs: CloudEvents, bare data objects, or CSV rows.

    Each is answered with a receipt, or with what is wrong and how to mend it. A CSV column
    may be in pounds or hours too (pay.pounds, hours_a_week), and a list stands in one cell,
    parted by semicolons.
    """
    speaker = Speaker(party=party, staff=staff, time=instant(clock.now()))
    ids = (clock.new_id() for _ in repeat(None))
    submissions = read_files(files, kind=kind, speaker=speaker, ids=ids)
    if not submissions:
        raise click.UsageError("There is nothing in these files to send.")
    with Kafka(installation.broker()) as kafka:
        outcome = Sending(kafka, party, as_json=as_json).send(submissions, seconds=seconds)
    raise SystemExit(outcome)


def staff_code(staff: str | None) -> str | None:
    """
    Hold back what might be a name: once sent, it stands in the inbox.
    """
    form: Pattern = get_args(StaffCode)[1]
    if staff is not None and not form.matches(staff):
        raise click.BadParameter(f"Give {form_in_words(form.expression)}.")
    return staff


class Sending:
    """
    One call of `send`: what is under way, and what came back.

    Args:
        kafka: the broker.
        party: who speaks, and on whose queue the answers come.
        as_json: whether each answer is printed as one JSON line.

    Raises:
        click.ClickException: the party has no inbox here.
    """

    def __init__(self, kafka: Kafka, party: str, *, as_json: bool) -> None:
        topics = kafka.topic_ids()
        if party_inbox(party) not in topics or party_queue(party) not in topics:
            raise click.ClickException(
                f"{party!r} has no inbox here. Is the name right? The operator registers a party "
                "by sending what `foothold template party` prints; `foothold topics apply` makes "
                "the topics of one that is registered."
            )
        self.kafka, self.party, self.as_json = kafka, party, as_json
        self.console, self.progress = Console(), Console(stderr=True)
        self.refused = self.answered = 0
        self.answers = Answers(
            kafka=kafka,
            party=party,
            topic_id=topics[party_inbox(party)],
            monotonic=clock.monotonic,
            start=kafka.span(party_queue(party))[1],
        )

    def send(self, submissions: tuple[Submission, ...], *, seconds: float) -> int:
        """
        Send all, wait for the answers, and return the exit code.
        """
        retry_until = clock.monotonic() + RETRY_SECONDS
        waiting, pauses = list(submissions), chain(PAUSE_SECONDS, repeat(PAUSE_SECONDS[-1]))
        while waiting:
            sent = {self._send(each): each for each in waiting}
            waiting = list(self._await(sent, seconds=seconds, retry_until=retry_until))
            if waiting:
                sleep(next(pauses))
        missing = len(submissions) - self.answered
        if missing:
            self.progress.print(
                f"{missing} of {len(submissions)} not answered within {seconds:g} s. They are not "
                "lost: `foothold queue` shows the answers when they come, `foothold status` where "
                "they are."
            )
            return UNANSWERED
        return 1 if self.refused else 0

    def _send(self, submission: Submission) -> int:
        value = json.dumps(submission.event).encode()
        return self.kafka.send(party_inbox(self.party), value)

    def _await(
        self, sent: dict[int, Submission], *, seconds: float, retry_until: float
    ) -> Iterator[Submission]:
        with self.progress.status(f"waiting for {len(sent)} answers"):
            for offset, answer in self.answers.wait(set(sent), seconds=seconds):
                if wants_retry(answer) and clock.monotonic() < retry_until:
                    yield sent[offset]
                    continue
                self.answered += 1
                self.refused += not is_receipt(answer)
                if self.as_json:
                    self.console.out(json.dumps(answer))
                else:
                    show(self.console, sent[offset].label, answer)
