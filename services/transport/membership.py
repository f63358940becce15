"""
Membership: which places this process works on, told by Faust, and commits for monitoring.

Faust gives group membership, assignment and commits, and nothing else: what is read is
decided by position, through our own consumer. Each agent only waits until the worker's
position has passed what was delivered and acknowledges it then, so that what the group
has committed is what was applied. Nothing long happens in a rebalance's callbacks.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, Final

import faust
import structlog

from services.transport.exit_codes import MEMBERSHIP_LOST, leave
from services.transport.ports import Place

SESSION_SECONDS: Final = 10.0
BATCH_EVENTS: Final = 500
WITHIN_SECONDS: Final = 0.05
WATCH_SECONDS: Final = 1.0
# What a commit lacks is only told again; what a stop lacks costs the next process its wait.
STOP_SECONDS: Final = 3.0

log = structlog.get_logger()

Owned = Callable[[frozenset[Place]], None]
Passed = Callable[[Place, int], Awaitable[None]]


class Membership:
    """
    This process as a member of its worker's consumer group.

    Args:
        group: the consumer group, which is the Faust app's id.
        topics: what the group reads; one agent each.
        bootstrap: `host:port`, several by commas.
        folder: where Faust may keep files; it keeps none.
        owned: told at once which places this process owns now.
        passed: waits until the position has passed an offset, or the place was lost.
        session_seconds: after so long a silence the group takes a member for dead.
    """

    def __init__(
        self,
        *,
        group: str,
        topics: Iterable[str],
        bootstrap: str,
        folder: Path,
        owned: Owned,
        passed: Passed,
        session_seconds: float = SESSION_SECONDS,
    ) -> None:
        self._topics = tuple(sorted(topics))
        self._owned, self._passed = owned, passed
        self._settings = _settings(group, bootstrap, folder, session_seconds)
        self._app: Any = None
        self._loop: Any = None

    async def start(self) -> None:
        """
        Join the group; assignment is told from now on.
        """
        self._loop = asyncio.get_running_loop()
        app = faust.App(**self._settings, loop=self._loop)
        for name in self._topics:
            topic = app.topic(
                name,
                key_type=bytes,
                value_type=bytes,
                key_serializer="raw",
                value_serializer="raw",
            )
            app.agent(topic, name=f"acknowledge-{name}", concurrency=1)(self._acknowledge)
        app.on_partitions_assigned.connect(self._assigned)
        app.on_partitions_revoked.connect(self._revoked)
        self._app = app
        await app.start()

    async def watch(self) -> None:
        """
        Return never while the membership lives.

        Raises:
            Leave: Faust's app ended by itself.
        """
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            if self._app.crashed or self._app.should_stop:
                reason = type(self._app.crash_reason).__name__
                leave(MEMBERSHIP_LOST, f"the group's client ended: {reason}")

    async def stop(self) -> None:
        """
        Leave the group, if it can be left in time; a session that ends by itself is as good.
        """
        if self._app is None:
            return
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._app.stop()
        except TimeoutError:
            log.warning("the group could not be left in time")

    async def _acknowledge(self, stream: Any) -> None:
        async for events in stream.noack_take(BATCH_EVENTS, within=WITHIN_SECONDS):
            last: dict[Place, int] = {}
            for event in events:
                place = Place(event.message.topic, event.message.partition)
                last[place] = max(event.message.offset, last.get(place, -1))
            for place, offset in last.items():
                await self._passed(place, offset)
            for event in events:
                await stream.ack(event)

    async def _assigned(self, _app: Any, /, *told: Any, **_: Any) -> None:
        self._tell(told[0])

    async def _revoked(self, _app: Any, /, *_: Any, **_told: Any) -> None:
        # The group's protocol is eager: each rebalance revokes everything first.
        self._tell(())

    def _tell(self, owned: Iterable[Any]) -> None:
        places = frozenset(
            Place(each.topic, each.partition) for each in owned if each.topic in self._topics
        )
        self._loop.call_soon_threadsafe(self._owned, places)


def _settings(group: str, bootstrap: str, folder: Path, session_seconds: float) -> dict[str, Any]:
    return {
        "id": group,
        "broker": [f"kafka://{each}" for each in bootstrap.split(",")],
        "datadir": str(folder),
        "store": "memory://",
        "autodiscover": False,
        "processing_guarantee": "at_least_once",
        "consumer_auto_offset_reset": "earliest",
        "consumer_max_fetch_size": 65_536,
        # How soon a topic that went and came back is assigned again.
        "consumer_metadata_max_age_ms": 15_000,
        "broker_session_timeout": session_seconds,
        "broker_heartbeat_interval": session_seconds / 4,
        "broker_rebalance_timeout": 30.0,
        # It must exceed the session's.
        "broker_request_timeout": max(40.0, 2 * session_seconds),
        "broker_commit_interval": 1.0,
        "broker_check_crcs": True,
        "stream_wait_empty": True,
        "stream_buffer_maxsize": 512,
        "producer_acks": -1,
        "producer_request_timeout": 30.0,
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "table_standby_replicas": 0,
        "reply_create_topic": False,
        "web_enabled": False,
        "web_in_thread": False,
    }
