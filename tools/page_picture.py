"""Take the README's picture of the page, ``docs/page.png``, with Playwright and Chromium."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from mockserver.server import Server
from mockserver.web import create_app

PICTURE = Path(__file__).parent.parent / "docs" / "page.png"
KEY = {"Authorization": "Bearer a-key"}
REFUSED = {
    "external_id": "globex",
    "name": "Globex",
    "country": "France",
    "currency": "EURO",
    "net_payment_term": -1,
    "adress_line1": "1 rue",
    "metadata": [{"key": "plan", "value": "enterprise, as agreed with their procurement in March"}],
}


def main() -> None:
    """Serve, ask for what the picture shows, and take it."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        sys.exit("Needs Chromium: apt install chromium, or its path in CHROMIUM")
    app = create_app()
    client = app.test_client()
    client.get("/api/v1/customers?per_page=2", headers=KEY)
    client.post("/api/v1/customers", headers=KEY, json={"customer": {"external_id": "acme"}})
    client.get("/api/v1/customers/acme", headers=KEY | {"Mock-Fault": "429"})
    client.post("/api/v1/customers", headers=KEY, json={"customer": REFUSED})
    with Server(app) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"{server.url}/__admin/")
        page.locator("#rows a").first.click()
        page.locator("#request h3").first.wait_for()
        page.locator("h1").hover()
        page.screenshot(path=PICTURE, animations="disabled")
        browser.close()


if __name__ == "__main__":
    main()
