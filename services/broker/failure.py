"""
What every failure to provide a broker has in common.
"""


class BrokerError(Exception):
    """
    The product's own broker cannot be had; the message is a sentence for the person at hand.
    """
