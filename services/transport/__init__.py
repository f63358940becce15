"""
How records are read and written: positions, batches, receipts, membership.

Nothing here knows what a record means.
"""
