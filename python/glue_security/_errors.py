"""The exceptions of the package."""

from __future__ import annotations

from typing import Any, Dict, List


class GlueSecurityError(Exception):
    """The base of what the package raises."""


class InvalidArgumentError(GlueSecurityError, ValueError):
    """An option, a rule or another argument is wrong."""


class NotActiveError(GlueSecurityError):
    """The mock has not started, or has ended."""


class ForkedError(GlueSecurityError):
    """The mock started before a fork, and its storage is not in memory."""


class SnapshotNotFoundError(GlueSecurityError, KeyError):
    """There is no snapshot of that name."""

    __str__ = Exception.__str__


class NoRoomError(GlueSecurityError):
    """A bound would be exceeded."""


class StorageError(GlueSecurityError):
    """The storage cannot be opened, or failed."""


class LibraryError(GlueSecurityError):
    """The shared library cannot be found or loaded, or made a mistake."""


class PolicyError(InvalidArgumentError):
    """A policy document has errors, which `findings` lists."""

    def __init__(self, findings: List[Dict[str, Any]]) -> None:
        first = findings[0]
        super().__init__(f"the policy has findings, first {first['code']}: {first['message']}")
        self.findings = findings
