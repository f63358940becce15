"""
How the story's partners, residents and supplier react to what the rounds bring them.

Most partners release, most residents accept, and the supplier confirms. Who does not is in
the packaged script or has a part in the story; what they are offered, the run decides.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from services.demo import cast
from services.demo.courses import Course, Step, courses
from services.demo.exchange import Exchange
from services.demo.heard import Answered, Sent, minted

# What is said, by whom, about which offer, and what beside the offer.
Saying = tuple[str, str, dict[str, Any]]


class Desks:
    """
    The desks of all who answer: each answers once to each offer that comes to it.

    Args:
        exchange: where they speak and the log is heard.
        script: the packaged script of the rounds.
    """

    def __init__(self, exchange: Exchange, script: Mapping[str, Any]) -> None:
        self._exchange, self._code = exchange, cast.market()["code"]
        ids = minted(exchange.heard)
        self._partner_of = {id_: party for (party, _), id_ in ids.items()}
        self._on_leave = script["on_leave"]
        self._held = (ids[cast.supplier(), script["held"]["opportunity"]], script["held"]["reason"])
        unreached = script["not_reached"]
        self._unreached = ids[unreached["partner"], unreached["resident"]]
        self._declines = _of(cast.person("declines"), ids)
        self._kept_waiting = _of(cast.person("silent_supplier"), ids)
        self._followed = {_of(each, ids) for each in cast.people()}
        self._answered: set[tuple[str, str]] = set()
        self._has_held = self._has_waited = False

    def answered(self, *, at: str) -> tuple[Answered, ...]:
        """
        Release or hold what is proposed, answer what is offered, and confirm what is accepted.

        Raises:
            NotArrived: a receipt, or the delivery of an offer, does not come in time.
        """
        return (
            *self._said("proposed", self._of_proposal, at=at, brings="AnswerDue"),
            *self._said("offered", self._of_offer, at=at, brings="ConfirmationDue"),
            *self._said("accepted", self._of_acceptance, at=at, brings="HireConfirmed"),
        )

    def _said(
        self,
        state: str,
        react: Callable[[Course], Saying | None],
        *,
        at: str,
        brings: str,
    ) -> tuple[Answered, ...]:
        sayings = [each for each in map(react, self._standing(state)) if each is not None]
        if not sayings:
            return ()
        by: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for kind, party, data in sayings:
            by[kind, party].append(data)
        sent: list[Sent] = []
        for (kind, party), told in by.items():
            sent += self._exchange.say(kind, told, by=party, at=at)
        answered = self._exchange.answers(sent, what=f"answers about what is {state}")
        self._brought(brings, sayings)
        return answered

    def _standing(self, state: str) -> Iterable[Course]:
        """
        Yield the positions that wait in a state for somebody who has not answered yet.
        """
        for course in courses(self._exchange.ledger.timed(self._code)):
            key = (state, course.last.offer or "")
            if course.last.state == state and key not in self._answered:
                self._answered.add(key)
                yield course

    def _brought(self, name: str, sayings: Iterable[Saying]) -> None:
        """
        Wait for the event that follows, by the log, from each release, acceptance or hire.
        """
        onward = {"ProposalReleased", "OfferAccepted", "HireConfirmed"}
        offers = [data["offer"] for kind, _, data in sayings if kind in onward]
        ledger = self._exchange.ledger
        self._exchange.until_all(
            lambda offer: any(
                fact.data["offer"] == offer for fact in ledger.named(self._code, name)
            ),
            offers,
            what=f"what follows: {name}",
        )

    def _of_proposal(self, course: Course) -> Saying | None:
        step = course.last
        partner = self._partner_of[step.resident or ""]
        # What comes after the silence waits for the reader, who can release it.
        if partner == self._on_leave or (step.resident == self._kept_waiting and self._has_waited):
            return None
        if self._holds(course, step):
            return "ProposalHeld", partner, {"offer": step.offer, "reason": self._held[1]}
        return "ProposalReleased", partner, {"offer": step.offer}

    def _holds(self, course: Course, step: Step) -> bool:
        """
        Tell whether this is the one to hold: the first in its opportunity without a part.
        """
        opportunity, _ = self._held
        if course.opportunity != opportunity or step.resident in self._followed:
            return False
        first = not self._has_held
        self._has_held = True
        return first

    def _of_offer(self, course: Course) -> Saying | None:
        step = course.last
        if step.resident == self._unreached:
            return None
        kind = "OfferDeclined" if step.resident == self._declines else "OfferAccepted"
        return kind, self._partner_of[step.resident or ""], {"offer": step.offer}

    def _of_acceptance(self, course: Course) -> Saying | None:
        """
        Confirm everybody but the story's person whom the supplier keeps waiting.
        """
        step = course.last
        if step.resident == self._kept_waiting:
            self._has_waited = True
            return None
        return "HireConfirmed", cast.supplier(), {"offer": step.offer}


def _of(person: cast.Person, ids: Mapping[tuple[str, str], str]) -> str:
    return ids[person.partner, person.reference]
