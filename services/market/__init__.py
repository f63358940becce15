"""
The market: the fold at work, one writer for what holds.

Reads `market.inbox.v1`, decides each record by `matching.market.fold`, and publishes at
most one record for each to `market.log.v1`. Never reads a clock, never calls a model.
"""
