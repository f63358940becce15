"""Bugs of the lottery, and of what proves it."""

from tests.mutants.mutation import Mutant

RULES = "tests/unit/matching/market/test_lottery.py"
PROOF = "tests/unit/services/commands/test_lottery.py"


def planted(name: str, *, old: str, new: str, test: str) -> Mutant:
    file = "matching/market/lottery.py"
    return Mutant(
        name=f"lottery: {name}", file=file, old=old, new=new, test=f"{RULES}::test_{test}"
    )


def overlooked(name: str, *, old: str, new: str, file: str = "lottery_proof") -> Mutant:
    return Mutant(
        name=f"lottery's proof: {name}",
        file=f"services/commands/{file}.py",
        old=old,
        new=new,
        test=PROOF,
    )


MUTANTS = (
    planted(
        "the seed is the secret's digest alone",
        old='bytes.fromhex(secret + "".join(nonces))',
        new="bytes.fromhex(secret)",
        test="whoever_knows_the_secret_still_gets_another_seed_from_another_nonce",
    ),
    planted(
        "nonces sorted instead of as they were accepted",
        old='"".join(nonces)',
        new='"".join(sorted(nonces))',
        test="the_seed_is_the_digest_of_the_secret_and_the_nonces_as_they_were_accepted",
    ),
    planted(
        "any secret is taken",
        old="elif commitment_of(revealed.secret) != lottery.terms.commitment:",
        new="elif not revealed.secret:",
        test="another_secret_than_the_one_committed_to_is_no_reveal",
    ),
    planted(
        "a second commitment replaces the first",
        old='    elif known is not None:\n        yield refused("lottery_committed"',
        new='    elif known is not None and not terms:\n        yield refused("lottery_committed"',
        test="a_commitment_is_made_once_an_epoch",
    ),
    planted(
        "a stand-in may be the record being written",
        old="terms.stand_in <= state.writing",
        new="terms.stand_in < state.writing",
        test="a_stand_in_is_no_record_that_is_written_or_being_written",
    ),
    planted(
        "contributions stay open after the reveal",
        old="lottery.seed is not None or said.appended_at > lottery.terms.contribute_by",
        new="said.appended_at > lottery.terms.contribute_by",
        test="contributions_close_with_the_reveal",
    ),
    planted(
        "contributions close a moment too soon",
        old="said.appended_at > lottery.terms.contribute_by",
        new="said.appended_at >= lottery.terms.contribute_by",
        test="contributions_close_by_the_brokers_clock",
    ),
    planted(
        "an owner contributes as often as it likes",
        old="elif own is not None:",
        new="elif own is None and lottery.seed:",
        test="an_owner_contributes_once",
    ),
    planted(
        "a reveal does not wait for contributions",
        old="    if said.appended_at <= lottery.terms.contribute_by:",
        new="    if not nonces and said.appended_at <= lottery.terms.contribute_by:",
        test="a_reveal_waits_for_the_term_whoever_has_contributed",
    ),
    planted(
        "the operator contributes as an owner",
        old='elif Role.OPERATOR in state.parties[said.party or ""].party.roles:',
        new="elif not state.parties:",
        test="an_owner_that_operates_the_service_is_no_second_side",
    ),
    planted(
        "an owner registered after the commitment contributes",
        old="since > lottery.sequence",
        new="since > state.sequence",
        test="an_owner_that_is_registered_after_the_commitment_waits_for_the_next",
    ),
    planted(
        "the digest of another record stands in",
        old="lottery.terms.stand_in == state.sequence",
        new="lottery.terms.stand_in == state.sequence + 1",
        test="after_the_term_a_reveal_waits_for_the_record_that_stands_in",
    ),
    planted(
        "a market takes its own records for the register's",
        old="    if state.code != REGISTER:\n        return\n",
        new="",
        test="a_market_notes_no_stand_in_of_its_own_log",
    ),
    planted(
        "a later reveal changes a fixed seed",
        old="state.seeds.setdefault(event.data.epoch, event.data)",
        new="state.seeds.clear()",
        test="a_seed_once_fixed_does_not_change_with_a_later_reveal",
    ),
    overlooked(
        "the secret's digest is not compared",
        old="if found != lottery.terms.commitment:",
        new="if not found:",
    ),
    overlooked("the seed is not compared", old="if seed != revealed.seed:", new="if not seed:"),
    overlooked(
        "a secret told early passes",
        old="    _not_told_early(revealed.secret, lottery, records)\n",
        new="",
    ),
    overlooked(
        "tickets are not compared",
        old="if ticket != expected:",
        new="if not expected:",
        file="ticket_proof",
    ),
    overlooked(
        "a reveal may be passed over for the log",
        old="    if heard:\n",
        new="    if heard and not epoch:\n",
        file="ticket_proof",
    ),
    overlooked(
        "newcomers are not counted",
        old="if late or sequence > market.known_from[epoch]:",
        new="if late and sequence < 0:",
        file="ticket_proof",
    ),
    overlooked(
        "ids drawn between the last nonce and the reveal are not counted",
        old="late = at > market.known_after[epoch] if epoch in market.known_after else False",
        new="late = not epoch",
        file="ticket_proof",
    ),
    overlooked(
        "tickets of decisions are not drawn again",
        old="    for decision in closed.decisions:\n",
        new="    for decision in ():\n",
        file="ticket_proof",
    ),
    overlooked(
        "a lottery that was not revealed in time passes",
        old="        yield from _not_withheld(record, epoch, lotteries)\n",
        new="        pass\n",
        file="ticket_proof",
    ),
    overlooked(
        "a contribution of the operator passes",
        old="    if known.operates:\n",
        new="    if known.operates and not owner:\n",
    ),
    overlooked(
        "a contribution of an owner registered after the commitment passes",
        old="    if known.since > lottery.sequence:\n",
        new="    if known.since < 0:\n",
    ),
    overlooked(
        "a reveal before the term passes",
        old="    if appended_at(record) <= lottery.terms.contribute_by:\n",
        new="    if appended_at(record) < lottery.terms.epoch:\n",
    ),
)
