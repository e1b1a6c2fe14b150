"""Settings: defaults, then the environment, then arguments, and what is refused of them."""

from __future__ import annotations

import re
from dataclasses import asdict, fields
from pathlib import Path

import pytest

from mockserver.settings import SettingRefused, Settings, read_settings, variable

DEFAULTS = {
    "host": "127.0.0.1",
    "port": 3000,
    "api_key": (),
    "fixtures": None,
    "seed": "lago",
    "unknown_fields": "report",
    "journal_size": 1000,
    "populate": 0,
    "cors_origin": ("local",),
    "admin_token": None,
    "log_format": "text",
    "quiet": False,
    "watch": False,
}


def test_without_environment_and_arguments_the_defaults_hold():
    assert asdict(read_settings({})) == DEFAULTS


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        pytest.param("host", "0.0.0.0", "0.0.0.0", id="host"),  # noqa: S104
        pytest.param("port", "0", 0, id="any free port"),
        pytest.param("port", "65535", 65535, id="largest port"),
        pytest.param("api_key", "one", ("one",), id="one key"),
        pytest.param("api_key", "one, two ,three", ("one", "two", "three"), id="several keys"),
        pytest.param("fixtures", "a/b.json", Path("a/b.json"), id="fixtures"),
        pytest.param("seed", "other", "other", id="seed"),
        pytest.param("unknown_fields", "reject", "reject", id="unknown fields"),
        pytest.param("journal_size", "0", 0, id="journal size"),
        pytest.param("populate", "5000", 5000, id="customers to make up"),
        pytest.param("cors_origin", "off", ("off",), id="no origin"),
        pytest.param("cors_origin", "*", ("*",), id="any origin"),
        pytest.param(
            "cors_origin",
            "local, https://App.example/,http://[::1]:80",
            ("local", "https://app.example", "http://[::1]:80"),
            id="several origins",
        ),
        pytest.param("admin_token", "open-sesame", "open-sesame", id="token"),
        pytest.param("log_format", "json", "json", id="log format"),
        pytest.param("quiet", "yes", True, id="flag"),
        pytest.param("watch", "False", False, id="flag turned off"),
    ],
)
def test_a_variable_of_the_environment_overrides_the_default(name, text, value):
    settings = read_settings({variable(name): text})

    assert asdict(settings) == DEFAULTS | {name: value}


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        pytest.param("port", "4000", 4000, id="text is parsed"),
        pytest.param("port", 4000, 4000, id="value is taken as it is"),
        pytest.param("api_key", ("one", "two"), ("one", "two"), id="several keys"),
        pytest.param("fixtures", "b.json", Path("b.json"), id="path"),
        pytest.param("journal_size", 0, 0, id="zero counts as given"),
    ],
)
def test_an_argument_overrides_the_environment(name, given, value):
    environ = {
        "LAGO_MOCK_PORT": "5000",
        "LAGO_MOCK_API_KEY": "env",
        "LAGO_MOCK_FIXTURES": "env.json",
        "LAGO_MOCK_JOURNAL_SIZE": "7",
    }

    settings = read_settings(environ, **{name: given})

    assert getattr(settings, name) == value


@pytest.mark.parametrize(
    "nothing", [pytest.param(None, id="none"), pytest.param((), id="empty tuple")]
)
def test_an_argument_not_given_leaves_the_environment_in_force(nothing):
    settings = read_settings({"LAGO_MOCK_API_KEY": "env"}, api_key=nothing)

    assert settings.api_key == ("env",)


@pytest.mark.parametrize("name", [each.name for each in fields(Settings)])
def test_an_empty_variable_is_refused_as_it_may_be_a_secret_that_is_not_set(name):
    with pytest.raises(SettingRefused, match=variable(name)):
        read_settings({variable(name): ""})


def test_several_keys_may_stand_in_one_option():
    assert read_settings({}, api_key=("a,b", "c")).api_key == ("a", "b", "c")


def test_a_key_is_not_shown_in_a_complaint_about_it():
    with pytest.raises(SettingRefused) as refused:
        read_settings({"LAGO_MOCK_API_KEY": "sk secret"})

    assert "secret" not in str(refused.value)


def test_other_variables_are_ignored():
    environ = {"LAGO_API_KEY": "x", "lago_mock_port": "1", "LAGO_MOCKERY": "x"}

    assert asdict(read_settings(environ)) == DEFAULTS


def test_a_refused_variable_hinders_nobody_who_overrides_it_not():
    with pytest.raises(SettingRefused, match="LAGO_MOCK_PORT"):
        read_settings({"LAGO_MOCK_PORT": "x"}, seed="other")


@pytest.mark.parametrize(
    ("environ", "arguments", "told"),
    [
        pytest.param({"LAGO_MOCK_PORT": "http"}, {}, "LAGO_MOCK_PORT", id="port in letters"),
        pytest.param({"LAGO_MOCK_PORT": "65536"}, {}, "65535", id="port too large"),
        pytest.param({"LAGO_MOCK_PORT": "-1"}, {}, "LAGO_MOCK_PORT", id="negative port"),
        pytest.param({"LAGO_MOCK_PORT": "9" * 5000}, {}, "65535", id="port of 5000 digits"),
        pytest.param({"LAGO_MOCK_HOST": " "}, {}, "LAGO_MOCK_HOST", id="blank host"),
        pytest.param({"LAGO_MOCK_SEED": " "}, {}, "LAGO_MOCK_SEED", id="blank seed"),
        pytest.param({"LAGO_MOCK_API_KEY": "a,,b"}, {}, "none of them empty", id="empty key"),
        pytest.param({"LAGO_MOCK_JOURNAL_SIZE": "1.5"}, {}, "whole number", id="fraction"),
        pytest.param(
            {"LAGO_MOCK_JOURNAL_SIZE": "9" * 30}, {}, "LAGO_MOCK_JOURNAL_SIZE", id="endless size"
        ),
        pytest.param(
            {"LAGO_MOCK_UNKNOWN_FIELDS": "Reject"}, {}, "report or reject", id="unknown word"
        ),
        pytest.param({"LAGO_MOCK_PROT": "1"}, {}, "LAGO_MOCK_PROT", id="unknown name"),
        pytest.param({"LAGO_MOCK_": "1"}, {}, "LAGO_MOCK_ ", id="prefix alone"),
        pytest.param({"LAGO_MOCK_PROT": ""}, {}, "LAGO_MOCK_PROT", id="unknown name, empty"),
        pytest.param({}, {"port": "http"}, "--port", id="port as option"),
        pytest.param({}, {"port": ""}, "--port", id="empty port as option"),
        pytest.param({}, {"journal_size": "many"}, "--journal-size", id="size as option"),
        pytest.param({}, {"unknown_fields": "x"}, "--unknown-fields", id="word as option"),
        pytest.param({}, {"host": ""}, "--host", id="empty host as option"),
        pytest.param({}, {"fixtures": ""}, "--fixtures", id="empty path as option"),
        pytest.param({}, {"api_key": ("",)}, "--api-key", id="empty key as option"),
        pytest.param({}, {"api_key": ("a", " ")}, "--api-key", id="blank key as option"),
        pytest.param({}, {"api_key": ("a b",)}, "--api-key", id="key no header can bring"),
        pytest.param({"LAGO_MOCK_CORS_ORIGIN": "app"}, {}, "such as https://", id="no origin"),
        pytest.param({}, {"cors_origin": ("off", "*")}, "beside off", id="off and on"),
        pytest.param({"LAGO_MOCK_ADMIN_TOKEN": "a b"}, {}, "visible ASCII", id="token of words"),
        pytest.param({"LAGO_MOCK_LOG_FORMAT": "xml"}, {}, "text or json", id="log format"),
        pytest.param({"LAGO_MOCK_QUIET": "maybe"}, {}, "true or false", id="flag"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_in_one_sentence(environ, arguments, told):
    with pytest.raises(SettingRefused) as refused:
        read_settings(environ, **arguments)

    text = str(refused.value)
    assert told in text
    assert re.fullmatch(r"[^\n]+\.", text)
    assert ". " not in text
    assert "set_int_max_str_digits" not in text


def test_an_option_that_may_be_repeated_is_shown_as_it_was_given():
    with pytest.raises(SettingRefused) as refused:
        read_settings({}, cors_origin=("app", "local"))

    assert str(refused.value).endswith("not 'app,local'.")


def test_a_name_that_is_no_setting_is_told_what_the_settings_are():
    with pytest.raises(SettingRefused) as refused:
        read_settings({"LAGO_MOCK_PROT": "1"})

    assert all(variable(each.name) in str(refused.value) for each in fields(Settings))


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        pytest.param("127.0.0.1", True, id="this machine"),
        pytest.param("127.8.9.1", True, id="this machine by another number"),
        pytest.param("localhost", True, id="this machine by name"),
        pytest.param("::1", True, id="this machine by IPv6"),
        pytest.param("0.0.0.0", False, id="every address"),  # noqa: S104
        pytest.param("::", False, id="every address of IPv6"),
        pytest.param("192.0.2.1", False, id="address in a network"),
        pytest.param("127.evil.test", False, id="name that begins like this machine"),
    ],
)
def test_only_this_machine_is_told_from_a_network(host, loopback):
    assert Settings(host=host).loopback is loopback


def test_every_setting_says_what_it_is_for():
    for each in fields(Settings):
        assert each.metadata["text"].endswith(".")
        assert bool(each.metadata["metavar"]) is not isinstance(each.default, bool)


def test_a_token_is_not_shown_in_a_complaint_about_it():
    with pytest.raises(SettingRefused) as refused:
        read_settings({"LAGO_MOCK_ADMIN_TOKEN": "open sesame"})

    assert "sesame" not in str(refused.value)


@pytest.mark.parametrize(
    ("settings", "served"),
    [
        pytest.param({}, True, id="this machine"),
        pytest.param({"host": "0.0.0.0"}, False, id="every address"),  # noqa: S104
        pytest.param({"host": "0.0.0.0", "admin_token": "t"}, True, id="with a token"),  # noqa: S104
    ],
)
def test_the_control_api_is_served_to_this_machine_or_for_a_token(settings, served):
    assert Settings(**settings).admin is served


@pytest.mark.parametrize(
    ("environ", "port"),
    [
        pytest.param({"PORT": "8080"}, 8080, id="alone"),
        pytest.param({"PORT": "8080", "LAGO_MOCK_PORT": "4000"}, 4000, id="ours wins"),
        pytest.param({"PORT": "http", "LAGO_MOCK_PORT": "4000"}, 4000, id="bad but not ours"),
        pytest.param(
            {"PORT": "8080", "LAGO_MOCK_PORT": "tcp://10.0.0.1:3000"}, 8080, id="Kubernetes'"
        ),
    ],
)
def test_the_port_of_a_platform_stands_in_for_ours(environ, port):
    assert read_settings(environ).port == port


@pytest.mark.parametrize("text", ["", "http", "70000", "tcp://10.0.0.1:3000"])
def test_a_platforms_port_that_is_none_is_refused(text):
    with pytest.raises(SettingRefused, match=r"^PORT must be a number"):
        read_settings({"PORT": text})


SERVICE = {  # what Kubernetes tells a container of a service named lago-mock
    "LAGO_MOCK_SERVICE_HOST": "10.0.0.1",
    "LAGO_MOCK_SERVICE_PORT": "3000",
    "LAGO_MOCK_SERVICE_PORT_HTTP": "3000",
    "LAGO_MOCK_PORT": "tcp://10.0.0.1:3000",
    "LAGO_MOCK_PORT_3000_TCP": "tcp://10.0.0.1:3000",
    "LAGO_MOCK_PORT_3000_TCP_PROTO": "tcp",
    "LAGO_MOCK_PORT_3000_TCP_PORT": "3000",
    "LAGO_MOCK_PORT_3000_TCP_ADDR": "10.0.0.1",
}


@pytest.mark.parametrize("name", ["LAGO_MOCK_", "LAGO_MOCK_EU_"])
def test_what_kubernetes_says_of_a_service_named_like_us_is_ignored(name):
    environ = {key.replace("LAGO_MOCK_", name): text for key, text in SERVICE.items()}

    assert read_settings(environ) == read_settings({})


@pytest.mark.parametrize(
    "environ",
    [
        pytest.param({"LAGO_MOCK_SERVICE": "x"}, id="no service's"),
        pytest.param({"LAGO_MOCK_EU_PORT": "3000"}, id="port of nothing"),
        pytest.param({"LAGO_MOCK_PORT": "http://10.0.0.1:3000"}, id="address as port"),
    ],
)
def test_what_kubernetes_never_says_is_no_setting(environ):
    with pytest.raises(SettingRefused):
        read_settings(environ)
