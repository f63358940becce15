"""
The allocation by its definition, position by position: slow, obvious, for small markets.

On each rung every matching of people to positions is listed. The best fills the most, then
has the best people, compared one by one in published order, then the first positions in
precedence, then gives each position in turn to the first person.
"""

from collections.abc import Iterator, Mapping, Sequence

from matching.market.allocation import Applicant, Claim, Placement, Vacancy

Matching = dict[int, int]  # position -> person, both by their place in order


def choose(vacancy: Vacancy, claims: Sequence[Claim]) -> tuple[Placement, ...]:
    """
    Choose rung by rung, and on each the best of all matchings.
    """
    positions = [(at, id_) for at, group in enumerate(vacancy.groups) for id_ in group.free]
    people = sorted(claims, key=lambda claim: claim.key)
    placed: list[Placement] = []
    for rung in range(1 + max((group.stage for group in vacancy.groups), default=-1)):
        best = min(matchings(edges(vacancy, positions, people, rung=rung)), key=preference)
        chosen = [(positions[position], people[person]) for position, person in best.items()]
        placed += [placement(vacancy, at, id_, claim) for (at, id_), claim in chosen]
        positions = [position for position in positions if position not in dict(chosen)]
        people = [person for person in people if person not in dict(chosen).values()]
    return tuple(placed)


def edges(
    vacancy: Vacancy, positions: list[tuple[int, str]], people: list[Claim], *, rung: int
) -> list[list[int]]:
    """
    For each position the people who may have it on this rung.
    """
    return [
        [
            person
            for person, claim in enumerate(people)
            if (tier := claim.tiers[at]) is not None
            and tier <= rung
            and tier <= vacancy.groups[at].stage
        ]
        for at, _ in positions
    ]


def matchings(may: list[list[int]], position: int = 0) -> Iterator[Matching]:
    """
    List every matching: each position empty, or with one of those who may have it.
    """
    if position == len(may):
        yield {}
        return
    for rest in matchings(may, position + 1):
        yield rest
        for person in may[position]:
            if person not in rest.values():
                yield {position: person} | rest


def preference(matching: Matching) -> tuple[int, list[int], list[int], list[int]]:
    """
    What makes one matching better than another: the smaller.
    """
    by_position = sorted(matching.items())
    holders = [person for _, person in by_position]
    return -len(matching), sorted(holders), [position for position, _ in by_position], holders


def placement(vacancy: Vacancy, at: int, position: str, claim: Claim) -> Placement:
    """
    Say who has which position, with the person's own tier.
    """
    tier = claim.tiers[at]
    assert tier is not None
    return Placement(
        resident=claim.resident,
        vacancy=vacancy.id,
        position=position,
        group=vacancy.groups[at].name,
        tier=tier,
    )


def allocate(
    vacancies: Sequence[Vacancy],
    claims: Mapping[str, Sequence[Claim]],
    applicants: Sequence[Applicant],
) -> tuple[Placement, ...]:
    """
    Deferred acceptance with one proposal at a time, each vacancy choosing among all so far.
    """
    proposed: dict[str, list[Claim]] = {vacancy.id: [] for vacancy in vacancies}
    while proposal := next(proposals(vacancies, claims, applicants, proposed), None):
        vacancy, claim = proposal
        proposed[vacancy].append(claim)
    placed = [each for vacancy in vacancies for each in choose(vacancy, proposed[vacancy.id])]
    return tuple(sorted(placed, key=lambda each: (each.vacancy, each.position)))


def proposals(
    vacancies: Sequence[Vacancy],
    claims: Mapping[str, Sequence[Claim]],
    applicants: Sequence[Applicant],
    proposed: Mapping[str, Sequence[Claim]],
) -> Iterator[tuple[str, Claim]]:
    """
    For each resident with an offer to spare: the best vacancy not yet proposed to.
    """
    held = [
        each.resident for vacancy in vacancies for each in choose(vacancy, proposed[vacancy.id])
    ]
    for applicant in applicants:
        if held.count(applicant.resident) < applicant.capacity:
            for vacancy in applicant.vacancies:
                mine = [
                    each for each in claims.get(vacancy, ()) if each.resident == applicant.resident
                ]
                if mine and mine[0] not in proposed[vacancy]:
                    yield vacancy, mine[0]
                    break
