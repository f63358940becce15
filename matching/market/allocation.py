"""
Who is proposed for which reserved position: the choice of one vacancy, and of many together.

A vacancy chooses rung by rung. On each rung it fills as many positions as can be filled, with
the first people in the published order, in the first positions in precedence; they stay, and
the next rung has what is left. So a position that somebody left out could take is filled, and
by a person who comes before them. Over many vacancies residents propose in their own order of
preference and each vacancy keeps whom it chooses (deferred acceptance): with one offer at a
time, nobody does better by saying another preference or by hiding a fact.

The positions of a group differ only in their order. So people are matched to groups with room
for several, and an augmenting path passes people on from group to group.

Sources: Hafalir, Yenmez and Yildirim (2013) on reserves; Kominers and Sönmez (2016) on
precedence; Gale and Shapley (1962) on deferred acceptance.
"""

import hmac
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter

# Inside, a claim is its place in the published order, and a group its place in precedence.
OrderKey = tuple[int, int, int, str]  # remedied first, weeks, ticket, resident
Holders = dict[int, tuple[int, ...]]  # claim -> the groups that it reaches on this rung
Steps = dict[int, tuple[int, int]]  # group -> the claim that can move into it, and from where


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """
    The free positions of a reserved group, in order, and the highest rung that is open.
    """

    name: str
    free: tuple[str, ...]
    stage: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Vacancy:
    """
    An opportunity with its reserved groups in precedence order.
    """

    id: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """
    One resident's claim on one vacancy.

    Attributes:
        key: published order inside a rung, smallest first (see `order_key`).
        tiers: for each group of the vacancy the first rung whose rule is met, or None.
    """

    resident: str
    key: OrderKey
    tiers: tuple[int | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """
    A resident chosen for a position, and the rung that they were chosen on.
    """

    resident: str
    vacancy: str
    position: str
    group: str
    tier: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """
    A resident in the round: vacancies best first, and how many offers may still be made.
    """

    resident: str
    vacancies: tuple[str, ...]
    capacity: int


def order_key(
    *, weeks_ready: int, most_weeks: int, ticket: int, resident: str, remedied: bool = False
) -> OrderKey:
    """
    Order people inside a rung: an upheld challenge, longest ready up to a cap, the lottery.

    >>> order_key(weeks_ready=40, most_weeks=26, ticket=7, resident="b-r-1")
    (1, -26, 7, 'b-r-1')
    >>> order_key(weeks_ready=3, most_weeks=26, ticket=9, resident="b-r-2", remedied=True)
    (0, -3, 9, 'b-r-2')
    """
    return 0 if remedied else 1, -min(weeks_ready, most_weeks), ticket, resident


def ticket(seed: bytes, resident: str) -> int:
    """
    Draw a resident's lottery ticket: the first 64 bits of HMAC-SHA256(seed, resident id).

    >>> ticket(b"seed", "b-r-1")
    5084031408775890679
    """
    return int.from_bytes(hmac.digest(seed, resident.encode(), "sha256")[:8], "big")


def choose(vacancy: Vacancy, claims: Sequence[Claim]) -> tuple[Placement, ...]:
    """
    Choose among the claims on one vacancy, at most one a resident, in any order.

    Returns:
        Placements rung by rung, on each rung in precedence order.
    """
    desk = _Desk(vacancy, claims)
    desk.turned_away(range(len(desk.claims)))
    return tuple(desk.placements())


def allocate(
    vacancies: Sequence[Vacancy],
    claims: Mapping[str, Sequence[Claim]],
    applicants: Sequence[Applicant],
) -> tuple[Placement, ...]:
    """
    Place residents over many vacancies: deferred acceptance, residents proposing.

    Args:
        vacancies: each once, in any order.
        claims: by vacancy, at most one a resident, in any order.
        applicants: each once, in any order. They propose only where they have a claim.

    Returns:
        Placements in order of vacancy and position.
    """
    desks = {each.id: _Desk(each, claims.get(each.id, ())) for each in vacancies}
    wishes = {each.resident: _wishes(each, desks) for each in applicants}
    proposing = [each.resident for each in applicants for _ in range(each.capacity)]
    while proposing:
        asking: dict[str, list[int]] = defaultdict(list)
        for resident in proposing:
            for vacancy, claim in islice(wishes[resident], 1):
                asking[vacancy].append(claim)
        proposing = [
            resident for id_, asked in asking.items() for resident in desks[id_].turned_away(asked)
        ]
    placed = [placement for desk in desks.values() for placement in desk.placements()]
    return tuple(sorted(placed, key=attrgetter("vacancy", "position")))


def _wishes(applicant: Applicant, desks: Mapping[str, "_Desk"]) -> Iterator[tuple[str, int]]:
    for vacancy in dict.fromkeys(applicant.vacancies):
        if vacancy in desks and applicant.resident in desks[vacancy].numbers:
            yield vacancy, desks[vacancy].numbers[applicant.resident]


class _Desk:
    """
    A vacancy at work: the claims on it that reach an open rung, and those that it keeps.
    """

    __slots__ = ("claims", "kept", "numbers", "reach", "vacancy")

    def __init__(self, vacancy: Vacancy, claims: Sequence[Claim]) -> None:
        reach = {tiers: _reach(vacancy, tiers) for tiers in {claim.tiers for claim in claims}}
        self.vacancy = vacancy
        self.claims = sorted((each for each in claims if reach[each.tiers]), key=attrgetter("key"))
        self.numbers = {claim.resident: number for number, claim in enumerate(self.claims)}
        self.reach = [reach[claim.tiers] for claim in self.claims]
        self.kept: list[int] = []

    def turned_away(self, asking: Iterable[int]) -> list[str]:
        """
        Choose anew among those kept and those asking, and name the residents not chosen.
        """
        numbers = sorted((*self.kept, *asking))
        chosen = {number for _, held in self._rungs(numbers) for each in held for number in each}
        self.kept = sorted(chosen)
        return [self.claims[number].resident for number in numbers if number not in chosen]

    def placements(self) -> Iterator[Placement]:
        free = [iter(group.free) for group in self.vacancy.groups]
        for tier, held in self._rungs(self.kept):
            for group, number in _settled(held):
                yield Placement(
                    resident=self.claims[number].resident,
                    vacancy=self.vacancy.id,
                    position=next(free[group]),
                    group=self.vacancy.groups[group].name,
                    tier=tier,
                )

    def _rungs(self, numbers: Sequence[int]) -> Iterator[tuple[int, list[Holders]]]:
        room = [len(group.free) for group in self.vacancy.groups]
        for tier in sorted({tier for number in numbers for tier in self.reach[number]}):
            asking = {n: self.reach[n][tier] for n in numbers if tier in self.reach[n]}
            held = _filled(room, asking)
            room = [places - len(each) for places, each in zip(room, held, strict=True)]
            placed = set().union(*held)
            numbers = [number for number in numbers if number not in placed]
            yield tier, held


def _reach(vacancy: Vacancy, tiers: tuple[int | None, ...]) -> dict[int, tuple[int, ...]]:
    """
    Tell on which rung which groups are reached, as far as rungs are open.

    Whoever is left out on a rung finds each group reached there full, so each pair counts once.
    """
    reach: dict[int, tuple[int, ...]] = {}
    for at, (group, tier) in enumerate(zip(vacancy.groups, tiers, strict=True)):
        if tier is not None and tier <= group.stage:
            reach[tier] = (*reach.get(tier, ()), at)
    return reach


def _filled(room: Sequence[int], claims: Holders) -> list[Holders]:
    """
    Fill as much room as can be, with the first claims that fit together, in the first groups.

    Each claim in order takes the first group in which the others can make room by moving on.
    The groups reached in vain hold only claims that come before and can go nowhere else, so
    nobody later will find room there.
    """
    door = len(room)
    held: list[Holders] = [{} for _ in range(door + 1)]
    closed = {group for group, places in enumerate(room) if not places}
    for number, groups in claims.items():
        if closed.issuperset(groups):
            continue
        held[door] = {number: groups}
        steps = _steps(held, start=door, closed=closed)
        spare = [group for group in steps if len(held[group]) < room[group]]
        if spare:
            _pass_on(held, steps, start=door, end=min(spare))
        else:
            closed.update(steps)
    return held[:door]


def _settled(held: list[Holders]) -> Iterator[tuple[int, int]]:
    """
    Settle who has which place: each in turn goes to the first claim that can take it.

    As many stay in each group, and everybody stays placed.
    """
    for group in range(len(held)):
        for number in sorted(n for each in held for n, groups in each.items() if group in groups):
            if not held[group]:
                break
            home = next(at for at, each in enumerate(held) if number in each)
            groups = held[home].pop(number)
            steps = _steps(held, start=group)
            if home == group or home in steps:
                _pass_on(held, steps, start=group, end=home)
                yield group, number
            else:
                held[home][number] = groups


def _steps(held: Sequence[Holders], *, start: int, closed: Collection[int] = ()) -> Steps:
    """
    Find the groups that can be reached from one by moving holders on, each by fewest moves.
    """
    steps: Steps = {}
    queue = [start]
    for source in queue:
        for number, groups in held[source].items():
            for group in groups:
                if group not in steps and group not in closed:
                    steps[group] = number, source
                    queue.append(group)
    return steps


def _pass_on(held: Sequence[Holders], steps: Steps, *, start: int, end: int) -> None:
    while end != start:
        number, source = steps[end]
        held[end][number] = held[source].pop(number)
        end = source
