"""Somebody at a real browser."""

import re

from playwright.async_api import BrowserContext, Page

from .conftest import LOGINS
from .sample import PASSWORD

_errors: dict[Page, list[str]] = {}


async def sign_in(context: BrowserContext, role: str) -> Page:
    """Through the form, as people do. Whatever the page complains of fails the test that looks at `errors_of`."""
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    _errors[page] = errors
    await page.goto("/sign-in")
    await page.get_by_label("メールアドレス").fill(LOGINS[role])
    await page.get_by_label("パスワード").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile(r"/(monitor|me)$"))
    return page


def errors_of(page: Page) -> list[str]:
    return _errors.pop(page)
