"""The page and the API in a real browser: Chromium, without a window."""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from mockserver.server import Server
from mockserver.settings import Settings
from mockserver.web import create_app

playwright = pytest.importorskip("playwright.sync_api", reason="needs: pip install playwright")
CHROMIUM = (
    os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
)
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="needs Chromium: apt install chromium, or its path in CHROMIUM"
)
OFFLINE = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
FETCH = """
    async ([url, customer]) => {
        const answer = await fetch(`${url}/api/v1/customers`, {
            method: "POST",
            headers: {Authorization: "Bearer key-of-the-app", "Content-Type": "application/json"},
            body: JSON.stringify({customer}),
        });
        return [answer.status, answer.headers.get("Mock-Explanation"), await answer.json()];
    }
"""


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=OFFLINE)
        yield browser
        browser.close()


@pytest.fixture
def serve():
    """Start a server with the given settings; return its address."""
    with ExitStack() as running:

        def start(**settings):
            return running.enter_context(Server(create_app(Settings(**settings)))).url

        yield start


@pytest.fixture
def app_url():
    """The address of a page of somebody's own application, on another port."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>app</title>")

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def open_page(browser):
    """Open an address in a page of its own; the test fails if the page reports an error."""
    errors = []
    with ExitStack() as opened:

        def visit(url, **more):
            context = browser.new_context(**more)
            opened.callback(context.close)
            page = context.new_page()
            page.on("pageerror", lambda error: errors.append(error))  # noqa: PLW0108
            page.goto(url)
            return page

        yield visit
    assert not errors


def test_a_page_on_another_port_creates_a_customer_and_reads_why_one_is_refused(
    serve, app_url, open_page
):
    url, page = serve(), open_page(app_url)

    made = page.evaluate(FETCH, [url, {"external_id": "acme", "country": "FR"}])
    refused = page.evaluate(FETCH, [url, {"external_id": "globex", "country": "France"}])

    assert made[0] == 200
    assert made[2]["customer"]["country"] == "FR"
    assert refused[0] == 422
    assert 'did you mean "FR"?' in refused[1]


def test_the_journal_shows_requests_within_a_second(serve, app_url, open_page):
    url, page = serve(), open_page(app_url)
    admin = open_page(f"{url}/__admin/")
    admin.get_by_text("No requests yet").wait_for()

    page.evaluate(FETCH, [url, {"external_id": "acme"}])
    page.evaluate(FETCH, [url, {"external_id": "globex", "country": "France"}])

    rows = admin.locator("#rows li")
    rows.nth(1).wait_for(timeout=1000 if not os.environ.get("CI") else 10_000)
    assert "422" in rows.nth(0).inner_text()
    assert "acme" in rows.nth(1).inner_text()


def test_an_explanation_stands_at_the_line_it_speaks_of(serve, app_url, open_page):
    url, page = serve(), open_page(app_url)
    page.evaluate(FETCH, [url, {"external_id": "globex", "country": "France"}])
    admin = open_page(f"{url}/__admin/")

    admin.locator("#rows a").first.click()

    line = admin.locator("#request .json li.refused")
    line.first.wait_for()
    assert line.count() == 1
    assert '"country": "France"' in line.inner_text()
    assert 'did you mean "FR"?' in line.inner_text()


def test_another_site_cannot_reset_and_nothing_changes(serve, app_url, open_page):
    url, page = serve(), open_page(app_url)
    page.evaluate(FETCH, [url, {"external_id": "acme"}])

    page.evaluate("url => fetch(`${url}/__admin/reset`, {method: 'POST', mode: 'no-cors'})", url)
    status = page.evaluate(
        """
        async (url) => {
            const headers = {Authorization: "Bearer key-of-the-app"};
            return (await fetch(`${url}/api/v1/customers/acme`, {headers})).status;
        }
        """,
        url,
    )

    assert status == 200


def test_customers_are_made_up_looked_at_and_deleted(serve, app_url, open_page):
    url, page = serve(), open_page(app_url)
    page.evaluate(FETCH, [url, {"external_id": "acme", "name": "Acme"}])
    admin = open_page(f"{url}/__admin/")
    admin.locator("#organization option").nth(1).wait_for(state="attached")
    admin.locator("#organization").select_option(index=1)
    admin.get_by_role("link", name="Controls").click()
    admin.locator("#people input").fill("7")
    admin.get_by_role("button", name="Populate").click()
    admin.get_by_text("Made 7 customers.").wait_for()

    admin.get_by_role("link", name="Customers").click()
    admin.get_by_role("button", name="Acme").click()

    admin.locator("#customer-table tbody tr").nth(7).wait_for()
    admin.locator("#customer").get_by_text("acme", exact=True).first.wait_for()
    admin.get_by_role("link", name="Controls").click()
    admin.get_by_role("button", name="Delete all customers").click()
    admin.get_by_role("button", name="Delete", exact=True).click()
    admin.get_by_text("Deleted 8 customers.").wait_for()


def test_faults_and_clock_are_set_on_the_page(serve, app_url, open_page):
    url, page = serve(), open_page(app_url)
    admin = open_page(f"{url}/__admin/#controls")
    admin.locator("#faults input[name=times]").fill("1")
    admin.get_by_role("button", name="Add fault").click()
    admin.get_by_text("Added 429.").wait_for()
    admin.locator("#clock input[name=at]").fill("2026-01-01T00:00:01")
    admin.get_by_role("button", name="Freeze").click()
    admin.locator("#clock-chip").wait_for()

    answers = [page.evaluate(FETCH, [url, {"external_id": "a"}]) for _ in range(2)]

    assert [answer[0] for answer in answers] == [429, 200]
    assert answers[1][2]["customer"]["created_at"] == "2026-01-01T00:00:01Z"
    admin.get_by_role("button", name="Release").click()
    admin.locator("#clock-chip").wait_for(state="hidden")
    admin.get_by_role("button", name="Remove fault 429").click()
    admin.get_by_text("Removed 429, met 1 time.").wait_for()


def test_the_enter_key_does_what_stands_beside_the_field(serve, open_page):
    admin = open_page(f"{serve()}/__admin/#controls")

    admin.get_by_role("spinbutton", name="Advance by").press("Enter")

    admin.get_by_text("Clock 1 day ahead").wait_for()


def test_a_narrow_screen_still_tells_organizations_and_requests_apart(serve, app_url, open_page):
    url, page = serve(), open_page(app_url)
    page.evaluate(FETCH, [url, {"external_id": "umbrella"}])
    admin = open_page(f"{url}/__admin/#controls", viewport={"width": 360, "height": 800})
    admin.get_by_role("button", name="Freeze").click()
    admin.locator("#clock-chip").wait_for()

    admin.get_by_role("link", name="Requests").click()

    assert admin.get_by_label("Organization").bounding_box()["width"] > 200
    path = admin.locator("#rows .path")
    assert path.inner_text() == "/customers umbrella"
    assert path.evaluate("path => path.scrollWidth <= path.clientWidth")


def test_a_token_is_asked_for_and_a_wrong_one_again(serve, open_page):
    url = serve(admin_token="open-sesame")
    admin = open_page(f"{url}/__admin/")

    admin.get_by_role("textbox", name="Token").fill("open-barley")
    admin.get_by_role("button", name="Continue").click()
    admin.get_by_text("That is not the server's token.").wait_for()
    admin.get_by_role("button", name="Cancel").click()
    admin.get_by_role("button", name="Enter token").click()
    admin.get_by_role("textbox", name="Token").fill("open-sesame")
    admin.get_by_role("textbox", name="Token").press("Enter")

    admin.get_by_text("No requests yet").wait_for()


def test_a_server_that_is_gone_is_said_to_be(open_page):
    with Server(create_app()) as server:
        admin = open_page(f"{server.url}/__admin/")
        admin.get_by_text("No requests yet").wait_for()

    admin.get_by_text("Server is gone; trying again").wait_for()


def test_the_key_of_a_request_is_nowhere_on_the_page(serve, app_url, open_page):
    url, page = serve(), open_page(app_url)
    page.evaluate(FETCH, [url, {"external_id": "acme", "name": "key-of-the-app"}])
    admin = open_page(f"{url}/__admin/")
    admin.locator("#rows a").first.click()
    admin.locator("#request h3").first.wait_for()

    assert "key-of-the-app" not in admin.content()


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("view", ["requests", "customers", "controls"])
def test_nothing_is_wider_than_the_screen(serve, app_url, open_page, width, view):
    url, page = serve(populate=10), open_page(app_url)
    page.evaluate(FETCH, [url, {"external_id": "x" * 200, "name": "y" * 200, "country": "France"}])

    admin = open_page(f"{url}/__admin/#{view}", viewport={"width": width, "height": 800})
    admin.locator("#organization option").nth(1).wait_for(state="attached")

    wide = admin.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
