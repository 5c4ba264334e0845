"""What may be written of a gRPC function, and what may not."""

import pytest

from harness.contract import pb
from harness.refusal import refused

PATH = "function.grpc"
LONG_HOST = ".".join(["h" * 60] * 4)


def test_a_grpc_function_is_given_back_as_it_was_created(client, tmp_path):
    created = client.grpc_function(
        "quote", "10.0.0.1:443,[::1]:50051,quotes.test:8443", tls=True, server_name="quotes.test",
        metadata={"authorization": "Bearer x"})

    assert created.grpc.address == "10.0.0.1:443,[::1]:50051,quotes.test:8443"
    assert created.grpc.tls and created.grpc.server_name == "quotes.test"
    assert created.grpc.metadata == {"authorization": "Bearer x"}
    assert created.flow.max_concurrency == 64
    assert client.get_function("quote") == created


def test_an_update_makes_another_kind_of_it(client):
    client.http_function("f", "http://mail.test")
    target = pb.GrpcTarget(address="unix:/run/mail.sock")

    changed = client.update_function(pb.Function(function_id="f", grpc=target), mask=["grpc"])

    assert changed.WhichOneof("target") == "grpc"
    assert client.get_function("f").grpc == target


@pytest.mark.parametrize("address", [
    "localhost:1", "127.0.0.1:65535", "[::1]:50051", "[2001:db8::7]:443", "a.b-c.test:80",
    "my_service:50051", "unix:/run/f.sock", "a:1,b:2", "unix:/a,b:2",
    ",".join(f"host-{n}:1" for n in range(16)), ",".join([LONG_HOST + ":1"] * 8),
    "unix:/" + "s" * 106,
])
def test_an_address_is_taken(client, address):
    assert client.grpc_function("f", address).grpc.address == address


@pytest.mark.parametrize("address", [
    "", "localhost", "localhost:", "localhost:0", "localhost:70000", "localhost:65536",
    "localhost:-1", "localhost:+80", "localhost:8a", "localhost: 80", ":80", "http://mail.test",
    "http://mail.test:80", "dns:///mail.test:80", "user@mail.test:80", "mail.test:80/path",
    "::1:80", "[::1]", "[::1]80", "[mail.test]:80", "[]:80", "1.2.3:80", "1.2.3.4.5:80",
    "mail..test:80", "-mail.test:80", "mäil.test:80", "mail test:80", "a" * 64 + ":80",
    "unix:", "unix:relative.sock", "unix:/a\nb", "unix:/" + "s" * 107,
    ",", "a:1,", ",a:1", "a:1,,b:2", "a:1, b:2", "a:1,b",
    ",".join(f"host-{n}:1" for n in range(17)),
    ",".join([LONG_HOST + ":1"] * 9),
])
def test_an_ill_formed_address_is_refused(client, address):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field=f"{PATH}.address"):
        client.grpc_function("f", address)


def test_tls_is_not_for_unix_domain_sockets(client):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field=f"{PATH}.tls"):
        client.grpc_function("f", "unix:/run/f.sock", tls=True)


@pytest.mark.parametrize("name", [
    "127.0.0.1", "::1", "mail.test:443", "mail..test", "a b", "*.mail.test", "m" * 254,
])
def test_a_server_name_that_is_none_is_refused(client, name):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field=f"{PATH}.server_name"):
        client.grpc_function("f", "mail.test:443", tls=True, server_name=name)


PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize("text", ["not PEM", PEM, "x" * (64 << 10), "x" * ((64 << 10) + 1)])
def test_authorities_that_are_none_are_refused(client, text):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field=f"{PATH}.ca_certificates"):
        client.grpc_function("f", "mail.test:443", tls=True, ca_certificates=text)


@pytest.mark.parametrize("field", ["server_name", "ca_certificates"])
def test_what_is_about_tls_needs_it(client, field):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field=f"{PATH}.{field}"):
        client.grpc_function("f", "mail.test:443", **{field: "mail.test"})


@pytest.mark.parametrize("name", [
    "grpc-timeout", "grpc-x", "content-type", "content-length", "te", "trailer", "connection",
    "keep-alive", "host", "proxy-connection", "transfer-encoding", "upgrade", "user-agent",
    "token-bin", ":authority", "Upper", "with space", "ü",
])
def test_metadata_that_is_not_the_users_to_set_is_refused(client, name):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field=f"{PATH}.metadata[{name}]"):
        client.grpc_function("f", "mail.test:443", metadata={name: "x"})


@pytest.mark.parametrize("value", ["ü", "a\nb", " a", "a ", "\x7f"])
def test_metadata_that_a_header_cannot_hold_is_refused(client, value):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field=f"{PATH}.metadata[x-key]"):
        client.grpc_function("f", "mail.test:443", metadata={"x-key": value})


@pytest.mark.parametrize("metadata, is_taken", [
    ({f"k{n}": "v" for n in range(32)}, True), ({f"k{n}": "v" for n in range(33)}, False),
    ({"k": "v" * 8191}, True), ({"k": "v" * 8192}, False),
])
def test_metadata_has_a_largest_size(client, metadata, is_taken):
    if is_taken:
        assert client.grpc_function("f", "mail.test:443", metadata=metadata).grpc.metadata == metadata
        return
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field=f"{PATH}.metadata"):
        client.grpc_function("f", "mail.test:443", metadata=metadata)


def test_every_field_that_is_wrong_is_named(client):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID") as refusals:
        client.grpc_function("f", "mail.test", server_name="-", metadata={"te": "x"})
    assert set(refusals[0].fields) == {
        f"{PATH}.address", f"{PATH}.server_name", f"{PATH}.metadata[te]"}
