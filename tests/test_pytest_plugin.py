"""The pytest plugin, tried by running pytest on small suites."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

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
        return pytester.runpytest_inprocess("-p", "no:schemathesis", *options)

    return run


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


def test_the_example_in_the_readme_passes(pytester):
    (example,) = re.findall(r"```python\n(# test_billing\.py\n.*?)```", README, re.DOTALL)
    pytester.makepyfile(test_billing=example)

    result = pytester.runpytest_subprocess()

    result.assert_outcomes(passed=1)


def test_the_report_in_the_readme_is_what_is_printed(pytester):
    (example,) = re.findall(r"```python\n(# test_billing\.py\n.*?)```", README, re.DOTALL)
    (report,) = re.findall(r"^(-+ lago: .*?)^```", README, re.DOTALL | re.MULTILINE)
    pytester.makepyfile(test_billing=example.replace('country="FR"', 'country="France"'))

    result = pytester.runpytest_subprocess()

    result.assert_outcomes(failed=1)
    assert report in result.stdout.str()


def test_being_installed_imports_nothing_that_other_suites_would_wait_for():
    program = "import mockserver.pytest_plugin, sys; print(*sys.modules)"

    imported = subprocess.run(
        [sys.executable, "-Ic", program], capture_output=True, text=True, check=True
    )

    assert not {"flask", "faker", "jsonschema", "waitress", "mockserver.settings"} & {
        *imported.stdout.split()
    }


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
    ],
)
def test_settings_that_cannot_be_used_are_told_in_one_line(suite, settings, told):
    override = "import pytest\n@pytest.fixture(scope='session')\ndef lago_settings():\n"

    result = suite("def test_it(lago): pass", conftest=f"{override}    return {settings!r}")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"lago_settings: {told}*"])


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
