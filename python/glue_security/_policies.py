"""Questions about policy documents, which need no mock."""

from __future__ import annotations

import json
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple, Union

from . import _library
from ._errors import PolicyError

Policy = Union[str, Mapping[str, Any]]


def _policy_text(policy: Policy) -> str:
    if isinstance(policy, str):
        return policy
    if isinstance(policy, Mapping):
        return json.dumps(dict(policy))
    raise TypeError(f"a policy is a str or a mapping, not {type(policy).__name__}")


def _given(**options: Optional[str]) -> List[Tuple[str, str]]:
    for name, value in options.items():
        if value is not None and not isinstance(value, str):
            raise TypeError(f"{name} is a str, not {type(value).__name__}")
    return [(name.replace("_", "-"), v) for name, v in options.items() if v is not None]


def _texts(name: str, values: Iterable[str]) -> List[str]:
    texts = list(values)
    if not all(isinstance(text, str) for text in texts):
        raise TypeError(f"{name}: each value is a str")
    return texts


def check_policy(
    policy: Policy,
    *,
    account: Optional[str] = None,
    region: Optional[str] = None,
    caller: Optional[str] = None,
    role_arn: Optional[str] = None,
    unique_id: Optional[str] = None,
    level: Optional[str] = None,
) -> List[Dict[str, Any]]:
    """Returns the findings about a resource policy, an empty list for a good one.

    Each has `code`, `severity` ("error" or "warning"), `pointer`, `line`, `column` and
    `message`. `caller` is who puts the policy, and must not be locked out; `level` is
    "json", "grammar" or "glue".

        check_policy("{}")[0]["message"]
        # 'a policy needs a Statement'
    """
    options = _given(
        account=account, region=region, caller=caller, role_arn=role_arn,
        unique_id=unique_id, level=level,
    )
    body = _library.load().ask("check_policy", options, _policy_text(policy))
    return json.loads(body)["findings"]


def decide(
    policy: Policy,
    *,
    caller: str,
    action: str,
    resource: str,
    account: str = "123456789012",
    region: str = "us-east-1",
    context: Optional[Mapping[str, Union[str, Sequence[str]]]] = None,
    unknown: Iterable[str] = (),
    identity: Optional[str] = None,
    role_arn: Optional[str] = None,
    unique_id: Optional[str] = None,
    level: Optional[str] = None,
) -> Dict[str, Any]:
    """Decides a request by a resource policy.

    The result has `decision`, which is "allow", "explicit_deny", "implicit_deny" or
    "undecided", and `statements` with the reasons. `context` has the condition keys of
    the request; `unknown` names those that it may have or not; `identity` is what the
    caller's identity policies decide. Raises PolicyError for a policy with errors.
    """
    options = _given(
        account=account, region=region, caller=caller, action=action, resource=resource,
        identity=identity, role_arn=role_arn, unique_id=unique_id, level=level,
    )
    for key, values in (context or {}).items():
        for value in _texts(f"context: {key}", [values] if isinstance(values, str) else values):
            options.append(("context", f"{key}={value}"))
    if isinstance(unknown, str):
        raise TypeError("unknown is a list of keys, not a str")
    options += [("unknown", key) for key in _texts("unknown", unknown)]
    answer = json.loads(_library.load().ask("decide", options, _policy_text(policy)))
    if "findings" in answer:
        raise PolicyError(answer["findings"])
    return answer
