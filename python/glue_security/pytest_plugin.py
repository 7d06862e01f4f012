"""The fixture `glue_security_mock` of pytest, and a marker, which gives it keywords or is
enough by itself:

    @pytest.mark.glue_security(behavior="observed")
    def test_policy(): ...

Of markers of a function, its class and its module, the nearest one's keywords win.
"""

from __future__ import annotations

from typing import Any, Dict, Iterator

import pytest


def pytest_configure(config: Any) -> None:
    config.addinivalue_line(
        "markers", "glue_security(**keywords): runs under glue_security_mock with these"
    )


@pytest.fixture
def glue_security_mock(request: Any) -> Iterator[Any]:
    """A mock of glue_security that is active during the test."""
    from glue_security import mock_glue_security

    keywords: Dict[str, Any] = {}
    for marker in request.node.iter_markers("glue_security"):
        if marker.args:
            raise TypeError("the marker glue_security takes keywords only")
        keywords = {**marker.kwargs, **keywords}
    with mock_glue_security(**keywords) as mock:
        yield mock


@pytest.fixture(autouse=True)
def _glue_security_marked(request: Any) -> None:
    """Starts the mock for a test that is marked, before its other fixtures."""
    if request.node.get_closest_marker("glue_security") is not None:
        request.getfixturevalue("glue_security_mock")
