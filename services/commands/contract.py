"""
`foothold contract`: what a contract says, before it is sent.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from matching.market.local_time import nation_calendar
from matching.market.working_time import Calendar, local
from schemas.codec import Rejected, message_of, plain
from schemas.contracts import Clause, ContractRegistered, RingFence
from schemas.envelope import Message, contract_id
from schemas.pledges import PledgeMade
from schemas.rules import Policy
from schemas.vocabulary import Nation, event_type, instant
from services import clock
from services.commands.answers import show
from services.commands.init import packaged_rules
from services.commands.submissions import read_objects
from services.notifier.answers import value_at
from services.wording.figures import day_in_words
from services.wording.ladders import Ladder, ladder, last_day_to_post
from services.wording.refusals import explain as explained
from services.wording.terms import (
    Line,
    clause_in_words,
    contract_in_words,
    fence_in_words,
    pledge_in_words,
    who,
)

UNKNOWN_OWNER = "framework-owner"
MARGIN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """
    A contract with its pledges as read, and on which days its windows are counted.
    """

    contract: ContractRegistered
    owner: str | None
    pledges: tuple[PledgeMade, ...]
    nation: Nation
    calendar: Calendar
    policy: Policy
    posted_on: date

    def laid(self, fence: RingFence) -> Ladder:
        """
        Lay out a ring fence for a position that is posted on the day asked for.
        """
        return ladder(fence, calendar=self.calendar, posted_on=self.posted_on, policy=self.policy)

    def last_day(self, fence: RingFence) -> date | None:
        """
        Return the last day to post, so that the whole ladder runs before the contract ends.
        """
        return last_day_to_post(
            fence,
            calendar=self.calendar,
            policy=self.policy,
            starts_on=self.contract.starts_on,
            ends_before=self.contract.ends_before,
        )


@click.group("contract", epilog="Example: foothold contract explain contract.json")
def command() -> None:
    """
    Read a contract before it is sent.
    """


@command.command(
    "explain",
    epilog="""\b
Examples:
  foothold template contract > contract.json && foothold contract explain contract.json
  foothold contract explain contract.json --posted-on 2026-03-30 --nation scotland
\b
Exit codes: 0 nothing is wrong with it, 1 it would be refused, 2 wrong use.
""",
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--posted-on",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    metavar="DATE",
    help="The day on which a position is posted, YYYY-MM-DD; default: today.",
)
@click.option(
    "--nation",
    type=click.Choice([each.value for each in Nation]),
    default=Nation.ENGLAND.value,
    show_default=True,
    help="Whose bank holidays count: those of the market's nation.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as one JSON object.")
def explain(file: Path, posted_on: datetime | None, nation: str, as_json: bool) -> None:
    """
    Say in plain English what the contract in FILE means, with dates, and send nothing.

    FILE is the data of a ContractRegistered, bare or as a CloudEvent; its pledges may stand
    beside it, as in {"contract": ..., "pledges": [...]} or on further lines. What needs the
    register's memory, such as whether the supplier is registered, is judged when it is sent.
    """
    read = [(label, event, message_of(event)) for label, event in _events(file)]
    refusals = [
        (label, _refusal(event, found))
        for label, event, found in read
        if isinstance(found, Rejected)
    ]
    if refusals:
        _tell_refusals(refusals, as_json=as_json)
        raise SystemExit(1)
    terms = _terms(
        file,
        tuple(found for _, _, found in read if isinstance(found, Message)),
        posted_on=posted_on.date() if posted_on else None,
        nation=Nation(nation),
    )
    if as_json:
        click.echo(json.dumps(_data(terms), ensure_ascii=False))
        return
    console = Console()
    for depth, line in _lines(terms):
        console.print(Padding(Text(line), (0, 0, 0, MARGIN * depth), expand=False))


# --- reading ------------------------------------------------------------------------------


def _events(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """
    Read what the file holds as the events that `send` would make of it.
    """
    for label, told in read_objects(file, ContractRegistered):
        if isinstance(told.get("contract"), dict):
            yield from _together(label, told)
        elif "type" in told and "data" in told:
            made = {"specversion": "1.0", "id": "explained", "source": _source(UNKNOWN_OWNER)}
            yield label, {**made, **told}
        else:
            promised = {"measure", "due"} & told.keys()
            yield label, _event(PledgeMade if promised else ContractRegistered, told)


def _together(label: str, told: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """
    Take a contract and its pledges apart; a pledge may name it by its reference.
    """
    contract = told["contract"]
    yield f"{label}, contract", _event(ContractRegistered, contract)
    pledges = told.get("pledges", [told["pledge"]] if "pledge" in told else [])
    reference = str(contract.get("reference"))
    for n, pledge in enumerate(pledges if isinstance(pledges, list) else [pledges], start=1):
        if not isinstance(pledge, dict):
            raise click.UsageError(f"{label}, pledge {n}: expected an object, found {pledge!r:.40}")
        named = {name: part for name, part in pledge.items() if name != "contract_reference"}
        ours = contract_id(owner=UNKNOWN_OWNER, reference=reference)
        yield f"{label}, pledge {n}", _event(PledgeMade, {"contract": ours, **named})


def _event(cls: type, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": "explained",
        "source": _source(UNKNOWN_OWNER),
        "type": event_type(cls).wire_name,
        "data": data,
    }


def _source(party: str) -> str:
    return f"/party/{party}"


def _terms(
    file: Path, messages: tuple[Message, ...], *, posted_on: date | None, nation: Nation
) -> Terms:
    for each in messages:
        if not isinstance(each.data, ContractRegistered | PledgeMade):
            raise click.UsageError(
                f"{file} holds {each.envelope.event_name}. Only a contract and its pledges are"
                " explained."
            )
    contracts = [
        (each.envelope.party, each.data)
        for each in messages
        if isinstance(each.data, ContractRegistered)
    ]
    if len(contracts) != 1:
        raise click.UsageError(f"{file} holds {len(contracts)} contracts. Give it one to explain.")
    rules = packaged_rules()
    calendar = nation_calendar(rules, nation)
    owner, contract = contracts[0]
    return Terms(
        contract=contract,
        owner=None if owner == UNKNOWN_OWNER else owner,
        pledges=tuple(each.data for each in messages if isinstance(each.data, PledgeMade)),
        nation=nation,
        calendar=calendar,
        policy=rules.policy,
        posted_on=posted_on or local(calendar, instant(clock.now()))[0],
    )


# --- refusals -----------------------------------------------------------------------------


def _refusal(event: dict[str, Any], found: Rejected) -> list[Any]:
    """
    Explain what is wrong with an event, in the words of the refusal that would come.
    """
    return [
        plain(explained(problem, value=value_at(event, problem.field)))
        for problem in found.problems
    ]


def _tell_refusals(refusals: list[tuple[str, list[Any]]], *, as_json: bool) -> None:
    if as_json:
        told = [{"where": label, "problems": problems} for label, problems in refusals]
        click.echo(json.dumps({"refused": told}, ensure_ascii=False))
        return
    console = Console()
    for label, problems in refusals:
        show(console, label, {"type": "foothold.Refusal.v1", "data": {"problems": problems}})


# --- telling ------------------------------------------------------------------------------


def _lines(terms: Terms) -> Iterator[Line]:
    contract = terms.contract
    yield from contract_in_words(contract, owner=terms.owner)
    yield from ((1, f"Note: {note}") for note in _notes(terms))
    if not contract.clauses:
        yield 0, "It has no clauses: no pay floor and no reserved position follow from it."
    for clause in contract.clauses:
        yield from clause_in_words(clause)
        if clause.ring_fence is not None:
            yield from fence_in_words(
                clause.ring_fence,
                terms.laid(clause.ring_fence),
                calendar=terms.calendar,
                policy=terms.policy,
                last_day=terms.last_day(clause.ring_fence),
            )
    names = frozenset(clause.clause for clause in contract.clauses)
    for pledge in terms.pledges:
        yield from pledge_in_words(pledge, clauses=names)


def _notes(terms: Terms) -> Iterator[str]:
    """
    Tell on what the dates rest, and where they rest on less than they seem to.
    """
    nation = terms.nation.replace("_", " ").title()
    known = max(terms.calendar.holidays).year
    yield (
        f"dates are counted on the working days of {nation}, whose bank holidays are known here to"
        f" the end of {known}; partners and suppliers have their own working days and hours."
    )
    if not terms.contract.starts_on <= terms.posted_on < terms.contract.ends_before:
        day = day_in_words(terms.posted_on)
        yield f"on {day} the contract does not run; --posted-on names another day."


def _data(terms: Terms) -> dict[str, Any]:
    return {
        "contract": plain(terms.contract),
        "owner": terms.owner,
        "nation": terms.nation,
        "posted_on": str(terms.posted_on),
        "notes": list(_notes(terms)),
        "clauses": [_clause(terms, clause) for clause in terms.contract.clauses],
        "pledges": [plain(pledge) for pledge in terms.pledges],
    }


def _clause(terms: Terms, clause: Clause) -> dict[str, Any]:
    told: dict[str, Any] = {"clause": clause.clause, "title": clause.title}
    if clause.ring_fence is None:
        return told
    fence, laid = clause.ring_fence, terms.laid(clause.ring_fence)
    routes = {route.route: route for route in fence.routes}
    last_day = terms.last_day(fence)
    rungs = [
        {"who": who(rung, routes), **asdict(step)}
        for rung, step in zip(fence.rungs, laid.steps, strict=True)
    ]
    ring_fence = {
        "posted": laid.posted,
        "taken_in_until": laid.taken_in_until,
        "rungs": rungs,
        "challenge_working_days": fence.challenge_working_days,
        "public": laid.public,
        "last_day_to_post": None if last_day is None else str(last_day),
    }
    return {**told, "ring_fence": ring_fence}
