"""Two keys for the LiteLLM proxy without a database.

LiteLLM can limit what a key may do only for its virtual keys, and those live in
PostgreSQL. This pack runs no database, and the gateway must not hold the master
key: whoever has that may add models, read the configuration and change the
proxy. So LiteLLM asks this module (``general_settings.custom_auth`` in the
``config.yaml`` beside it) about every request that needs a key:

- ``LITELLM_MASTER_KEY`` may do everything and stays in the LiteLLM pod;
- ``LITELLM_PROXY_KEY`` is the gateway's: the routes of ``PROXY_KEY_ROUTES``, the
  models of ``limits.json``, and requests as ``request_schema.py`` describes
  them, nothing else (403);
- any other key, or none, is refused (401).

LiteLLM takes hundreds of parameters of its own from a request's body, query and
headers: URLs, credentials, callbacks, other providers. So requests of the proxy
key are an allow-list, and a refusal names the field.

LiteLLM enforces ``models`` only when ``general_settings`` has
``custom_auth_run_common_checks: true`` and ``litellm_settings`` has
``enable_post_custom_auth_checks: true``.

The keys are read once, at import: with a bad one LiteLLM does not start.
"""

import hmac
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

# What Terraform puts into each SSM parameter until somebody writes the real value.
TERRAFORM_DUMMY = "dummy-value-to-be-updated-manually"
MIN_KEY_LENGTH = 16

# Exact matches: a path that is merely equivalent (//, .., a final slash) is refused.
PROXY_KEY_ROUTES = frozenset(
    {
        ("POST", "/v1/chat/completions"),
        ("POST", "/chat/completions"),
        ("GET", "/v1/models"),
        ("GET", "/models"),
    }
)


def refuse_to_start(reason: str, module: str = "custom_auth") -> NoReturn:
    """End LiteLLM with one line: what is wrong with which variable, not its value."""
    # Else uvicorn prints 300 lines of nested lifespans above the one that matters.
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
        # Often a newline at the end of the secret: no client could send such a key.
        refuse_to_start(f"{name} has a space, a newline or a character beyond ASCII")
    return value.encode()


def read_keys() -> tuple[bytes, bytes]:
    """Return the master key and the proxy key, which must differ."""
    master_key, proxy_key = read_key(MASTER_KEY), read_key(PROXY_KEY)
    if hmac.compare_digest(master_key, proxy_key):
        refuse_to_start(f"{PROXY_KEY} is the same as {MASTER_KEY}")
    return master_key, proxy_key


def read_limits() -> dict[str, Any]:
    """Return limits.json, which pack.yaml's models and budget are written to."""
    file = Path(os.environ["CONFIG_FILE_PATH"]).with_name("limits.json")
    return json.loads(file.read_text(encoding="utf-8"))


_master_key, _proxy_key = read_keys()
LIMITS = read_limits()


def refusal(code: int, message: str) -> ProxyException:
    """Return the answer to a refused request; another exception could become a 500."""
    return ProxyException(message=message, type="auth_error", param=None, code=code)


async def user_api_key_auth(request: Request, api_key: str) -> UserAPIKeyAuth:
    """Return what the bearer of ``api_key`` may do, or raise the refusal."""
    presented = (api_key or "").encode()
    if hmac.compare_digest(presented, _master_key):
        return UserAPIKeyAuth(user_role=LitellmUserRoles.PROXY_ADMIN)
    if not hmac.compare_digest(presented, _proxy_key):
        raise refusal(401, "Invalid or missing API key")
    # The path that was routed: request.url also depends on the client's Host header.
    # A WebSocket comes without a method, so it is never on the list.
    if (request.scope.get("method"), request.scope["path"]) not in PROXY_KEY_ROUTES:
        raise refusal(403, "This key may not use this route")
    # LiteLLM's own reading of the body: what is checked is what it acts on.
    body = await _read_request_body(request)
    refused = (
        refused_query(request)
        or refused_header(request)
        or refused_body(request, body, LIMITS["models"])
    )
    if refused is not None:
        # LiteLLM logs a refused request, and some of its fields make that fail.
        request.scope["parsed_body"][1].clear()
        raise refusal(403, f"This key may not send {refused}")
    return UserAPIKeyAuth(
        user_role=LitellmUserRoles.INTERNAL_USER, models=list(LIMITS["models"])
    )
