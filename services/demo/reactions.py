"""
How the story's partners, residents and supplier react to what the rounds bring them.

Most partners release, most residents accept and consent to be introduced, and the supplier
confirms. Who does not is in the packaged script or has a part in the story; what they are
offered, the run decides.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from services.demo import cast
from services.demo.courses import Course, Step, courses
from services.demo.exchange import Exchange
from services.demo.heard import Answered, Sent, minted
from services.demo.saying import DESK


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """
    What is said about an offer, by whom, from which desk, and which event the market adds.
    """

    kind: str
    party: str
    offer: str
    more: Mapping[str, Any] = field(default_factory=dict)
    desk: str = DESK
    brings: str | None = None

    @property
    def data(self) -> Mapping[str, Any]:
        """
        What is said; of a consent, which is to a supplier, without the offer.
        """
        return self.more if self.kind == "ConsentGiven" else {"offer": self.offer, **self.more}


React = Callable[[Course, str], Iterable[Saying]]


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
        self._known = {id_: key for key, id_ in ids.items()}
        self._on_leave, self._deputy = script["on_leave"]["partner"], script["duty"]["deputy"]
        self._held = (ids[cast.supplier(), script["held"]["opportunity"]], script["held"]["reason"])
        self._unreached = _scripted(script["not_reached"], ids)
        self._unreleased = _scripted(script["not_released"], ids)
        self._accepts, self._accepts_on = _of(cast.person("accepts"), ids), script["accepts_on"]
        self._declines = _of(cast.person("declines"), ids)
        self._kept_waiting = _of(cast.person("silent_supplier"), ids)
        self._followed = {_of(each, ids) for each in cast.people()}
        self._answered: set[tuple[str, str]] = set()
        # The one proposal and the one offer that are left without an answer, by resident.
        self._left: dict[str, str] = {}
        self._has_held = self._has_waited = False

    def answered(self, *, at: str) -> tuple[Answered, ...]:
        """
        Release or hold what is proposed, answer what is offered, and confirm who is introduced.

        Raises:
            NotArrived: a receipt, or the delivery of an offer, does not come in time.
        """
        proposed = self._exchange.ledger.named(self._code, "SlotProposed")
        self._brought("ReleaseDue", [fact.data["offer"] for fact in proposed])
        return (
            *self._said("proposed", self._of_proposal, at=at),
            *self._said("offered", self._of_offer, at=at),
            *self._said("accepted", self._of_acceptance, at=at),
            *self._said("introduced", self._of_introduction, at=at),
        )

    def _said(self, state: str, react: React, *, at: str) -> tuple[Answered, ...]:
        sayings = list(self._sayings(state, react, at=at))
        if not sayings:
            return ()
        sent: list[Sent] = []
        # One after another: what a party says of one offer must arrive in its order.
        for each in sayings:
            said_by = {"by": each.party, "at": at, "desk": each.desk}
            sent += self._exchange.say(each.kind, [each.data], **said_by)
        answered = self._exchange.answers(sent, what=f"answers about what is {state}")
        for name in dict.fromkeys(each.brings for each in sayings if each.brings):
            self._brought(name, [each.offer for each in sayings if each.brings == name])
        return answered

    def _sayings(self, state: str, react: React, *, at: str) -> Iterator[Saying]:
        """
        Yield what is said of the positions that wait in a state and were not answered yet.
        """
        for course in courses(self._exchange.ledger.timed(self._code)):
            key = (state, course.last.offer or "")
            if course.last.state == state and key not in self._answered:
                told = tuple(react(course, at))
                if told:
                    self._answered.add(key)
                yield from told

    def _brought(self, name: str, offers: Sequence[str]) -> None:
        """
        Wait for the event that follows, by the log, on each of these offers.
        """
        ledger = self._exchange.ledger
        self._exchange.until_all(
            lambda offer: any(
                fact.data["offer"] == offer for fact in ledger.named(self._code, name)
            ),
            offers,
            what=f"what follows: {name}",
        )

    def _of_proposal(self, course: Course, _: str) -> Iterator[Saying]:
        step = course.last
        # What comes after the silence waits for the reader, who can release it.
        if self._leaves(self._unreleased, step) or (
            step.resident == self._kept_waiting and self._has_waited
        ):
            return
        if self._holds(course, step):
            yield self._saying(course, "ProposalHeld", more={"reason": self._held[1]})
            return
        released = self._saying(course, "ProposalReleased", brings="AnswerDue")
        yield released
        if released.party == self._on_leave:
            # Refused to the one who is away, and so released by the deputy.
            yield replace(released, desk=self._deputy)

    def _leaves(self, resident: str, step: Step) -> bool:
        """
        Tell whether this is the first time that it is the turn of who is left without an answer.
        """
        offer = step.offer or ""
        return step.resident == resident and self._left.setdefault(resident, offer) == offer

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

    def _of_offer(self, course: Course, at: str) -> Iterator[Saying]:
        step = course.last
        is_thinking = step.resident == self._accepts and at < self._accepts_on
        if is_thinking or self._leaves(self._unreached, step):
            return
        if step.resident == self._declines:
            yield self._saying(course, "OfferDeclined")
            return
        if step.resident == self._unreached:
            tried = {"tried_on": at[:10], "means": "telephone"}
            yield self._saying(course, "ContactTried", more=tried)
        yield self._saying(course, "OfferAccepted", brings="ConsentDue")
        # Most consent as they accept; whom the story follows is asked first.
        if step.resident != self._accepts:
            yield self._consent(course, at)

    def _of_acceptance(self, course: Course, at: str) -> Iterator[Saying]:
        """
        Consent once the partner's queue has asked for it.
        """
        consent, exchange = self._consent(course, at), self._exchange
        exchange.until(
            lambda: any(
                each.name == "ConsentDue" and each.data["offer"] == consent.offer
                for each in exchange.queue(consent.party)
            ),
            what="what asks for a consent",
        )
        yield consent

    def _consent(self, course: Course, at: str) -> Saying:
        given = {
            "resident": self._known[course.last.resident or ""][1],
            "purpose": "introduction",
            "supplier": cast.supplier(),
            "fields": ["contact"],
            "notice_version": 1,
            "given_on": at[:10],
        }
        return self._saying(course, "ConsentGiven", more=given, brings="ConfirmationDue")

    def _of_introduction(self, course: Course, _: str) -> Iterator[Saying]:
        """
        Confirm everybody but the story's person whom the supplier keeps waiting.
        """
        if course.last.resident == self._kept_waiting:
            self._has_waited = True
            return
        hired = self._saying(course, "HireConfirmed", brings="HireConfirmed")
        yield replace(hired, party=cast.supplier())

    def _saying(
        self,
        course: Course,
        kind: str,
        *,
        more: Mapping[str, Any] | None = None,
        brings: str | None = None,
    ) -> Saying:
        """
        Say something, as the resident's partner, of the offer that holds a position.
        """
        step = course.last
        return Saying(
            kind=kind,
            party=self._known[step.resident or ""][0],
            offer=step.offer or "",
            more=more or {},
            brings=brings,
        )


def _of(person: cast.Person, ids: Mapping[tuple[str, str], str]) -> str:
    return ids[person.partner, person.reference]


def _scripted(told: Mapping[str, str], ids: Mapping[tuple[str, str], str]) -> str:
    return ids[told["partner"], told["resident"]]
