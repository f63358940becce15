"""
Messages of a party's queue as a person reads them.

A queue keeps what was sent; a reader wants what holds: each message once, of a resident's
rankings and of an offer's messages the latest, and the party's own references in place of
our ids.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, get_args

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from schemas.answers import NoticeGiven
from schemas.codec import restore
from schemas.vocabulary import OfferId, Pattern
from services.commands.answers import is_receipt, is_refusal, show
from services.commands.positions import TOLD, office_of, show_position
from services.wording.facts import question
from services.wording.figures import day_in_words
from services.wording.fits import open_question
from services.wording.introductions import grounds_in_words
from services.wording.notices import notice

# Of each kind of reason; --json has all.
SHOWN = 3

# Names that a message does not hold come in its headers.
ACCOMPANYING = {"reference": "foothold-reference", "title": "foothold-title"}
NO_HEADERS: Mapping[str, bytes] = {}

# Of one offer the latest of these counts: each says where it stands.
STANDING = frozenset(
    {
        "SlotProposed",
        "ReleaseDue",
        "SlotOffered",
        "OfferChanged",
        "AnswerDue",
        "ReferralOpened",
        "ConsentDue",
        "SupplierIntroduced",
        "OfferLapsed",
        "OfferWithdrawn",
        "HireConfirmed",
        "HireRejected",
        "IntroductionReceived",
        "ConfirmationDue",
        "PositionChanged",
    }
)
# Of one challenge, likewise.
CONTESTED = frozenset({"DecisionDue", "ChallengeUnanswered"})
REMINDER = "ReminderGiven"


ANSWERS = frozenset(
    {"ProposalHeld", "OfferAccepted", "OfferDeclined", "HireConfirmed", "HireRejected"}
)
OFFER = next(mark for mark in get_args(OfferId) if isinstance(mark, Pattern))


@dataclass(slots=True, kw_only=True)
class Names:
    """
    What a party calls the things that its queue names by our ids, learnt from the queue.
    """

    known: dict[str, str] = field(default_factory=dict)
    offers: dict[str, dict[str, str]] = field(default_factory=dict)

    def learn(self, event: Mapping[str, Any], headers: Mapping[str, bytes] = NO_HEADERS) -> None:
        """
        Remember the references and titles that a message tells, or that accompany it.
        """
        data = event["data"]
        for named in data.get("ids", ()):
            self.known[named["id"]] = named["reference"]
        for match in data.get("matches", ()):
            self.known[match["opportunity"]] = f"“{match['title']}” at {match['supplier']}"
        if data.get("title") and data.get("opportunity"):
            at = f" at {data['supplier']}" if data.get("supplier") else ""
            self.known[data["opportunity"]] = f"“{data['title']}”{at}"
        for person in (data, *data.get("residents", ())):
            if person.get("reference") and person.get("resident"):
                self.known[person["resident"]] = person["reference"]
        self._learn_offer(data, headers)

    def offer(self, data: Mapping[str, Any]) -> Mapping[str, str]:
        """
        Return what is known of the offer or the challenge that a message is about.
        """
        about = data.get("offer") or data.get("challenge") or data.get("about") or ""
        return self.offers.get(about, {})

    def who(self, data: Mapping[str, Any]) -> str:
        """
        Name the resident of a message about an offer, as well as that is known.
        """
        offer = self.offer(data)
        resident = data.get("resident") or offer.get("resident")
        if resident:
            return self.of(resident)
        return offer.get("reference") or "a resident"

    def what(self, data: Mapping[str, Any]) -> str:
        """
        Name the opportunity of a message about a position, as well as that is known.
        """
        offer = self.offer(data)
        opportunity = data.get("opportunity") or offer.get("opportunity")
        if opportunity:
            return self.of(opportunity)
        title = offer.get("title")
        return f"“{title}”" if title else "a position"

    def _learn_offer(self, data: Mapping[str, Any], headers: Mapping[str, bytes]) -> None:
        told = {name: headers[at].decode() for name, at in ACCOMPANYING.items() if at in headers}
        position = data.get("position") or ""
        opportunity = data.get("opportunity") or position.partition("/")[0]
        about = data.get("offer") or data.get("challenge")
        if isinstance(about, str):
            known = {
                "resident": data.get("resident"),
                "opportunity": opportunity,
                "grounds": grounds_in_words(data) if "weeks_ready" in data else None,
                "call": office_of(data),
                **told,
            }
            offer = self.offers.setdefault(about, {})
            offer |= {name: item for name, item in known.items() if item}
        if told.get("reference") and data.get("resident"):
            self.known[data["resident"]] = told["reference"]
        if told.get("title") and opportunity:
            self.known.setdefault(opportunity, f"“{told['title']}”")

    def of(self, thing: str) -> str:
        """
        Name a thing, with our id behind its name.
        """
        return f"{self.known[thing]} ({thing})" if thing in self.known else thing


def kind_of(event: Mapping[str, Any]) -> str:
    """
    Return the name of a message's kind.

    >>> kind_of({"type": "foothold.MatchesRanked.v1"})
    'MatchesRanked'
    """
    return str(event["type"]).split(".")[1]


def what_holds(events: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """
    Leave out what was issued again and the rankings that a later one replaced.
    """
    latest: dict[tuple[str, str], dict[str, Any]] = {}
    for event in events:
        key = _line_of(event)
        # Taken out first, so that it stands where the latest came.
        latest.pop(key, None)
        latest[key] = event
    return tuple(latest.values())


def _line_of(event: Mapping[str, Any]) -> tuple[str, str]:
    """
    Name what a message is the latest of.
    """
    name, data = kind_of(event), event["data"]
    if name == "MatchesRanked":
        return "ranking of", data["resident"]
    # A cut that leaves too many changes nothing about what the supplier is to answer.
    if name in STANDING and data.get("offer") and data.get("state") != "over":
        return "offer", data["offer"]
    if name == REMINDER:
        return ("challenge" if data["waiting"] == "decision" else "offer"), data["about"]
    if name in CONTESTED:
        return "challenge", data["challenge"]
    if answers_offer(event):
        return "offer", event["subject"]
    if decides(event):
        return "challenge", event["subject"]
    return "message", event["id"]


def answers_offer(event: Mapping[str, Any]) -> bool:
    """
    Tell whether a message is the receipt of an answer after which its offer waits no more.

    A release makes an offer, which comes behind it; an answer that is said again is none.
    """
    data = event["data"]
    is_answer = kind_of(event) == "Receipt" and OFFER.matches(str(event.get("subject")))
    return is_answer and data.get("duplicate_of") is None and kind_of(data) in ANSWERS


def decides(event: Mapping[str, Any]) -> bool:
    """
    Tell whether a message is the receipt of a decision after which its challenge is closed.
    """
    return kind_of(event) == "Receipt" and kind_of(event["data"]) == "ChallengeDecided"


def show_message(
    console: Console, event: dict[str, Any], *, names: Names, party: str = "PARTY"
) -> None:
    """
    Show one message of a party's queue.
    """
    name, data = kind_of(event), event["data"]
    if is_receipt(event) or is_refusal(event):
        show(console, _label(data), event)
    elif name == "MatchesRanked":
        show_matches(console, data, names=names)
    elif name == "FactAsked":
        who, what = names.of(data["resident"]), names.of(data["opportunity"])
        asked = f"Question {event['id']} about {who}, for {what}: {question(data['fact'])}"
        console.print(Text(asked))
        answer = f"    Answer with `foothold template fact`: fact {data['fact']}"
        console.print(Text(f"{answer}, asked {event['id']}.", style="dim"))
    elif name == "NoticeGiven":
        about, told = names.of(data["about"]), notice(restore(NoticeGiven, data))
        console.print(Text(f"Notice about {about}: {told}"))
    elif name in TOLD:
        show_position(console, name, data, party=party, names=names)
    else:
        details = ", ".join(f"{key} {value}" for key, value in sorted(data.items()))
        console.print(Text(f"{name}: {details}"))


def _label(data: Mapping[str, Any]) -> str:
    said = data.get("submission_id") or f"offset {data['origin']['offset']}"
    return f"{data['type'].split('.')[1]} {said}" if data.get("type") else str(said)


def show_matches(console: Console, data: Mapping[str, Any], *, names: Names) -> None:
    """
    Show a resident's matches: rank, fit, why, and what is missing or unknown.
    """
    who = data.get("reference") or names.of(data["resident"])
    if not data["matches"]:
        told = "no matches at present; earlier ones no longer hold."
        console.print(Text.assemble((who, "bold"), f": {told}"))
        return
    console.print(Text(f"Matches for {who}", style="bold"))
    for match in data["matches"]:
        for margin, line in _lines(match):
            console.print(Padding(line, (0, 0, 0, margin), expand=False))


def _lines(match: Mapping[str, Any]) -> Iterator[tuple[int, Text]]:
    """
    Write a match as lines, each with its margin; ids stay whole, so that they can be copied.
    """
    closes = day_in_words(date.fromisoformat(match["closes_on"]))
    where = f"{match['supplier']}, {match['outcode']}, closes {closes}"
    fit = f"{match['score'] / 100:.0f}%"
    yield 2, Text.assemble(f"{match['rank']}. ", (match["title"], "bold"), f", fit {fit}")
    yield 5, Text(f"{where}, {match['opportunity']}")
    for why in match["why"][:SHOWN]:
        yield 5, Text(f"because: {why}")
    for gap in match.get("missing", [])[:SHOWN]:
        yield 5, Text(f"missing: {gap}", style="yellow")
    for code in match.get("unknown", [])[:SHOWN]:
        yield 5, Text(f"unknown: {open_question(code)}", style="yellow")
