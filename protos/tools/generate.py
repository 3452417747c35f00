"""Generates protos/gen from the protos, or with --check says whether it is fresh."""

import argparse
import filecmp
import shutil
import sys
import tempfile
from pathlib import Path

from comments import write_comments
from image import PROTO_ROOT, own_files, protoc

GENERATED = PROTO_ROOT / "gen"
VALIDATE = "buf/validate/validate.proto"


def generate(target: Path) -> None:
    """Write messages, stubs, comments and retry policies below `target`."""
    outputs = [f"--python_out={target}", f"--pyi_out={target}"]
    with tempfile.TemporaryDirectory() as folder:
        protoc([*outputs, f"--grpc_python_out={target}", *own_files()], Path(folder))
        protoc([*outputs, VALIDATE], Path(folder))
    for stub in target.glob("lucid/**/*_pb2_grpc.py"):
        if "Servicer" not in stub.read_text():
            stub.unlink()
    for config in PROTO_ROOT.glob("lucid/**/*_grpc_service_config.json"):
        shutil.copy(config, target / config.relative_to(PROTO_ROOT))
    write_comments(target / "lucid" / "comments.json")
    for folder_path in [*target.glob("lucid/**/"), *target.glob("buf/**/")]:
        (folder_path / "__init__.py").write_text('"""Generated code; see protos/README.md."""\n')
        if folder_path.parent == target:
            (folder_path / "py.typed").touch()


def differences(left: Path, right: Path) -> list[str]:
    """Return the relative paths that differ between two trees."""
    names = {
        str(path.relative_to(root))
        for root in (left, right)
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    return sorted(
        name
        for name in names
        if not ((left / name).exists() and (right / name).exists())
        or not filecmp.cmp(left / name, right / name, shallow=False)
    )


def main() -> int:
    """Regenerate, or compare when --check is given; exit 1 when not fresh."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 if not fresh")
    check = parser.parse_args().check
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "gen"
        fresh.mkdir()
        generate(fresh)
        if check:
            stale = differences(fresh, GENERATED)
            sys.stderr.writelines(
                f"stale: protos/gen/{name}; run `make protos`\n" for name in stale
            )
            return 1 if stale else 0
        shutil.copytree(fresh, GENERATED, dirs_exist_ok=True)
        for name in differences(fresh, GENERATED):
            (GENERATED / name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
