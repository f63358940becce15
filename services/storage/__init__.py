"""
What the workers remember: projection tables, applied positions, outboxes and keys.

SQLite on one machine and PostgreSQL beyond it, under one suite of tests.
"""
