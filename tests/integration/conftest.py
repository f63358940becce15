"""
One broker for all integration tests of a session: the product's own, or one that is named.
"""

import os
import warnings
from collections.abc import Iterator

import pytest

from services.broker import Broker

# On Python 3.11 kafka-python loads its protocol by deprecated calls, once, at import.
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import kafka  # noqa: F401


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """
    Where a running Apache Kafka is: `host:port`, several by commas.

    It is shared: each test takes names of its own for topics and groups.
    """
    named = os.environ.get("FOOTHOLD_TEST_BROKER")
    if named:
        yield named
        return
    with Broker(tmp_path_factory.mktemp("broker"), on_progress=print) as own:
        yield own.bootstrap
