"""docs/status.md says exactly which methods are served, read off the servicers themselves."""

import importlib
import inspect
import pkgutil
import re
from pathlib import Path
from types import ModuleType

REPOSITORY = Path(__file__).resolve().parents[2]
NOUNS = ("validation", "coherence", "vendor", "dream", "cache", "metrics")
NOT_YET = re.compile(r"NOT_YET_SERVED|unimplemented", re.IGNORECASE)


def grpc_modules(noun: str) -> list[ModuleType]:
    folder = REPOSITORY / "protos" / "gen" / "lucid" / noun / "v1"
    names = sorted(path.stem for path in folder.glob("*_pb2_grpc.py"))
    return [importlib.import_module(f"lucid.{noun}.v1.{name}") for name in names]


def servicer_classes(noun: str) -> list[type]:
    package = importlib.import_module(f"lucid_{noun}")
    found: list[type] = []
    for module in pkgutil.iter_modules(package.__path__, f"lucid_{noun}."):
        if module.name.endswith(("__main__", ".worker", ".zygote")) or module.ispkg:
            continue
        loaded = importlib.import_module(module.name)
        found += [c for c in vars(loaded).values() if inspect.isclass(c)]
    return found


def unserved(noun: str) -> list[str]:
    classes = servicer_classes(noun)
    missing = []
    for module in grpc_modules(noun):
        for name, base in inspect.getmembers(module, inspect.isclass):
            if not name.endswith("Servicer"):
                continue
            owners = [c for c in classes if issubclass(c, base) and c is not base]
            own = {m for o in owners for c in o.__mro__ if c is not base for m in vars(c)}
            wanted = {m for m in vars(base) if m[0].isupper()}
            missing += [f"{name.removesuffix('Servicer')}.{m}" for m in wanted - own]
    return sorted(missing)


def listed(noun: str) -> list[str]:
    text = (REPOSITORY / "docs" / "status.md").read_text()
    section = re.search(rf"^## lucid\.{noun}\.v1\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, f"docs/status.md has no section for {noun}"
    return sorted(re.findall(r"^- `(\w+\.\w+)`$", section.group(1), re.MULTILINE))


def test_status_lists_exactly_the_methods_that_are_not_served() -> None:
    assert {noun: listed(noun) for noun in NOUNS} == {noun: unserved(noun) for noun in NOUNS}
