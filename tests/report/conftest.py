"""What several tests of pages share: a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browsing import BROWSER, opened


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """Chromium, or a skip where there is none."""
    if BROWSER is None:
        pytest.skip("no Chromium on this machine")
    with opened() as browser:
        yield browser
