"""
Ways to plant one fault in a log that has none.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from matching.market.record import Happened
from tests.builders import SUPPLIER
from tests.reliability.fault import Entry

Mutation = Callable[[list[Entry]], Iterable[Entry]]
Change = Callable[[Happened], Iterable[Happened]]


def is_proposal(event: Happened) -> bool:
    return event.name == "SlotProposed"


def each_event(change: Change) -> Mutation:
    """
    A mutation that puts other events in the place of each event.
    """

    def mutated(log: list[Entry]) -> Iterable[Entry]:
        for cause, told, events in log:
            yield cause, told, tuple(made for event in events for made in change(event))

    return mutated


def without(name: str, nth: int = 0, **having: Any) -> Mutation:
    """
    Leave out the how-manieth event of a name whose data have these values.
    """
    return instead(name, lambda _: (), nth=nth, **having)


def other(name: str, nth: int = 0, **changes: Any) -> Mutation:
    """
    Change the data of the how-manieth event of a name.
    """
    return instead(name, lambda each: (replace(each, data=replace(each.data, **changes)),), nth=nth)


def instead(name: str, change: Change, *, nth: int = 0, **having: Any) -> Mutation:
    def wanted(event: Happened) -> bool:
        return event.name == name and all(
            getattr(event.data, key) == value for key, value in having.items()
        )

    def mutated(log: list[Entry]) -> Iterable[Entry]:
        found = [event.id for _, _, events in log for event in events if wanted(event)]
        return each_event(lambda event: change(event) if event.id == found[nth] else (event,))(log)

    return mutated


def both(name: str, value: Any = None, *, nth: int = 0, like: int = 0) -> Mutation:
    """
    Change a field of the how-manieth proposal and of its decision, perhaps to another's.
    """

    def mutated(log: list[Entry]) -> Iterable[Entry]:
        made = [each.data for _, _, events in log for each in events if is_proposal(each)]
        told = getattr(made[like], name) if value is None else value

        def changed(event: Happened) -> Iterable[Happened]:
            data = event.data
            if event.name == "RoundClosed":
                decisions = [
                    replace(each, **{name: told}) if each.offer == made[nth].offer else each
                    for each in data.decisions
                ]
                data = replace(data, decisions=tuple(decisions))
            elif event.name == "SlotProposed" and data.offer == made[nth].offer:
                data = replace(data, **{name: told})
            return (replace(event, data=data),)

        return each_event(changed)(log)

    return mutated


def before(name: str, data: Any, *, nth: int = 0, party: str | None = SUPPLIER) -> Mutation:
    """
    Put another event, told to a party, before the how-manieth of a name.
    """

    def changed(event: Happened) -> Iterable[Happened]:
        made = replace(event, name=type(data).__name__, data=data, party=party)
        return (made, event)

    return instead(name, changed, nth=nth)


def twice(name: str, nth: int = 0, **having: Any) -> Mutation:
    return instead(name, lambda event: (event, event), nth=nth, **having)


def to(party: str, name: str) -> Mutation:
    return instead(name, lambda event: (replace(event, party=party),))


def said_by(party: str, name: str) -> Mutation:
    """
    Let another party have said what each event of a name followed from.
    """
    return said_with(name, source=f"/party/{party}")


def said_with(name: str, **changes: str) -> Mutation:
    """
    Change who spoke where an event of a name followed.
    """

    def mutated(log: list[Entry]) -> Iterable[Entry]:
        for cause, told, events in log:
            spoke = any(each.name == name for each in events)
            message = told["message"] | (changes if spoke else {})
            yield cause, told | {"message": message}, events

    return mutated


def in_groups(name: str, nth: int = 0, **changes: Any) -> Mutation:
    """
    Change the one group that an event about positions names.
    """

    def changed(event: Happened) -> Iterable[Happened]:
        groups = tuple(replace(each, **changes) for each in event.data.groups)
        return (replace(event, data=replace(event.data, groups=groups)),)

    return instead(name, changed, nth=nth)
