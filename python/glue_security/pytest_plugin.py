"""The fixture `glue_security_mock` of pytest, and the marker with its keywords:

    @pytest.mark.glue_security(behavior="observed")
    def test_policy(glue_security_mock): ...
"""

from __future__ import annotations

from typing import Any, Iterator

import pytest


def pytest_configure(config: Any) -> None:
    config.addinivalue_line(
        "markers", "glue_security(**keywords): the keywords of glue_security_mock"
    )


@pytest.fixture
def glue_security_mock(request: Any) -> Iterator[Any]:
    """A mock of glue_security that is active during the test."""
    from glue_security import mock_glue_security

    marker = request.node.get_closest_marker("glue_security")
    with mock_glue_security(**(marker.kwargs if marker else {})) as mock:
        yield mock
