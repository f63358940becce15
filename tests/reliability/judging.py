"""
All markets of a running installation, judged by the rules of a log.
"""

from services.commands.kafka_access import Kafka
from services.commands.register import linked, markets
from tests.reliability.prefix_rules import Fault, entries, faults


def faults_in_markets(kafka: Kafka) -> dict[str, tuple[Fault, ...]]:
    """
    Return the rules that the logs of a broker's markets break, by market; those that break any.
    """
    found = {}
    for code, opened in markets(kafka).items():
        standing = linked(kafka, partition=opened["partition"], market=code)
        found[code] = faults(entries([each.record for each in standing]))
    return {code: broken for code, broken in found.items() if broken}
