"""
The environment, read once: where the broker is, where data lies, which key seals.

Variables begin with `FOOTHOLD_`. A secret may instead be a file of the same name in
lower case in the folder that `FOOTHOLD_SECRETS_DIR` names, as Docker and Kubernetes
mount them.
"""

import base64
import binascii
import os
from pathlib import Path
from typing import Literal, Self

import platformdirs
from pydantic import Field, SecretBytes, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LogLevel = Literal["debug", "info", "warning", "error"]

MASTER_KEY_BYTES = 32
PREFIX = "FOOTHOLD_"
SECRETS_DIR_VARIABLE = f"{PREFIX}SECRETS_DIR"


class UnusableSettings(ValueError):
    """What is wrong with the environment: variable and reason, and never a value."""


class Settings(BaseSettings):
    """
    What a process of Foothold is told by its environment.

    Attributes:
        broker: `host:port` of a Kafka broker, several by commas; none means that the
            product brings its own.
        data: the folder that keeps everything the process owns.
        database: an SQLAlchemy URL for the projections; none means SQLite in `data`.
        master_key: 32 bytes that wrap each resident's key, given as base64; none means
            that the key store makes one in `data` and keeps it there.
        log_level: the least severe line that is written.
        metrics_port: where the first worker shows its metrics to Prometheus, on loopback;
            the others follow, in the order of the flow table. None shows none.
        java: a Java of version 17 or later for our own broker; none means the packaged one.
        kafka_jars: a folder with the jars of an Apache Kafka 4 for our own broker.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    broker: str | None = Field(default=None, pattern=r"^[^\s,:]+:\d{1,5}(,[^\s,:]+:\d{1,5})*$")
    data: Path = Field(default_factory=lambda: platformdirs.user_data_path("foothold"))
    database: str | None = None
    master_key: SecretBytes | None = None
    log_level: LogLevel = "info"
    metrics_port: int | None = Field(default=None, ge=1024, le=65_000)
    java: str | None = None
    kafka_jars: Path | None = None

    @classmethod
    def read(cls) -> Self:
        """
        Read the environment and, where one is named, the folder of secrets.

        Raises:
            UnusableSettings: a variable cannot be used, or the folder of secrets is not
                there.
        """
        secrets = os.environ.get(SECRETS_DIR_VARIABLE)
        if secrets and not Path(secrets).is_dir():
            raise UnusableSettings(f"{SECRETS_DIR_VARIABLE} names no folder: {secrets}")
        try:
            return cls(_secrets_dir=secrets or None)
        except ValidationError as error:
            raise UnusableSettings(_named(error)) from None

    @field_validator("data")
    @classmethod
    def _whole_path(cls, folder: Path) -> Path:
        return folder.expanduser().absolute()

    @field_validator("master_key", mode="before")
    @classmethod
    def _key_from_base64(cls, given: object) -> object:
        return _decoded_key(given.strip()) if isinstance(given, str) else given


def _decoded_key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("must be base64") from None
    if len(key) != MASTER_KEY_BYTES:
        raise ValueError(f"must be {MASTER_KEY_BYTES} bytes, and is {len(key)}")
    return key


def _named(error: ValidationError) -> str:
    problems = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(
        f"{PREFIX}{problem['loc'][0]}".upper() + f": {problem['msg']}" for problem in problems
    )
