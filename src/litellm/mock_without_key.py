"""Let the trial answer before it has an Anthropic key.

The trial's fake SSM store holds no Anthropic key, and still the assistant must
answer. Named by ``litellm_settings.callbacks: mock_without_key.handler``, this
hook has LiteLLM answer each request with its own ``mock_response`` as long as
``ANTHROPIC_API_KEY`` does not look like a key of Anthropic's. With one in the
store the requests pass untouched: to write it there is the only step.

Only the trial overlays carry this file. In production a wrong key must fail.
"""

import os
from typing import Any

from litellm.integrations.custom_logger import CustomLogger

# Every API key of Anthropic's begins so; no value of the fake store does.
ANTHROPIC_KEY_PREFIX = "sk-ant-"
ANSWER = (
    "This is the mock, not Claude: give LiteLLM an Anthropic API key and restart it "
    "to get a real answer (docs/setup.md, local trial)."
)


class MockWithoutKey(CustomLogger):
    """Adds ``mock_response`` to every request while there is no real key."""

    async def async_pre_call_hook(
        self,
        user_api_key_dict: object,
        cache: object,
        data: dict[str, Any],
        call_type: str,
    ) -> dict[str, Any]:
        """Return the request, changed or not; LiteLLM calls this before each one."""
        key = os.environ.get("ANTHROPIC_API_KEY", "")
        if not key.startswith(ANTHROPIC_KEY_PREFIX):
            data["mock_response"] = ANSWER
        return data


handler = MockWithoutKey()
