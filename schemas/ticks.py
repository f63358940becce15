"""
Ticks: how time enters a market.
"""

from schemas.vocabulary import Instant, MarketCode, Open, event


@event()
class Tick:
    """
    It is `at` now. Said by the ticker, or in a simulated market by the operator.

    The largest wins; one that changes nothing but the time leaves no record.
    """

    market: Open[MarketCode]
    at: Open[Instant]
