"""
The matcher: eligibility, similarity and fit, as advice.

Reads market.log.v1; publishes FitsAssessed and RulesAssessed to market.inbox.v1. What it
owes is a row in its database, worked off beside the reading and struck off when the log
holds the result. It never sees a name and never orders an offer.
"""
