import pytest

from matching.ranking.evaluation import ndcg, recall


def test_the_best_order_measures_one_and_a_worse_one_less() -> None:
    judged = {"care-assistant": 2, "cleaner": 1}

    assert ndcg(("care-assistant", "cleaner", "baker"), judged=judged) == 1
    assert 0 < ndcg(("cleaner", "care-assistant"), judged=judged) < 1
    assert ndcg(("baker",), judged=judged) == 0


def test_only_the_first_places_count() -> None:
    ranked = tuple(f"post-{n}" for n in range(12))

    assert ndcg(ranked, judged={"post-11": 2}, depth=10) == 0
    assert recall(ranked, judged={"post-9": 1, "post-11": 1}, depth=10) == 0.5


def test_nothing_judged_cannot_be_measured() -> None:
    with pytest.raises(ValueError, match="relevant"):
        ndcg(("cleaner",), judged={})
