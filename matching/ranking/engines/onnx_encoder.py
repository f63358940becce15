"""
The default encoder: an fp32 ONNX graph in onnxruntime, one text at a time, on one thread.

Alone is fastest here (batches spill the cache), and alone a text's vector is the same bit
for bit whatever is encoded before and after it.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import numpy as np

from matching.model import Side
from matching.ranking.ports import Vectors


class Pooling(StrEnum):
    """
    How the vectors of the tokens become one: their mean, or the first token's.
    """

    MEAN = "mean"
    FIRST = "first"


class OnnxEncoder:
    """
    Runs a transformer's graph with the tokenizer that belongs to it.
    """

    def __init__(
        self,
        *,
        graph: str,
        tokenizer: str,
        dim: int,
        pooling: Pooling,
        prefixes: Mapping[Side, str],
        most_tokens: int,
    ) -> None:
        """
        Load the graph.

        Args:
            graph: the path of the ONNX file.
            tokenizer: the path of the `tokenizer.json`.
            dim: the width of the vectors.
            pooling: how the model was trained to be read.
            prefixes: what the model wants before the text of either side.
            most_tokens: where a text is cut.
        """
        from onnxruntime import InferenceSession  # type: ignore[import-untyped]
        from tokenizers import Tokenizer

        self._dim = dim
        self._pooling = pooling
        self._prefixes = dict(prefixes)
        self._tokenizer = Tokenizer.from_file(tokenizer)
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(most_tokens)
        providers = ["CPUExecutionProvider"]
        self._session: Any = InferenceSession(graph, _options(), providers=providers)
        self._inputs = tuple(each.name for each in self._session.get_inputs())
        # The vectors of the tokens come first; what else a graph gives is not read.
        self._output = self._session.get_outputs()[0].name

    @property
    def dim(self) -> int:
        """
        The width of the vectors.
        """
        return self._dim

    def encode(self, texts: Sequence[str], *, side: Side) -> Vectors:
        """
        Encode texts one by one, each with its side's prefix.
        """
        vectors = np.zeros((len(texts), self._dim), np.float32)
        for at, text in enumerate(texts):
            vectors[at] = self._vector(self._prefixes[side] + text)
        return vectors

    def _vector(self, text: str) -> Vectors:
        tokens = np.array([self._tokenizer.encode(text).ids], np.int64)
        told = {
            "input_ids": tokens,
            "attention_mask": np.ones_like(tokens),
            "token_type_ids": np.zeros_like(tokens),
        }
        (hidden,) = self._session.run([self._output], {name: told[name] for name in self._inputs})
        pooled = hidden[0].mean(axis=0) if self._pooling is Pooling.MEAN else hidden[0, 0]
        length = np.linalg.norm(pooled)
        return np.asarray(pooled / length if length > 0 else pooled, np.float32)


def _options() -> Any:
    from onnxruntime import SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # A waiting thread that spins takes the core from the process beside it.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    return options
