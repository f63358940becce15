"""
Every metric of the transport, each with its meaning and unit.

Labels are topics, partitions, market codes and worker names: never an id of a person.
"""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

NOISE: Final = Counter(
    "foothold_log_noise",
    "Records of the log that link to nothing: a rival's, or unreadable",
    ("topic", "partition"),
)
SAID: Final = Counter(
    "foothold_said",
    "Records of the market's inbox taken up; logged + repeats + idle_ticks + strays + held",
    ("partition",),
)
OUTCOMES: Final = Counter(
    "foothold_said_outcomes",
    "What became of each inbox record: logged, repeat, idle_tick, stray or held",
    ("partition", "outcome"),
)
QUARANTINED: Final = Counter(
    "foothold_quarantined",
    "Records that made a decision raise, and were refused as internal",
    ("market",),
)
HELD_MARKETS: Final = Gauge(
    "foothold_held_markets",
    "Markets that are held after three quarantined records in a row",
    ("partition",),
)
UNREADABLE_INBOX: Final = Counter(
    "foothold_inbox_unreadable",
    "Records of the market's inbox that are none of ours (only our own workers may write it)",
    ("partition",),
)
POSITION: Final = Gauge(
    "foothold_position", "Next offset that a worker has not applied yet", ("topic", "partition")
)
LAG: Final = Gauge(
    "foothold_lag", "Records between a worker's position and the end", ("topic", "partition")
)
APPENDED: Final = Counter(
    "foothold_appended", "Records for which a receipt was got", ("topic", "partition")
)
APPLY_SECONDS: Final = Histogram(
    "foothold_batch_seconds",
    "Seconds that one batch took, from reading to receipt",
    ("topic",),
)
FORWARDED: Final = Counter(
    "foothold_forwarded", "Records of party inboxes passed on, each with every receipt", ("topic",)
)
OUTBOX: Final = Gauge("foothold_outbox_waiting", "Rows of the outbox that are not sent", ())
SNAPSHOTS_IGNORED: Final = Counter(
    "foothold_snapshots_ignored", "Snapshots that did not fit the log, by reason", ("reason",)
)
MAILS: Final = Counter(
    "foothold_mails",
    "Reminders by mail: sent, or refused, failed, unknown, late or idle, none of which reached"
    " anybody for certain; a refused one is tried again",
    ("outcome",),
)
