"""
The lottery: committed, contributed to and revealed in the register, fixed in each market.

Whoever commits cannot choose the nonces, and whoever contributes does not know the secret,
so neither alone determines the seed. In markets the same events arrive as facts and only
evolve; a market that needs a seed before one is revealed takes it from its own log.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace

from matching.market.record import Draft, Happened, Refusal, Repeat, Said, refused
from matching.market.state import Contribution, LotteryEntry, MarketState
from schemas.lottery import (
    LotteryCommitted,
    LotteryContributed,
    LotteryRevealed,
    SeedFixed,
    SeedSource,
)
from schemas.vocabulary import REGISTER, Role

LOG_HEAD = b"log head"

Decision = Iterator[Draft | Refusal | Repeat]


def commitment_of(secret: str) -> str:
    """
    Return the SHA-256 of a secret, both as hexadecimal.
    """
    return hashlib.sha256(bytes.fromhex(secret)).hexdigest()


def seed_of(secret: str, nonces: Iterable[str]) -> str:
    """
    Return the SHA-256 of a secret and the nonces after it in their order, all hexadecimal.
    """
    return hashlib.sha256(bytes.fromhex(secret + "".join(nonces))).hexdigest()


def log_head_seed(digest: str, epoch: str) -> str:
    """
    Return the seed that a market's last digest gives where no lottery was revealed.
    """
    return hashlib.sha256(LOG_HEAD + bytes.fromhex(digest) + epoch.encode()).hexdigest()


def fixed_seed(state: MarketState, epoch: str) -> SeedFixed | None:
    """
    Return what a market fixes when it first needs an epoch's seed; nothing where it has one.
    """
    if epoch in state.seeds:
        return None
    lottery = state.lotteries.get(epoch)
    if lottery is not None and lottery.seed is not None:
        return SeedFixed(epoch=epoch, seed=lottery.seed, source=SeedSource.LOTTERY)
    seed = log_head_seed(state.digest, epoch)
    return SeedFixed(epoch=epoch, seed=seed, source=SeedSource.LOG_HEAD)


def decide_lottery_committed(state: MarketState, said: Said) -> Decision:
    """
    Take one commitment an epoch, with a stand-in and a term that both lie ahead.
    """
    terms: LotteryCommitted = said.data
    known = state.lotteries.get(terms.epoch)
    if known is not None and known.terms == terms:
        yield Repeat(known.sequence)
    elif known is not None:
        yield refused("lottery_committed", "/data/epoch")
    elif terms.stand_in <= state.writing:
        yield refused("stand_in_past", "/data/stand_in", lawful=state.writing + 1)
    elif terms.contribute_by <= said.appended_at:
        yield refused("contribute_by_past", "/data/contribute_by", lawful=said.appended_at)
    else:
        yield _accepted(said)


def decide_lottery_contributed(state: MarketState, said: Said) -> Decision:
    """
    Take one nonce an owner, until the term by the broker's clock and until the reveal.

    The owner is none that runs the service too, nor one that was registered only once the
    secret was drawn: whoever knows the secret chooses the seed by its nonce.
    """
    lottery = state.lotteries.get(said.data.epoch)
    if lottery is None:
        yield refused("lottery_unknown", "/data/epoch")
        return
    own = next((each for each in lottery.contributions if each.owner == said.party), None)
    if own is not None and own.nonce == said.data.nonce:
        yield Repeat(own.sequence)
    elif own is not None:
        yield refused("already_contributed", "/data/epoch")
    elif Role.OPERATOR in state.parties[said.party or ""].party.roles:
        yield refused("contributor_operates", "/source")
    elif state.parties[said.party or ""].since > lottery.sequence:
        yield refused("contributor_too_new", "/source")
    elif lottery.seed is not None or said.appended_at > lottery.terms.contribute_by:
        yield refused("contribution_closed", "/data/epoch", lawful=lottery.terms.contribute_by)
    else:
        yield _accepted(said)


def decide_lottery_revealed(state: MarketState, said: Said) -> Decision:
    """
    Take the secret that was committed to, after the term, and say which seed follows from it.

    Before it an owner who read the secret on the log could still choose a nonce by it, and
    the operator could end the contributions when it likes the seed.
    """
    revealed: LotteryRevealed = said.data
    lottery = state.lotteries.get(revealed.epoch)
    if lottery is None:
        yield refused("lottery_unknown", "/data/epoch")
    elif commitment_of(revealed.secret) != lottery.terms.commitment:
        yield _not_the_secret(lottery)
    elif lottery.seed is not None:
        yield Repeat(lottery.revealed_sequence)
    else:
        yield _revealed(lottery, said)


def evolve_lottery_committed(state: MarketState, event: Happened) -> None:
    state.lotteries[event.data.epoch] = LotteryEntry(terms=event.data, sequence=state.writing)


def evolve_lottery_contributed(state: MarketState, event: Happened) -> None:
    data: LotteryContributed = event.data
    made = Contribution(owner=event.party or "", nonce=data.nonce, sequence=state.writing)
    lottery = state.lotteries[data.epoch]
    lottery.contributions = (*lottery.contributions, made)


def evolve_lottery_revealed(state: MarketState, event: Happened) -> None:
    lottery = state.lotteries[event.data.epoch]
    lottery.seed, lottery.revealed_sequence = event.data.seed, state.writing


def evolve_seed_fixed(state: MarketState, event: Happened) -> None:
    """
    Keep an epoch's first seed: what was drawn by it stays recomputable.
    """
    state.seeds.setdefault(event.data.epoch, event.data)


def note_stand_in(state: MarketState) -> None:
    """
    Keep the digest of a record of the register that was declared as a stand-in.
    """
    if state.code != REGISTER:
        return
    for lottery in state.lotteries.values():
        if lottery.terms.stand_in == state.sequence:
            lottery.stand_in_digest = state.digest


def _not_the_secret(lottery: LotteryEntry) -> Refusal:
    if lottery.seed is not None:
        return refused("lottery_revealed", "/data/epoch")
    return refused("secret_mismatch", "/data/secret", lawful=lottery.terms.commitment)


def _revealed(lottery: LotteryEntry, said: Said) -> Draft | Refusal:
    nonces = tuple(each.nonce for each in lottery.contributions)
    if said.appended_at <= lottery.terms.contribute_by:
        return refused("contribution_awaited", "/data/epoch", lawful=lottery.terms.contribute_by)
    if not nonces and lottery.stand_in_digest is None:
        return refused("stand_in_not_here_yet", "/data/epoch", lawful=lottery.terms.stand_in)
    # Only without a contribution does the digest count: with one, it would add nothing.
    seed = seed_of(said.data.secret, nonces or (lottery.stand_in_digest or "",))
    if said.data.seed not in (None, seed):
        return refused("secret_mismatch", "/data/seed", lawful=seed)
    draft = _accepted(said)
    return (
        draft if said.data.seed else replace(draft, data=replace(said.data, seed=seed), said=None)
    )


def _accepted(said: Said) -> Draft:
    return Draft(data=said.data, subject=said.data.epoch, party=said.party, said="/message/data")
