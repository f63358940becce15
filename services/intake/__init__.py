"""
Intake: what parties send becomes something that a market can judge, or is told why not.

Reads `party.<slug>.inbox.v1` of every party, and the register's log to know the markets.
Publishes to `market.inbox.v1`: each submission, sealed where it describes a person, an
advert or a contact, to its market; what cannot be accepted to `_register`, as origin,
digest, code and field, but what concerns somebody erased to their market, where an
earlier life may have sent it. One record read gives exactly one record.

Never guesses a missing fact, never judges rights, and never lets a value of what it
could not accept into a log line, an error or a record.
"""
