"""Settings: read from an environment, checked, and never shown with their secrets."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from pipeline.errors import SettingsError
from pipeline.settings import PREFIX, ROOT, Settings, load_settings, masked


def refusal(name: str, value: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings({name: value})
    assert caught.value.subject == name
    return caught.value.message


def test_an_empty_environment_gives_the_defaults() -> None:
    assert load_settings({}) == Settings()
    assert load_settings({}).config == ROOT / "config"


def test_only_the_environment_given_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSWATCH_HOME", "/elsewhere")
    assert load_settings({}).home == Path("var")
    assert Settings().home == Path("var")
    assert load_settings().home == Path("/elsewhere")


def test_values_get_their_types() -> None:
    found = load_settings(
        {
            "NEWSWATCH_HOME": "~/watch",
            "NEWSWATCH_SMTP_PORT": "2525",
            "NEWSWATCH_FETCH_DEADLINE": "2.5",
            "NEWSWATCH_SEARCH": "elasticsearch",
            "NEWSWATCH_ELASTICSEARCH_URL": "https://search.example:9200/path",
            "NEWSWATCH_DIGEST_AT": "23:59",
        }
    )
    assert found.home == Path.home() / "watch"
    assert (found.smtp_port, found.fetch_deadline, found.search) == (2525, 2.5, "elasticsearch")
    assert found.ledger_url == f"sqlite:///{Path.home()}/watch/ledger.sqlite"


def test_an_empty_value_is_the_default() -> None:
    assert load_settings({"NEWSWATCH_SMTP_HOST": "", "NEWSWATCH_SMTP_PORT": ""}) == Settings()


def test_other_variables_are_left_alone() -> None:
    others = {"HOME": "/root", "NEWSWATCH_TEST_CRASH": "x", "NEWSWATCH_DATA": "x", "NEWSWATCH_SERVER_PORT": "x"}
    assert load_settings(others) == Settings()


def test_a_misspelt_setting_is_an_error_with_the_nearest_one() -> None:
    assert (
        refusal("NEWSWATCH_SMTP_HOTS", "mail.example") == "there is no such setting; did you mean NEWSWATCH_SMTP_HOST?"
    )
    assert refusal("NEWSWATCH_QQQQQQQQQQQQ", "1") == "there is no such setting"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SMTP_PORT", "abc", "valid integer"),
        ("SMTP_PORT", "0", "greater than or equal to 1"),
        ("SMTP_PORT", "70000", "less than or equal to 65535"),
        ("SEARCH", "solr", "'embedded', 'elasticsearch' or 'opensearch'"),
        ("LOG_LEVEL", "loud", "'warning'"),
        ("ELASTICSEARCH_URL", "localhost", "address of Elasticsearch"),
        ("ELASTICSEARCH_URL", "ftp://localhost", "http:// or https://"),
        ("ELASTICSEARCH_PREFIX", "News*", "start of index"),
        ("PROXY", "nonsense", "HTTP proxy"),
        ("LINK_BASE", "search.example", "web address that mails link to"),
        ("LINK_BASE", "javascript:{query}", "http:// or https://"),
        ("CONTACT", "me@example.org\r\nX-Other: 1", "added to the User-Agent"),
        ("DIGEST_AT", "99:99", "HH:MM"),
        ("DIGEST_AT", "6:00", "HH:MM"),
        ("FETCH_DEADLINE", "nan", "finite number"),
        ("FETCH_DEADLINE", "0", "greater than 0"),
        ("POLL_INTERVAL", "inf", "finite number"),
        ("POLL_INTERVAL", "1e30", "less than or equal to"),
        ("ALERT_MAX_AGE", "-1", "greater than 0"),
        ("HOST_INTERVAL", "inf", "less than or equal to"),
        ("PARSE_MEMORY", "-5", "greater than or equal to"),
        ("FETCH_CONCURRENCY", "0", "greater than or equal to 1"),
    ],
)
def test_a_value_that_cannot_be_is_named_with_what_is_wanted(name: str, value: str, said: str) -> None:
    message = refusal(PREFIX + name, value)
    assert said in message
    assert f'"{value}"' in message


SECRETS = (
    "NEWSWATCH_LEDGER",
    "NEWSWATCH_ELASTICSEARCH_API_KEY",
    "NEWSWATCH_ELASTICSEARCH_PASSWORD",
    "NEWSWATCH_SMTP_PASSWORD",
)


@pytest.mark.parametrize("name", SECRETS)
def test_secrets_print_as_stars(name: str) -> None:
    found = load_settings({name: "hunter2"})
    assert "hunter2" not in repr(found)
    assert "hunter2" not in str(found)
    value = getattr(found, name.removeprefix(PREFIX).lower())
    assert isinstance(value, SecretStr)
    assert value.get_secret_value() == "hunter2"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("http://user:hunter2@proxy.example:3128", "http://***@proxy.example:3128"),
        ("http://user:hun/t@er2@proxy.example", "http://***@proxy.example"),
        ("user:hunter2@proxy.example", "***@proxy.example"),
        ("http://proxy.example:3128/path", "http://proxy.example:3128/path"),
        ("Newswatch <newswatch@localhost>", "Newswatch <newswatch@localhost>"),
        ("mailto:stop@example.org", "mailto:stop@example.org"),
        (25, "25"),
    ],
)
def test_addresses_are_shown_without_their_password(value: object, shown: str) -> None:
    assert masked(value) == shown


@pytest.mark.parametrize("name", ["NEWSWATCH_PROXY", "NEWSWATCH_ELASTICSEARCH_URL"])
def test_a_refused_address_does_not_show_its_password(name: str) -> None:
    assert "hunter2" not in refusal(name, "ftp://user:hunter2@host.example")


def test_a_search_address_with_a_password_is_refused() -> None:
    message = refusal("NEWSWATCH_ELASTICSEARCH_URL", "https://user:hunter2@host.example")
    assert "without user name and password" in message


def test_settings_are_frozen() -> None:
    found, field = Settings(), "home"
    with pytest.raises(ValidationError):
        setattr(found, field, Path("/"))


def test_every_setting_says_what_it_is() -> None:
    assert all(field.description for field in Settings.model_fields.values())
