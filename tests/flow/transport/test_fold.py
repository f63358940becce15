"""
The fold at work, on a log in memory: what a fault costs, and whom.
"""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from schemas import codec, log_record
from schemas.envelope import canonical
from schemas.log_record import Genesis, first_previous
from schemas.vocabulary import REGISTER
from services.topology import MARKET_INBOX, MARKET_LOG
from services.transport.exit_codes import (
    INBOX_BEHIND,
    NOT_OUR_LOG,
    PARTITIONS_DIFFER,
    RACE_LOST,
    STATE_AHEAD,
    ExitCode,
    Leave,
)
from services.transport.ports import AppendFailed, Entry, Place
from services.transport.snapshots import Snapshots
from tests.fakes import MemoryLog, refuse_append
from tests.flow.transport.leaving import leaves_with
from tests.flow.transport.toy import (
    POISON,
    ToyFold,
    ToyState,
    dump,
    load,
    log_records,
    market_topics,
    salts,
    tick,
    toy_fold,
    word,
    words_logged,
    work,
)


def snapshots(folder: Path, *, state_version: int = 1) -> Snapshots[ToyState]:
    return Snapshots(folder, state_version=state_version, dump=dump, load=load)


async def test_an_empty_log_begins_with_its_genesis() -> None:
    log = market_topics(partitions=3)

    await work(toy_fold(log, partition=2))

    first = log_record.read(log.records(MARKET_LOG, 2)[0].value)
    assert first == Genesis(genesis="genesis-1", partition=2, partitions=3)


async def test_what_is_said_first_to_a_market_opens_it_and_is_then_decided() -> None:
    log = market_topics()
    log.put(MARKET_INBOX, 0, word("tees", "hello", n=0))

    await work(toy_fold(log))

    assert words_logged(log, "tees") == ["MarketOpened", "hello"]
    assert [record.sequence for record in log_records(log)] == [1, 2]


async def test_the_register_opens_itself_at_the_time_of_what_is_first_said() -> None:
    log = market_topics()
    log.put(MARKET_INBOX, 0, word(REGISTER, "hello", n=0))

    await work(toy_fold(log))

    opening = log_records(log)[0].leaves[2].body["data"]
    assert (opening["code"], opening["nation"], opening["clock"]) == (REGISTER, "england", "real")
    assert opening["now"] == log.records(MARKET_INBOX)[0].appended_at


async def test_each_record_chains_to_the_one_before_and_names_its_cause() -> None:
    log = market_topics()
    log.put(MARKET_INBOX, 0, word("tees", "one", n=4), word("tees", "two", n=7))

    await work(toy_fold(log))

    opening, one, two = log_records(log)
    assert opening.previous == first_previous("tees")
    assert (one.previous, two.previous) == (opening.digest, one.digest)
    cause = two.leaves[0].body
    assert cause["source"] == {"topic_id": "oakline-inbox-id", "partition": 0, "offset": 7}
    assert cause["inbox"] == {"topic_id": await log.topic_id(MARKET_INBOX), "offset": 1}
    assert two.leaves[2].body["said"] == "/message/data"
    assert two.leaves[2].salt == salts("tees", 3, 2)


async def test_markets_of_one_partition_are_numbered_each_for_itself() -> None:
    log = market_topics()
    log.put(MARKET_INBOX, 0, word("tees", "a", n=0), word("tyne", "b", n=1), word("tees", "c", n=2))

    await work(toy_fold(log))

    assert words_logged(log, "tees") == ["MarketOpened", "a", "c"]
    assert words_logged(log, "tyne") == ["MarketOpened", "b"]


async def test_a_restart_decides_only_what_the_log_does_not_hold() -> None:
    log, core = market_topics(), ToyFold()
    log.put(MARKET_INBOX, 0, word("tees", "a", n=0), word("tees", "b", n=1))
    before = (await work(toy_fold(log))).state("tees")
    log.put(MARKET_INBOX, 0, word("tees", "c", n=2))

    after = await work(toy_fold(log, core=core))

    assert core.decided == [("tees", 2)]
    assert after.state("tees").words == {**before.words, "c": 1}
    assert words_logged(log, "tees") == ["MarketOpened", "a", "b", "c"]


async def test_a_market_that_was_silent_is_not_passed_over_by_its_neighbour() -> None:
    log, core = market_topics(), ToyFold()
    log.put(MARKET_INBOX, 0, word("tees", "a", n=0), tick("tees", minutes=5))
    log.put(MARKET_INBOX, 0, word("tyne", "b", n=1))
    before = (await work(toy_fold(log))).state("tees").now

    after = await work(toy_fold(log, core=core))

    assert core.decided == [("tees", 1)]
    assert after.state("tees").now == before


async def test_said_is_logged_and_repeats_and_idle_ticks_and_strays() -> None:
    log = market_topics()
    log.put(MARKET_INBOX, 0, word("tees", "a", n=0), word("tees", "a", n=0))
    log.put(MARKET_INBOX, 0, tick("tees", minutes=5), word("nowhere", "x", n=1))
    log.put(MARKET_INBOX, 0, Entry(key=b"tees", value=b"not json"))
    log.put(MARKET_INBOX, 0, Entry(key=None, value=b"{}"), word("tees", "b", n=2))

    counts = (await work(toy_fold(log))).counts

    assert (counts.logged, counts.repeats, counts.idle_ticks, counts.strays) == (2, 1, 1, 3)
    assert counts.said == len(log.records(MARKET_INBOX))


async def test_a_market_of_another_partition_is_a_stray() -> None:
    log = market_topics(partitions=2)
    log.put(MARKET_INBOX, 1, word(REGISTER, "hello", n=0))

    fold = await work(toy_fold(log, partition=1))

    assert fold.counts.strays == 1
    assert log_records(log, partition=1) == []


# --- quarantine ---------------------------------------------------------------------------


async def test_a_record_that_makes_decide_raise_stops_nobody_else() -> None:
    log = market_topics()
    log.put(MARKET_INBOX, 0, word("tees", "a", n=0), word("tyne", "b", n=1))
    log.put(MARKET_INBOX, 0, word("tees", POISON, n=2), word("tyne", "c", n=3))
    log.put(MARKET_INBOX, 0, word("tees", "d", n=4))

    fold = await work(toy_fold(log))

    assert words_logged(log, "tees") == ["MarketOpened", "a", "SubmissionRefused", "d"]
    assert words_logged(log, "tyne") == ["MarketOpened", "b", "c"]
    assert fold.counts.logged == 5
    assert fold.held == ()


async def test_a_quarantined_record_is_refused_as_internal_on_a_market_built_anew() -> None:
    log = market_topics()
    log.put(MARKET_INBOX, 0, word("tees", "a", n=0), tick("tees", minutes=10))
    log.put(MARKET_INBOX, 0, word("tees", POISON, n=1))

    fold = await work(toy_fold(log))

    refused = log_records(log)[-1]
    assert refused.leaves[0].body["quarantined"] is True
    assert refused.leaves[2].body["data"]["problems"][0]["code"] == "internal"
    assert fold.state("tees").words == {"a": 1}
    assert refused.leaves[0].body["now"] == fold.state("tees").now == "2026-01-13T09:10:00.000Z"
    again = await work(toy_fold(log))
    assert again.state("tees") == fold.state("tees")


async def test_three_quarantined_in_a_row_hold_that_market_while_others_go_on() -> None:
    log = market_topics()
    log.put(MARKET_INBOX, 0, *(word("tees", POISON, n=n) for n in range(4)))
    log.put(MARKET_INBOX, 0, word("tees", "a", n=4), word("tyne", "b", n=5))

    fold = await work(toy_fold(log))

    assert fold.held == ("tees",)
    assert words_logged(log, "tees") == ["MarketOpened", *["SubmissionRefused"] * 3]
    assert words_logged(log, "tyne") == ["MarketOpened", "b"]
    assert fold.counts.held == 2
    assert fold.counts.said == 6


async def test_a_held_market_stays_held_until_another_release_takes_up_what_it_missed() -> None:
    log = market_topics()
    log.put(MARKET_INBOX, 0, *(word("tees", POISON, n=n) for n in range(3)))
    log.put(MARKET_INBOX, 0, word("tees", "a", n=3), word("tyne", "b", n=4))
    await work(toy_fold(log, release="1"))

    same = await work(toy_fold(log, release="1"))
    mended = await work(toy_fold(log, release="2"))

    assert same.held == ("tees",)
    assert mended.held == ()
    assert words_logged(log, "tees")[-1] == "a"
    assert words_logged(log, "tyne") == ["MarketOpened", "b"]


async def test_a_log_that_evolve_cannot_read_holds_that_market_alone() -> None:
    class Narrow(ToyFold):
        def evolve(self, state, cause, told, events):  # type: ignore[no-untyped-def]
            if state.code == "tees":
                raise ZeroDivisionError
            super().evolve(state, cause, told, events)

    log = market_topics()
    log.put(MARKET_INBOX, 0, word("tees", "a", n=0), word("tyne", "b", n=1))
    await work(toy_fold(log))
    log.put(MARKET_INBOX, 0, word("tees", "c", n=2), word("tyne", "d", n=3))

    fold = await work(toy_fold(log, core=Narrow()))

    assert fold.held == ("tees",)
    assert words_logged(log, "tees") == ["MarketOpened", "a"]
    assert words_logged(log, "tyne") == ["MarketOpened", "b", "d"]


# --- the log's order is the fence ---------------------------------------------------------


async def test_a_rivals_record_is_noise_and_the_loser_leaves() -> None:
    log = market_topics()
    log.put(MARKET_INBOX, 0, word("tees", "a", n=0))
    winner, loser = toy_fold(log), toy_fold(log, release="other")
    await work(winner)
    await loser.prepare()
    log.put(MARKET_INBOX, 0, word("tees", "b", n=1))
    await winner.step()

    with leaves_with(RACE_LOST):
        await loser.step()

    reader = await work(toy_fold(log))
    assert len(log_records(log)) == 4
    assert reader.noise == 1
    assert reader.state("tees").words == {"a": 1, "b": 1}
    assert reader.state("tees").sequence == 3


async def test_a_stray_writers_noise_does_not_stop_the_right_writer() -> None:
    log = market_topics()
    log.put(MARKET_INBOX, 0, word("tees", "a", n=0))
    fold = await work(toy_fold(log))
    log.put(MARKET_LOG, 0, Entry(key=b"tees", value=b"noise"), *_copies(log, at=1))
    log.put(MARKET_INBOX, 0, word("tees", "b", n=1))

    await fold.step()

    assert fold.noise == 2
    assert (await work(toy_fold(log))).state("tees").words == {"a": 1, "b": 1}


async def test_two_owners_at_once_write_one_history() -> None:
    log = market_topics()
    owners = [toy_fold(log, release=name) for name in ("left", "right")]
    ended: list[ExitCode] = []
    for n in range(40):
        log.put(MARKET_INBOX, 0, word("tees", f"w{n}", n=n))
        # Whoever comes first alternates; a loser starts anew, as its supervisor lets it.
        for at in (0, 1) if n % 3 else (1, 0):
            try:
                if owners[at].position == 0:
                    await owners[at].prepare()
                await owners[at].step()
            except Leave as left:
                ended.append(left.code)
                owners[at] = toy_fold(log, release=f"{at}-{len(ended)}")

    reader = await work(toy_fold(log))
    assert reader.state("tees").words == {f"w{n}": 1 for n in range(40)}
    assert reader.state("tees").sequence == 41
    assert set(ended) == {RACE_LOST}


async def test_a_partition_that_comes_back_reads_what_others_wrote() -> None:
    log, core = market_topics(), ToyFold()
    log.put(MARKET_INBOX, 0, word("tees", "a", n=0))
    first = await work(toy_fold(log, core=core))
    log.put(MARKET_INBOX, 0, word("tees", "b", n=1))
    await work(toy_fold(log))
    log.put(MARKET_INBOX, 0, word("tees", "c", n=2))

    await work(first)

    assert core.decided == [("tees", 0), ("tees", 2)]
    assert words_logged(log, "tees") == ["MarketOpened", "a", "b", "c"]


async def test_a_record_without_a_receipt_ends_the_process_and_is_decided_again() -> None:
    log = market_topics()
    await toy_fold(log).prepare()
    log.put(MARKET_INBOX, 0, word("tees", "a", n=0))
    log.before_append = refuse_append
    with pytest.raises(AppendFailed):
        await work(toy_fold(log))
    log.before_append = None

    await work(toy_fold(log))

    assert words_logged(log, "tees") == ["MarketOpened", "a"]


async def test_a_record_that_stands_without_a_receipt_is_not_decided_twice() -> None:
    log = market_topics()
    await toy_fold(log).prepare()
    log.put(MARKET_INBOX, 0, word("tees", "a", n=0))

    def stand_but_fail(place: Place, entries: tuple[Entry, ...]) -> None:
        log.put(*place, *entries)
        raise AppendFailed("the receipt was lost")

    log.before_append = stand_but_fail
    with pytest.raises(AppendFailed):
        await work(toy_fold(log))
    log.before_append = None

    await work(toy_fold(log))

    assert words_logged(log, "tees") == ["MarketOpened", "a"]


# --- what does not fit --------------------------------------------------------------------


async def test_the_partition_count_is_checked_against_genesis() -> None:
    log = market_topics(partitions=2)
    await work(toy_fold(log))
    kept = [Entry(key=None, value=record.value) for record in log.records(MARKET_LOG)]
    log.make(MARKET_LOG, partitions=3)
    log.make(MARKET_INBOX, partitions=3)
    log.put(MARKET_LOG, 0, *kept)

    with leaves_with(PARTITIONS_DIFFER):
        await toy_fold(log).prepare()


async def test_an_inbox_divided_otherwise_than_the_log_is_refused() -> None:
    log = market_topics(partitions=2)
    log.make(MARKET_INBOX, partitions=3)

    with leaves_with(PARTITIONS_DIFFER):
        await toy_fold(log).prepare()


async def test_a_log_that_begins_with_no_genesis_is_refused() -> None:
    log = market_topics()
    log.put(MARKET_LOG, 0, Entry(key=None, value=b"something else"))

    with leaves_with(NOT_OUR_LOG):
        await toy_fold(log).prepare()


async def test_two_that_begin_a_partition_at_once_leave_one_genesis() -> None:
    log = market_topics()

    def rival(place: Place, entries: tuple[Entry, ...]) -> None:
        log.before_append = None
        log.put(*place, Entry(key=None, value=entries[0].value.replace(b"genesis-1", b"rival")))

    log.before_append = rival
    with leaves_with(RACE_LOST):
        await toy_fold(log).prepare()

    await work(toy_fold(log))


async def test_an_unknown_event_kind_ends_the_process() -> None:
    log = market_topics()
    log.put(MARKET_INBOX, 0, word("tees", "a", n=0))
    await work(toy_fold(log))
    told = json.loads(log.records(MARKET_LOG)[2].value)
    told["header"] |= {"sequence": 3, "previous": log_records(log)[-1].digest}
    told["leaves"][2]["body"]["type"] = "SomethingOfNextYear"
    log.put(MARKET_LOG, 0, Entry(key=b"tees", value=canonical(told)))

    with pytest.raises(codec.UnknownEvent):
        await toy_fold(log).prepare()


async def test_a_record_of_a_newer_format_ends_the_process() -> None:
    log = market_topics()
    await work(toy_fold(log))
    log.put(MARKET_LOG, 0, Entry(key=b"tees", value=b'{"header":{"format":2},"leaves":[]}'))

    with pytest.raises(codec.UnknownEvent):
        await toy_fold(log).prepare()


async def test_a_log_that_lost_records_is_not_written_on() -> None:
    log = market_topics()
    log.put(MARKET_INBOX, 0, word("tees", "a", n=0))
    fold = await work(toy_fold(log))
    genesis = log.records(MARKET_LOG)[0]
    log.make(MARKET_LOG)
    log.put(MARKET_LOG, 0, Entry(key=None, value=genesis.value))

    with leaves_with(STATE_AHEAD):
        await fold.prepare()


async def test_an_inbox_cut_below_a_cause_ends_the_process() -> None:
    log = market_topics()
    log.put(MARKET_INBOX, 0, word("tees", "a", n=0), word("tees", "b", n=1))
    await work(toy_fold(log))
    cut = log.records(MARKET_INBOX)[:1]
    log._topics[MARKET_INBOX].logs[0] = list(cut)

    with leaves_with(INBOX_BEHIND):
        await toy_fold(log).prepare()


async def test_an_inbox_made_again_is_read_from_its_start_and_marks_drop_what_is_known() -> None:
    log = market_topics()
    log.put(MARKET_INBOX, 0, word("tees", "a", n=0), word("tees", "b", n=1))
    await work(toy_fold(log))
    log.make(MARKET_INBOX)
    log.put(MARKET_INBOX, 0, word("tees", "b", n=1), word("tees", "c", n=2))

    fold = await work(toy_fold(log))

    assert words_logged(log, "tees") == ["MarketOpened", "a", "b", "c"]
    assert fold.counts.repeats == 1


async def test_an_inbox_that_forgot_what_is_logged_is_no_loss() -> None:
    log = market_topics()
    log.put(MARKET_INBOX, 0, *(word("tees", f"w{n}", n=n) for n in range(5)))
    before = await work(toy_fold(log))
    log.forget_before(MARKET_INBOX, 0, 5)
    log.put(MARKET_INBOX, 0, word("tees", "later", n=5))

    after = await work(toy_fold(log))

    assert after.state("tees").words == {**before.state("tees").words, "later": 1}


# --- snapshots ----------------------------------------------------------------------------


async def test_a_lost_and_a_stale_snapshot_change_nothing(tmp_path: Path) -> None:
    log, kept = market_topics(), snapshots(tmp_path)
    log.put(MARKET_INBOX, 0, word("tees", "a", n=0), word("tyne", "b", n=1))
    await work(toy_fold(log, snapshots=kept))
    file = kept.path("genesis-1", 0)
    stale = file.read_bytes()
    log.put(MARKET_INBOX, 0, word("tees", "c", n=2), tick("tees", minutes=5))
    wanted = await work(toy_fold(log, snapshots=kept))

    file.write_bytes(stale)
    from_stale = await work(toy_fold(log, snapshots=kept))
    file.unlink()
    from_nothing = await work(toy_fold(log, snapshots=kept))

    for found in (from_stale, from_nothing):
        assert found.state("tees") == wanted.state("tees")
        assert found.state("tyne") == wanted.state("tyne")
    assert words_logged(log, "tees") == ["MarketOpened", "a", "c"]


async def test_a_snapshot_spares_reading_the_log_below_it(tmp_path: Path) -> None:
    class Watching(ToyFold):
        evolved = 0

        def evolve(self, state, cause, told, events):  # type: ignore[no-untyped-def]
            self.evolved += 1
            super().evolve(state, cause, told, events)

    log, kept, core = market_topics(), snapshots(tmp_path), Watching()
    log.put(MARKET_INBOX, 0, *(word("tees", f"w{n}", n=n) for n in range(9)))
    before = await work(toy_fold(log, snapshots=kept))

    after = await work(toy_fold(log, core=core, snapshots=kept))

    assert core.evolved == 0
    assert core.decided == []
    assert after.state("tees") == before.state("tees")


@pytest.mark.parametrize("harm", ["a byte", "the version", "the chain", "another log"])
async def test_a_snapshot_that_does_not_fit_is_ignored(harm: str, tmp_path: Path) -> None:
    log, kept = market_topics(), snapshots(tmp_path)
    log.put(MARKET_INBOX, 0, word("tees", "a", n=0))
    wanted = await work(toy_fold(log, snapshots=kept))
    file = kept.path("genesis-1", 0)
    if harm == "a byte":
        file.write_bytes(file.read_bytes().replace(b'"a":1', b'"a":9'))
    elif harm == "the version":
        kept = snapshots(tmp_path, state_version=2)
    else:
        read = kept.read("genesis-1", 0)
        assert read is not None
        market = read.markets["tees"]
        if harm == "the chain":
            state = replace(market.state, digest="0" * 64, words={"false": 1})
            kept.write(replace(read, markets={"tees": replace(market, state=state)}))
        else:
            kept.write(replace(read, log_next=99))

    found = await work(toy_fold(log, snapshots=kept))

    assert found.state("tees") == wanted.state("tees")


async def test_a_snapshot_is_written_only_of_what_is_delivered(tmp_path: Path) -> None:
    log, kept = market_topics(), snapshots(tmp_path)
    await toy_fold(log).prepare()
    log.put(MARKET_INBOX, 0, word("tees", "a", n=0))
    log.before_append = refuse_append

    fold = toy_fold(log, snapshots=kept)
    with pytest.raises(AppendFailed):
        await work(fold)
    fold.snapshot()

    assert kept.read("genesis-1", 0) is None


def _copies(log: MemoryLog, *, at: int) -> tuple[Entry, ...]:
    record = log.records(MARKET_LOG)[at]
    return (Entry(key=record.key, value=record.value),)
