"""
The lottery of a quarter: a seed that neither the operator nor an owner determines alone.

seed = SHA-256(secret, then the nonces in the order in which they were accepted), all as
bytes. The operator commits to the secret first, by its SHA-256; owners draw their nonces
without knowing it; the secret is shown after them.
"""

from enum import StrEnum

from schemas.vocabulary import Epoch, Hex, Instant, Open, Sequence, event


class SeedSource(StrEnum):
    """
    Where a market's seed comes from: the revealed lottery, or the market's own log.
    """

    LOTTERY = "lottery"
    LOG_HEAD = "log_head"


@event()
class LotteryCommitted:
    """
    The operator binds itself to a secret of 32 bytes, by their SHA-256.

    Without any contribution until `contribute_by`, the digest of the register's record
    number `stand_in`, which is not written yet, takes the nonce's place.
    """

    epoch: Open[Epoch]
    commitment: Open[Hex]
    contribute_by: Open[Instant]
    stand_in: Open[Sequence]


@event()
class LotteryContributed:
    """
    A framework owner adds 32 random bytes of its own. Once for each owner and epoch.

    The owner operates nothing, and was registered before the commitment.
    """

    epoch: Open[Epoch]
    nonce: Open[Hex]


@event()
class LotteryRevealed:
    """
    The operator shows the secret, after `contribute_by`. The register fills in the seed.
    """

    epoch: Open[Epoch]
    secret: Open[Hex]
    seed: Open[Hex | None] = None


@event()
class SeedFixed:
    """
    From here on, this is a market's seed of an epoch. Decided by the market, said by nobody.
    """

    epoch: Open[Epoch]
    seed: Open[Hex]
    source: Open[SeedSource]
