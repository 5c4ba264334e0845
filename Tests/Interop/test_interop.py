"""gRPC's interoperability cases: grpcio's client with our server, our client with grpcio's server,
in plaintext, over TLS and over mutual TLS; and grpc-swift-2's client with our server, for which
GRPC_SWIFT_CALLS names the program (`make interop/swift` builds it)."""

import collections
import os
import subprocess

import grpc
import pytest

import cases
import peer
from harness.certificates import Authority
from harness.contract import REPOSITORY

BINARY = str(REPOSITORY / os.environ.get("INTEROP_BIN", ".build/debug/interop"))
GRPC_SWIFT = os.environ.get("GRPC_SWIFT_CALLS")
SECURITY = ["plaintext", "TLS", "mutual TLS"]

Scene = collections.namedtuple("Scene", "authority server client")


@pytest.fixture(scope="module", params=SECURITY)
def scene(request, tmp_path_factory):
    """The authority and the files of both ends; None for those that have none."""
    if request.param == "plaintext":
        return Scene(None, None, None)
    authority = Authority(tmp_path_factory.mktemp("certificates"), "authority")
    client = authority.issue("client") if request.param == "mutual TLS" else None
    return Scene(authority, authority.issue("server"), client)


@pytest.fixture(scope="module")
def our_server(scene):
    """The address of ours."""
    command = [BINARY, "serve"]
    if scene.server:
        command += [
            "--certificate", str(scene.server.certificate), "--key", str(scene.server.key)]
    if scene.client:
        command += ["--client-ca", str(scene.authority.file)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    yield process.stdout.readline().split()[-1]
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.fixture(scope="module")
def channel(scene, our_server):
    """grpcio's, to our server."""
    if scene.authority:
        credentials = scene.authority.credentials(scene.client)
        return grpc.secure_channel(our_server, credentials)
    return grpc.insecure_channel(our_server)


@pytest.fixture(scope="module")
def server(scene):
    """The address of grpcio's."""
    credentials = scene.server and grpc.ssl_server_credentials(
        [(scene.server.key.read_bytes(), scene.server.certificate.read_bytes())],
        scene.authority.file.read_bytes() if scene.client else None, bool(scene.client))
    server, address = peer.serve(credentials)
    yield address
    server.stop(None)


@pytest.mark.parametrize("case", cases.ALL, ids=lambda case: case.__name__)
def test_grpcio_calls_our_server(channel, case):
    case(channel)


@pytest.mark.parametrize("name", [case.__name__ for case in cases.ALL])
def test_our_client_calls_grpcio(server, scene, name):
    command = [BINARY, "call", name, "--server", server]
    if scene.authority:
        command += ["--ca", str(scene.authority.file)]
    if scene.client:
        command += [
            "--certificate", str(scene.client.certificate), "--key", str(scene.client.key)]
    succeeds(command)


if GRPC_SWIFT:
    @pytest.mark.parametrize("name", [case.__name__ for case in cases.ALL])
    def test_grpc_swift_calls_our_server(our_server, scene, name):
        command = [GRPC_SWIFT, name, our_server.rpartition(":")[2]]
        if scene.authority:
            command += [str(scene.authority.file)]
        if scene.client:
            command += [str(scene.client.certificate), str(scene.client.key)]
        succeeds(command)


def succeeds(command):
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stdout + result.stderr
