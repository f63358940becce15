from hypothesis import given
from hypothesis import strategies as st

from services.matcher.carried import BestLists, CarriedFits


def filled(*scores: int, most: int = 3) -> BestLists:
    lists = BestLists(most)
    for n, score in enumerate(scores):
        lists.put("amal", f"o{n}", score=score)
    return lists


def test_whoever_has_few_takes_any() -> None:
    assert filled(900, 800).would_hold("amal", "new", score=0)


def test_a_better_one_comes_in_and_a_worse_one_does_not() -> None:
    lists = filled(900, 800, 700)

    assert lists.would_hold("amal", "new", score=701)
    assert not lists.would_hold("amal", "new", score=699)


def test_ties_go_by_id() -> None:
    lists = filled(900, 800, 700)

    assert lists.would_hold("amal", "a", score=700)
    assert not lists.would_hold("amal", "p", score=700)


def test_the_last_of_the_best_keeps_its_place_if_nobody_else_has_one() -> None:
    assert filled(900, 800, 700).would_hold("amal", "o2", score=1)
    assert not filled(900, 800, 700, 600).would_hold("amal", "o2", score=1)


def test_what_is_ruled_out_takes_nobodys_place() -> None:
    fits = CarriedFits()
    for n in range(10):
        fits.put("amal", f"o{n}", score=900, counts=True)
    assert not fits.residents.would_hold("amal", "new", score=1)

    fits.put("amal", "o3", score=900, counts=False)

    assert fits.residents.would_hold("amal", "new", score=1)


def test_who_leaves_makes_room_on_both_sides() -> None:
    fits = CarriedFits()
    fits.put("amal", "care", score=900, counts=True)

    fits.forget_resident("amal")

    assert fits.opportunities.scores == {"care": {}}
    fits.put("amal", "care", score=900, counts=True)
    fits.forget_opportunity("care")
    assert fits.residents.scores == {"amal": {}}


@given(
    held=st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 5), max_size=8),
    other=st.sampled_from("abcdefghij"),
    score=st.integers(0, 5),
)
def test_the_answer_is_that_of_sorting_them_all(
    held: dict[str, int], other: str, score: int
) -> None:
    lists = BestLists(3)
    for name, each in held.items():
        lists.put("amal", name, score=each)

    ranked = sorted((-each, name) for name, each in {**held, other: score}.items())

    assert lists.would_hold("amal", other, score=score) is ((-score, other) in ranked[:3])
