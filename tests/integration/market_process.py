"""
A market worker as a process of its own, with the toy core: for tests that kill it.
"""

import sys

from services.transport.worker import run_worker
from tests.integration.test_workers import SESSION_SECONDS, a_market

if __name__ == "__main__":
    run_worker(
        "market",
        group=sys.argv[2],
        bootstrap=sys.argv[1],
        make=a_market(),
        session_seconds=SESSION_SECONDS,
    )
