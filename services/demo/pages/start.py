"""
Scene 1 on the screen: what runs, where, in how many seconds.
"""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table

from services.demo.scenes.start import Started
from services.topology import party_of


def page(found: Started) -> Iterator[RenderableType]:
    """
    Show the workers and where they run.
    """
    table = Table("worker", "process", "decides")
    for worker in found.workers:
        table.add_row(worker.name, str(worker.pid or "not running"), worker.decides)
    yield table
    shared = sum(party_of(topic) is None for topic in found.topics)
    yield (
        f"Apache Kafka answers at {found.broker}; {shared} topics are shared, each party gets two "
        "of its own."
    )
    yield (
        f"Everything was set off after {found.seconds_to_start} s; after "
        f"{found.seconds_to_first_fact} s the log held its first facts: the operator, and version "
        f"{found.rules_version} of the rules with {found.law_rows} dated rows of law."
    )
    yield f"Data: {found.data}  Logs: {found.logs}"
