"""
The most places that anybody could have filled who knew everything beforehand.
"""

from collections.abc import Mapping, Sequence

from services.simulation.world import World, Yes


def optimum(world: World) -> int:
    """
    Return how many positions could be filled inside their fences, at one place a person.

    A person and a posting go together where the yes was on file, the rung open and the
    person there, all before the fence ended, and the person would have accepted.
    """
    willing = {
        posting.id: tuple(yes.person.id for yes in world.wanted[posting.id] if _fits(world, yes))
        for posting in world.postings
    }
    return largest_matching({posting.id: posting.positions for posting in world.postings}, willing)


def largest_matching(room: Mapping[str, int], willing: Mapping[str, Sequence[str]]) -> int:
    """
    Match as many people to postings as their room allows, by augmenting paths.

    Args:
        room: positions by posting.
        willing: by posting, who could take one.

    >>> largest_matching({"a": 1, "b": 1}, {"a": ("x", "y"), "b": ("x",)})
    2
    """
    holds: dict[str, str] = {}
    return sum(
        _augmented(posting, willing, holds) for posting in room for _ in range(room[posting])
    )


def _augmented(start: str, willing: Mapping[str, Sequence[str]], holds: dict[str, str]) -> bool:
    """
    Find somebody for one more position, moving others from posting to posting.
    """
    asked: dict[str, str] = {}
    # By posting, whoever can leave it for the posting that asked them.
    leaver: dict[str, str] = {}
    queue = [start]
    for posting in queue:
        for person in willing[posting]:
            if person in asked:
                continue
            asked[person] = posting
            if person not in holds:
                _move(person, asked, leaver, holds)
                return True
            held = holds[person]
            if held != start and held not in leaver:
                leaver[held] = person
                queue.append(held)
    return False


def _move(
    person: str, asked: Mapping[str, str], leaver: Mapping[str, str], holds: dict[str, str]
) -> None:
    holds[person] = asked[person]
    while asked[person] in leaver:
        person = leaver[asked[person]]
        holds[person] = asked[person]


def _fits(world: World, yes: Yes) -> bool:
    person, posting = yes.person, yes.posting
    from_then = max(yes.at, posting.opens[person.rung])
    in_time = from_then < min(posting.ends, person.leaves)
    return in_time and world.pair(person, posting).willing
