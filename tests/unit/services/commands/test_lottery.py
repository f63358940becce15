"""
The lottery on the command line: kept secrets, reveals in time, and proofs from exports.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from matching.market import fold
from matching.market.allocation import ticket
from matching.market.lottery import commitment_of, fixed_seed, log_head_seed, seed_of
from matching.market.record import Happened, Said
from matching.market.state import empty
from schemas import codec, log_record
from schemas.log_record import Cause, InboxPosition, LogRecord, first_previous
from schemas.lottery import (
    LotteryCommitted,
    LotteryContributed,
    LotteryRevealed,
    SeedFixed,
    SeedSource,
)
from schemas.slots import (
    Decision,
    IntakeOpened,
    OpportunityRound,
    ReservedGroup,
    RoundClosed,
    SlotProposed,
)
from schemas.vocabulary import REGISTER, Role, event_type
from services.__main__ import main
from services.commands.lottery import has_begun
from services.commands.lottery_proof import KEPT
from services.commands.lottery_secret import hindrance, keep_secret, read_secret
from services.commands.ticket_proof import ticket_of
from services.transport.records import compose
from tests.builders import (
    CONTRACT,
    OPERATOR,
    OWNER,
    MarketUnderTest,
    opened,
    opportunity,
    party,
    registered,
    resident,
    tell_facts,
)

SECRET, OTHER_SECRET = "1a" * 32, "2b" * 32
NONCE, OTHER_NONCE = "3c" * 32, "4d" * 32
OTHER_OWNER = "harbour-council"
SPRING, SUMMER = "2026Q2", "2026Q3"
BEFORE, TERM, AFTER = (f"2026-03-{day}T12:00:00.000Z" for day in (10, 20, 21))
EARLIER = "2026-03-09T12:00:00.000Z"
AMAL, BEA = resident("amal"), resident("bea")


def happened(data: Any, *, party: str | None = None, subject: str | None = None) -> Happened:
    kind = event_type(data)
    return Happened(
        id="e-1",
        name=kind.name,
        version=kind.version,
        subject=subject,
        party=party,
        data=data,
    )


@dataclass(slots=True)
class Log:
    """
    A market's log as it is exported.
    """

    code: str
    records: list[LogRecord] = field(default_factory=list)

    @property
    def digest(self) -> str:
        return self.records[-1].digest if self.records else first_previous(self.code)

    def add(self, *events: Happened, at: str = BEFORE, told: Any = None) -> LogRecord:
        sequence = len(self.records) + 1
        cause = Cause(
            inbox=InboxPosition(topic_id="inbox", offset=sequence),
            appended_at=at,
            now=at,
            rules_version=1,
            release="test",
        )
        record = compose(
            self.code,
            sequence=sequence,
            previous=self.digest,
            cause=cause,
            told=told or {"message": {}},
            events=events,
            salts=lambda *place: sha256(repr(place).encode()).digest(),
        )
        self.records.append(record)
        return record

    def export(self, folder: Path) -> Path:
        first = {
            "format": log_record.FORMAT,
            "market": self.code,
            "genesis": "g",
            "partition": 0,
            "head": {"sequence": len(self.records), "digest": self.digest},
        }
        lines = [json.dumps(first), *(log_record.write(each).decode() for each in self.records)]
        path = folder / f"{self.code}.jsonl"
        path.write_text("\n".join(lines) + "\n")
        return path


class Chained(MarketUnderTest):
    """
    A market under test whose digests are those of the records that are exported.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code=code, state=empty(code))
        self.chain = Log(code)
        self._link(fold.open_market(self.state, opened(code)))

    def hear(self, thing: Said) -> tuple[Happened, ...] | None:
        events = super().hear(thing)
        if events is not None:
            self._link(events, at=thing.appended_at, told=thing.told)
        return events

    def _link(self, events: tuple[Happened, ...], *, at: str = BEFORE, told: Any = None) -> None:
        record = self.chain.add(*events, at=at, told=told)
        fold.link(self.state, sequence=record.sequence, digest=record.digest)


def committed(**changes: Any) -> Happened:
    terms = LotteryCommitted(
        epoch=SPRING, commitment=commitment_of(SECRET), contribute_by=TERM, stand_in=3
    )
    return happened(replace(terms, **changes), party=OPERATOR, subject=SPRING)


def contributed(nonce: str = NONCE, *, by: str = OWNER) -> Happened:
    return happened(LotteryContributed(epoch=SPRING, nonce=nonce), party=by, subject=SPRING)


def revealed(secret: str = SECRET, *, nonces: tuple[str, ...]) -> Happened:
    data = LotteryRevealed(epoch=SPRING, secret=secret, seed=seed_of(secret, nonces))
    return happened(data, party=OPERATOR, subject=SPRING)


REVEALED = revealed(nonces=(NONCE, OTHER_NONCE))
SEED = REVEALED.data.seed


OWNERS = (OWNER, OTHER_OWNER, "late-council", "third-council")


def registers(slug: str, *roles: Role) -> Happened:
    return happened(party(slug, *roles), party=OPERATOR, subject=slug)


def founded(*more: Happened) -> Log:
    """
    A register whose first record knows the operator and the owners, and a commitment.
    """
    log = Log(REGISTER)
    owners = (registers(owner, Role.OWNER) for owner in OWNERS)
    log.add(registers(OPERATOR, Role.OPERATOR), *owners, *more, committed())
    return log


def register(*more: Happened, given: tuple[Happened, ...] | None = None) -> Log:
    """
    A register with a commitment, two contributions, and what follows them.
    """
    log = founded()
    for each in (
        (contributed(), contributed(OTHER_NONCE, by=OTHER_OWNER)) if given is None else given
    ):
        log.add(each)
    for each in more:
        log.add(each, at=AFTER)
    return log


def proposed(name: str, drawn: str, *, epoch: str = SPRING) -> Happened:
    data = SlotProposed(
        offer=f"zedford-f-{name[-16:]}",
        position=f"{opportunity('F-1')}/starts/1",
        opportunity=opportunity("F-1"),
        contract=CONTRACT,
        clause="4.2",
        resident=name,
        tier=0,
        stage=0,
        weeks_ready=4,
        ticket=drawn,
        epoch=epoch,
        place=1,
        considered=2,
        rules_version=1,
        decided_at=AFTER,
        release_working_days=2,
        deliver_by=AFTER,
    )
    return happened(data, subject=name)


def market(*events: Happened) -> Log:
    """
    Zedford, where Amal stood before the lottery was revealed and Bea came after it.
    """
    log = Log("zedford")
    log.add(happened(registered("amal"), party="northfield", subject=AMAL))
    log.add(committed(), REVEALED)
    log.add(happened(registered("bea"), party="northfield", subject=BEA))
    for each in events:
        log.add(each, at=AFTER)
    return log


FIXED = happened(SeedFixed(epoch=SPRING, seed=SEED, source=SeedSource.LOTTERY), subject=SPRING)


def verify(folder: Path, *logs: Log, more: tuple[str, ...] = ()) -> Result:
    paths = [str(log.export(folder)) for log in logs]
    return CliRunner().invoke(main, ["lottery", "verify", *paths, *more])


# --- what holds ---------------------------------------------------------------------------


def test_a_lottery_and_its_tickets_are_proved_from_the_exports_alone(tmp_path: Path) -> None:
    drawn = proposed(AMAL, f"{ticket(bytes.fromhex(SEED), AMAL):016x}")

    outcome = verify(
        tmp_path,
        register(REVEALED),
        market(FIXED, *closed(AMAL, ticket_of(SEED, AMAL)), drawn),
    )

    assert outcome.exit_code == 0, outcome.output
    assert f"the secret with 2 nonces ({OWNER} in record 2, {OTHER_OWNER} in record 3)" in (
        outcome.output
    )
    assert f"gives the seed {SEED}" in outcome.output
    assert "1 ticket of decisions and 1 of proposals drawn again: the same." in outcome.output
    assert outcome.output.endswith("Everything holds.\n")
    assert "but note" not in outcome.output


def test_the_proof_is_one_json_object_on_request(tmp_path: Path) -> None:
    told = json.loads(verify(tmp_path, register(REVEALED), more=("--json",)).stdout)

    assert (told["holds"], told["fault"]) == (True, None)
    assert {line["epoch"] for line in told["checked"]} == {SPRING}


def test_what_a_real_register_and_market_decide_is_what_the_proof_expects(tmp_path: Path) -> None:
    register = Chained(REGISTER)
    register.say(party(OPERATOR, Role.OPERATOR), worker="bootstrap")
    register.say(party(OWNER, Role.OWNER), by=OPERATOR, subject=OWNER)
    register.say(committed(stand_in=5).data, by=OPERATOR)
    register.say(party("stand-in", Role.SUPPLIER), by=OPERATOR, subject="stand-in")
    register.say(committed(epoch=SUMMER, stand_in=90).data, by=OPERATOR)
    register.say(LotteryContributed(epoch=SUMMER, nonce=NONCE), by=OWNER)
    for epoch in (SUMMER, SPRING):
        register.say(LotteryRevealed(epoch=epoch, secret=SECRET), by=OPERATOR, appended_at=AFTER)
    zedford = Chained("zedford")
    for sequence, (_, _, facts) in enumerate(register.log, start=1):
        tell_facts(zedford, facts, sequence=sequence)
    seeds = [fixed_seed(zedford.state, epoch) for epoch in (SPRING, SUMMER, "2026Q4")]
    zedford.chain.add(*(happened(seed) for seed in seeds if seed))

    outcome = verify(tmp_path, register.chain, zedford.chain)

    assert outcome.exit_code == 0, outcome.output
    assert "the secret with the digest of record 5, standing in, gives" in outcome.output
    assert outcome.output.count("the seed is what the revealed lottery gives") == 2
    last = len(zedford.chain.records)
    assert f"2026Q4  record {last}: the seed is what the digest of record {last - 1} gives" in (
        outcome.output
    )


def test_a_seed_from_the_log_is_proved_and_named_for_what_it_is(tmp_path: Path) -> None:
    log = Log("zedford")
    log.add(happened(registered("amal"), subject=AMAL))
    seed = log_head_seed(log.digest, SPRING)
    fixed = SeedFixed(epoch=SPRING, seed=seed, source=SeedSource.LOG_HEAD)
    log.add(happened(fixed), proposed(AMAL, ticket_of(seed, AMAL)))

    outcome = verify(tmp_path, register(given=()), log)

    assert outcome.exit_code == 0, outcome.output
    assert "the digest of record 1 gives" in outcome.output
    assert "not proof against the operator" in outcome.output
    assert "the secret is not revealed yet" in outcome.output


def test_a_seed_that_a_market_fixed_before_the_commitment_is_kept_and_told(tmp_path: Path) -> None:
    log = Log("zedford")
    log.add(happened(registered("amal"), subject=AMAL), at=EARLIER)
    seed = log_head_seed(log.digest, SPRING)
    fixed = SeedFixed(epoch=SPRING, seed=seed, source=SeedSource.LOG_HEAD)
    log.add(happened(fixed), proposed(AMAL, ticket_of(seed, AMAL)), at=EARLIER)

    outcome = verify(tmp_path, register(REVEALED), log)

    assert outcome.exit_code == 0, outcome.output
    assert f"zedford {SPRING}  but note: {KEPT}" in outcome.output


@pytest.mark.parametrize(
    ("today", "begun"),
    [(date(2026, 3, 31), False), (date(2026, 4, 1), True), (date(2027, 1, 1), True)],
)
def test_a_quarter_has_begun_from_its_first_day_on(today: date, begun: bool) -> None:
    assert has_begun(SPRING, today=today) is begun


@pytest.mark.parametrize(
    ("revealed_since", "told"),
    [((), "(it is not revealed yet)"), ((REVEALED,), "(it was revealed in record 4)")],
)
def test_a_lottery_that_owners_gave_to_and_that_was_not_revealed_in_time_does_not_hold(
    tmp_path: Path, revealed_since: tuple[Happened, ...], told: str
) -> None:
    log = Log("zedford")
    log.add(happened(registered("amal"), subject=AMAL))
    seed = log_head_seed(log.digest, SPRING)
    fixed = SeedFixed(epoch=SPRING, seed=seed, source=SeedSource.LOG_HEAD)
    log.add(happened(fixed), proposed(AMAL, ticket_of(seed, AMAL)))

    outcome = verify(tmp_path, register(*revealed_since), log)

    assert outcome.exit_code == 1
    assert "0 tickets of decisions and 1 of proposals drawn again: the same." in outcome.output
    assert f"Does not hold: zedford, record 2: the seed of {SPRING} was taken from" in (
        outcome.output
    )
    assert f"a lottery of it with 2 nonces ({OWNER} in record 2, " in outcome.output
    assert f"the operator did not reveal it in time {told}." in outcome.output


def test_tickets_of_people_who_joined_when_the_seed_was_known_are_told(tmp_path: Path) -> None:
    log = market(FIXED, proposed(AMAL, ticket_of(SEED, AMAL)), proposed(BEA, ticket_of(SEED, BEA)))

    outcome = verify(tmp_path, register(REVEALED), log)

    assert outcome.exit_code == 0, outcome.output
    assert "1 resident drawn for joined when the operator could know the seed" in outcome.output


@pytest.mark.parametrize("heard_first", [True, False])
def test_an_id_drawn_after_the_last_nonce_and_before_the_reveal_is_told(
    tmp_path: Path, heard_first: bool
) -> None:
    log = Log("zedford")
    nonces = (committed(), contributed(), contributed(OTHER_NONCE, by=OTHER_OWNER))
    # The herald may carry the nonces late: then the broker's time tells what was first.
    joins = happened(registered("bea"), party="northfield", subject=BEA)
    log.add(happened(registered("amal"), party="northfield", subject=AMAL))
    if heard_first:
        log.add(*nonces)
        log.add(joins)
    else:
        log.add(joins, at=TERM)
        log.add(*nonces, at=TERM)
    log.add(REVEALED, at=AFTER)
    log.add(FIXED, proposed(AMAL, ticket_of(SEED, AMAL)), proposed(BEA, ticket_of(SEED, BEA)))

    outcome = verify(tmp_path, register(REVEALED), log)

    assert outcome.exit_code == 0, outcome.output
    assert "1 resident drawn for joined when the operator could know the seed" in outcome.output


def test_a_register_without_lotteries_says_so(tmp_path: Path) -> None:
    log = Log(REGISTER)
    log.add(happened(registered("amal")))

    assert "No lottery was committed to" in verify(tmp_path, log).output


# --- planted faults -----------------------------------------------------------------------

OTHER_REVEAL = revealed(OTHER_SECRET, nonces=(NONCE, OTHER_NONCE))
SWAPPED = revealed(nonces=(OTHER_NONCE, NONCE))
IN_REGISTER: dict[str, tuple[Callable[[], Log], str]] = {
    "another secret than committed to": (lambda: register(OTHER_REVEAL), "committed to was"),
    "nonces in another order": (lambda: register(SWAPPED), "gives"),
    "a nonce left out": (lambda: register(revealed(nonces=(NONCE,))), "2 nonces"),
    "a second commitment": (lambda: register(committed(stand_in=99)), "in record 1"),
    "a second reveal": (lambda: register(REVEALED, REVEALED), "revealed before"),
    "a contribution after the reveal": (
        lambda: register(REVEALED, contributed(by="late-council")),
        "after the secret was revealed",
    ),
    "a contribution after its term": (
        lambda: register(contributed(by="late-council")),
        f"late-council contributed after {TERM}",
    ),
    "an owner twice": (lambda: register(given=(contributed(), contributed())), "twice"),
    "a stand-in that was written": (
        lambda: register(committed(epoch="2026Q3", stand_in=4)),
        "was written before",
    ),
    "a stand-in that was not": (
        lambda: register(revealed(nonces=("0" * 64,)), given=()),
        "not written yet",
    ),
    "a lottery that nobody committed to": (
        lambda: register(happened(replace(REVEALED.data, epoch="2026Q3"), party=OPERATOR)),
        "no lottery of 2026Q3",
    ),
}


@pytest.mark.parametrize("planted", IN_REGISTER)
def test_a_fault_planted_in_the_register_is_found(planted: str, tmp_path: Path) -> None:
    make, told = IN_REGISTER[planted]

    outcome = verify(tmp_path, make())

    assert outcome.exit_code == 1
    assert "Does not hold: _register, record " in outcome.output
    assert told in outcome.output


def test_a_secret_that_was_told_before_a_contribution_is_found(tmp_path: Path) -> None:
    log = founded()
    log.add(
        told={"message": {"data": {"epoch": SPRING, "secret": SECRET}}},
    )
    log.add(contributed())
    log.add(revealed(nonces=(NONCE,)), at=AFTER)

    outcome = verify(tmp_path, log)

    assert outcome.exit_code == 1
    assert "record 2: the secret stands here, before the contribution in record 3" in outcome.output


@pytest.mark.parametrize("given", [(), (contributed(),)])
def test_a_reveal_before_the_term_is_found(tmp_path: Path, given: tuple[Happened, ...]) -> None:
    log = register(given=given)
    log.add(revealed(nonces=(NONCE,)), at=TERM)

    outcome = verify(tmp_path, log)

    assert outcome.exit_code == 1
    assert f"revealed while owners could contribute, until {TERM}" in outcome.output


def test_a_contribution_of_a_party_that_operates_is_found(tmp_path: Path) -> None:
    log = register(registers(OWNER, Role.OWNER, Role.OPERATOR), given=())
    log.add(contributed())

    outcome = verify(tmp_path, log)

    assert outcome.exit_code == 1
    assert f"record 3: {OWNER} contributed, and operates the service" in outcome.output


def test_a_contribution_of_an_owner_that_came_after_the_commitment_is_found(
    tmp_path: Path,
) -> None:
    log = register(registers("new-council", Role.OWNER), given=())
    log.add(contributed(by="new-council"))

    outcome = verify(tmp_path, log)

    assert outcome.exit_code == 1
    assert "registered in record 2, after the commitment in record 1" in outcome.output


def test_a_contribution_of_nobody_known_is_found(tmp_path: Path) -> None:
    outcome = verify(tmp_path, register(contributed(by="nowhere-council")))

    assert outcome.exit_code == 1
    assert "nowhere-council contributed, and is not registered" in outcome.output


def closed(name: str, drawn: str, *, epoch: str = SPRING) -> tuple[Happened, Happened]:
    """
    An intake, and the round that decided one proposal by a ticket.
    """
    intake = IntakeOpened(
        opportunity=opportunity("F-1"),
        contract=CONTRACT,
        epoch=SPRING,
        until=BEFORE,
        first_round_at=BEFORE,
        groups=(
            ReservedGroup(
                group="starts", clause="4.2", positions=1, rungs=(BEFORE,), public_at=AFTER
            ),
        ),
    )
    drawn_for = OpportunityRound(
        opportunity=opportunity("F-1"), epoch=epoch, free=1, considered=2, outcomes=()
    )
    decision = Decision(
        offer=f"zedford-f-{name[-16:]}",
        position=f"{opportunity('F-1')}/starts/1",
        opportunity=opportunity("F-1"),
        resident=name,
        tier=0,
        weeks_ready=4,
        ticket=drawn,
        place=1,
        considered=2,
    )
    round_ = RoundClosed(
        at=AFTER,
        rules_version=1,
        opportunities=(drawn_for,),
        decisions=(decision,),
        digest="0" * 64,
    )
    return happened(intake), happened(round_)


def one_off(drawn: str) -> str:
    return f"{(int(drawn, 16) + 1) % 2**64:016x}"


LATER_FIXED = happened(
    SeedFixed(epoch=SPRING, seed=log_head_seed("0" * 64, SPRING), source=SeedSource.LOG_HEAD)
)
IN_MARKET: dict[str, tuple[tuple[Happened, ...], str]] = {
    "a ticket changed by one": (
        (FIXED, proposed(AMAL, one_off(ticket_of(SEED, AMAL)))),
        f"record 5: the ticket of {AMAL}",
    ),
    "a ticket of a decision changed by one": (
        (FIXED, *closed(AMAL, one_off(ticket_of(SEED, AMAL)))),
        f"record 6: the ticket of {AMAL}",
    ),
    "a decision drawn by another quarter": (
        (FIXED, *closed(AMAL, ticket_of(SEED, AMAL), epoch=SUMMER)),
        f"is of {SPRING}, and was drawn for by {SUMMER}",
    ),
    "another's ticket": ((FIXED, proposed(AMAL, ticket_of(SEED, BEA))), "the seed gives"),
    "a ticket before its seed": ((proposed(AMAL, ticket_of(SEED, AMAL)),), "before its seed"),
    "another seed": (
        (happened(SeedFixed(epoch=SPRING, seed="5" * 64, source=SeedSource.LOTTERY)),),
        "but the revealed lottery gives",
    ),
    "a seed fixed twice": ((FIXED, FIXED), "was fixed before"),
    "a reveal that was passed over": ((LATER_FIXED,), "not taken"),
    "a lottery that was not revealed": (
        (happened(SeedFixed(epoch=SUMMER, seed=SEED, source=SeedSource.LOTTERY)),),
        "no lottery of 2026Q3 had been revealed",
    ),
    "a log head of another record": (
        (
            happened(
                SeedFixed(
                    epoch=SUMMER,
                    seed=log_head_seed("0" * 64, SUMMER),
                    source=SeedSource.LOG_HEAD,
                )
            ),
        ),
        "the digest of record 3 gives",
    ),
    "a reveal that the register does not hold": ((OTHER_REVEAL,), "not the one in the register"),
}


@pytest.mark.parametrize("planted", IN_MARKET)
def test_a_fault_planted_in_a_market_is_found(planted: str, tmp_path: Path) -> None:
    events, told = IN_MARKET[planted]

    outcome = verify(tmp_path, register(REVEALED), market(*events))

    assert outcome.exit_code == 1
    assert "Does not hold: zedford, record " in outcome.output
    assert told in outcome.output


def test_a_fault_is_told_in_json_too(tmp_path: Path) -> None:
    told = json.loads(verify(tmp_path, register(OTHER_REVEAL), more=("--json",)).stdout)

    assert told["holds"] is False
    assert told["fault"].startswith("_register, record 4: the secret's SHA-256 is")


def test_a_record_of_another_form_is_no_crash(tmp_path: Path) -> None:
    log = register()
    record = log.add(contributed(by="third-council"))
    leaf = replace(record.leaves[2], body={"type": "LotteryContributed", "version": 1, "data": []})
    log.records[-1] = replace(record, leaves=(*record.leaves[:2], leaf))

    outcome = verify(tmp_path, log)

    assert outcome.exit_code == 1
    assert "cannot be read by this release" in outcome.output


def test_the_exports_are_given_in_their_order(tmp_path: Path) -> None:
    own, other = register(), market()

    swapped = verify(tmp_path, other, own)
    twice = verify(tmp_path, own, own)

    assert (swapped.exit_code, twice.exit_code) == (2, 2)
    assert "Give the register's first" in swapped.stderr
    assert "is the register's log" in twice.stderr


# --- the secret ---------------------------------------------------------------------------


def test_a_secret_is_kept_for_its_owner_alone_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "new" / "lottery.secret"

    keep_secret(path, SECRET)

    assert path.stat().st_mode & 0o777 == 0o600
    assert read_secret(path) == SECRET
    with pytest.raises(click.ClickException, match="may hold the secret"):
        keep_secret(path, OTHER_SECRET)
    assert read_secret(path) == SECRET


@pytest.mark.parametrize("content", [b"", b"not a secret\n", b"\xff" * 64, b"1A" * 32])
def test_a_file_that_holds_no_secret_is_told_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "lottery.secret"
    path.write_bytes(content)

    with pytest.raises(click.ClickException, match="holds no secret"):
        read_secret(path)
    with pytest.raises(click.ClickException, match="There is no"):
        read_secret(tmp_path / "nowhere")


def hindered(log: Log, *, secret: str = SECRET, now: str = AFTER) -> str | None:
    return hindrance(log.records, epoch=SPRING, secret=secret, now=now)


def test_a_secret_is_not_said_before_the_register_would_take_it() -> None:
    alone = register(given=())

    for log in (alone, register()):
        assert f"Owners may contribute until {TERM}" in (hindered(log, now=TERM) or "")
    assert "record 3 of the register" in (hindered(alone) or "")
    assert "No lottery of 2026Q2" in (hindered(Log(REGISTER)) or "")
    assert "not the secret" in (hindered(register(), secret=OTHER_SECRET) or "")
    assert hindered(register()) is None
    assert hindered(register(given=(happened(registered("amal")),) * 2)) is None


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (("--epoch", "2026-2"), "no quarter of a year"),
        (("--epoch", SPRING, "--contribute-by", "Friday"), "no instant with a time zone"),
        (("--epoch", SPRING, "--contribute-by", "2026-03-20T17:00"), "no instant with a time"),
        (("--epoch", SPRING, "--stand-in", "0"), "--stand-in"),
    ],
)
def test_a_commitment_of_another_form_is_not_made(wrong: tuple[str, ...], told: str) -> None:
    wanted = ["lottery", "commit", "zedford-foothold", *wrong, "--broker", "127.0.0.1:1"]

    outcome = CliRunner().invoke(main, wanted)

    assert outcome.exit_code == 2
    assert told in outcome.stderr


def test_the_few_lines_of_the_readme_draw_the_same_ticket() -> None:
    readme = (Path(__file__).parents[4] / "README.md").read_text("utf-8")
    section = readme.partition("## Check the lottery yourself\n")[2]
    lines = section.partition("```python\n")[2].partition("```")[0]
    names: dict[str, Any] = {
        "secret": SECRET,
        "nonces": [NONCE, OTHER_NONCE],
        "resident": AMAL,
    }

    exec(lines, names)

    assert (names["seed"], names["ticket"]) == (SEED, ticket_of(SEED, AMAL))
    assert codec.plain(FIXED.data)["seed"] == names["seed"]
