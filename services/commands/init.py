"""
`foothold init`: the first party and the first rules, on an empty register.
"""

import json
from importlib import resources
from typing import Any, get_args

import click

from schemas import codec
from schemas.envelope import Envelope, Message
from schemas.log_record import Genesis, NotALogRecord, read
from schemas.parties import PartyRegistered, WorkingHours
from schemas.rules import RulesAdopted
from schemas.vocabulary import REGISTER, Day, Nation, Role, Slug, event_type, instant
from services import clock
from services.commands.installation import Installation, installation_options
from services.commands.kafka_access import Kafka
from services.sealing import KEY_BYTES, Destroyed, Key, seal_event
from services.settings import Settings
from services.storage.keys import master_key, open_keys
from services.topology import MARKET_INBOX, MARKET_LOG, topic_plan

BOOTSTRAP = "/worker/bootstrap"
WEEK = (Day.MON, Day.TUE, Day.WED, Day.THU, Day.FRI)


class RegisterInUse(click.ClickException):
    """
    The register has records: the first party and rules are there.
    """


@click.command(
    "init", epilog="Example: foothold init --operator teesside-foothold --mailbox ops@example.org"
)
@click.option("--operator", required=True, metavar="SLUG", help="Short name: a-z, 0-9, hyphens.")
@click.option("--name", help="The operator's name; default: the slug.")
@click.option("--nation", type=click.Choice([nation.value for nation in Nation]), default="england")
@click.option("--mailbox", default="operator@example.org", show_default=True, help="Role mailbox.")
@click.option("--telephone", default="020 7946 0000", show_default=True, help="Role telephone.")
@installation_options
def command(
    installation: Installation,
    operator: str,
    name: str | None,
    nation: str,
    mailbox: str,
    telephone: str,
) -> None:
    """
    Register the first party, the operator, and adopt the packaged rules.

    Works once, on an empty register. Workers need not run yet.
    """
    party = operator_party(
        operator, name=name, nation=Nation(nation), mailbox=mailbox, telephone=telephone
    )
    with Kafka(installation.broker()) as kafka:
        begin(kafka, installation, party)
    click.echo(
        f"{operator} is the operator and rules version 1 are said. Next: `foothold up`, then "
        "`foothold market open FILE`."
    )


def operator_party(
    slug: str, *, name: str | None, nation: Nation, mailbox: str, telephone: str
) -> PartyRegistered:
    """
    Make the operator's registration from what was typed.

    Raises:
        click.UsageError: something has the wrong form; the message says what.
    """
    pattern = get_args(Slug)[1]
    if not pattern.matches(slug):
        raise click.UsageError(
            f"{slug!r} cannot be a short name: 2 to 32 of a-z, 0-9 and hyphens, a letter first."
        )
    party = PartyRegistered(
        slug=slug,
        name=name or slug,
        roles=(Role.OPERATOR,),
        org_id=None,
        nation=nation,
        working_days=WEEK,
        working_hours=WorkingHours(starts="09:00", ends="17:00"),
        role_mailbox=mailbox,
        role_telephone=telephone,
    )
    return party_of(codec.plain(party))


def party_of(told: dict[str, Any]) -> PartyRegistered:
    """
    Read a party's registration from plain values.

    Raises:
        click.UsageError: it is not valid; the message names the first field.
    """
    envelope = {
        "specversion": "1.0",
        "id": "init",
        "source": f"/party/{told.get('slug')}",
        "type": event_type(PartyRegistered).wire_name,
    }
    found = codec.message_of({**envelope, "data": told})
    if isinstance(found, codec.Rejected):
        problem = found.problems[0]
        raise click.UsageError(f"{problem.field}: {problem.code}")
    party: PartyRegistered = found.data  # type: ignore[assignment]
    return party


def begin(
    kafka: Kafka,
    installation: Installation,
    party: PartyRegistered,
    *,
    rules: RulesAdopted | None = None,
) -> None:
    """
    Make the market topics and say the first party and rules.

    Raises:
        RegisterInUse: the register is not empty.
    """
    kafka.apply(topic_plan((party.slug,)))
    if not register_is_empty(kafka):
        raise RegisterInUse(
            "The register is not empty, so its first party is there already. Parties are added "
            "with `foothold send OPERATOR FILE --as party`."
        )
    for at, data in enumerate((_sealed(installation, party), rules or packaged_rules()), start=1):
        kind = event_type(data).wire_name
        envelope = Envelope(
            id=f"bootstrap-{at}",
            source=BOOTSTRAP,
            type=kind,
            # As intake names it, so that the operator's own registration said again is known.
            subject=f"party:{party.slug}" if at == 1 else None,
            time=instant(clock.now()),
        )
        value = codec.write(Message(envelope=envelope, data=data))
        kafka.send(MARKET_INBOX, value, partition=0, key=REGISTER.encode())


def register_is_empty(kafka: Kafka) -> bool:
    """
    Tell whether nothing was said to the register, and nothing stands in its log.
    """
    first, end = kafka.span(MARKET_INBOX, 0)
    if end > first or first > 0:
        return False
    return all(_is_genesis(message.value) for message in kafka.read(MARKET_LOG, 0))


def packaged_rules() -> RulesAdopted:
    """
    Return the first version of the rules, with this release's rows of law.
    """
    text = resources.files("services.data").joinpath("law.json").read_bytes()
    rules: RulesAdopted = codec.restore(RulesAdopted, json.loads(text))
    return rules


def _sealed(installation: Installation, party: PartyRegistered) -> Any:
    settings = Settings.read()
    given = settings.master_key.get_secret_value() if settings.master_key else None
    store, _ = open_keys(
        settings.database or installation.data / "keys.sqlite",
        master=master_key(installation.data, given=given),
    )
    subject = f"party:{party.slug}"
    key = store.create(subject, Key(clock.random_bytes(KEY_BYTES)))
    if isinstance(key, Destroyed):
        raise RegisterInUse(f"the key of {party.slug} was destroyed here; choose another slug")
    return seal_event(party, key=key, subject=subject, origin="bootstrap")


def _is_genesis(value: bytes) -> bool:
    try:
        return isinstance(read(value), Genesis)
    except NotALogRecord:
        return False
