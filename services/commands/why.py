"""
`foothold why`: the one reason for an offer, or for its absence.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from matching.market.explanation import Explanation
from matching.market.local_time import market_calendar
from matching.market.state import MarketState
from matching.market.working_time import local
from schemas.envelope import market_of
from schemas.log_record import LogRecord
from schemas.slots import Outcome
from services.commands.exports import read_export
from services.commands.installation import Installation, installation_options
from services.commands.kafka_access import Kafka
from services.commands.log_reading import understood
from services.commands.references import is_resident_id, names_of, resident_of
from services.commands.register import market_records
from services.commands.saying import opportunity_argument
from services.transport.explaining import Account, RoundTold, Step, accounted
from services.wording.figures import day_in_words
from services.wording.offers import CONTEST, WAITS, happened, next_for
from services.wording.outcomes import OUTCOMES, figures, unknowns

# What an event tells by the day alone.
DAYS = ("on", "tried_on")

EPILOG = """\b
Examples:
  foothold why NH-0001 zedford-o-abcdefghijklmnop --as northgate-homes
  foothold why zedford-r-abcdefghijklmnop zedford-o-abcdefghijklmnop \\
    --market-export zedford.jsonl
\b
Exit codes: 0 explained, 1 there is nothing to explain or a round does not come out the
same again, 2 wrong use.
"""


@click.command("why", epilog=EPILOG)
@click.argument("resident")
@opportunity_argument
@click.option("--as", "partner", metavar="PARTNER", help="Whose resident and reference it is.")
@click.option(
    "--market-export",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of `foothold log export`, in place of the broker.",
)
@click.option("--json", "as_json", is_flag=True, help="The account as one JSON object.")
@installation_options
def command(
    installation: Installation,
    resident: str,
    opportunity: str,
    partner: str | None,
    market_export: Path | None,
    as_json: bool,
) -> None:
    """
    Say why RESIDENT was or was not proposed for OPPORTUNITY, and what came of it.

    RESIDENT is our id, or with --as your own reference. Each round that the opportunity took
    part in is decided again from the log, and the reason is read off that decision. What is
    told of the order is the resident's own place and the last that was reached.
    """
    if not is_resident_id(resident) and partner is None:
        raise click.UsageError(
            f"{resident!r} is no id of ours. Say --as PARTNER, if it is a reference of theirs."
        )
    if market_export is not None and is_resident_id(resident):
        account = _account(read_export(market_export), resident, opportunity)
    else:
        with Kafka(installation.broker()) as kafka:
            subject = resident
            if partner is not None:
                names = names_of(kafka, partner)
                subject = resident_of(resident, names=names, party=partner)
            records: Iterable[LogRecord] = (
                read_export(market_export)
                if market_export is not None
                else market_records(kafka, market_of(opportunity) or "")
            )
            account = _account(records, subject, opportunity)
    _check(account, told=resident, partner=partner)
    if as_json:
        click.echo(json.dumps(plain(account)))
    else:
        click.echo("\n".join(lines(account)))
    raise SystemExit(1 if account.differences else 0)


def _account(records: Iterable[LogRecord], resident: str, opportunity: str) -> Account:
    with understood():
        return accounted(records, resident=resident, opportunity=opportunity)


def _check(account: Account, *, told: str, partner: str | None) -> None:
    """
    Hold back what is not there, and what is another partner's.
    """
    market = account.state.code
    if not account.posted:
        raise click.ClickException(f"{market or 'The log'} has no {account.opportunity}.")
    if account.partner is None or (partner is not None and partner != account.partner):
        whose = f"of {partner} " if partner is not None else ""
        raise click.ClickException(f"{told} is no resident {whose}in {market}.")
    if account.intake is None and not account.offer:
        raise click.ClickException(
            f"{account.opportunity} has no reserved positions, so no round is held for it. "
            "`foothold queue PARTNER --only matches` shows whom it suits."
        )


# --- in words -----------------------------------------------------------------------------


def lines(account: Account) -> Iterator[str]:
    """
    Write an account as lines of plain English.
    """
    yield f"{account.resident} and {account.opportunity}"
    for each in account.differences:
        yield ""
        yield f"DOES NOT HOLD: {_when(account.state, each.at)}, record {each.sequence}."
        yield f"  Decided again, it differs from the log in {', '.join(each.differs)}."
        yield "  Do not rely on it; `foothold replay` names the first byte."
    yield ""
    if account.intake is not None:
        yield from _latest(account) if account.rounds else _before(account)
    yield from _offer(account)
    if account.intake is None:
        yield f"What can be done: {_next(account)}"
    if account.rounds and not account.offer and not account.waits:
        yield from _now(account)
    yield from _challenge(account)


def _latest(account: Account) -> Iterator[str]:
    """
    Tell the latest round in full, and of those before it the one that proposed.
    """
    *earlier, last = account.rounds
    yield from _whole(account.state, last)
    known = last.explanation
    over = bool(account.public) and not account.reserved
    if known is not None and (not over or known.outcome is Outcome.PROPOSED):
        yield f"  What can be done: {_mend(account, known)}"
    for each in reversed(earlier):
        if each.explanation is not None and each.explanation.outcome is Outcome.PROPOSED:
            yield from _whole(account.state, each)
        else:
            yield f"Before it, {_when(account.state, each.at)}: {_name(each)}."


def _mend(account: Account, known: Explanation) -> str:
    """
    Say what can be done now: of a proposal, what its latest step has left to do.
    """
    if known.outcome is not Outcome.PROPOSED:
        return OUTCOMES[known.outcome].mend
    if account.waits:
        return WAITS
    return _next(account)


def _next(account: Account) -> str:
    return next_for((step.name for step in account.offer), again=account.again)


def _whole(state: MarketState, told: RoundTold) -> Iterator[str]:
    yield f"Round of {_when(state, told.at)}: {_name(told)}."
    if told.explanation is not None:
        yield f"  {OUTCOMES[told.explanation.outcome].means}"
        for figure in figures(told.explanation):
            yield f"  {figure}"
        yield from _further(state, told.explanation)


def _name(told: RoundTold) -> str:
    known = told.explanation
    return OUTCOMES[known.outcome].name if known is not None else "not known to the market yet"


def _further(state: MarketState, told: Explanation) -> Iterator[str]:
    unknown = unknowns(told)
    if unknown is not None:
        yield f"  {unknown}"
    if told.opens_at is not None:
        yield f"  A rung whose conditions they meet opens on {_when(state, told.opens_at)}."


def _before(account: Account) -> Iterator[str]:
    """
    Tell what is known before the first round.
    """
    intake = account.intake
    if not account.free:
        yield "No round has been held."
        yield _no_round(account)
        return
    if intake is not None:
        yield (
            "No round has been held yet. Answers are taken in until "
            f"{_when(account.state, intake.until)}; the first proposals follow "
            f"{_when(account.state, intake.first_round_at)}."
        )
    if account.missing is None:
        yield "  Nothing is missing so far: the resident takes part."
        return
    reason = OUTCOMES[account.missing]
    yield f"  Missing so far: {reason.name}. {reason.means}"
    yield f"  What can be done: {reason.mend}"


def _offer(account: Account) -> Iterator[str]:
    if account.waits:
        yield "A proposal is decided, and is made at one of the next ticks."
    for offer, steps in groupby(account.offer, key=lambda step: step.about):
        yield f"Their offer {offer}:"
        yield from _steps(account, steps)


def _challenge(account: Account) -> Iterator[str]:
    """
    Tell of a challenge; where there is none and what was done can be contested, how.
    """
    if account.challenge:
        yield f"Their challenge {account.challenge[0].about}:"
        yield from _steps(account, account.challenge)
    elif account.contestable and account.rounds:
        yield CONTEST


def _steps(account: Account, steps: Iterable[Step]) -> Iterator[str]:
    for step in steps:
        yield f"  {_when(account.state, step.at)}: {_happened(account.state, step)}"


def _happened(state: MarketState, step: Step) -> str:
    details = {name: _written(state, name, told) for name, told in step.details}
    return happened(step.name, details)


def _written(state: MarketState, name: str, told: str) -> str:
    if name.endswith("_by"):
        return _when(state, told)
    return day_in_words(date.fromisoformat(told)) if name in DAYS else told


def _now(account: Account) -> Iterator[str]:
    """
    Tell what has changed since the last round.
    """
    if not account.free:
        yield _no_round(account)
    elif account.missing is None:
        yield "As things stand, the resident takes part in the next round."
    else:
        yield f"As things stand, the next round would find: {OUTCOMES[account.missing].name}."


def _no_round(account: Account) -> str:
    """
    Say why no round is due: the positions went public, or none is free.
    """
    if account.public and not account.reserved:
        return (
            "Its positions have gone public: the service proposes them to nobody any more, and "
            "the supplier may advertise them openly."
        )
    if account.public:
        return (
            "No position that is still reserved is free now, so no round is due. Those of "
            f"{', '.join(account.public)} have gone public: the supplier may advertise them openly."
        )
    return "No position is free now, so no round is due."


def _when(state: MarketState, at: str) -> str:
    day, time = local(market_calendar(state), at)
    return f"{day_in_words(day)}, {time[:5]}"


# --- as JSON ------------------------------------------------------------------------------


def plain(account: Account) -> dict[str, Any]:
    """
    Return an account as plain JSON values.
    """
    intake = account.intake
    return {
        "resident": account.resident,
        "opportunity": account.opportunity,
        "holds": not account.differences,
        "intake_until": intake.until if intake is not None else None,
        "first_round_at": intake.first_round_at if intake is not None else None,
        "rounds": [_round(account, each) for each in account.rounds],
        "offer": [_step(each) for each in account.offer],
        "challenge": [_step(each) for each in account.challenge],
        "may_be_challenged": account.contestable,
        "decided_and_waiting": account.waits,
        "missing_now": account.missing.value if account.missing is not None else None,
        "free_now": account.free,
        "public": list(account.public),
    }


def _step(step: Step) -> dict[str, Any]:
    return {**asdict(step), "details": dict(step.details)}


def _round(account: Account, told: RoundTold) -> dict[str, Any]:
    known = told.explanation
    reason = OUTCOMES[known.outcome] if known is not None else None
    return {
        "at": told.at,
        "record": told.sequence,
        "differs": list(told.differs),
        "explanation": asdict(known) if known is not None else None,
        "means": reason.means if reason is not None else None,
        "mend": _mend(account, known) if known is not None else None,
    }
