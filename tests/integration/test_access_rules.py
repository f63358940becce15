"""
Access rules on a broker that has an authorizer, and on one that has none.
"""

from pathlib import Path

import pytest

from services.broker import Broker, properties
from services.commands.kafka_access import Kafka
from services.topology import grants

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(180)]


def test_rules_are_set_once_where_the_broker_has_an_authorizer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authorizer = "org.apache.kafka.metadata.authorizer.StandardAuthorizer"
    monkeypatch.setitem(properties._RULES, "authorizer.class.name", authorizer)
    monkeypatch.setitem(properties._RULES, "super.users", "User:ANONYMOUS")
    rules = grants(("oakline", "northfield"))

    with Broker(tmp_path) as broker, Kafka(broker.bootstrap) as kafka:
        tried = kafka.grant(rules, dry_run=True)
        first = kafka.grant(rules)
        second = kafka.grant(rules)

    assert tried is not None
    assert first is not None
    assert len(tried) == len(first) == len(rules)
    assert second == ()


def test_a_broker_without_an_authorizer_is_told_apart(broker: str) -> None:
    with Kafka(broker) as kafka:
        assert kafka.grant(grants(("oakline",))) is None
