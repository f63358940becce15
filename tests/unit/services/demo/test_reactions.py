"""How the story's desks react to what stands in the log."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from services.commands.register import Fact
from services.demo import cast
from services.demo.exchange import Exchange
from services.demo.heard import Answered, Sent
from services.demo.ledger import Ledger
from services.demo.reactions import Desks
from services.demo.saying import DESK
from tests.unit.services.demo.queues import told

MONDAY, TUESDAY = "2026-01-19T09:05:00.000Z", "2026-01-20T09:05:00.000Z"
LEAVE = cast.packed("rounds")["on_leave"]["partner"]
UNRELEASED = cast.packed("rounds")["not_released"]
UNREACHED = cast.packed("rounds")["not_reached"]

Said = tuple[str, str, str]


class Log(Ledger):
    """A market's log with these events."""

    def __init__(self, *facts: Fact) -> None:
        super().__init__()
        self.facts[cast.market()["code"]] = list(facts)
        self._times[cast.market()["code"]] = [MONDAY] * len(facts)


class Desk(Exchange):
    """An exchange that keeps what is said, and for which everything has arrived."""

    def __init__(self, *references: tuple[str, str]) -> None:
        parts = [(each.partner, each.reference) for each in cast.people()]
        scripted = [(each["partner"], each["resident"]) for each in (UNRELEASED, UNREACHED)]
        owned = [*parts, *scripted, *references, (cast.supplier(), "OAK-101")]
        self.heard = [
            told("Receipt", {"ids": [{"reference": name, "id": f"id-{name}"}]}, party=party)
            for party, name in owned
        ]
        self.said: list[Said] = []

    def react(self, desks: Desks, *facts: Fact, at: str = MONDAY) -> list[Said]:
        self.said, self.ledger = [], Log(*facts)
        desks.answered(at=at)
        return self.said

    def say(
        self,
        kind: str,
        told: Iterable[Mapping[str, Any]],
        *,
        by: str,
        at: str,
        desk: str = DESK,
    ) -> tuple[Sent, ...]:
        self.said.append((kind, by, desk))
        return ()

    def answers(
        self,
        sent: Sequence[Sent],
        *,
        what: str,
        seconds: float = 0.0,
    ) -> tuple[Answered, ...]:
        return ()

    def until(self, met: Callable[[], bool], *, what: str, seconds: float = 0.0) -> None:
        """Wait for nothing."""

    def until_all(
        self,
        came: Callable[[Any], bool],
        awaited: Sequence[Any],
        *,
        what: str,
        seconds: float = 0.0,
    ) -> None:
        """Wait for nothing."""


def fact(name: str, offer: str = "f-1", **data: Any) -> Fact:
    return Fact(name=name, subject=None, party=None, data={"offer": offer, **data})


def proposal(reference: str, *, offer: str = "f-1") -> Fact:
    position = "zedford-o-1/reserved/1"
    return fact("SlotProposed", offer, position=position, resident=f"id-{reference}")


def desks_of(*references: tuple[str, str]) -> tuple[Desk, Desks]:
    desk = Desk(*references)
    return desk, Desks(desk, cast.packed("rounds"))


def test_who_is_on_leave_tries_to_release_and_the_deputy_does() -> None:
    desk, desks = desks_of((LEAVE, "OY-0028"))

    said = desk.react(desks, proposal("OY-0028"))

    assert said == [
        ("ProposalReleased", LEAVE, "desk-1"),
        ("ProposalReleased", LEAVE, "desk-2"),
    ]


def test_one_proposal_is_left_and_the_next_of_that_resident_released() -> None:
    desk, desks = desks_of()
    reference = UNRELEASED["resident"]
    first = proposal(reference)
    ended = fact("OfferWithdrawn", position=first.data["position"], reason="not_released")

    assert desk.react(desks, first) == []
    assert desk.react(desks, first) == []
    assert desk.react(desks, first, ended, proposal(reference, offer="f-2")) == [
        ("ProposalReleased", UNRELEASED["partner"], DESK)
    ]


def test_who_was_not_reached_is_tried_the_second_time_before_they_accept() -> None:
    desk, desks = desks_of()
    reference = UNREACHED["resident"]
    first = (proposal(reference), fact("SlotOffered"))
    lapsed = fact("OfferLapsed", reason="not_reached")
    second = (proposal(reference, offer="f-2"), fact("SlotOffered", "f-2"))

    assert desk.react(desks, *first) == []
    said = [kind for kind, _, _ in desk.react(desks, *first, lapsed, *second)]

    assert said == ["ContactTried", "OfferAccepted", "ConsentGiven"]


def test_the_story_s_person_thinks_it_over_and_consents_after_being_asked() -> None:
    desk, desks = desks_of()
    reference = cast.person("accepts").reference
    offered = (proposal(reference), fact("SlotOffered"))

    assert desk.react(desks, *offered) == []
    accepted = desk.react(desks, *offered, at=TUESDAY)
    assert [kind for kind, _, _ in accepted] == ["OfferAccepted"]
    consented = desk.react(desks, *offered, fact("OfferAccepted"), at=TUESDAY)
    assert [kind for kind, _, _ in consented] == ["ConsentGiven"]


def test_the_supplier_confirms_who_was_introduced_but_the_one_whom_it_keeps_waiting() -> None:
    way = ("SlotOffered", "OfferAccepted", "IntroductionMade")
    desk, desks = desks_of((LEAVE, "OY-0028"))
    waits = cast.person("silent_supplier").reference

    assert desk.react(desks, proposal(waits), *map(fact, way)) == []
    said = desk.react(desks, proposal("OY-0028", offer="f-2"), *(fact(each, "f-2") for each in way))

    assert said == [("HireConfirmed", cast.supplier(), DESK)]
