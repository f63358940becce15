"""
`foothold letter`: a resident's own page, and the copy of all that is held about them.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from schemas.envelope import market_of
from schemas.log_record import LogRecord
from services.commands.exports import read_export
from services.commands.installation import Installation, installation_options
from services.commands.kafka_access import Kafka
from services.commands.letter_facts import Keys, NoKeys, letter_facts
from services.commands.log_reading import understood
from services.commands.patience import telling
from services.commands.references import is_resident_id, names_of, resident_of
from services.commands.register import market_records
from services.settings import Settings
from services.wording.letter import letter
from services.wording.letter_facts import Facts

EPILOG = """\b
Examples:
  foothold letter NH-0001 --as northgate-homes --out letter.md
  foothold letter zedford-r-abcdefghijklmnop --market-export zedford.jsonl
\b
Exit codes: 0 written, 1 there is no such resident or a decision does not come out the same
again, 2 wrong use.
"""


@click.command("letter", epilog=EPILOG)
@click.argument("resident")
@click.option("--as", "partner", metavar="PARTNER", help="Whose resident and reference it is.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to this file, readable by you alone; default: standard output.",
)
@click.option(
    "--market-export",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of `foothold log export`, in place of the broker.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="The letter and its facts as one JSON object."
)
@installation_options
def command(
    installation: Installation,
    resident: str,
    partner: str | None,
    out: Path | None,
    market_export: Path | None,
    as_json: bool,
) -> None:
    """
    Write the page of RESIDENT, in plain English, as Markdown; it is also the copy of their data.

    RESIDENT is our id, or with --as your own reference. The page says what is held and from
    whom it came, each decision with its reason and who made it, and how to contest it. What
    is sealed is opened with the key store of this installation; without it the page says what
    could not be opened. Of anybody else it tells nothing.

    A reason is told plainly, `safeguarding` too: where it stands in the page, the coordinator
    reads the page before it is handed over.
    """
    subject, records = _read(installation, resident, partner=partner, export=market_export)
    facts = _facts(records, subject, keys=keys_at(installation))
    _check(facts, told=resident, partner=partner)
    told = f"{json.dumps(plain(facts))}\n" if as_json else "\n".join((*letter(facts), ""))
    if out is None:
        click.echo(told, nl=False)
    else:
        _write(out, told)
        click.echo(f"{out} written.", err=True)
    differ = any(account.differences for account in facts.dossier.accounts)
    raise SystemExit(1 if differ else 0)


def _read(
    installation: Installation, resident: str, *, partner: str | None, export: Path | None
) -> tuple[str, Sequence[LogRecord]]:
    """
    Find out who is meant, and read their market's log.
    """
    if not is_resident_id(resident) and partner is None:
        raise click.UsageError(
            f"{resident!r} is no id of ours. Say --as PARTNER, if it is a reference of theirs."
        )
    if export is not None and is_resident_id(resident):
        return resident, read_export(export)
    with Kafka(installation.broker()) as kafka:
        subject = resident
        if partner is not None:
            subject = resident_of(resident, names=names_of(kafka, partner), party=partner)
        if export is not None:
            return subject, read_export(export)
        code = market_of(subject) or ""
        return subject, tuple(telling(market_records(kafka, code), what=code))


def keys_at(installation: Installation) -> Keys:
    """
    Return the key store of an installation; where there is none on this machine, no keys.

    Raises:
        click.ClickException: the key store is another master key's.
    """
    # Imported here: a letter without keys needs no store.
    from services.storage.keys import MASTER_KEY_FILE, WrongMasterKey, master_key, open_keys

    settings, file = Settings.read(), installation.data / "keys.sqlite"
    given = settings.master_key.get_secret_value() if settings.master_key else None
    is_there = settings.database is not None or file.exists()
    # A look at what is held makes neither a store nor a key.
    if not is_there or (given is None and not (installation.data / MASTER_KEY_FILE).exists()):
        return NoKeys()
    try:
        keys, _ = open_keys(
            settings.database or file, master=master_key(installation.data, given=given)
        )
    except WrongMasterKey as error:
        raise click.ClickException(f"The key store cannot be used: {error}.") from error
    return keys


def _facts(records: Sequence[LogRecord], subject: str, *, keys: Keys) -> Facts:
    with understood():
        return letter_facts(records, resident=subject, keys=keys)


def _check(facts: Facts, *, told: str, partner: str | None) -> None:
    """
    Hold back whom the market does not know, and who is another partner's.
    """
    found = facts.dossier
    if found.partner is None or (partner is not None and partner != found.partner):
        whose = f"of {partner} " if partner is not None else ""
        raise click.ClickException(f"{told} is no resident {whose}in {found.state.code}.")


def _write(out: Path, told: str) -> None:
    """
    Write a file that its owner alone can read, from its first byte on.
    """
    out.unlink(missing_ok=True)
    descriptor = os.open(out, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(told)


def plain(facts: Facts) -> dict[str, Any]:
    """
    Return a letter and what it was written from as plain JSON values.
    """
    found = facts.dossier
    return {
        "resident": found.resident,
        "partner": found.partner,
        "market": found.state.code,
        "at": found.state.now,
        "locked": facts.locked,
        "erased": facts.is_erased,
        "holds": not any(account.differences for account in found.accounts),
        "profile": facts.profile,
        "kept": found.kept,
        "records": [
            {
                "id": each.id,
                "at": each.at,
                "name": each.name,
                "party": each.party,
                "staff": each.staff,
                "data": each.data,
            }
            for each in found.entries
        ],
        "letter": "\n".join(letter(facts)),
    }
