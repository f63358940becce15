"""
The supervisor: when it starts a worker again, when it gives up, and how it stops all.
"""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.clock import monotonic
from services.supervisor import AT_ONCE_TRIES, TRIES, GaveUp, Supervisor, plan_restart

POLITE = "import time; print('up', flush=True); time.sleep(60)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {POLITE}"


def test_a_first_end_is_followed_by_a_start_at_once() -> None:
    assert plan_restart([], now=100.0, at_once=False).at == 100.0


def test_each_further_end_within_the_window_waits_longer_up_to_a_bound() -> None:
    ends = [100.0, 101.0, 102.0, 103.0, 104.0, 105.0, 106.0]

    pauses = [plan_restart(ends[:n], now=110.0, at_once=False).at - 110.0 for n in range(1, 8)]

    assert pauses == sorted(pauses)
    assert pauses[-1] == 8.0


def test_too_many_ends_within_the_window_mean_giving_up() -> None:
    ends = [100.0] * TRIES

    assert plan_restart(ends, now=110.0, at_once=False).give_up
    assert not plan_restart(ends, now=300.0, at_once=False).give_up


def test_an_exit_code_that_asks_for_a_new_start_is_no_fault() -> None:
    plan = plan_restart([100.0] * TRIES, now=110.0, at_once=True)

    assert (plan.at, plan.give_up) == (110.0, False)


@pytest.fixture
def started(tmp_path: Path) -> Iterator[list[Supervisor]]:
    """
    Supervisors of a test, all stopped at its end.
    """
    made: list[Supervisor] = []
    yield made
    for supervisor in made:
        supervisor.stop(grace=0.1)


def supervise(started: list[Supervisor], tmp_path: Path, **scripts: str) -> Supervisor:
    supervisor = Supervisor(
        {name: (sys.executable, "-c", script) for name, script in scripts.items()},
        logs=tmp_path,
        environment=os.environ,
        monotonic=monotonic,
        pause=time.sleep,
        restart_codes=frozenset({77}),
    )
    started.append(supervisor)
    supervisor.start()
    return supervisor


def wait_for(path: Path, text: str) -> None:
    """
    Wait until a log file holds a text; the test's own timeout bounds it.
    """
    while text not in path.read_text():
        os.sched_yield()


def test_the_supervisor_kills_after_its_grace_period(
    started: list[Supervisor], tmp_path: Path
) -> None:
    supervisor = supervise(started, tmp_path, deaf=DEAF, polite=POLITE)
    for name in ("deaf", "polite"):
        wait_for(tmp_path / f"{name}.log", "up")

    killed = supervisor.stop(grace=0.3)

    assert killed == ("deaf",)


def test_a_worker_that_ended_is_started_again(started: list[Supervisor], tmp_path: Path) -> None:
    supervisor = supervise(started, tmp_path, polite=POLITE)
    first = supervisor.children["polite"].process
    assert first is not None
    os.kill(first.pid, signal.SIGKILL)
    first.wait()

    said = supervisor.watch()

    second = supervisor.children["polite"].process
    assert second is not None
    assert second.pid != first.pid
    assert "polite ended with code -9" in said[0]
    assert str(tmp_path / "polite.log") in said[0]


def test_a_worker_that_keeps_ending_makes_it_give_up_loudly(
    started: list[Supervisor], tmp_path: Path
) -> None:
    supervisor = supervise(started, tmp_path, broken="raise SystemExit(3)")
    child = supervisor.children["broken"]
    child.ends = [monotonic()] * TRIES
    assert child.process is not None
    child.process.wait()

    with pytest.raises(GaveUp, match=r"broken ended 9 times .* code 3; its log is"):
        supervisor.watch()


def test_every_worker_is_minded_until_it_has_ended(tmp_path: Path) -> None:
    minded: set[int] = set()
    supervisor = Supervisor(
        {"polite": (sys.executable, "-c", POLITE)},
        logs=tmp_path,
        environment=os.environ,
        monotonic=monotonic,
        pause=time.sleep,
        mind=minded.add,
        forget=minded.remove,
    )
    supervisor.start()
    first = supervisor.children["polite"].process
    assert first is not None
    during = set(minded)
    first.kill()
    first.wait()

    supervisor.watch()
    again = set(minded)
    supervisor.stop(grace=0.5)

    assert during == {first.pid}
    assert len(again) == 1
    assert again != during
    assert minded == set()


def test_a_worker_that_asks_for_a_new_start_again_and_again_has_to_wait() -> None:
    often = [100.0] * AT_ONCE_TRIES

    assert plan_restart(often[1:], now=110.0, at_once=True).at == 110.0
    assert plan_restart(often, now=110.0, at_once=True).at > 110.0
    assert plan_restart(often, now=300.0, at_once=True).at == 300.0
    assert not plan_restart(often, now=110.0, at_once=True).give_up
