"""Python's stubs of grpc.testing, generated when they are first imported."""

import sys
import tempfile
from pathlib import Path

from grpc_tools import protoc

PROTO = Path(__file__).parent / "proto"

_folder = tempfile.TemporaryDirectory()
assert protoc.main([
    "protoc", f"-I{PROTO}", f"--python_out={_folder.name}", f"--grpc_python_out={_folder.name}",
    "grpc/testing/test.proto"]) == 0
# Not as `grpc.testing`: the package `grpc` is grpcio's.
sys.path.insert(0, str(Path(_folder.name) / "grpc" / "testing"))
_services = Path(_folder.name) / "grpc" / "testing" / "test_pb2_grpc.py"
_services.write_text(_services.read_text().replace("from grpc.testing import", "import").replace(
    "import test_pb2 as", "import test_pb2 as"))

import test_pb2 as pb  # noqa: E402
import test_pb2_grpc as services  # noqa: E402

__all__ = ["pb", "services"]
