"""TLS and mutual TLS of the real program, with grpcio, Python's ssl and the command line."""

import os
import signal
import socket
import ssl
import subprocess

import grpc
import pytest

from harness.certificates import NAME, Authority
from harness.contract import pb
from harness.gateway import Gateway, binary
from harness.waiting import eventually


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path, "authority")


@pytest.fixture
def secure(authority, start_gateway):
    return start_gateway(options=authority.issue("server").options())


def contexts(authority, protocols=("h2",)):
    context = ssl.create_default_context(cafile=authority.file)
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context


def connection(gateway, context):
    """A TLS connection; the caller closes it."""
    return context.wrap_socket(
        socket.create_connection(("127.0.0.1", gateway.port), timeout=10), server_hostname=NAME)


def served_serial(gateway, authority):
    with connection(gateway, contexts(authority)) as tls:
        return tls.getpeercert()["serialNumber"]


def unavailable(client):
    with pytest.raises(grpc.RpcError) as caught:
        client.define("refused", data=b"")
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    return caught.value.details()


def run(*arguments):
    return subprocess.run(
        [binary(), *arguments], capture_output=True, text=True, timeout=60, env=os.environ)


def test_a_call_over_tls(secure, authority, connect):
    client = connect(secure, credentials=authority.credentials())
    client.define("order.created", data=b"over TLS")
    assert client.get_event("order.created").data == b"over TLS"


def test_a_client_that_does_not_trust_the_authority_gets_no_service(secure, tmp_path, connect):
    stranger = Authority(tmp_path, "stranger")
    assert "certificate" in unavailable(connect(secure, credentials=stranger.credentials())).lower()


def test_plaintext_at_a_tls_port_gets_no_service(secure, connect):
    unavailable(connect(secure))


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_both_versions_are_served_with_h2(secure, authority, version):
    context = contexts(authority)
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    with connection(secure, context) as tls:
        assert tls.selected_alpn_protocol() == "h2"
        assert tls.version().replace(".", "_") == version


def test_nothing_older_and_no_weak_cipher_is_served(secure, authority):
    context = contexts(authority)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    # Without forward secrecy: prohibited by RFC 9113 appendix A.
    context.set_ciphers("AES128-GCM-SHA256:AES256-SHA256:AES128-SHA")
    with pytest.raises(ssl.SSLError):
        connection(secure, context)


@pytest.mark.parametrize("protocols", [(), ("http/1.1",)])
def test_a_client_without_h2_is_told_so(secure, authority, protocols):
    with connection(secure, contexts(authority, protocols)) as tls:
        tls.sendall(b"GET / HTTP/1.1\r\nhost: gateway.test\r\n\r\n")
        answer = b"".join(iter(lambda: tls.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"HTTP/2" in answer


def test_http_without_tls_is_told_so(secure):
    with socket.create_connection(("127.0.0.1", secure.port), timeout=10) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nhost: gateway.test\r\n\r\n")
        answer = b"".join(iter(lambda: plain.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"over TLS" in answer
    assert "it talks HTTP without TLS" in secure.log_text()


def test_a_handshake_that_does_not_come_is_cut(secure):
    with socket.create_connection(("127.0.0.1", secure.port), timeout=20) as silent:
        silent.sendall(b"\x16\x03\x01")
        assert silent.recv(100) == b""


@pytest.fixture
def mutual(authority, start_gateway):
    return start_gateway(options=authority.issue("server").options(client_authority=authority))


def test_mutual_tls_serves_who_has_a_certificate(mutual, authority, connect):
    files = authority.issue("client", "worker@example.org")
    client = connect(mutual, credentials=authority.credentials(files))
    client.define("order.created", data=b"")


def test_mutual_tls_refuses_who_has_none_or_a_strangers(mutual, authority, tmp_path, connect):
    unavailable(connect(mutual, credentials=authority.credentials()))
    files = Authority(tmp_path, "stranger").issue("client")
    unavailable(connect(mutual, credentials=authority.credentials(files)))


def test_an_optional_client_certificate_may_be_missing_but_not_wrong(
    authority, start_gateway, tmp_path, connect
):
    options = authority.issue("server").options(client_authority=authority)
    gateway = start_gateway(options=[*options, "--tls-client-auth", "optional"])
    connect(gateway, credentials=authority.credentials()).define("order.created", data=b"")
    files = Authority(tmp_path, "stranger").issue("client")
    unavailable(connect(gateway, credentials=authority.credentials(files)))


@pytest.mark.parametrize("cause", ["SIGHUP", "changed files"])
def test_a_new_certificate_is_served_and_no_connection_dropped(
    secure, authority, connect, functions, cause
):
    client = connect(secure, credentials=authority.credentials())
    client.define("order.created", data=b"")
    before = served_serial(secure, authority)
    calls = client.events.ListEvents(pb.ListEventsRequest())

    authority.issue("server")
    if cause == "SIGHUP":
        secure.process.send_signal(signal.SIGHUP)
    eventually(lambda: served_serial(secure, authority) != before)

    # The channel's one connection is the one it had.
    assert client.events.ListEvents(pb.ListEventsRequest()) == calls
    assert secure.is_running()


def test_files_that_are_no_good_leave_the_certificate_there_was(secure, authority):
    before = served_serial(secure, authority)
    files = authority.issue("server")
    files.key.write_text("not a key")
    secure.process.send_signal(signal.SIGHUP)
    eventually(lambda: "stays the old one" in secure.log_text())
    assert "server.key holds no private key" in secure.log_text()
    assert served_serial(secure, authority) == before


@pytest.mark.parametrize("damage, words", [
    (lambda files: files.certificate.unlink(), "can't read {files.certificate}: No such file"),
    (lambda files: files.certificate.write_text("x"), "{files.certificate} holds no certificate"),
    (lambda files: files.key.write_text("x"), "{files.key} holds no private key"),
])
def test_bad_files_are_named_at_the_start(authority, tmp_path, damage, words):
    files = authority.issue("server")
    damage(files)
    result = run("serve", "--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0",
                 *files.options())
    assert result.returncode == 1
    assert result.stderr.startswith("error: " + words.format(files=files))


def test_a_key_of_another_certificate_is_refused_at_the_start(authority, tmp_path):
    files = authority.issue("server")
    files.key.write_bytes(authority.issue("other").key.read_bytes())
    result = run("serve", "--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0",
                 *files.options())
    assert result.returncode == 1
    assert "can't serve the certificate in" in result.stderr


def test_the_command_line_talks_tls(mutual, authority):
    files = authority.issue("client")
    gateway = ["--gateway", mutual.address, "--tls-ca", str(authority.file)]
    mine = ["--tls-certificate", str(files.certificate), "--tls-key", str(files.key)]

    assert run("event", "create", "order.created", *gateway, *mine).returncode == 0
    assert "order.created" in run("event", "list", *gateway, *mine).stdout
    named = [*gateway, *mine, "--tls-server-name", NAME]
    assert run("event", "list", *named).returncode == 0


def test_the_command_line_refuses_a_gateway_that_does_not_prove_its_name(
    authority, tmp_path, start_gateway
):
    gateway = start_gateway(options=authority.issue("server", NAME).options())
    options = ["event", "list", "--gateway", gateway.address, "--tls-ca"]
    named = ["--tls-server-name", NAME]
    assert run(*options, str(authority.file), *named).returncode == 0

    stranger = str(Authority(tmp_path, "stranger").file)
    another_name = "its certificate is for another name"
    for bad, problem in (
        ([str(authority.file)], another_name),
        ([str(authority.file), "--tls-server-name", "other.test"], another_name),
        ([stranger, *named], "its certificate is not signed by an authority trusted here"),
    ):
        result = run(*options, *bad)
        assert result.returncode == 1
        assert result.stderr.startswith(
            f"error: UNAVAILABLE: cannot connect to {gateway.address}: {problem}\n")


def test_tls_and_plaintext_side_by_side(authority, tmp_path, start_gateway, connect):
    socket_path = tmp_path / "gateway.sock"
    gateway = start_gateway(
        listen=["127.0.0.1:0", f"unix:{socket_path}"],
        options=[*authority.issue("server").options(), "--listen-plaintext", "127.0.0.1:0"])
    secure, local, plain = gateway.addresses
    connect(gateway, address=secure, credentials=authority.credentials()).define("a", data=b"")
    assert connect(gateway, address=local).get_event("a").event == "a"
    assert connect(gateway, address=plain).get_event("a").event == "a"
