"""
What the workers remember: projection tables, applied positions, outboxes and keys.

SQLite on one machine and PostgreSQL beyond it, under one suite of tests. The pattern,
for every worker that keeps tables of its own (`<worker>.py` in this package):

1. Tables are SQLAlchemy Core tables on one `MetaData` per database, made by
   `database.tables()`, which brings the naming convention; no ORM classes. A projector's
   metadata also takes the shared tables: `projections.projection_tables(metadata)`.
2. Each database has a *kind* in `database.KINDS`, which lists the *streams* of migrations
   that make it: `migrations/<stream>/v0001_<what>.py`, forwards only. A stream's first
   revision has the id `<stream>_0001` and no `down_revision`; a projector's own stream
   stands beside the shared stream `projection`, and either may grow without the other.
3. `database.open_database(kind, where)` opens (and makes) the file or the URL, brings it
   up to date and returns an engine. `engine.begin()` on SQLite begins as IMMEDIATE, so
   what is read in it holds until it ends; `database.reading(engine)` only reads.
4. Portable SQL: write-once rows go in with `database.insert_once(connection, table, row)`
   (ON CONFLICT DO NOTHING RETURNING, and look for the row: `rowcount` differs between the
   two engines); instants and dates are strings as on the wire; JSON is canonical text.
5. A projector's worker writes its tables through `Transaction.connection`, so that its
   rows, the applied positions and the outbox stand or fall together.

A test compares each kind's metadata with what its migrations make.
"""
