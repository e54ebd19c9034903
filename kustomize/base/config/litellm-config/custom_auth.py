"""Two keys for the LiteLLM proxy without a database.

LiteLLM can limit only its virtual keys, which are stored in PostgreSQL. This pack
runs no database, and the gateway must not hold the master key, which allows
adding models, reading the configuration and changing the proxy. So LiteLLM calls
this module (``general_settings.custom_auth`` in the ``config.yaml`` next to it)
for every request that needs a key:

- ``LITELLM_MASTER_KEY`` may do everything and stays in the LiteLLM pod;
- ``LITELLM_PROXY_KEY`` is the gateway's: it may use only the routes of
  ``PROXY_KEY_ROUTES``, the models of ``limits.json``, and requests that match
  ``request_schema.py`` (otherwise 403);
- any other key, or none, is refused (401).

LiteLLM reads hundreds of its own parameters from a request's body, query and
headers: URLs, credentials, callbacks, other providers. So an allow-list applies
to requests with the proxy key, and a refusal names the field.

LiteLLM enforces ``models`` only when ``general_settings`` has
``custom_auth_run_common_checks: true`` and ``litellm_settings`` has
``enable_post_custom_auth_checks: true``.

The keys are read once, at import: LiteLLM does not start with an invalid one.
"""

import hmac
import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

from fastapi import Request
from litellm.proxy._types import LitellmUserRoles, ProxyException, UserAPIKeyAuth
from litellm.proxy.common_utils.http_parsing_utils import _read_request_body
from request_schema import refused_body, refused_header, refused_query

MASTER_KEY = "LITELLM_MASTER_KEY"
PROXY_KEY = "LITELLM_PROXY_KEY"

# The placeholder in each SSM parameter until a person stores the real value.
TERRAFORM_DUMMY = "dummy-value-to-be-updated-manually"
MIN_KEY_LENGTH = 16

# LiteLLM's checks of a request, which it runs before it calls this module.
LITELLM_CHECKS = "pre_db_read_auth_checks"

# Exact matches: an equivalent path (//, .., a trailing slash) is refused.
PROXY_KEY_ROUTES = frozenset(
    {
        ("POST", "/v1/chat/completions"),
        ("POST", "/chat/completions"),
        ("GET", "/v1/models"),
        ("GET", "/models"),
    }
)


def refuse_to_start(reason: str, module: str = "custom_auth") -> NoReturn:
    """Exit with one line that names the variable and the error, but not the value."""
    # Otherwise uvicorn prints 300 lines of nested lifespans above the message.
    sys.tracebacklimit = 0
    raise SystemExit(f"{module}: {reason}")


def read_key(name: str) -> bytes:
    """Return the key in the environment variable ``name``."""
    value = os.environ.get(name, "")
    if not value:
        refuse_to_start(f"{name} is not set")
    if value == TERRAFORM_DUMMY:
        refuse_to_start(f"{name} still has Terraform's dummy value")
    if len(value) < MIN_KEY_LENGTH:
        refuse_to_start(f"{name} is shorter than {MIN_KEY_LENGTH} characters")
    if not value.isascii() or not value.isprintable() or " " in value:
        # Often a newline at the end of the secret. No client could send this key.
        refuse_to_start(f"{name} has a space, a newline or a non-ASCII character")
    return value.encode()


def read_keys() -> tuple[bytes, bytes]:
    """Return the master key and the proxy key, which must differ."""
    master_key, proxy_key = read_key(MASTER_KEY), read_key(PROXY_KEY)
    if hmac.compare_digest(master_key, proxy_key):
        refuse_to_start(f"{PROXY_KEY} is the same as {MASTER_KEY}")
    return master_key, proxy_key


def read_limits() -> dict[str, Any]:
    """Return limits.json, which contains the models and the budget of pack.yaml."""
    file = Path(os.environ["CONFIG_FILE_PATH"]).with_name("limits.json")
    return json.loads(file.read_text(encoding="utf-8"))


_master_key, _proxy_key = read_keys()
LIMITS = read_limits()


def refusal(code: int, message: str) -> ProxyException:
    """Return the error for a refused request; other exceptions could become a 500."""
    return ProxyException(message=message, type="auth_error", param=None, code=code)


def authorize(request: Request, api_key: str, body: dict[str, Any]) -> UserAPIKeyAuth:
    """Return what the bearer of ``api_key`` may do, or raise ``ProxyException``."""
    presented = api_key.encode()
    if hmac.compare_digest(presented, _master_key):
        return UserAPIKeyAuth(user_role=LitellmUserRoles.PROXY_ADMIN)
    if not hmac.compare_digest(presented, _proxy_key):
        raise refusal(401, "Invalid or missing API key")
    # The routed path, because request.url also depends on the client's Host header.
    # A WebSocket has no method, so it is never on the list.
    if (request.scope.get("method"), request.scope["path"]) not in PROXY_KEY_ROUTES:
        raise refusal(403, "This key may not use this route")
    refused = (
        refused_query(request)
        or refused_header(request)
        or refused_body(request, body, LIMITS["models"])
    )
    if refused is not None:
        raise refusal(403, f"This key may not send {refused}")
    return UserAPIKeyAuth(
        user_role=LitellmUserRoles.INTERNAL_USER, models=list(LIMITS["models"])
    )


async def user_api_key_auth(request: Request, api_key: str) -> UserAPIKeyAuth:
    """Return what the bearer of ``api_key`` may do. LiteLLM calls this function."""
    # Uses LiteLLM's own parser, so that the checked body is the one it acts on.
    return authorize(request, api_key or "", await _read_request_body(request))


def check_first() -> None:
    """Make LiteLLM call ``authorize`` before its own checks.

    LiteLLM rejects some fields itself and then logs the rejected request. Logging
    acts on every field of the body: callbacks, for example, stay registered and
    send data to hosts that the body names. So a rejected body must be cleared.
    """
    module = importlib.import_module("litellm.proxy.auth.user_api_key_auth")
    own = getattr(module, LITELLM_CHECKS, None)
    if own is None:
        refuse_to_start(f"this version of LiteLLM has no {LITELLM_CHECKS}")
    # LiteLLM loads this file under two names.
    if hasattr(own, "is_first"):
        return

    async def checks(
        request: Request, request_data: dict[str, Any], route: str
    ) -> None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        try:
            authorize(request, key if scheme == "Bearer" else "", request_data)
        except ProxyException:
            request_data.clear()
            raise
        await own(request=request, request_data=request_data, route=route)

    checks.is_first = True  # type: ignore[attr-defined]
    setattr(module, LITELLM_CHECKS, checks)


check_first()
