"""The schema of requests with the proxy key: an allow-list of what OpenClaw sends.

It was measured with OpenClaw 2026.9.4 and 2026.9.6 in turns of text, tools,
images, streams and thinking. LiteLLM reads hundreds of other fields from a
request's body, query and headers. Any other field is refused, and the refusal
names it. Limits are those of Anthropic's API, or well above what was measured.
With compat switches that this pack does not set, OpenClaw would also send
``reasoning_effort`` and ``cache_control``.
"""

import json
import re
from typing import Annotated, Any, Literal

from fastapi import Request
from litellm.proxy.common_utils.http_parsing_utils import is_json_content_type
from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    ValidationError,
)

# LiteLLM replaces a value with this prefix by an environment variable.
ENVIRONMENT_REFERENCE = "os.environ/"
# The depth of a JSON Schema or an argument; OpenClaw's deepest tool has 7 levels.
MAX_DEPTH = 64
# A conversation of 2000 messages with 40 tools has 30,000.
MAX_VALUES = 200_000

# Headers of OpenClaw, of the OpenAI client that it uses, and of HTTP itself.
HEADERS = frozenset(
    {
        "accept",
        "accept-encoding",
        "accept-language",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "host",
        "sec-fetch-mode",
        "traceparent",
        "user-agent",
        "x-stainless-arch",
        "x-stainless-lang",
        "x-stainless-os",
        "x-stainless-package-version",
        "x-stainless-retry-count",
        "x-stainless-runtime",
        "x-stainless-runtime-version",
        "x-stainless-timeout",
    }
)

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,128}$")]
# LiteLLM would download any other URL.
ImageUrl = Annotated[
    str,
    StringConstraints(
        pattern=r"^data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}$"
    ),
]


class Closed(BaseModel):
    """An object without additional fields, whose values are not converted."""

    model_config = ConfigDict(extra="forbid", strict=True)


class TextPart(Closed):
    """Text of a message."""

    type: Literal["text"]
    text: str


class Image(Closed):
    """An image that is part of the request."""

    url: ImageUrl
    detail: Literal["auto", "low", "high"] | None = None


class ImagePart(Closed):
    """An image of a message."""

    type: Literal["image_url"]
    image_url: Image


Part = Annotated[TextPart | ImagePart, Field(discriminator="type")]
# With a discriminator a refusal names the part, not the other kind of content.
Content = Annotated[
    Annotated[str, Tag("text")]
    | Annotated[list[Part], Field(max_length=1000), Tag("parts")],
    Discriminator(lambda value: "parts" if isinstance(value, list) else "text"),
]


class System(Closed):
    """A system prompt."""

    role: Literal["system", "developer"]
    content: Content


class User(Closed):
    """A message of a person."""

    role: Literal["user"]
    content: Content


class Call(Closed):
    """A tool and its arguments, as JSON in a string."""

    name: Name
    arguments: str


class ToolCall(Closed):
    """A tool call of the model."""

    id: Name
    type: Literal["function"]
    function: Call


class Assistant(Closed):
    """An answer of the model, with its reasoning."""

    role: Literal["assistant"]
    content: Content | None = None
    reasoning_content: str | None = None
    tool_calls: Annotated[list[ToolCall], Field(max_length=1000)] | None = None


class ToolResult(Closed):
    """The result of a tool."""

    role: Literal["tool"]
    content: Content
    tool_call_id: Name
    name: Name | None = None


Message = Annotated[System | User | Assistant | ToolResult, Field(discriminator="role")]


class Function(Closed):
    """A tool's name, and its parameters as a JSON Schema."""

    name: Name
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class Tool(Closed):
    """A tool of the client. Anthropic's own tools, such as web search, cost extra."""

    type: Literal["function"]
    function: Function


class StreamOptions(Closed):
    """Whether a stream ends with its usage."""

    include_usage: bool


class ChatRequest(Closed):
    """A request for a completion."""

    model: str
    messages: Annotated[list[Message], Field(min_length=1, max_length=20_000)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    tools: Annotated[list[Tool], Field(max_length=1000)] | None = None
    tool_choice: Literal["auto", "none", "required"] | None = None


def refused_query(request: Request) -> str | None:
    """Return the first query parameter. None is needed, and LiteLLM reads some."""
    return next(
        (f"the query parameter {_printable(name)}" for name in request.query_params),
        None,
    )


def refused_header(request: Request) -> str | None:
    """Return the first header that OpenClaw does not send."""
    return next(
        (
            f"the header {_printable(name)}"
            for name in request.headers
            if name.lower() not in HEADERS
        ),
        None,
    )


def refused_body(
    request: Request, body: dict[str, Any], models: dict[str, Any]
) -> str | None:
    """Return the first field of the body that violates the schema, and why."""
    if request.method == "GET":
        return None if body == {} else "a body"
    if not is_json_content_type(request.headers.get("content-type", "")):
        return "a body that is not application/json"
    # Before pydantic, which would collect every error.
    refused = _refused_name(body) or _refused_value(body)
    if refused is not None:
        return refused
    try:
        ChatRequest.model_validate(body)
    except ValidationError as error:
        first = error.errors(
            include_url=False, include_context=False, include_input=False
        )[0]
        path = ".".join(_printable(str(step)) for step in first["loc"])
        return f"{path or 'this body'}: {_printable(first['msg'], 200)}"
    return _refused_model(body, models) or _refused_messages(body["messages"])


def _refused_name(body: dict[str, Any]) -> str | None:
    """Return the first unknown field."""
    return next(
        (
            f"{_printable(name)}: no such field"
            for name in body
            if name not in ChatRequest.model_fields
        ),
        None,
    )


def _refused_messages(messages: list[dict[str, Any]]) -> str | None:
    """Return the first message that LiteLLM cannot translate and would log."""
    if all(message["role"] in ("system", "developer") for message in messages):
        return "messages: expected one that is not from system or developer"
    for index, message in enumerate(messages):
        for call in message.get("tool_calls") or []:
            arguments = call["function"]["arguments"]
            if arguments.strip() and not _is_object(arguments):
                return f"messages.{index}.tool_calls: arguments: expected a JSON object"
    return None


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _refused_model(body: dict[str, Any], models: dict[str, Any]) -> str | None:
    limits = models.get(body["model"])
    if limits is None:
        return f"model: expected one of {', '.join(models)}"
    max_tokens = limits["max_tokens"]
    for field in ("max_completion_tokens", "max_tokens"):
        if (body.get(field) or 0) > max_tokens:
            return f"{field}: expected {max_tokens} or less"
    return None


def _refused_value(body: dict[str, Any]) -> str | None:
    """Return the first value that refers to an environment variable.

    Also returns the first value that makes the body too deep or too large to check.

    LiteLLM treats a value as a reference only if it begins with the prefix. Text,
    such as a file of this pack that the assistant reads, may contain it elsewhere.
    """
    queue: list[tuple[str, Any, int]] = [("", body, 0)]
    count = 0
    while queue:
        path, value, depth = queue.pop()
        if depth > MAX_DEPTH:
            return f"{path[:100]}...: nested more than {MAX_DEPTH} levels deep"
        count += len(value) if isinstance(value, dict | list) else 0
        if count > MAX_VALUES:
            return f"{path[:100] or 'this body'}: more than {MAX_VALUES} values"
        if isinstance(value, dict):
            for key, item in value.items():
                place = f"{path}.{_printable(key)}".lstrip(".")
                if key.strip().startswith(ENVIRONMENT_REFERENCE):
                    return f"{place}: a reference to an environment variable"
                queue.append((place, item, depth + 1))
        elif isinstance(value, list):
            queue.extend(
                (f"{path}.{index}", item, depth + 1) for index, item in enumerate(value)
            )
        elif isinstance(value, str) and value.lstrip().startswith(
            ENVIRONMENT_REFERENCE
        ):
            return f"{path}: a reference to an environment variable"
    return None


def _printable(text: str, max_length: int = 64) -> str:
    """Return text that cannot forge a line of the log."""
    return re.sub(r"[^ -~]", "?", text[:max_length])
