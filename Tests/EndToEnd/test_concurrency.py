"""Many streams at once, and what the gateway takes while it has nothing to do."""

import asyncio
import time

import grpc
import pytest

from harness.contract import pb, services
from harness.function_server import Reply
from harness.measurements import note

STREAMS = 200
CONNECTIONS = 10


def test_two_hundred_streams_at_once_all_finish_correctly(client, functions):
    held = functions.hold("/slow", Reply(body=b"slow"))
    client.http_function("slow", held.url, flow=pb.FlowControl(max_concurrency=STREAMS))
    client.http_function("double", functions.function(
        "/double", lambda request: Reply(body=request.body * 2)))
    client.define("order.created")
    client.subscribe("order.created", "slow", "slow")
    client.subscribe("order.created", "double", "double")

    streams = asyncio.run(_trigger_all(client, held))

    assert len({updates[0].accepted.trigger.trigger_id for updates in streams}) == STREAMS
    for number, updates in enumerate(streams):
        summary = updates[-1].summary
        assert (summary.succeeded, summary.failed) == (2, 0)
        outputs = {
            u.invocation.subscription_id: u.invocation.output.data for u in updates
            if u.invocation.state == pb.Invocation.STATE_SUCCEEDED}
        assert outputs == {"slow": b"slow", "double": b"payload %d" % number * 2}


async def _trigger_all(client, held):
    """Opens all streams, and lets the slow function answer only when all are accepted."""
    # Connections of their own, so that no limit of streams per connection comes into it.
    channels = [
        grpc.aio.insecure_channel(client.address, [("grpc.use_local_subchannel_pool", 1)])
        for _ in range(CONNECTIONS)]
    stubs = [services.TriggerServiceStub(channel) for channel in channels]
    accepted = asyncio.Semaphore(0)

    async def read(number):
        request = pb.TriggerEventRequest(event="order.created", data=b"payload %d" % number)
        stream = stubs[number % CONNECTIONS].TriggerEvent(
            request, timeout=60, metadata=[("x-dispatch-org", client.organization)])
        updates = []
        async for update in stream:
            if not updates:
                accepted.release()
            updates.append(update)
        return updates

    tasks = [asyncio.create_task(read(number)) for number in range(STREAMS)]
    for _ in range(STREAMS):
        await asyncio.wait_for(accepted.acquire(), 60)
    held.release()
    streams = await asyncio.gather(*tasks)
    for channel in channels:
        await channel.close()
    return streams


def test_many_streams_on_one_connection_all_finish(client, functions):
    client.http_function("mail", functions.function("/mail"))
    client.define("order.created", function_id="mail")

    streams = [client.trigger("order.created", b"x") for _ in range(STREAMS)]

    for stream in streams:
        assert list(stream)[-1].summary.succeeded == 1


def test_an_idle_gateway_is_small_and_starts_quickly(start_gateway, connect):
    begin = time.monotonic()
    gateway = start_gateway(options=["--log-level", "warning"])
    seconds = time.monotonic() - begin
    at_start = gateway.resident_kib() / 1024
    connect(gateway).define("order.created")
    note(f"start to listening {seconds * 1000:.0f} ms, resident {at_start:.1f} MiB, "
         f"{gateway.resident_kib() / 1024:.1f} MiB after a call")

    assert seconds < 10
    assert gateway.resident_kib() < 200 << 10


@pytest.mark.parametrize("size", [0, 1, 16 << 10, 1 << 20])
def test_concurrent_payloads_are_not_mixed_up(client, functions, size):
    client.http_function("same", functions.function(
        "/same", lambda request: Reply(body=request.body[:8])))
    client.define("order.created", data=b"default!", function_id="same")

    streams = {}
    for number in range(16):
        payload = (b"%08d" % number + bytes(size))[:max(size, 8)] if size else b""
        streams[payload or number] = client.trigger("order.created", payload)

    for payload, stream in streams.items():
        ends = [u.invocation for u in stream if u.invocation.state == pb.Invocation.STATE_SUCCEEDED]
        expected = payload[:8] if isinstance(payload, bytes) else b"default!"
        assert [end.output.data for end in ends] == [expected]
