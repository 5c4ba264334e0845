"""A full disk, a damaged or locked database: said, never acknowledged, never a crash."""

import os
import sqlite3
import subprocess

import grpc
import pytest

from harness.contract import pb
from harness.function_server import Reply
from harness.gateway import Gateway
from harness.refusal import Refusal, refused
from harness.small_disk import LimitedFiles, SmallFilesystem
from harness.waiting import eventually


@pytest.fixture(params=[SmallFilesystem, LimitedFiles], ids=["small file system", "limited files"])
def small_disk(request, tmp_path):
    try:
        disk = request.param(tmp_path / "small")
    except (subprocess.CalledProcessError, PermissionError) as error:
        pytest.skip(f"no file system may be mounted here: {error}")
    yield disk
    disk.close()


@pytest.fixture
def full(small_disk, start_gateway, connect):
    """A gateway whose disk is full, its client, and the triggers that it acknowledged."""
    gateway = start_gateway(data=small_disk.data, wrapper=small_disk.wrapper)
    client = connect(gateway)
    client.define("order.created")
    acknowledged = []
    for number in range(2000):
        try:
            answer = client.emit("order.created", os.urandom(16 << 10), request_id=f"r-{number}")
        except grpc.RpcError as error:
            return gateway, client, acknowledged, Refusal.of(error)
        acknowledged.append(answer.trigger_id)
    raise AssertionError("the disk never was full")


def test_a_full_disk_is_said(full):
    gateway, _, acknowledged, refusal = full

    assert acknowledged
    assert (refusal.code, refusal.reason) == ("UNAVAILABLE", "STORE_UNAVAILABLE")
    assert refusal.message
    assert gateway.is_running()


def test_on_a_full_disk_what_was_acknowledged_stays_readable(full):
    _, client, acknowledged, _ = full

    for trigger_id in acknowledged:
        assert client.get_trigger(trigger_id).trigger_id == trigger_id


def test_definitions_are_refused_on_a_full_disk(full):
    _, client, _, _ = full

    with refused("UNAVAILABLE", "STORE_UNAVAILABLE"):
        for number in range(200):
            client.define(f"event{number}", data=os.urandom(16 << 10))


def test_what_was_refused_on_a_full_disk_is_not_there_after_a_restart(full, small_disk, connect):
    gateway, client, acknowledged, _ = full
    gateway.kill()
    if isinstance(small_disk, SmallFilesystem):
        small_disk.give_room(gateway)
    gateway.command = [word for word in gateway.command if word not in small_disk.wrapper]
    gateway.start()

    client = connect(gateway)
    listed, token = [], ""
    while True:
        page = client.triggers.ListTriggers(pb.ListTriggersRequest(page_size=50, page_token=token))
        listed += [trigger.trigger_id for trigger in page.triggers]
        token = page.next_page_token
        if not token:
            break
    assert listed == list(reversed(acknowledged))


def test_a_gateway_goes_on_when_there_is_room_again(full, small_disk):
    gateway, client, _, _ = full
    small_disk.give_room(gateway)

    def accepted():
        try:
            return client.emit("order.created", os.urandom(16 << 10)).trigger_id
        except grpc.RpcError as error:
            assert Refusal.of(error).reason == "STORE_UNAVAILABLE"
            return None

    assert client.get_trigger(eventually(accepted)).event == "order.created"


def test_outcomes_that_find_the_disk_full_are_kept_until_there_is_room(
    small_disk, start_gateway, connect, functions
):
    """A sequence whose first member answers while nothing can be written."""
    gateway = start_gateway(data=small_disk.data, wrapper=small_disk.wrapper)
    client = connect(gateway)
    client.define("shipment.ready")
    client.define("filler")
    client.group("g", "shipment.ready", "SEQUENCE", pipe_output=True)
    held = functions.hold("/first", Reply(body=os.urandom(64 << 10)))
    client.http_function("first", held.url)
    client.http_function("second", functions.function("/second"))
    for order, name in enumerate(("first", "second")):
        client.subscribe("shipment.ready", name, name, group="g", order=order)
    trigger_id = client.emit("shipment.ready", b"x").trigger_id
    functions.wait_for("/first")
    with refused("UNAVAILABLE", "STORE_UNAVAILABLE"):
        for _ in range(2000):
            client.emit("filler", os.urandom(16 << 10))

    held.release()
    # Its outcome does not fit; until it does, nothing that follows from it happens.
    with refused("UNAVAILABLE", "STORE_UNAVAILABLE"):
        for _ in range(20):
            client.emit("filler", os.urandom(64 << 10))
    assert functions.received("/second") == []
    small_disk.give_room(gateway)

    assert client.finished(trigger_id).state == pb.Trigger.STATE_SUCCEEDED
    assert len(functions.received("/first")) == len(functions.received("/second")) == 1


def test_a_second_gateway_on_the_same_directory_is_refused(start_gateway, connect):
    first = start_gateway()
    second = Gateway(first.data)
    second.launch()

    assert second.wait() == 1
    assert str(first.data) in second.log_text()
    assert str(first.pid) in second.log_text()
    connect(first).define("order.created")
    second.close()


def test_two_gateways_on_different_directories_run_side_by_side(start_gateway, connect, tmp_path):
    first, second = start_gateway(tmp_path / "a"), start_gateway(tmp_path / "b")
    connect(first).define("order.created")

    with refused("NOT_FOUND", "EVENT_NOT_FOUND"):
        connect(second).get_event("order.created")


def test_a_port_that_is_taken_is_a_clear_error(start_gateway, tmp_path):
    first = start_gateway()
    second = Gateway(tmp_path / "other")
    second.command[second.command.index("--listen") + 1] = first.address
    second.launch()

    assert second.wait() == 1
    assert first.address in second.log_text()
    second.close()


def test_a_data_directory_that_cannot_be_written_is_a_clear_error(tmp_path):
    (tmp_path / "file").write_text("not a directory")
    gateway = Gateway(tmp_path / "file")
    gateway.launch()

    assert gateway.wait() == 1
    assert str(tmp_path / "file") in gateway.log_text()
    gateway.close()


def database(folder):
    """The file that begins as SQLite's do."""
    found = [path for path in folder.iterdir()
             if path.is_file() and path.read_bytes()[:15] == b"SQLite format 3"]
    assert len(found) == 1, list(folder.iterdir())
    return found[0]


@pytest.fixture
def stopped(start_gateway, connect):
    """A gateway that was ended with a hundred triggers in its database."""
    gateway = start_gateway()
    client = connect(gateway)
    client.define("order.created")
    for _ in range(100):
        client.emit("order.created", os.urandom(4000))
    assert gateway.terminate() == 0
    return gateway


def test_a_file_that_is_no_database_is_a_clear_error(stopped):
    path = database(stopped.data)
    path.write_bytes(b"this is not a database " * 1000)
    stopped.launch()

    assert stopped.wait() == 1
    assert str(path) in stopped.log_text()


def test_a_damaged_database_is_said_and_never_a_crash(stopped, connect):
    path = database(stopped.data)
    page, size = 4096, path.stat().st_size
    with path.open("r+b") as file:
        file.seek(page)
        file.write(b"\xa5" * (size - page))
    stopped.launch()
    line = stopped.process.stdout.readline().decode()
    if not line:
        assert stopped.wait() == 1, stopped.log_text()[-4000:]
        assert str(path) in stopped.log_text()
        return
    # It may find out only when it reads what is damaged.
    stopped.addresses = [line.split()[-1]]
    client = connect(stopped)
    for call in (lambda: client.get_event("order.created"),
                 lambda: client.emit("order.created", b"x"),
                 lambda: client.invocations(),
                 lambda: client.triggers.ListTriggers(pb.ListTriggersRequest())):
        with refused("UNAVAILABLE", "STORE_UNAVAILABLE"):
            call()
    assert stopped.is_running()


def test_a_database_that_somebody_else_has_locked_is_no_crash(start_gateway, connect):
    gateway = start_gateway()
    client = connect(gateway)
    client.define("order.created")
    other = sqlite3.connect(database(gateway.data), timeout=0.1, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        # The gateway keeps others out for as long as it runs: nobody can lock it.
        other.close()
        client.emit("order.created", b"x")
        return

    with refused("UNAVAILABLE", "STORE_UNAVAILABLE"):
        client.emit("order.created", b"refused", request_id="r-1")
    other.rollback()
    other.close()

    accepted = client.emit("order.created", b"accepted")
    listed = client.triggers.ListTriggers(pb.ListTriggersRequest()).triggers
    assert [trigger.trigger_id for trigger in listed] == [accepted.trigger_id]
