import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.ranking.engines.faiss_index import FaissIndex
from matching.ranking.ports import VectorIndex, Vectors
from matching.ranking.retrieval import ExactIndex, best_rows

DIM = 8


def unit_vectors(n: int, *, seed: int) -> Vectors:
    drawn = np.random.default_rng(seed).standard_normal((n, DIM)).astype(np.float32)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float32)


@pytest.fixture(params=[ExactIndex, FaissIndex])
def index(request: pytest.FixtureRequest) -> VectorIndex:
    made: VectorIndex = request.param(dim=DIM)
    return made


def everybody(index: VectorIndex) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.ones(len(index), np.bool_)


def test_nothing_is_found_among_nobody(index: VectorIndex) -> None:
    query = unit_vectors(1, seed=1)[0]

    assert index.search(query, k=3, allowed=everybody(index)).tolist() == []


def test_the_nearest_comes_first_and_the_lower_row_first_of_equals(index: VectorIndex) -> None:
    north, east = np.eye(DIM, dtype=np.float32)[:2]
    for vector in (east, north, north, -north):
        index.append(vector)

    assert index.search(north, k=3, allowed=everybody(index)).tolist() == [1, 2, 0]


def test_who_is_not_allowed_is_not_found_however_near(index: VectorIndex) -> None:
    vectors = unit_vectors(20, seed=2)
    for vector in vectors:
        index.append(vector)
    allowed = everybody(index)
    allowed[7] = False

    found = index.search(vectors[7], k=20, allowed=allowed)

    assert sorted(found.tolist()) == [each for each in range(20) if each != 7]


def test_the_last_row_fills_the_gap_and_a_removal_is_seen_at_once(index: VectorIndex) -> None:
    vectors = unit_vectors(5, seed=3)
    for vector in vectors:
        index.append(vector)

    index.remove(1)
    index.replace(0, vector=vectors[1])

    assert len(index) == 4
    nearest = [index.search(each, k=1, allowed=everybody(index)).tolist() for each in vectors[1:]]
    assert nearest == [[0], [2], [3], [1]]


@given(
    st.integers(1, 200),
    st.integers(1, 60),
    st.lists(st.tuples(st.sampled_from("arc"), st.integers(0, 10_000)), max_size=30),
    st.integers(0, 2**16),
)
def test_faiss_finds_what_exact_search_finds_after_any_changes(
    n: int, k: int, changes: list[tuple[str, int]], seed: int
) -> None:
    exact, by_faiss = ExactIndex(dim=DIM), FaissIndex(dim=DIM)
    rng = np.random.default_rng(seed)
    for vector in unit_vectors(n, seed=seed):
        assert exact.append(vector) == by_faiss.append(vector)
    for change, number in changes:
        vector = unit_vectors(1, seed=number)[0]
        for index in (exact, by_faiss):
            if change == "a":
                index.append(vector)
            elif len(index) and change == "r":
                index.remove(number % len(index))
            elif len(index):
                index.replace(number % len(index), vector=vector)
    query, allowed = unit_vectors(1, seed=seed + 1)[0], rng.random(len(exact)) < 0.5

    ours, theirs = (each.search(query, k=k, allowed=allowed) for each in (exact, by_faiss))

    assert np.array_equal(exact.vectors, by_faiss.vectors)
    # Equal but for ties that rounding parts: compared by what was found, not by its row.
    assert len(ours) == len(theirs) == len(set(theirs.tolist()))
    assert exact.vectors[ours] @ query == pytest.approx(exact.vectors[theirs] @ query, abs=1e-6)
    assert allowed[theirs].all()


def test_several_queries_are_answered_in_one_pass_as_each_alone() -> None:
    index = FaissIndex(dim=DIM)
    for vector in unit_vectors(300, seed=4):
        index.append(vector)
    queries = unit_vectors(120, seed=5)

    together = index.search_many(queries, k=5)

    alone = [index.search(each, k=5, allowed=everybody(index)).tolist() for each in queries]
    assert together.tolist() == alone


@given(st.lists(st.sampled_from((0.0, 0.25, 0.5)), max_size=30), st.integers(0, 31))
def test_ties_in_the_last_place_go_to_the_lower_row(scores: list[float], k: int) -> None:
    column = np.array(scores, np.float32)

    found = best_rows(column, k=k)

    assert found.tolist() == sorted(range(len(scores)), key=lambda at: (-scores[at], at))[:k]
