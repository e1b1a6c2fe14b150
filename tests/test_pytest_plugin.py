"""The pytest plugin, tried by running pytest on small suites."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from textwrap import dedent
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler
from wsgiref.simple_server import make_server as make_wsgi_server

import pytest

from mockserver.server import Server
from mockserver.settings import Settings
from mockserver.web import create_app

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
CLIENT = """
import json
import urllib.request
from urllib.error import HTTPError


def post(lago, **customer):
    request = urllib.request.Request(
        f"{lago.api_url}/customers",
        data=json.dumps({"customer": customer}).encode(),
        headers={"Authorization": f"Bearer {lago.api_key}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except HTTPError as error:
        error.close()
        return error.code
"""


@pytest.fixture
def suite(pytester):
    """Run pytest on one file of tests, which can use post(lago, **customer)."""

    def run(tests, *options, conftest=""):
        pytester.makepyfile(client=CLIENT)
        pytester.makeconftest(conftest)
        pytester.makepyfile(test_it="from client import post\n\n" + dedent(tests))
        return pytester.runpytest_inprocess("-p", "no:schemathesis", "-p", "no:asyncio", *options)

    return run


@pytest.fixture
def make_server():
    """Start a server with the given settings; return its address."""
    with ExitStack() as running:

        def make(**settings):
            return running.enter_context(Server(create_app(Settings(**settings)))).url

        yield make


@pytest.fixture
def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


@pytest.fixture
def httpserver_of_others():
    """A server that is none of ours; return its address."""

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_):
            pass

    def app(_environ, start):
        start("200 OK", [("Content-Type", "text/plain")])
        return [b"hello"]

    with make_wsgi_server("127.0.0.1", 0, app, handler_class=Quiet) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_each_test_has_a_lago_of_its_own(suite):
    result = suite(
        """
        import pytest

        @pytest.mark.parametrize("number", range(3))
        def test_it(lago, number):
            assert lago.customers == {}
            assert post(lago, external_id="cust-1") == 200
            assert list(lago.customers) == ["cust-1"]
            assert lago.customers["cust-1"]["sequential_id"] == 1
        """
    )

    result.assert_outcomes(passed=3)


def test_all_tests_share_one_server_whose_keys_are_disposed_of(suite):
    result = suite(
        """
        urls = set()

        def test_one(lago):
            urls.add(lago.url)

        def test_two(lago, lago_server, lago_wsgi):
            urls.add(lago.url)
            known = lago_wsgi.extensions["mockserver"]
            assert len(urls) == 1
            assert list(known._by_key) == [lago.api_key]
        """
    )

    result.assert_outcomes(passed=2)


def test_the_report_of_a_failed_test_says_why_lago_refused(suite):
    result = suite(
        """
        def test_it(lago):
            post(lago, external_id="a")
            assert post(lago, external_id="b", country="USA") == 200
        """
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- lago: 2 requests, 1 refused -*",
            "POST /api/v1/customers 422",
            '  /customer/country: ?enum? came "USA"*did you mean "US"?',
            "the last requests:",
            "  POST /api/v1/customers 200",
            "  POST /api/v1/customers 422",
        ]
    )


def test_the_report_of_a_passed_test_says_nothing(suite):
    result = suite(
        """
        def test_it(lago):
            assert post(lago, external_id="b", country="USA") == 422
        """,
        "-rA",
    )

    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*lago: 1 request*")


def test_requests_tell_what_was_asked_and_answered(suite):
    result = suite(
        """
        def test_it(lago):
            post(lago, external_id="a", currency="usd")

            (request,) = lago.requests

            assert (request.method, request.path) == ("POST", "/api/v1/customers")
            assert request.body == {"customer": {"external_id": "a", "currency": "usd"}}
            assert request.status == 422
            assert request.refused
            assert "/customer/currency" in request.explanation[0]
        """
    )

    result.assert_outcomes(passed=1)


def test_assert_called_returns_the_request_that_has_what_is_asked_for(suite):
    result = suite(
        """
        def test_it(lago):
            post(lago, external_id="a", name="A", metadata=[{"key": "k", "value": "v"}])

            items = [{"key": "k"}]
            called = lago.assert_called(
                "post", "/customers", customer={"external_id": "a", "metadata": items}
            )

            assert called.status == 200
            lago.assert_called("POST", "api/v1/customers")
            lago.assert_not_called("POST", "/customers", customer={"external_id": "b"})
            lago.assert_not_called("DELETE", "/customers/a")
        """
    )

    result.assert_outcomes(passed=1)


def test_assert_called_shows_how_the_nearest_request_differs(suite):
    result = suite(
        """
        def test_it(lago):
            post(lago, external_id="a", name="A")
            post(lago, external_id="b", name="B", metadata=[])
            wanted = {"external_id": "b", "country": "FR", "metadata": [{"key": "k"}]}
            lago.assert_called("POST", "/customers", customer=wanted)
        """
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E*no POST /customers like this among 2 requests; the nearest is POST*200",
            'E*customer.country: expected "FR", came nothing',
            'E*customer.metadata: expected [[]{"key": "k"}[]], came [[][]]',
        ]
    )


@pytest.mark.parametrize(
    ("made", "told"),
    [
        pytest.param("", "no GET /plans like this among 0 requests", id="nothing asked"),
        pytest.param(
            "post(lago, external_id='a')",
            "among 1 request; the last were:",
            id="something else asked",
        ),
    ],
)
def test_assert_called_lists_the_requests_where_none_has_the_path(suite, made, told):
    result = suite(f"def test_it(lago):\n    {made}\n    lago.assert_called('GET', '/plans')")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"E*{told}*"])


def test_assert_not_called_shows_the_request_there_was(suite):
    result = suite(
        """
        def test_it(lago):
            post(lago, external_id="a")
            lago.assert_not_called("POST", "/customers", customer={"external_id": "a"})
        """
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*there was a POST /api/v1/customers 200"])


def test_wait_for_waits_until_another_thread_has_asked(suite):
    result = suite(
        """
        from threading import Thread

        def test_it(lago):
            thread = Thread(target=post, args=(lago,), kwargs={"external_id": "late"})
            lago.url
            thread.start()

            request = lago.wait_for("POST", "/customers", customer={"external_id": "late"})

            thread.join()
            assert request.status == 200
        """
    )

    result.assert_outcomes(passed=1)


def test_wait_for_gives_up_when_its_time_is_over(suite):
    result = suite("def test_it(lago):\n    lago.wait_for('GET', '/customers', timeout=0.01)")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*after 0.01 seconds no GET /customers like this*"])


def test_wait_for_says_so_where_it_kept_the_event_loop_from_running(suite):
    result = suite(
        """
        import asyncio

        async def wait(lago):
            lago.wait_for("GET", "/customers", timeout=0.01)

        def test_it(lago):
            asyncio.run(wait(lago))
        """
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*event loop: await asyncio.to_thread(lago.wait_for, ...)"])


def test_create_arranges_a_customer_without_a_request(suite):
    result = suite(
        """
        def test_it(lago):
            customer = lago.create("a", country="fr")

            assert customer["country"] == "FR"
            assert lago.customers == {"a": customer}
            assert lago.requests == []
        """
    )

    result.assert_outcomes(passed=1)


def test_create_says_in_the_failure_why_it_is_refused(suite):
    result = suite("def test_it(lago):\n    lago.create('a', country='USA')")

    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*_control*")
    result.stdout.fnmatch_lines(['E*Refused: /customer/country: ?enum? came "USA"*'])


def test_lago_env_sets_address_and_key_for_the_code_under_test(suite):
    result = suite(
        """
        import os

        def test_it(lago_env):
            assert os.environ["LAGO_API_URL"] == lago_env.url
            assert os.environ["LAGO_API_KEY"] == lago_env.api_key

        def test_after_it(lago):
            assert "LAGO_API_KEY" not in os.environ
        """
    )

    result.assert_outcomes(passed=2)


def test_the_names_in_the_environment_can_be_overridden(suite):
    result = suite(
        """
        import os

        def test_it(lago_env):
            assert os.environ["BILLING_URL"] == lago_env.url
            assert os.environ["BILLING_KEY"] == lago_env.api_key
        """,
        conftest="""
        import pytest

        @pytest.fixture(scope="session")
        def lago_env_names():
            return ("BILLING_URL", "BILLING_KEY")
        """,
    )

    result.assert_outcomes(passed=1)


def test_settings_are_overridden_as_fixtures_are(suite):
    result = suite(
        """
        def test_it(lago):
            assert post(lago, external_id="a", nmae="A") == 422
        """,
        conftest="""
        import pytest

        @pytest.fixture(scope="session")
        def lago_settings():
            return {"unknown_fields": "reject", "api_key": ("another",)}
        """,
    )

    result.assert_outcomes(passed=1)


def test_settings_that_come_too_late_are_told(suite, pytester):
    pytester.makepyfile(test_a="def test_it(lago):\n    pass\n")

    result = suite(
        """
        import pytest

        @pytest.fixture(scope="session")
        def lago_settings():
            return {"unknown_fields": "reject"}

        def test_it(lago):
            pass
        """
    )

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*lago_settings: *; override it in conftest.py"])


def test_lago_wsgi_answers_without_a_socket(suite):
    result = suite(
        """
        def test_it(lago, lago_wsgi, request):
            headers = {"Authorization": f"Bearer {lago.api_key}"}
            body = {"customer": {"external_id": "a"}}

            answer = lago_wsgi.test_client().post("/api/v1/customers", json=body, headers=headers)

            assert answer.status_code == 200
            assert list(lago.customers) == ["a"]
            assert "lago_server" not in request.fixturenames
        """
    )

    result.assert_outcomes(passed=1)


def test_unittest_style_tests_can_use_it(suite):
    result = suite(
        """
        import unittest

        import pytest

        class TestIt(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def arrange(self, lago):
                self.lago = lago

            def test_one(self):
                assert post(self.lago, external_id="cust-1") == 200

            def test_two(self):
                assert post(self.lago, external_id="cust-1", country="USA") == 200
        """
    )

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*- lago: 1 request, 1 refused -*"])


def test_tests_of_many_workers_do_not_see_each_other(suite):
    result = suite(
        """
        import pytest

        @pytest.mark.parametrize("number", range(40))
        def test_it(lago, number):
            assert post(lago, external_id="cust-1") == 200
            assert lago.customers["cust-1"]["sequential_id"] == 1
        """,
        "-n",
        "2",
    )

    result.assert_outcomes(passed=40)


@pytest.mark.parametrize(("name", "passed"), [("test_billing", 1), ("test_more", 3)])
def test_the_examples_in_the_readme_pass(pytester, name, passed):
    (example,) = re.findall(rf"```python\n(# {name}\.py\n.*?)```", README, re.DOTALL)
    pytester.makepyfile(**{name: example})

    result = pytester.runpytest_subprocess("-p", "no:schemathesis", "--lago-strict")

    result.assert_outcomes(passed=passed)


def test_the_report_in_the_readme_is_what_is_printed(pytester):
    (example,) = re.findall(r"```python\n(# test_billing\.py\n.*?)```", README, re.DOTALL)
    (report,) = re.findall(r"^(-+ lago: .*?)^```", README, re.DOTALL | re.MULTILINE)
    pytester.makepyfile(test_billing=example.replace('country="FR"', 'country="France"'))

    result = pytester.runpytest_subprocess()

    result.assert_outcomes(failed=1)
    assert report in result.stdout.str()


def test_being_installed_imports_nothing_that_other_suites_would_wait_for():
    program = (
        "import argparse, os, pytest, sys; before = {*sys.modules};"
        "import mockserver.pytest_plugin; print(*{*sys.modules} - before)"
    )

    imported = subprocess.run(
        [sys.executable, "-Ic", program], capture_output=True, text=True, check=True
    )

    assert {*imported.stdout.split()} == {"mockserver", "mockserver.pytest_plugin"}


STRICT = """
import pytest

def test_refused(lago):
    assert post(lago, external_id="b", country="USA") == 422

def test_unknown_key(lago):
    assert post(lago, external_id="b", nmae="B") == 200

def test_good(lago):
    assert post(lago, external_id="b") == 200

@pytest.mark.lago_expects(422)
def test_marked(lago):
    assert post(lago, external_id="b", country="USA") == 422

def test_block(lago):
    with lago.expects(422):
        post(lago, external_id="b", country="USA")

def test_block_and_more(lago):
    with lago.expects(422):
        post(lago, external_id="b", country="USA")
    post(lago, external_id="b", country="USA")

def test_no_lago():
    pass
"""


@pytest.mark.parametrize(
    ("options", "configuration"),
    [
        pytest.param(["--lago-strict"], "", id="option"),
        pytest.param([], "lago_strict = true", id="configuration"),
    ],
)
def test_strict_fails_tests_with_refusals_and_unknown_keys_they_do_not_expect(
    pytester, suite, options, configuration
):
    pytester.makeini(f"[pytest]\n{configuration}")

    result = suite(STRICT, *options)

    result.assert_outcomes(passed=4, failed=3)
    result.stdout.fnmatch_lines(
        [
            "*--lago-strict found requests that it does not expect:",
            "POST /api/v1/customers 422",
            "  /customer/country: *",
            "Mend them, or expect their status: *",
            "*- lago: 1 request, 1 refused -*",
        ]
    )
    result.stdout.fnmatch_lines(["POST /api/v1/customers 200", "  /customer/nmae: *"])


def test_without_strict_a_test_that_passes_has_passed(suite):
    suite(STRICT).assert_outcomes(passed=7)


def test_a_block_that_expects_a_refusal_fails_without_one(suite):
    result = suite("def test_it(lago):\n    with lago.expects(422, 404):\n        pass")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*no request was answered with 422 or 404"])


def test_a_block_expects_though_an_exception_leaves_it(suite):
    result = suite(
        """
        import pytest

        def test_it(lago):
            with pytest.raises(ValueError), lago.expects(422):
                post(lago, external_id="b", country="USA")
                raise ValueError
        """,
        "--lago-strict",
    )

    result.assert_outcomes(passed=1)


@pytest.mark.parametrize("statuses", ["", "[422]", "'422'"])
def test_expected_statuses_that_are_no_numbers_are_refused(suite, statuses):
    marked = f"import pytest\n@pytest.mark.lago_expects({statuses})\ndef test_a(lago): pass\n"
    block = f"def test_b(lago):\n    with lago.expects({statuses}): pass\n"

    result = suite(marked + block, "--lago-strict")

    result.assert_outcomes(errors=1, failed=1)
    result.stdout.fnmatch_lines(["*lago_expects: expected statuses are given as numbers*"])
    result.stdout.fnmatch_lines(["E*TypeError: expected statuses are given as numbers*"])


def test_strict_leaves_tests_alone_that_are_expected_to_fail(suite):
    result = suite(
        """
        import pytest

        @pytest.mark.xfail
        def test_it(lago):
            assert post(lago, external_id="b", country="USA") == 422
        """,
        "--lago-strict",
    )

    result.assert_outcomes(xpassed=1)


def test_a_request_with_another_key_is_refused_and_told(suite):
    result = suite(
        """
        from types import SimpleNamespace

        def test_it(lago):
            stranger = SimpleNamespace(api_url=lago.api_url, api_key="hard-coded")
            assert post(stranger, external_id="a") == 200
        """
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*- lago: 1 request, 1 refused -*", "POST /api/v1/customers 401", "  header Auth*"]
    )


def test_a_request_that_comes_after_its_test_is_refused(suite):
    result = suite(
        """
        left = []

        def test_one(lago):
            left.append(lago)

        def test_two(lago):
            lago.url
            assert post(left[0], external_id="late") == 401
            assert lago.customers == {}
        """
    )

    result.assert_outcomes(passed=2)


def test_nothing_is_forgotten_within_a_test(suite):
    result = suite(
        """
        def test_it(lago, lago_wsgi):
            post(lago, external_id="first", name="x" * 20_000)
            client = lago_wsgi.test_client()
            headers = {"Authorization": f"Bearer {lago.api_key}"}
            for _ in range(1100):
                client.get("/api/v1/customers/first", headers=headers)

            lago.assert_called("POST", "/customers", customer={"external_id": "first"})
            assert len(lago.requests) == 1101
        """
    )

    result.assert_outcomes(passed=1)


def test_many_threads_may_be_the_first_to_ask_where_lago_is(suite):
    result = suite(
        """
        from concurrent.futures import ThreadPoolExecutor

        def test_it(lago):
            with ThreadPoolExecutor(16) as threads:
                urls = set(threads.map(lambda _: lago.url, range(64)))
            assert len(urls) == 1
        """
    )

    result.assert_outcomes(passed=1)


def test_lago_server_is_the_server_itself(suite):
    result = suite("def test_it(lago_server, lago):\n    assert lago_server.url == lago.url")

    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        pytest.param({"unknown_feilds": "reject"}, "unknown_feilds is no setting", id="misspelt"),
        pytest.param({"journal_size": -1}, "--journal-size must be a whole number", id="value"),
        pytest.param({"fixtures": "no.json"}, "no.json: cannot be read", id="fixtures"),
        pytest.param(None, "a dict of settings is wanted, not None", id="no dict"),
    ],
)
def test_settings_that_cannot_be_used_are_told_in_one_line(suite, settings, told):
    override = "import pytest\n@pytest.fixture(scope='session')\ndef lago_settings():\n"

    result = suite("def test_it(lago): pass", conftest=f"{override}    return {settings!r}")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*ERROR at setup of test_it*", f"lago_settings: {told}*"])
    result.stdout.no_fnmatch_line("*During handling*")


def test_a_port_that_is_taken_is_told_in_one_line(suite, make_server):
    port = int(make_server().rpartition(":")[2])
    override = "import pytest\n@pytest.fixture(scope='session')\ndef lago_settings():\n"

    result = suite(
        "def test_it(lago): lago.url", conftest=f"{override}    return {{'port': {port}}}"
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*_ test_it _*", f"lago_settings: Cannot listen on *:{port}*"])


@pytest.mark.parametrize("path", ["/customers?page=2", "http://127.0.0.1/api/v1/customers"])
def test_what_is_no_path_alone_is_refused(suite, path):
    result = suite(f"def test_it(lago):\n    lago.assert_not_called('GET', {path!r})")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*ValueError: a path alone is wanted, such as /customers*"])


def test_paths_match_however_they_are_escaped(suite):
    result = suite(
        """
        def test_it(lago, lago_wsgi):
            headers = {"Authorization": f"Bearer {lago.api_key}"}
            lago_wsgi.test_client().get("/api/v1/customers/%C3%A9%20c/", headers=headers)

            lago.assert_called("GET", "/customers/%c3%a9 c")
        """
    )

    result.assert_outcomes(passed=1)


def test_a_body_that_is_no_object_is_shown_as_it_came(suite):
    result = suite(
        """
        def test_it(lago, lago_wsgi):
            headers = {"Authorization": f"Bearer {lago.api_key}"}
            lago_wsgi.test_client().post("/api/v1/customers", json=[1, 2], headers=headers)

            lago.assert_called("POST", "/customers", customer={})
        """
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*body: expected an object, came [[]1, 2[]]"])


@pytest.fixture
def outside(make_server):
    """A server of ours that runs outside of the suites, with a token; return its address."""
    return make_server(admin_token="open-sesame")


EXTERNAL = ("--lago-admin-token", "open-sesame", "--lago-url")


def test_with_a_url_the_same_suite_uses_the_server_there(suite, outside):
    result = suite(
        """
        import pytest

        @pytest.mark.parametrize("number", range(3))
        def test_it(lago, lago_server, number):
            assert lago.url == lago_server.url
            assert lago.customers == {}
            assert post(lago, external_id="cust-1") == 200
            assert lago.customers["cust-1"]["sequential_id"] == 1
            assert lago.create("cust-2")["sequential_id"] == 2
            lago.assert_called("POST", "/customers", customer={"external_id": "cust-1"})
            assert len(lago.requests) == 1
            print(lago.url)
        """,
        *EXTERNAL,
        outside,
        "-s",
    )

    result.assert_outcomes(passed=3)
    assert outside in result.stdout.str()


def test_with_a_url_nothing_is_left_on_the_server(suite, outside):
    from mockserver.control import Control, Elsewhere

    suite("def test_it(lago):\n    assert post(lago, external_id='a') == 200", *EXTERNAL, outside)

    control = Control(Elsewhere(outside), "open-sesame")
    assert control.ask("GET", "/organizations")["organizations"] == []


def test_with_a_url_the_report_says_why_the_server_refused(suite, outside):
    result = suite(
        """
        def test_it(lago):
            assert post(lago, external_id="a", country="France") == 200
        """,
        *EXTERNAL,
        outside,
    )

    result.stdout.fnmatch_lines(["*lago: 1 request, 1 refused*", '*did you mean "FR"*'])


def test_the_token_may_be_in_the_environment(suite, outside, monkeypatch):
    monkeypatch.setenv("LAGO_MOCK_ADMIN_TOKEN", "open-sesame")

    result = suite("def test_it(lago):\n    assert lago.customers == {}", "--lago-url", outside)

    result.assert_outcomes(passed=1)


def test_with_a_url_there_is_no_application_in_process(suite, outside):
    result = suite("def test_it(lago_wsgi): pass", *EXTERNAL, outside)

    result.stdout.fnmatch_lines(["*lago_wsgi: with --lago-url the application is in another*"])


def test_settings_that_the_server_was_not_started_with_are_told(suite, outside):
    conftest = """
        import pytest

        @pytest.fixture(scope="session")
        def lago_settings():
            return {"unknown_fields": "reject", "port": 0}
    """

    result = suite("def test_it(lago): pass", *EXTERNAL, outside, conftest=dedent(conftest))

    result.stdout.fnmatch_lines(["*was not started with unknown_fields='reject'*"])


def test_settings_that_the_server_was_started_with_are_fine(suite, make_server):
    url = make_server(admin_token="open-sesame", unknown_fields="reject")
    conftest = """
        import pytest

        @pytest.fixture(scope="session")
        def lago_settings():
            return {"unknown_fields": "reject"}
    """

    result = suite("def test_it(lago): pass", *EXTERNAL, url, conftest=dedent(conftest))

    result.assert_outcomes(passed=1)


def test_a_wrong_token_is_told_in_one_line(suite, outside):
    result = suite("def test_it(lago): pass", "--lago-admin-token", "x", "--lago-url", outside)

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*ERROR at setup*", "--lago-url: header Mock-Admin-Token*"])


def test_a_server_that_is_not_there_is_told_in_one_line(suite, free_port):
    result = suite("def test_it(lago): pass", "--lago-url", f"http://127.0.0.1:{free_port}")

    result.assert_outcomes(errors=1)
    told = f"--lago-url: nothing answers at http://127.0.0.1:{free_port}*"
    result.stdout.fnmatch_lines(["*ERROR at setup*", told])


@pytest.mark.parametrize("url", ["", "localhost:3000", "ftp://localhost"])
def test_an_address_that_is_none_stops_the_run_before_it_begins(suite, url):
    result = suite("def test_it(lago): pass", f"--lago-url={url}")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*--lago-url: http://HOST:PORT is wanted, not '{url}'"])


@pytest.mark.parametrize("url", ["http://localhost:port", "http://[::1", "http://a b"])
def test_an_address_that_cannot_be_asked_is_told_in_one_line(suite, url):
    result = suite("def test_it(lago): pass", f"--lago-url={url}")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*ERROR at setup*", "--lago-url: nothing answers at http://*"])


def test_a_server_that_is_another_is_told_in_one_line(suite, httpserver_of_others):
    result = suite("def test_it(lago): pass", "--lago-url", httpserver_of_others)

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["--lago-url: *is no lago-mockserver: /__admin/settings*"])


@pytest.mark.parametrize("options", [(), EXTERNAL], ids=["in process", "outside"])
@pytest.mark.parametrize(
    "door",
    [
        pytest.param(
            """
            import httpx

            def ask(lago, wsgi, method, path, **more):
                transport = httpx.WSGITransport(app=wsgi) if wsgi else None
                with httpx.Client(transport=transport, base_url=lago.url) as client:
                    return client.request(method, path, **more)
            """,
            id="httpx",
        ),
        pytest.param(
            """
            import requests
            from requests.adapters import BaseAdapter

            class Wsgi(BaseAdapter):
                def __init__(self, app):
                    super().__init__()
                    self.client = app.test_client()

                def send(self, request, **_):
                    came = self.client.open(
                        request.path_url,
                        method=request.method,
                        headers=dict(request.headers),
                        data=request.body,
                    )
                    answer = requests.Response()
                    answer.status_code, answer._content = came.status_code, came.data
                    answer.headers.update(came.headers)
                    return answer

                def close(self):
                    pass

            def ask(lago, wsgi, method, path, **more):
                with requests.Session() as session:
                    if wsgi:
                        session.mount("http://", Wsgi(wsgi))
                    return session.request(method, lago.url + path, **more)
            """,
            id="requests",
        ),
    ],
)
def test_plain_clients_come_through_every_door(pytester, outside, door, options):
    pytester.makepyfile(door=dedent(door))
    tests = """
        import pytest
        from door import ask

        @pytest.fixture
        def wsgi(request):
            return WSGI

        def test_it(lago, wsgi):
            head = {"Authorization": f"Bearer {lago.api_key}"}
            body = {"customer": {"external_id": "a", "country": "FR"}}
            answer = ask(lago, wsgi, "POST", "/api/v1/customers", json=body, headers=head)
            assert answer.status_code == 200
            assert ask(lago, wsgi, "GET", "/api/v1/customers/a", headers=head).json()
            assert lago.customers["a"]["country"] == "FR"
            assert len(lago.requests) == 2
        """
    in_process = tests.replace("return WSGI", 'return request.getfixturevalue("lago_wsgi")')
    ways = [tests.replace("return WSGI", "return None")]
    ways += [] if options else [in_process]

    for way in ways:
        pytester.makepyfile(test_it=dedent(way))
        # In a process of its own, as requests does not bear to be imported twice in one.
        result = pytester.runpytest_subprocess(
            "-p", "no:schemathesis", "-p", "no:asyncio", *options, *([outside] if options else [])
        )

        result.assert_outcomes(passed=1)


OFFICIAL = """
    import httpx
    from lago_python_client.client import Client
    from lago_python_client.models import Customer

    def test_it(lago):
        client = Client(api_key=lago.api_key, api_url=lago.url)
        client.customers.create(Customer(external_id="a", country="FR"))
        assert client.customers.find("a").country == "FR"
        assert lago.customers["a"]["country"] == "FR"
        assert [each.status for each in lago.requests] == [200, 200]
    """


def test_the_official_client_comes_by_socket(suite):
    result = suite(OFFICIAL)

    result.assert_outcomes(passed=1)


def test_the_official_client_comes_to_a_server_outside(suite, outside):
    result = suite(OFFICIAL, *EXTERNAL, outside)

    result.assert_outcomes(passed=1)


def test_the_official_client_comes_without_a_socket(suite):
    conftest = """
        import httpx
        import pytest
        from lago_python_client.services import request as service

        @pytest.fixture(autouse=True)
        def no_socket(lago_wsgi, monkeypatch):
            class InProcess(httpx.Client):
                def __init__(self, **more):
                    super().__init__(transport=httpx.WSGITransport(app=lago_wsgi))

            monkeypatch.setattr(httpx._api, "Client", InProcess)
    """

    result = suite(OFFICIAL.replace("lago.url", '"http://lago"'), conftest=dedent(conftest))

    result.assert_outcomes(passed=1)


def test_faults_are_injected_by_the_test_that_wants_them(suite):
    result = suite(
        """
        import pytest
        from mockserver.lago import Refused

        def test_it(lago):
            lago.fault("503", times=2, method="post", path="/customers")
            assert [post(lago, external_id="a") for _ in range(3)] == [503, 503, 200]
            assert [each.fault for each in lago.requests] == ["503", "503", None]
            lago.clear_faults(lago.fault("500"))
            lago.fault("500")
            lago.clear_faults()
            assert post(lago, external_id="a") == 200

        def test_misspelt(lago):
            with pytest.raises(Refused, match='did you mean "reset"'):
                lago.fault("rest")

        def test_no_other_sees_them(lago):
            assert post(lago, external_id="a") == 200
        """,
        "--lago-strict",
    )

    result.assert_outcomes(passed=3)


def test_the_clock_is_set_by_the_test_that_wants_it(suite):
    result = suite(
        """
        from datetime import UTC, datetime
        import pytest
        from mockserver.lago import Refused

        def test_it(lago):
            lago.freeze("2026-01-01T00:00:00Z")
            assert lago.create("a")["created_at"] == "2026-01-01T00:00:00Z"
            lago.advance(hours=1)
            after = lago.create("a", name="A")
            assert after["created_at"] == "2026-01-01T00:00:00Z"
            assert after["updated_at"] == "2026-01-01T01:00:00Z"
            lago.freeze(datetime(2030, 1, 2, 3, tzinfo=UTC))
            assert lago.create("b")["created_at"] == "2030-01-02T03:00:00Z"
            lago.release()
            assert lago.create("c")["created_at"] < "2030"
            lago.freeze()

        def test_naive(lago):
            with pytest.raises(Refused, match="tzinfo=UTC"):
                lago.freeze(datetime(2030, 1, 1))
        """
    )

    result.assert_outcomes(passed=2)


def test_customers_are_made_up_and_snapshots_restored(suite):
    result = suite(
        """
        import pytest
        from mockserver.lago import Refused

        def test_it(lago):
            made = lago.populate(12)
            assert list(lago.customers) == made and len(set(made)) == 12
            before = lago.snapshot()
            customers = lago.customers
            lago.create("more")
            lago.restore(before)
            assert lago.customers == customers

        def test_too_many(lago):
            with pytest.raises(Refused, match="at most 100000"):
                lago.populate(100_001)
        """
    )

    result.assert_outcomes(passed=2)


def test_all_customers_are_told_though_they_fill_many_pages(suite):
    result = suite("def test_it(lago):\n    assert len(lago.populate(1001)) == len(lago.customers)")

    result.assert_outcomes(passed=1)


def test_strict_looks_at_what_is_asked_in_the_tear_down(suite):
    result = suite(
        """
        import pytest

        @pytest.fixture
        def tidy(lago):
            yield
            post(lago, external_id="")

        def test_it(lago, tidy):
            assert post(lago, external_id="a") == 200
        """,
        "--lago-strict",
    )

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["The tear-down passed, but --lago-strict*", "*external_id*"])


def test_asyncio_tests_can_use_it(pytester):
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function")
    pytester.makepyfile(
        """
        import asyncio
        import httpx
        import pytest

        @pytest.mark.asyncio
        async def test_it(lago):
            async def create():
                head = {"Authorization": f"Bearer {lago.api_key}"}
                body = {"customer": {"external_id": "a"}}
                async with httpx.AsyncClient(base_url=lago.api_url, headers=head) as client:
                    await client.post("/customers", json=body)

            task = asyncio.create_task(create())
            made = await asyncio.to_thread(lago.wait_for, "POST", "/customers")
            await task
            assert made.status == 200
        """
    )

    result = pytester.runpytest_subprocess("-p", "no:schemathesis")

    result.assert_outcomes(passed=1)


def test_coverage_tells_what_of_the_contract_was_exercised(suite, pytester):
    result = suite(
        """
        def test_it(lago):
            assert post(lago, external_id="a", country="FR") == 200
            assert post(lago, external_id="") == 422
        """,
        "--lago-coverage",
        "--lago-coverage-json=coverage.json",
    )

    result.stdout.fnmatch_lines(
        [
            "*lago: contract coverage*",
            "request fields: 3 of *",
            "statuses: 2 of *",
            "error codes: 1 of *",
            "contract v0.53: * % exercised",
        ]
    )
    written = json.loads((pytester.path / "coverage.json").read_text())
    assert "value_is_mandatory" in written["sections"]["error codes"]["exercised"]
    assert 0 < written["percent"] < 100


@pytest.mark.parametrize(("least", "code"), [("1", 0), ("99.5", 1)])
def test_too_little_coverage_fails_the_run(suite, least, code):
    result = suite(
        "def test_it(lago):\n    assert post(lago, external_id='a') == 200",
        f"--lago-coverage-fail-under={least}",
    )

    assert result.ret == code
    assert ("too little" in result.stdout.str()) == bool(code)


@pytest.mark.parametrize("least", ["much", "101", "nan"])
def test_a_limit_of_coverage_that_is_no_percentage_is_refused(suite, least):
    result = suite("def test_it(): pass", f"--lago-coverage-fail-under={least}")

    result.stderr.fnmatch_lines([f"*fail-under: a number from 0 to 100 is wanted, not '{least}'"])


def test_a_coverage_file_that_cannot_be_written_is_told(suite):
    result = suite("def test_it(): pass", "--lago-coverage-json=no/such/folder.json")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["--lago-coverage-json: *cannot be written*"])


def test_coverage_of_many_workers_is_put_together(pytester):
    pytester.makepyfile(client=CLIENT)
    pytester.makepyfile(
        test_one="from client import post\ndef test_it(lago):\n    post(lago, external_id='a')",
        test_two="from client import post\ndef test_it(lago):\n    post(lago, external_id='')",
    )

    result = pytester.runpytest_subprocess(
        "-p", "no:schemathesis", "-n2", "--dist=loadfile", "--lago-coverage"
    )

    result.stdout.fnmatch_lines(["statuses: 2 of *"])


def test_many_workers_share_one_server_outside(pytester, outside):
    pytester.makepyfile(client=CLIENT)
    pytester.makepyfile(
        """
        import pytest
        from client import post

        @pytest.mark.parametrize("number", range(40))
        def test_it(lago, number):
            assert post(lago, external_id="cust-1") == 200
            assert lago.customers["cust-1"]["sequential_id"] == 1
        """
    )

    result = pytester.runpytest_subprocess("-p", "no:schemathesis", "-n4", *EXTERNAL, outside)

    result.assert_outcomes(passed=40)


STOPPING = """
import pytest
from mockserver.homes import elsewhere
from mockserver.homes import LazyServer
from mockserver.server import Server
from mockserver.web import create_app

@pytest.fixture(scope="session")
def server():
    return LazyServer(lambda: Server(create_app()))

@pytest.fixture(scope="session")
def _lago_home(server):
    return elsewhere(server.get().url, None, {})
"""


def test_a_server_that_stops_amid_a_suite_is_told_and_the_suite_goes_on(suite):
    result = suite(
        """
        def test_that_fails(lago, server):
            server.close()
            assert lago.customers == {}

        def test_after_it(lago):
            pass

        def test_that_needs_none():
            pass
        """,
        conftest=STOPPING,
    )

    result.assert_outcomes(passed=1, failed=1, errors=2)
    result.stdout.fnmatch_lines(["*_ test_that_fails _*", "E *Unreachable: nothing answers at *"])
    result.stdout.fnmatch_lines(["*- lago -*", "nothing answers at http://127.0.0.1:*"])
    result.stdout.fnmatch_lines(["*setup of test_after_it*", "nothing answers at http://*"])


def test_a_test_that_passes_while_its_server_stops_is_in_error(suite):
    result = suite("def test_it(lago, server):\n    server.close()", conftest=STOPPING)

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*ERROR at teardown of test_it*", "nothing answers at http://*"])


def test_wait_for_passes_over_other_requests(suite):
    result = suite(
        """
        def test_it(lago):
            post(lago, external_id="a")
            post(lago, external_id="b")
            made = lago.wait_for("POST", "/customers", customer={"external_id": "b"})
            assert made.body["customer"]["external_id"] == "b"
        """
    )

    result.assert_outcomes(passed=1)
