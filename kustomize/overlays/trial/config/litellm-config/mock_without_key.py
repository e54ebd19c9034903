"""Answer the trial's requests without an Anthropic key.

The trial's fake SSM store contains no Anthropic key, but the assistant must
answer. This hook (``litellm_settings.callbacks: mock_without_key.handler``)
makes LiteLLM answer each request with its own ``mock_response`` while the key
proxy reports that it has no key. The hook never sees the key. Once the store
contains a key, requests pass unchanged, and no other step is needed.

Only the trial overlays contain this file. In production a wrong key must fail.
"""

import os
from pathlib import Path
from typing import Any

import httpx
import yaml
from litellm.integrations.custom_logger import CustomLogger

ANSWER = (
    "This is the mock, not Claude: set an Anthropic API key and restart LiteLLM "
    "to get a real answer (docs/getting-started.md)."
)


def key_proxy() -> str:
    """Return the URL of the key proxy, which every model in config.yaml has."""
    config = yaml.safe_load(
        Path(os.environ["CONFIG_FILE_PATH"]).read_text(encoding="utf-8")
    )
    return config["model_list"][0]["litellm_params"]["api_base"]


class MockWithoutKey(CustomLogger):
    """Adds ``mock_response`` to every request while there is no real key."""

    def __init__(self) -> None:
        """Connect to the key proxy at the first request."""
        super().__init__()
        # Ignores proxies in the environment, because the key proxy is on loopback.
        self._client = httpx.AsyncClient(
            base_url=key_proxy(), trust_env=False, timeout=5
        )

    async def async_pre_call_hook(
        self,
        user_api_key_dict: object,
        cache: object,
        data: dict[str, Any],
        call_type: str,
    ) -> dict[str, Any]:
        """Return the request, with the mock if no key is set. LiteLLM calls this."""
        answer = await self._client.get("/has-key")
        if answer.status_code == httpx.codes.NOT_FOUND:
            data["mock_response"] = ANSWER
        return data


handler = MockWithoutKey()
