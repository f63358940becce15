"""
Who speaks for an installation that names nobody: its only operator.
"""

from collections.abc import Iterator
from itertools import chain, count, repeat

import click
import pytest

from services.commands.market import BEGINNING_SECONDS, only_operator
from services.commands.register import Fact


def registered(slug: str, *roles: str) -> Fact:
    data = {"slug": slug, "roles": list(roles)}
    return Fact(name="PartyRegisteredSealed", subject=slug, party="northgate", data=data)


def spoken_for(*looks: tuple[Fact, ...]) -> str:
    """
    Ask who operates a register that changes from look to look; time passes by the look.
    """
    seen: Iterator[tuple[Fact, ...]] = chain(looks, repeat(looks[-1]))
    seconds = count(0.0, BEGINNING_SECONDS / 10)
    return only_operator(
        lambda: next(seen), monotonic=lambda: next(seconds), pause=lambda _seconds: None
    )


def test_a_register_that_has_just_begun_is_waited_for() -> None:
    assert spoken_for((), (), (registered("northgate", "operator"),)) == "northgate"


def test_a_register_that_stays_empty_is_told_so() -> None:
    with pytest.raises(click.UsageError, match="foothold up --operator"):
        spoken_for(())


def test_of_several_operators_one_is_to_be_named() -> None:
    facts = (registered("northgate", "operator"), registered("southgate", "operator", "partner"))

    with pytest.raises(click.UsageError, match="northgate, southgate"):
        spoken_for(facts)


def test_a_party_that_gave_the_role_up_is_no_operator_any_more() -> None:
    facts = (
        registered("northgate", "operator"),
        registered("southgate", "operator"),
        registered("northgate", "partner"),
    )

    assert spoken_for(facts) == "southgate"
