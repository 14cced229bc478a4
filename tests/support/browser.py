"""A real browser, and checks of the pages opened in it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

type ColorScheme = Literal["light", "dark"]

PHONE, DESKTOP = 375, 1280
"""Widths of the window, in pixels."""

CHROMIUM = shutil.which("chromium")
# Background requests of the browser would wait for a network that may be missing.
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

_CONTRASTS = """
() => {
  const parse = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const luminance = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = parse(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  const note = (text, ink, ground) => {
    const [a, b] = [luminance(ink), luminance(ground)].sort((x, y) => y - x);
    found.push([text.trim().slice(0, 40), (a + 0.05) / (b + 0.05)]);
  };
  for (const element of document.querySelectorAll("h1, h2, h3, p, a, th, td, dt, dd, summary, caption, footer")) {
    if (element.textContent.trim()) note(element.textContent, parse(getComputedStyle(element).color), behind(element));
  }
  const runs = [...document.querySelectorAll("svg .run")];
  for (const text of document.querySelectorAll("svg text")) {
    const box = text.getBoundingClientRect();
    const under = runs.find(run => {
      const r = run.getBoundingClientRect();
      return r.left <= box.left && r.right >= box.right && r.top <= box.top + 4 && r.bottom >= box.bottom - 4;
    });
    const flag = text.classList.contains("flag-number") ? text.parentElement.querySelector(".flag") : null;
    const ground = flag || under ? parse(getComputedStyle(flag || under).fill) : behind(text);
    note(text.textContent, parse(getComputedStyle(text).fill), ground);
  }
  return found;
}
"""

_OVERFLOW = """
() => [...document.querySelectorAll("body *")]
  .filter(e => !e.closest(".scroll") && !e.closest(".skip"))
  .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
  .map(e => e.tagName + " " + e.textContent.slice(0, 30))
"""

_COLLISIONS = """
() => {
  const found = [];
  for (const picture of document.querySelectorAll("svg")) {
    const frame = picture.getBoundingClientRect();
    const texts = [...picture.querySelectorAll("text")].map(e => [e.textContent, e.getBoundingClientRect()]);
    texts.forEach(([one, a], at) => {
      if (a.left < frame.left - 1 || a.right > frame.right + 1 || a.top < frame.top - 1 || a.bottom > frame.bottom + 1)
        found.push(`${one} is cut off`);
      for (const [other, b] of texts.slice(at + 1)) {
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (across > 1 && down > 4) found.push(`${one} lies on ${other}`);
      }
    });
  }
  return found;
}
"""


@dataclass
class PageVisit:
    """An open page, with its requests and console errors."""

    page: Page
    requested_urls: list[str] = field(default_factory=list)
    console_errors: list[str] = field(default_factory=list)

    def start_recording(self) -> "PageVisit":
        """Record requests and console errors from now on."""
        self.page.on("request", self._on_request)
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.console_errors.append(str(error)))
        return self

    def find_overflow(self) -> list[str]:
        """Return the elements that are wider than the window, except in scrollable areas."""
        page_width, window_width = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        page = [f"the page: {page_width} px"] if page_width > window_width else []
        return page + list(self.page.evaluate(_OVERFLOW))

    def find_collisions(self) -> list[str]:
        """Return the labels of an SVG that overlap each other or its edge."""
        return list(self.page.evaluate(_COLLISIONS))

    def measure_contrasts(self) -> list[tuple[str, float]]:
        """Return each text with its contrast to the background, as WCAG 2.2 defines it."""
        return [(text, contrast) for text, contrast in self.page.evaluate(_CONTRASTS)]

    def follow_links(self) -> list[str]:
        """Follow every link between parts of the page, and return the targets. Each target must be visible."""
        followed = []
        for link in self.page.locator("nav a").all():
            target = str(link.get_attribute("href"))
            link.click()
            assert self.page.evaluate("location.hash") == target
            assert self.page.locator(target).is_visible()
            followed.append(target)
        return followed

    def _on_request(self, request: Request) -> None:
        self.requested_urls.append(request.url)

    def _on_console(self, message: ConsoleMessage) -> None:
        self.console_errors.append(f"{message.type}: {message.text}")


# Close it after the page tests: while it is open, playwright keeps an event loop running in this thread.
def launch_chromium() -> Iterator[Browser]:
    """Yield Debian's Chromium without a window. For use in a fixture."""
    if CHROMIUM is None:
        reason = "no chromium on this machine; on Debian: apt-get install chromium"
        # In CI a missing browser is a failure, because CI must test the pages.
        (pytest.fail if os.environ.get("REQUIRE_BROWSER") else pytest.skip)(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(CHROMIUM_ARGUMENTS))
        yield browser
        browser.close()


@contextmanager
def open_page(
    browser: Browser, file: Path, *, width: int = DESKTOP, scheme: ColorScheme = "light"
) -> Iterator[PageVisit]:
    """Open a file in a new window without a network."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True)
    try:
        visit = PageVisit(page=context.new_page()).start_recording()
        visit.page.goto(file.as_uri())
        yield visit
    finally:
        context.close()
