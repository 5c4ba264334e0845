"""The contract as a client sees it: Python code generated from proto/ at every run.

`pb` has the messages of dispatch.events.v1 and of CloudEvents by name, `services` the stubs.
"""

import atexit
import importlib
import shutil
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import grpc_tools
from grpc_tools import protoc

REPOSITORY = Path(__file__).resolve().parents[3]
PROTO = REPOSITORY / "proto"
WELL_KNOWN = Path(grpc_tools.__file__).parent / "_proto"


FILES = sorted(PROTO.glob("dispatch/**/*.proto"))


def _compile(options):
    """Runs protoc over dispatch/; google.rpc and the like come from their own packages."""
    files = [str(path) for path in FILES]
    include = [f"-I{PROTO}", f"-I{WELL_KNOWN}"]
    if protoc.main(["protoc", *include, *options, *files]) != 0:
        raise RuntimeError(f"{PROTO} does not compile")


_folder = tempfile.mkdtemp(prefix="event-gateway-stubs-")


def _generate():
    atexit.register(shutil.rmtree, _folder, ignore_errors=True)
    _compile([f"--python_out={_folder}", f"--grpc_python_out={_folder}"])
    sys.path.insert(0, _folder)


def stubs_folder():
    """Where the generated code is, for programs that a test starts."""
    return _folder


def _gather(suffix):
    names = {}
    for path in FILES:
        package = ".".join(path.relative_to(PROTO).parent.parts)
        module = importlib.import_module(f"{package}.{path.stem}{suffix}")
        names.update({k: v for k, v in vars(module).items() if not k.startswith("_")})
    return SimpleNamespace(**names)


_generate()
pb = _gather("_pb2")
services = _gather("_pb2_grpc")
