"""What a mock offers to control its engine: the clock, the fault rules, the history."""

from __future__ import annotations

import datetime
import json
from typing import Any, Callable, Dict, Iterator, List, Optional, Union

# Calls a function of the library for the engine of a mock.
Run = Callable[..., bytes]
Time = Union[datetime.datetime, str]


def _time_text(time: Time) -> str:
    if isinstance(time, str):
        return time
    if not isinstance(time, datetime.datetime):
        raise TypeError(f"a time is a datetime or a str, not {type(time).__name__}")
    if time.tzinfo is None:
        raise ValueError("a time needs a time zone, such as datetime.timezone.utc")
    return time.isoformat()


def _json_text(value: Any) -> str:
    return json.dumps(value, allow_nan=False)


class Clock:
    """The clock of the engine, which gives the times of records and keys."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def _change(self, **change: Any) -> datetime.datetime:
        return _now(self._run("set_clock", _json_text(change)))

    @property
    def now(self) -> datetime.datetime:
        """The time, in UTC."""
        return self._change()

    @property
    def frozen(self) -> bool:
        """True when the clock stands still."""
        return json.loads(self._run("set_clock", "{}"))["frozen"]

    def set(self, now: Time) -> datetime.datetime:
        """Sets the clock to a datetime with a zone, or to RFC 3339's form of one. It goes
        on from there unless it is frozen. All methods return the time."""
        return self._change(now=_time_text(now))

    def freeze(self, now: Optional[Time] = None) -> datetime.datetime:
        """Stops the clock, at `now` if that is given."""
        if now is None:
            return self._change(frozen=True)
        return self._change(now=_time_text(now), frozen=True)

    def advance(self, by: Union[datetime.timedelta, float]) -> datetime.datetime:
        """Moves the clock by seconds or a timedelta, also backwards, also while frozen."""
        if isinstance(by, datetime.timedelta):
            by = by.total_seconds()
        if isinstance(by, bool) or not isinstance(by, (int, float)):
            raise TypeError(f"seconds are a number or a timedelta, not {type(by).__name__}")
        return _now(self._run("advance_clock", float(by)))

    def restore(self) -> datetime.datetime:
        """Lets the clock follow the system's."""
        return _now(self._run("restore_clock"))


def _now(body: bytes) -> datetime.datetime:
    text = json.loads(body)["now"]
    # Python 3.8 to 3.10 read fractions of 3 or 6 digits only.
    whole, dot, rest = text.partition(".")
    if dot:
        digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
        text = f"{whole}.{digits[:6]:0<6}{rest[len(digits):]}"
    time = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return time.astimezone(datetime.timezone.utc)


class Faults:
    """The fault rules of the engine. Iterating lists them, with how often each acted."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def add(
        self,
        operation: Optional[str] = None,
        *,
        fault: Optional[str] = None,
        error: Optional[str] = None,
        message: Optional[str] = None,
        delay_seconds: Optional[float] = None,
        account: Optional[str] = None,
        region: Optional[str] = None,
        principal: Optional[str] = None,
        skip: Optional[int] = None,
        every: Optional[int] = None,
        count: Union[int, str, None] = None,
        key_call: Optional[str] = None,
        via: Optional[str] = None,
    ) -> int:
        """Adds a rule and returns its number.

        `fault` is "error" (the default), "lose_request", "lose_answer" or "none", for a
        rule that only delays. A lost request or answer is a ConnectionClosedError of
        botocore, which it retries. docs/reference/control.md describes all members.
        """
        members = {
            name: value
            for name, value in locals().items()
            if name != "self" and value is not None
        }
        return json.loads(self._run("add_fault", _json_text(members)))["id"]

    def clear(self) -> None:
        """Removes all rules."""
        self._run("clear_faults")

    def __iter__(self) -> Iterator[Dict[str, Any]]:
        rules = json.loads(self._run("faults"))
        return iter(rules)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class History(List[Dict[str, Any]]):
    """Calls with their answers, as they were when it was read."""

    # The number of calls that were dropped since the last reset.
    left_out = 0


def history(run: Run) -> History:
    calls = History()
    query = ""
    while True:
        page = json.loads(run("history", query))
        calls.extend(page["calls"])
        calls.left_out = page["left_out"]
        if "next" not in page:
            return calls
        query = f"after={page['next']}"
