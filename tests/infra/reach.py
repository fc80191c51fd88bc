"""What a deployable's code can get to, read from the source: functions by the names they use, starting at its entry points.

It errs on the side of more: an attribute reaches every function of that name in modules that are imported. So what is not reached
is surely not used.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Where imports are looked for: image_uploaded has an environment, and so a path, of its own.
PATH = (ROOT, ROOT / "functions" / "image_uploaded")
# Called on so many things that following them by name would reach everything; what they do to buckets is seen at the call.
TOO_COMMON = {"create", "delete", "find", "exists", "get", "list", "add", "close", "start"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Module:
    """A module's source: what it imports of ours, its functions by name, and what runs when it is imported."""

    name: str
    tree: ast.Module
    imports: set[str] = field(default_factory=set)
    functions: dict[str, list[Function]] = field(default_factory=lambda: defaultdict(list))
    methods: dict[str, list[Function]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True)
class Reached:
    """Names and attributes in the code that was reached, and its functions, each with the module it is in."""

    names: frozenset[str]
    functions: tuple[tuple[str, Function], ...]

    def calls_on(self, receiver: str) -> Iterator[tuple[str, Function]]:
        """Methods called on what is named `receiver` or ends so, each with the function that calls it."""
        for _, function in self.functions:
            for node in ast.walk(function):
                if isinstance(node, ast.Attribute) and _last_name(node.value) == receiver:
                    yield node.attr, function


@cache
def module(name: str) -> Module | None:
    """The module of that name, None where it is not ours."""
    path = next((place for folder in PATH if (place := _file(folder, name)).is_file()), None)
    if path is None:
        return None
    found = Module(name, ast.parse(path.read_text()))
    for node in ast.walk(found.tree):
        if isinstance(node, ast.Import):
            found.imports |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.imports |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, Function):
                    found.methods[inner.name].append(inner)
                    if inner.name in ("__init__", "__post_init__"):
                        found.functions[node.name].append(inner)
    methods = {id(method) for same in found.methods.values() for method in same}
    for node in ast.walk(found.tree):
        if isinstance(node, Function) and id(node) not in methods:
            found.functions[node.name].append(node)
    return found


def reach(*entries: str) -> Reached:
    """Follow the code from modules whose every function is an entry point: routes, handlers, `main`."""
    modules = _imported(entries)
    plain: defaultdict[str, list[tuple[str, Function]]] = defaultdict(list)
    methods: defaultdict[str, list[tuple[str, Function]]] = defaultdict(list)
    for one in modules.values():
        for name, functions in one.functions.items():
            plain[name] += [(one.name, function) for function in functions]
        for name, functions in one.methods.items():
            methods[name] += [(one.name, function) for function in functions]
    begun = [(name, {**modules[name].functions, **modules[name].methods}) for name in entries]
    waiting = [(name, function) for name, by_name in begun for functions in by_name.values() for function in functions]
    names = {node.id for name in entries for node in ast.walk(modules[name].tree) if isinstance(node, ast.Name)}
    seen: dict[int, tuple[str, Function]] = {}
    while waiting:
        where, function = waiting.pop()
        if id(function) in seen:
            continue
        seen[id(function)] = (where, function)
        for node in ast.walk(function):
            match node:
                case ast.Name(id=name):
                    waiting += plain.get(name, [])
                case ast.Attribute(attr=name):
                    waiting += [] if name in TOO_COMMON else [*plain.get(name, []), *methods.get(name, [])]
                case _:
                    continue
            names.add(name)
    return Reached(frozenset(names), tuple(seen.values()))


def files_of(package: str) -> tuple[str, ...]:
    """All modules below a package."""
    folder = ROOT / package.replace(".", "/")
    return tuple(
        str(path.relative_to(ROOT).with_suffix("")).replace("/", ".") for path in sorted(folder.rglob("*.py")) if path.stem != "__init__"
    )


def _imported(entries: tuple[str, ...]) -> dict[str, Module]:
    found: dict[str, Module] = {}
    waiting = list(entries)
    while waiting:
        name = waiting.pop()
        one = module(name)
        if name not in found and one is not None:
            found[name] = one
            waiting += one.imports
    return found


def _file(folder: Path, name: str) -> Path:
    path = folder / name.replace(".", "/")
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _last_name(node: ast.expr) -> str | None:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None
