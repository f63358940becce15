"""
`foothold up` as a user starts it: an empty register, a stop within ten seconds, a restart.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.clock import monotonic
from services.commands.kafka_access import Kafka
from services.commands.register import registered_slugs

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(300)]

UP = (sys.executable, "-m", "services", "up")


@contextmanager
def up(data: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """
    Run `foothold up` until the block ends.
    """
    process = subprocess.Popen(
        (*UP, "--data", str(data), *options),
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)
        if process.stderr is not None:
            process.stderr.close()


def until_running(process: subprocess.Popen[str]) -> None:
    """
    Read what it says until it says that it runs; the test's own timeout bounds it.
    """
    assert process.stderr is not None
    for line in process.stderr:
        if "running after" in line:
            return
    raise AssertionError(f"up ended with {process.wait()} before it ran")


def test_an_empty_register_without_an_operator_is_wrong_use_and_names_init(tmp_path: Path) -> None:
    with up(tmp_path) as process:
        _, said = process.communicate(timeout=120)

    assert process.returncode == 2
    assert "foothold init" in said
    assert "--operator" in said


def test_it_stops_within_ten_seconds_of_sigterm_and_keeps_everything(tmp_path: Path) -> None:
    with up(tmp_path, "--operator", "zedford-foothold") as process:
        until_running(process)
        broker = json.loads((tmp_path / "running.json").read_text())["broker"]
        with Kafka(broker) as kafka:
            while "zedford-foothold" not in registered_slugs(kafka):
                os.sched_yield()
        began = monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        seconds = monotonic() - began

    assert process.returncode == 0
    assert seconds < 10
    assert not (tmp_path / "running.json").exists()

    with up(tmp_path) as process:
        until_running(process)
        broker = json.loads((tmp_path / "running.json").read_text())["broker"]
        with Kafka(broker) as kafka:
            assert registered_slugs(kafka) == ("zedford-foothold",)
        with up(tmp_path) as second:
            _, said = second.communicate(timeout=60)
        assert second.returncode == 1
        assert "in use" in said or "already" in said
