"""
The flow as data: topics are explicit, rights are narrow, and every worker is there.
"""

from pathlib import Path

import pytest

from services.topology import (
    MARKET_INBOX,
    MARKET_LOG,
    WORKERS,
    Kind,
    flow_table,
    grants,
    party_inbox,
    party_of,
    party_queue,
    topic_plan,
)

PARTIES = ("acme", "acme2")


def test_every_topic_states_partitions_retention_and_replicas() -> None:
    for topic in topic_plan(PARTIES):
        configs = topic.configs(replicas=3)
        assert topic.partitions >= 1
        assert {"retention.ms", "retention.bytes", "min.insync.replicas"} <= set(configs)
        assert configs["message.timestamp.type"] == "LogAppendTime"


def test_the_log_is_kept_for_good_and_never_compacted() -> None:
    (log,) = [topic for topic in topic_plan(()) if topic.name == MARKET_LOG]

    assert log.configs(replicas=1)["retention.ms"] == "-1"
    assert log.cleanup == "delete"


def test_nothing_unread_leaves_a_partys_inbox_by_time() -> None:
    (inbox,) = [topic for topic in topic_plan(("acme",)) if topic.name == party_inbox("acme")]

    assert inbox.retention_ms == -1


def test_a_segment_is_at_most_a_seventh_of_a_queues_days() -> None:
    (queue,) = [topic for topic in topic_plan(("acme",)) if topic.name == party_queue("acme")]

    assert queue.segment_ms * 7 <= queue.retention_ms


def test_a_party_may_write_its_inbox_and_read_its_queue_and_nothing_else() -> None:
    theirs = [grant for grant in grants(PARTIES) if grant.principal == "party.acme"]

    assert {(grant.operation, grant.name) for grant in theirs} == {
        ("WRITE", party_inbox("acme")),
        ("READ", party_queue("acme")),
        ("READ", "party.acme."),
    }


def test_the_groups_of_one_party_do_not_cover_another_with_a_longer_name() -> None:
    (group,) = [
        grant
        for grant in grants(PARTIES)
        if grant.principal == "party.acme" and grant.resource == "GROUP"
    ]

    assert group.prefixed
    assert not "party.acme2.mine".startswith(group.name)


def test_only_the_market_writes_the_log() -> None:
    writers = {
        grant.principal
        for grant in grants(PARTIES)
        if grant.operation == "WRITE" and grant.name == MARKET_LOG
    }

    assert writers == {"market"}


def test_nobody_but_our_workers_writes_the_markets_inbox() -> None:
    writers = {
        grant.principal
        for grant in grants(PARTIES)
        if grant.operation == "WRITE" and grant.name == MARKET_INBOX
    }

    assert not any(writer.startswith("party.") for writer in writers)


@pytest.mark.parametrize("worker", WORKERS, ids=lambda worker: str(worker.name))
def test_every_worker_has_a_folder_with_its_two_files(worker: object) -> None:
    folder = Path("services") / worker.name  # type: ignore[attr-defined]

    assert (folder / "agents.py").is_file()
    # The fold's handlers are the core itself.
    assert worker.kind is Kind.FOLD or (folder / "handlers.py").is_file()  # type: ignore[attr-defined]


def test_a_topics_party_is_read_from_its_name() -> None:
    assert party_of(party_queue("acme")) == "acme"
    assert party_of("party.acme.other.v1") is None


def test_the_table_names_every_worker_once() -> None:
    table = flow_table()

    assert all(table.count(f"| {worker.name} |") == 1 for worker in WORKERS)


def test_the_readme_shows_the_flow_as_it_is() -> None:
    assert flow_table() in Path("README.md").read_text("utf-8")
