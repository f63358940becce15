"""
Scene 7, 20 January: one acceptance, as its two sides read it on their own queues.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.commands.register import Fact
from services.demo import cast
from services.demo.exchange import Exchange
from services.demo.expectations import Expectation, NotArrived, equals, holds, none_of
from services.demo.heard import Heard, minted
from services.demo.stage import Outcome, Stage

# All that a supplier is told of an introduction: its slot, the clause, and which office to call.
SLOT = ("offer", "position", "opportunity", "title", "clause", "confirm_by")
OFFICE = ("role_mailbox", "role_telephone")
POSITION = "log-position"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """
    One message on a queue: the record of the log that it tells of, and its fields.
    """

    sequence: int
    name: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """
    What both sides were told of one offer; `consent` is the record with the consent.
    """

    partner: str
    supplier: str
    reference: str
    offer: str
    consent: int
    partner_side: tuple[Told, ...]
    supplier_side: tuple[Told, ...]


def play(stage: Stage) -> Outcome[Sides]:
    """
    Read both queues for what they say of the offer that the story's person accepted.

    Raises:
        NotArrived: nobody was introduced, or a side is not told in time.
    """
    exchange = stage.exchange
    made = _introduction(exchange)
    partner, offer = cast.person("accepts").partner, made.data["offer"]
    for party, name in ((partner, "HireConfirmed"), (cast.supplier(), "IntroductionReceived")):
        exchange.until(
            lambda party=party, name=name: any(  # type: ignore[misc]
                each.name == name for each in about(offer, exchange.queue(party))
            ),
            what=f"{name} on a queue",
        )
    figures = Sides(
        partner=partner,
        supplier=cast.supplier(),
        reference=cast.person("accepts").reference,
        offer=offer,
        consent=int(made.data["consent"].split("-")[-2]),
        partner_side=tuple(map(told, about(offer, exchange.queue(partner)))),
        supplier_side=tuple(map(told, about(offer, exchange.queue(cast.supplier())))),
    )
    return Outcome(figures=figures, expectations=_expectations(exchange, made, figures))


def _introduction(exchange: Exchange) -> Fact:
    person = cast.person("accepts")
    resident = minted(exchange.heard)[person.partner, person.reference]
    for fact in exchange.ledger.named(cast.market()["code"], "IntroductionMade"):
        if fact.data["resident"] == resident:
            return fact
    raise NotArrived(f"no introduction of {person.reference}")


def about(offer: str, queue: Iterable[Heard]) -> tuple[Heard, ...]:
    """
    Return the messages that name an offer, but for answers to what was said.
    """
    return tuple(each for each in queue if offer.encode() in each.value and each.answers is None)


def told(heard: Heard) -> Told:
    """
    Take a message apart into its fields.
    """
    return Told(
        sequence=int(heard.headers[POSITION].split(b"/")[1]),
        name=heard.name,
        fields=tuple(
            (name, value if isinstance(value, str) else _listed(value))
            for name, value in heard.data.items()
            if value is not None and value != []
        ),
    )


def _listed(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


# --- what is expected -----------------------------------------------------------------------


def _expectations(exchange: Exchange, made: Fact, figures: Sides) -> tuple[Expectation, ...]:
    names = [each.name for each in figures.partner_side]
    received = [dict(each.fields) for each in figures.supplier_side]
    office = _office(figures.partner)
    own = (made.data["resident"], figures.reference, figures.partner)
    return (
        holds(
            "the partner is told each step",
            {"SlotProposed", "SlotOffered", "ConsentDue", "SupplierIntroduced"} <= set(names),
            found=names,
        ),
        none_of(
            "the supplier is told nothing before the consent",
            [each.name for each in figures.supplier_side if each.sequence < figures.consent],
        ),
        equals(
            "it is told of one introduction, field by field",
            [sorted(each) for each in received],
            expected=[sorted((*SLOT, *OFFICE))],
        ),
        equals(
            "and which office to call",
            [{name: each.get(name) for name in OFFICE} for each in received],
            expected=[office],
        ),
        none_of(
            "and nothing else of the resident or of their partner",
            told_beside(own, about(figures.offer, exchange.queue(figures.supplier)), office),
        ),
    )


def told_beside(
    own: Iterable[str], heard: Iterable[Heard], office: Mapping[str, str]
) -> tuple[str, ...]:
    """
    Return the words that stand in a message elsewhere than in the office's address.
    """
    texts = [_without(each.value, office.values()) for each in heard]
    return tuple(word for word in own if any(word.encode() in text for text in texts))


def _without(text: bytes, told: Iterable[str]) -> bytes:
    for each in told:
        text = text.replace(each.encode(), b"")
    return text


def _office(partner: str) -> dict[str, str]:
    registered = next(each for each in cast.packed("partners") if each["slug"] == partner)
    return {name: registered[name] for name in OFFICE}
