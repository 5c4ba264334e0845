"""Where the gateway listens, and what it does when connections are more than it can have."""

import os
import select
import socket
import subprocess
import time
from pathlib import Path

import grpc

from harness.gateway import binary
from harness.waiting import eventually


def cpu_seconds(gateway):
    fields = Path(f"/proc/{gateway.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def refused_start(tmp_path, address):
    result = subprocess.run(
        [binary(), "serve", "--data", str(tmp_path / "other"), "--listen", address],
        capture_output=True, text=True, timeout=60)
    assert result.returncode == 1
    return result.stderr


def test_several_addresses_ipv6_and_a_unix_domain_socket(tmp_path, start_gateway, connect):
    path = tmp_path / "gateway.sock"
    gateway = start_gateway(listen=["127.0.0.1:0", "[::1]:0", f"unix:{path}"])
    connect(gateway).define("order.created", data=b"x")
    assert gateway.addresses[1].startswith("[::1]:")
    assert gateway.addresses[2] == f"unix:{path}"
    for address in gateway.addresses[1:]:
        assert connect(gateway, address=address).get_event("order.created").data == b"x"
    listed = subprocess.run(
        [binary(), "event", "list", "--gateway", f"unix:{path}"], capture_output=True, text=True,
        timeout=60)
    assert "order.created" in listed.stdout


def test_a_unix_domain_socket_is_removed_at_the_end_and_replaced_after_a_kill(
    tmp_path, start_gateway, connect
):
    path = tmp_path / "gateway.sock"
    gateway = start_gateway(listen=[f"unix:{path}"])
    gateway.kill()
    assert path.exists()
    gateway.start()
    connect(gateway).define("order.created", data=b"")
    assert gateway.terminate() == 0
    assert not path.exists()


def test_a_unix_domain_socket_in_use_or_a_file_is_left_alone(tmp_path, start_gateway, connect):
    path = tmp_path / "gateway.sock"
    gateway = start_gateway(listen=[f"unix:{path}"])
    assert "Address already in use" in refused_start(tmp_path, f"unix:{path}")
    connect(gateway).define("order.created", data=b"")
    file = tmp_path / "notes.txt"
    file.write_text("mine")
    assert "Address already in use" in refused_start(tmp_path, f"unix:{file}")
    assert file.read_text() == "mine"


def test_an_address_that_is_none_is_named(tmp_path):
    for address in ["7070", "::1:7070", "host:99999", "unix:", "unix:/" + 200 * "x"]:
        result = subprocess.run(
            [binary(), "serve", "--data", str(tmp_path), "--listen", address],
            capture_output=True, text=True, timeout=60)
        assert result.returncode == 64
        assert address in result.stderr


def test_the_connections_of_one_peer_are_bounded(start_gateway, connect):
    gateway = start_gateway(options=["--connections-per-peer-max", "3"])
    sockets = [socket.create_connection(("127.0.0.1", gateway.port)) for _ in range(4)]
    # Any one of them: they are spread over event loops, and the last may be the first to be seen.
    refused, _, _ = select.select(sockets, [], [], 5)
    assert [each.recv(1) for each in refused] == [b""]
    assert "its address has as many as one may" in gateway.log_text()
    sockets.remove(refused[0])
    refused[0].close()
    sockets.pop().close()

    def is_served():
        try:
            return connect(gateway).subscription_ids() is not None
        except grpc.RpcError:
            return False

    eventually(is_served)
    for each in sockets:
        each.close()


def test_a_gateway_out_of_descriptors_pauses_and_goes_on(tmp_path, start_gateway, connect):
    # Few enough that the connections alone can use them up: half of them are for connections, and
    # the other half is held by the process itself once the limit is lowered while it runs.
    gateway = start_gateway()
    client = connect(gateway)
    client.define("order.created", data=b"")
    open_now = len(os.listdir(f"/proc/{gateway.pid}/fd"))
    subprocess.run(
        ["prlimit", f"--pid={gateway.pid}", f"--nofile={open_now + 5}:{open_now + 5}"], check=True)
    sockets = [socket.create_connection(("127.0.0.1", gateway.port)) for _ in range(20)]
    eventually(lambda: "can't accept connections" in gateway.log_text())

    before = cpu_seconds(gateway)
    time.sleep(2)
    assert cpu_seconds(gateway) - before < 0.5, "it spins"
    assert client.get_event("order.created").event == "order.created"
    assert gateway.log_text().count("can't accept connections") == 1

    for each in sockets:
        each.close()
    eventually(lambda: "accepting connections again" in gateway.log_text())
    assert connect(gateway).get_event("order.created").event == "order.created"
