"""Scene 8: what of a letter is shown, and how a challenge is told."""

from io import StringIO

import pytest
from rich.console import Console

from schemas import codec
from schemas.envelope import Message
from services.demo import cast
from services.demo.pages import why_not as page
from services.demo.pages.telling import reader_of
from services.demo.saying import saying
from services.demo.scenes.why_not import CONTESTED, WhyNot, excerpt_of

OPPORTUNITY = "zedford-o-aaaaaaaaaaaaaaaa"
AT = "2026-01-27T09:05:00.000Z"
LETTER = (
    "# Your page",
    "Hello.",
    "## What was decided about you",
    "### `Roofer` at Oakline",
    "The number of this job is `zedford-o-bbbbbbbbbbbbbbbb`.",
    "### `Stores assistant` at Oakline",
    f"The number of this job is `{OPPORTUNITY}`.",
    "You were number 3 in a line of 4.",
    CONTESTED,
    "Meridale decides.",
    "## What else you can do",
)


def told(*, upheld: bool) -> WhyNot:
    return WhyNot(
        partner="zedford-council",
        reference="ZC-0002",
        title="Stores assistant",
        place=3,
        considered=4,
        last_place=1,
        excerpt="\n".join(excerpt_of(LETTER, opportunity=OPPORTUNITY)),
        lines=11,
        decider="meridale-alliance",
        decide_by="2026-02-10T17:00:00.000Z",
        ground="not_told",
        upheld=upheld,
        finding="not_treated_fairly",
        remedied=upheld,
    )


def shown(found: WhyNot) -> str:
    console = Console(width=120, record=True, file=StringIO())
    for part in page.page(found, reader=reader_of("")):
        console.print(part)
    return " ".join(console.export_text().split())


def test_of_a_letter_the_one_opportunity_and_the_way_to_contest_are_shown() -> None:
    assert tuple(excerpt_of(LETTER, opportunity=OPPORTUNITY)) == LETTER[5:10]


@pytest.mark.parametrize("upheld", [True, False])
def test_a_remedy_is_told_only_of_what_was_upheld(upheld: bool) -> None:
    words = shown(told(upheld=upheld))

    assert "Desmond (ZC-0002) was passed over for Stores assistant" in words
    assert "Meridale Housing Alliance has until Tue 10 Feb 17:00" in words
    assert ("comes first of their rung" in words) is upheld
    assert ("dismisses" in words) is not upheld


def test_the_packaged_challenge_and_its_decision_are_valid() -> None:
    script = cast.packed("rounds")["challenge"]
    raised = {"resident": "ZC-0002", "opportunity": OPPORTUNITY, "ground": script["ground"]}
    decided = {"challenge": "zedford-41-1"} | {n: script[n] for n in ("upheld", "finding")}

    for kind, data in (("ChallengeRaised", raised), ("ChallengeDecided", decided)):
        event = saying(kind, data, by="zedford-council", at=AT, named="1")
        assert isinstance(codec.message_of(event), Message)
