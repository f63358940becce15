"""
Sending what handlers give: each partition's entries in their order, every receipt awaited.
"""

from collections.abc import Iterable

from services.transport.ports import Entry, Outgoing, Place, RecordLog


async def send_all(record_log: RecordLog, outgoing: Iterable[Outgoing]) -> int:
    """
    Append entries, partition by partition; the order within a partition is as given.

    Returns:
        How many receipts were got, which is how many entries there were.

    Raises:
        AppendFailed: a receipt is missing; what came before it stands.
        TopicMissing: a topic is not there.
    """
    by_place: dict[Place, list[Entry]] = {}
    for each in outgoing:
        by_place.setdefault(Place(each.topic, each.partition), []).append(each.entry)
    sent = 0
    for place, entries in by_place.items():
        sent += len(await record_log.append(*place, tuple(entries)))
    return sent
