"""Print every name that LiteLLM's source reads from a request, as JSON.

A request's fields travel through LiteLLM in dictionaries and keyword arguments,
so the names are taken from its syntax trees: keys that are looked up, tested
for, or taken out of a dictionary, parameters of functions, and fields of its
types. That is more than a request can hold, which does no harm here.
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import litellm

# Fields begin in lower case; other names are classes or environment variables.
NAME = re.compile(r"[a-z_][A-Za-z0-9_.-]{0,63}")
LOOKUPS = {"get", "pop", "setdefault", "__contains__"}
# The modules that use fields of a request; the others are APIs of integrations.
FOLDERS = (
    "litellm_core_utils",
    "llms",
    "proxy",
    "router_utils",
    "types",
    "completion_extras",
    "responses",
)


def sources(root: Path) -> Iterator[Path]:
    """Yield the files of the package that handle a request."""
    yield from root.glob("*.py")
    for folder in FOLDERS:
        yield from (root / folder).rglob("*.py")


def names_in(tree: ast.AST) -> Iterator[str]:
    """Yield the names in one syntax tree."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(attr=attr), args=[ast.Constant(value=str(name)), *_]
            ) if attr in LOOKUPS:
                yield name
            case ast.Subscript(slice=ast.Constant(value=str(name))):
                yield name
            case ast.Compare(
                left=ast.Constant(value=str(name)), ops=[ast.In() | ast.NotIn()]
            ):
                yield name
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                for argument in [*node.args.args, *node.args.kwonlyargs]:
                    yield argument.arg
            case ast.ClassDef():
                for item in node.body:
                    if isinstance(item, ast.AnnAssign) and isinstance(
                        item.target, ast.Name
                    ):
                        yield item.target.id
            case ast.List() | ast.Set() | ast.Tuple():
                # Lists of parameters, such as those of OpenAI or of LiteLLM.
                if len(node.elts) > 3 and all(
                    isinstance(item, ast.Constant) for item in node.elts
                ):
                    yield from (
                        item.value for item in node.elts if isinstance(item.value, str)
                    )


root = Path(litellm.__file__).parent
found = {
    name
    for path in sources(root)
    for name in names_in(ast.parse(path.read_text(encoding="utf-8")))
    if NAME.fullmatch(name)
}
print("parameters " + json.dumps(sorted(found)))
