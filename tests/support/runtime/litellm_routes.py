"""Print every route of the LiteLLM proxy as JSON.

Those that it loads late or hides from its OpenAPI document are among them.
"""

import asyncio
import json
from collections.abc import Iterable, Iterator

from litellm.proxy import _lazy_features as lazy
from litellm.proxy.proxy_server import app


async def load_all() -> None:
    """Import the modules that the proxy imports lazily for a prefix."""
    for feature in lazy.LAZY_FEATURES:
        await lazy._force_load(app, feature)


def walk(routes: Iterable, prefix: str = "") -> Iterator[tuple[str, list[str]]]:
    """Yield (path, methods). A WebSocket or a mounted application has no methods."""
    for route in routes:
        if hasattr(route, "effective_route_contexts"):
            yield from walk(route.effective_route_contexts(), prefix)
        else:
            path = prefix + route.path
            yield path, sorted(getattr(route, "methods", None) or [])
            yield from walk(getattr(route, "routes", None) or [], path)


asyncio.run(load_all())
found = {
    (path, method)
    for path, methods in walk(app.routes)
    for method in methods or ["GET"]
}
print("routes " + json.dumps(sorted(found)))
