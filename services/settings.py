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
from pydantic import (
    Field,
    SecretBytes,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
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
        smtp_host: the mail server by which reminders leave; none means no mail.
        smtp_port: its port.
        smtp_starttls: whether the connection must be made private before anything is sent.
        smtp_user: whom the server is told that we are; none means that it does not ask.
        smtp_password: what it is told then, over a private connection alone.
        smtp_from: the address that reminders come from.
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
    smtp_host: str | None = Field(default=None, pattern=r"^[A-Za-z0-9.:-]{1,253}$")
    smtp_port: int = Field(default=587, ge=1, le=65_535)
    smtp_starttls: bool = True
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_from: str | None = Field(default=None, pattern=r"^[!-?A-~]{1,64}@[A-Za-z0-9.-]{1,189}$")

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

    @model_validator(mode="after")
    def _mail_is_whole(self) -> Self:
        if self.smtp_host and not self.smtp_from:
            raise ValueError("FOOTHOLD_SMTP_HOST needs FOOTHOLD_SMTP_FROM")
        if (self.smtp_user is None) != (self.smtp_password is None):
            raise ValueError("FOOTHOLD_SMTP_USER and FOOTHOLD_SMTP_PASSWORD go together")
        if self.smtp_password is not None and not self.smtp_starttls:
            raise ValueError("FOOTHOLD_SMTP_PASSWORD needs FOOTHOLD_SMTP_STARTTLS")
        return self

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
    return "; ".join(_of(problem["loc"], problem["msg"]) for problem in problems)


def _of(where: tuple[int | str, ...], told: str) -> str:
    # What is wrong across several variables names them itself.
    return f"{PREFIX}{where[0]}".upper() + f": {told}" if where else told.partition(", ")[2]
