"""What a process is told by its environment."""

import base64
from pathlib import Path

import pytest

from services.settings import Settings, UnusableSettings

KEY = bytes(range(32))
KEY_TEXT = base64.b64encode(KEY).decode()


def test_an_empty_environment_means_a_broker_and_a_key_of_ones_own() -> None:
    settings = Settings.read()

    assert settings.broker is None
    assert settings.master_key is None
    assert settings.log_level == "info"
    assert settings.data.is_absolute()


def test_variables_are_read_and_the_key_is_bytes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FOOTHOLD_BROKER", "kafka-1:9092,kafka-2:9092")
    monkeypatch.setenv("FOOTHOLD_DATA", str(tmp_path))
    monkeypatch.setenv("FOOTHOLD_MASTER_KEY", KEY_TEXT)

    settings = Settings.read()

    assert settings.broker == "kafka-1:9092,kafka-2:9092"
    assert settings.data == tmp_path
    assert settings.master_key is not None
    assert settings.master_key.get_secret_value() == KEY


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTHOLD_BROKER", "")

    assert Settings.read().broker is None


def test_a_secret_may_be_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "foothold_master_key").write_text(KEY_TEXT + "\n")
    monkeypatch.setenv("FOOTHOLD_SECRETS_DIR", str(tmp_path))

    key = Settings.read().master_key

    assert key is not None
    assert key.get_secret_value() == KEY


def test_a_folder_of_secrets_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTHOLD_SECRETS_DIR", "/nowhere/at/all")

    with pytest.raises(UnusableSettings, match="FOOTHOLD_SECRETS_DIR names no folder"):
        Settings.read()


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("FOOTHOLD_MASTER_KEY", "open sesame!", "must be base64"),
        ("FOOTHOLD_MASTER_KEY", "c2hvcnQ=", "must be 32 bytes, and is 5"),
        ("FOOTHOLD_BROKER", "kafka without a port", "should match pattern"),
        ("FOOTHOLD_LOG_LEVEL", "chatty", "'debug', 'info', 'warning' or 'error'"),
    ],
)
def test_an_unusable_variable_is_named_and_its_value_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(UnusableSettings) as refusal:
        Settings.read()

    assert variable in str(refusal.value)
    assert reason in str(refusal.value)
    assert value not in str(refusal.value)
    assert refusal.value.__cause__ is None


def test_a_key_is_not_shown_where_settings_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTHOLD_MASTER_KEY", KEY_TEXT)

    settings = Settings.read()

    assert KEY_TEXT not in repr(settings)
    assert repr(KEY) not in repr(settings)


def test_no_mail_leaves_where_no_server_is_named() -> None:
    settings = Settings.read()

    assert settings.smtp_host is None
    assert (settings.smtp_port, settings.smtp_starttls) == (587, True)


MAIL = {"HOST": "mail.zedford.example", "FROM": "foothold@zedford.example"}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"FROM": ""}, "FOOTHOLD_SMTP_HOST needs FOOTHOLD_SMTP_FROM"),
        ({"USER": "foothold"}, "FOOTHOLD_SMTP_USER and FOOTHOLD_SMTP_PASSWORD go together"),
        (
            {"USER": "foothold", "PASSWORD": "hush", "STARTTLS": "false"},
            "FOOTHOLD_SMTP_PASSWORD needs FOOTHOLD_SMTP_STARTTLS",
        ),
        ({"FROM": "nobody"}, "FOOTHOLD_SMTP_FROM: "),
        ({"PORT": "no"}, "FOOTHOLD_SMTP_PORT: "),
    ],
)
def test_a_mail_server_that_is_half_set_is_said_and_no_secret_with_it(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], told: str
) -> None:
    for name, value in {**MAIL, **changed}.items():
        monkeypatch.setenv(f"FOOTHOLD_SMTP_{name}", value)

    with pytest.raises(UnusableSettings) as found:
        Settings.read()

    assert str(found.value).startswith(told)
    assert "hush" not in str(found.value)


def test_the_mail_servers_password_may_be_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "foothold_smtp_password").write_text("hush\n")
    monkeypatch.setenv("FOOTHOLD_SECRETS_DIR", str(tmp_path))
    for name, value in {**MAIL, "USER": "foothold"}.items():
        monkeypatch.setenv(f"FOOTHOLD_SMTP_{name}", value)

    password = Settings.read().smtp_password

    assert password is not None
    assert password.get_secret_value() == "hush"
