"""
Positions that no fence reserves: how many of a posting are open to referrals.
"""

from matching.market.state import MarketState

TAKEN = ("proposed", "offered", "accepted", "filled")


def open_positions(state: MarketState, subject: str) -> int:
    """
    Return how many positions of a posting are neither reserved nor taken.

    What the ladder has made public is reserved no more, but for what was taken by then.
    """
    reserved = state.reserved.get(subject)
    held = 0
    for group in reserved.groups if reserved else ():
        taken = sum(position.status in TAKEN for position in group.positions)
        held += taken if group.public else group.standing
    filled = sum(
        offer.opportunity == subject and offer.group is None and offer.status == "filled"
        for offer in state.offers.values()
    )
    return state.opportunities[subject].terms.positions - held - filled
