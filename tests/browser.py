"""Pages in a real browser without a window: what it logs, what it asks for, what axe-core finds."""

from __future__ import annotations

import base64
import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
with_browser = pytest.mark.skipif(
    BROWSER is None or DRIVER is None, reason="needs the Debian packages chromium and -driver"
)

AXE = (files("axe_core_python") / "axe.min.js").read_text()


class Browser:
    """A headless Chromium."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver
        self._log: Callable[[str], list[dict[str, str]]] = driver.get_log

    def open(
        self,
        page: Path,
        width: int = 1280,
        *,
        scripts: bool = True,
        sharp: int = 1,
        scheme: str = "light",
        media: str = "",
    ) -> None:
        """Show a file, in a window of that many pixels.

        Args:
            sharp: pixels of the screen for each of them.
            scheme: `light` or `dark`, as the system prefers it.
            media: `screen` or `print`; empty: the one that the page is shown or printed on.
        """
        for kind in ("browser", "performance"):  # what an earlier page left
            self._log(kind)
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": 900, "deviceScaleFactor": sharp,
            "mobile": False})  # fmt: skip
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not scripts})
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        emulated = {"media": media, "features": features}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", emulated)
        self.driver.get(page.as_uri())

    def console(self) -> list[str]:
        """What the page has put on the console."""
        return [entry["message"] for entry in self._log("browser")]

    def requests(self) -> list[str]:
        """The addresses that the page has asked for, itself included."""
        events = (json.loads(entry["message"])["message"]
                  for entry in self._log("performance"))  # fmt: skip
        return [str(event["params"]["request"]["url"]) for event in events
                if event["method"] == "Network.requestWillBeSent"]  # fmt: skip

    def violations(self) -> list[str]:
        """The rules of axe-core that the page breaks, each with the elements."""
        self.driver.execute_script(AXE)
        found: Any = self.driver.execute_async_script(
            "axe.run().then(result => arguments[0](result.violations))"
        )
        return [f"{one['id']}: {[node['html'] for node in one['nodes']]}" for one in found]

    def pages(self, width: float, height: float) -> int:
        """The pages that it takes to print the page on paper of that many inches."""
        paper = {"paperWidth": width, "paperHeight": height}
        printed = self.driver.execute_cdp_cmd("Page.printToPDF", paper)["data"]
        return len(re.findall(rb"/Type\s*/Page\b", base64.b64decode(printed)))

    def overflow(self) -> int:
        """Pixels by which the page is wider than the window."""
        script = "const e = document.documentElement; return e.scrollWidth - e.clientWidth"
        return int(self.driver.execute_script(script))


@contextmanager
def browser() -> Iterator[Browser]:
    """Start a browser, and end it."""
    options = webdriver.ChromeOptions()
    assert BROWSER is not None
    options.binary_location = BROWSER
    for argument in ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage"):
        options.add_argument(f"--{argument}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options, Service(DRIVER))
    try:
        yield Browser(driver)
    finally:
        driver.quit()
