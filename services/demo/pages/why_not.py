"""
Scene 8 on the screen: an excerpt of the letter, and what became of the challenge.
"""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.markdown import Markdown
from rich.padding import Padding

from services.demo.pages.contract import short
from services.demo.pages.matches import Reader
from services.demo.scenes.why_not import WhyNot
from services.wording.introductions import finding_in_words, ground_in_words


def page(found: WhyNot, *, reader: Reader) -> Iterator[RenderableType]:
    """
    Show what the letter says of one opportunity, and how the challenge was decided.
    """
    person = reader.people.get((found.partner, found.reference))
    named = f"{person.name} ({found.reference})" if person else found.reference
    yield (
        f"{named} was passed over for {found.title}, and asks why. From the letter, of "
        f"{found.lines} lines:"
    )
    yield Padding(Markdown(found.excerpt), (1, 4))
    decider = reader.names[found.decider]
    yield (
        f"Through {reader.names[found.partner]} it is contested, on the ground that "
        f"{ground_in_words(found.ground)}. {decider} has until {short(found.decide_by)}, and "
        f"{'upholds' if found.upheld else 'dismisses'} it: {finding_in_words(found.finding)}."
    )
    if found.remedied:
        yield (
            f"{found.reference} comes first of their rung at the next position of the same kind "
            "and hours. What was decided for others stands."
        )
