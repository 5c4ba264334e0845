"""Envoy in front of the gateway, as Examples/envoy.yaml has it."""

import base64
import http.client
import re
import struct

import grpc
import pytest

from harness.contract import pb
from harness.envoy import Envoy
from harness.progress import Progress
from harness.refusal import refused
from harness.waiting import eventually


@pytest.fixture
def envoy(gateway, tmp_path):
    envoy = Envoy(gateway, tmp_path)
    eventually(lambda: envoy.health() == "HEALTHY")
    yield envoy
    envoy.close()


def framed(message):
    data = message.SerializeToString()
    return b"\0" + struct.pack(">I", len(data)) + data


def web_call(envoy, method, message, organization, kind="application/grpc-web+proto"):
    """A gRPC-Web call as a browser makes it: HTTP/1.1, trailers as the last message."""
    connection = http.client.HTTPConnection(envoy.address, timeout=30)
    body = framed(message)
    if "text" in kind:
        body = base64.b64encode(body)
    connection.request(
        "POST", f"/dispatch.events.v1.{method}", body=body,
        headers={"content-type": kind, "accept": kind, "x-grpc-web": "1",
                 "x-dispatch-org": organization, "origin": "https://console.example"})
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    assert answer.status == 200
    if "text" in kind:
        # Each part is padded for itself.
        data = b"".join(map(base64.b64decode, re.findall(rb"[^=]+=*", data)))
    messages, trailers = [], dict(answer.getheaders())
    while data:
        flag, length = struct.unpack(">BI", data[:5])
        part, data = data[5:5 + length], data[5 + length:]
        if flag & 0x80:
            trailers |= dict(
                line.split(":", 1) for line in part.decode().strip().split("\r\n"))
        else:
            messages.append(part)
    return messages, trailers


@pytest.fixture
def through(envoy, connect, organization):
    return connect(None, organization, address=envoy.address)


def test_a_trigger_and_its_results_pass(through, functions):
    through.define("order.created")
    through.http_function("f", functions.function("/f"))
    through.subscribe("order.created", "f")
    assert through.run("order.created").summary.succeeded == 1


def test_statuses_and_their_details_pass(through):
    with refused("NOT_FOUND") as refusals:
        through.get_event("none")
    assert refusals[0].resource == ("Event", "none")


@pytest.mark.parametrize(
    "kind", ["application/grpc-web+proto", "application/grpc-web", "application/grpc-web-text"])
def test_grpc_web(envoy, client, organization, kind):
    client.define("order.created")
    messages, trailers = web_call(
        envoy, "EventService/GetEvent", pb.GetEventRequest(event="order.created"), organization,
        kind)
    assert pb.Event.FromString(messages[0]).event == "order.created"
    assert trailers["grpc-status"] == "0"


def test_grpc_web_streams(envoy, client, organization, functions):
    client.define("order.created")
    client.http_function("f", functions.function("/f"))
    client.subscribe("order.created", "f")
    messages, trailers = web_call(
        envoy, "TriggerService/TriggerEvent", pb.TriggerEventRequest(event="order.created"),
        organization)
    progress = Progress(map(pb.TriggerEventResponse.FromString, messages))
    assert progress.summary.succeeded == 1
    assert trailers["grpc-status"] == "0"


def test_grpc_web_faults(envoy, organization):
    messages, trailers = web_call(
        envoy, "EventService/GetEvent", pb.GetEventRequest(event="none"), organization)
    assert messages == []
    assert trailers["grpc-status"] == str(grpc.StatusCode.NOT_FOUND.value[0])


def test_envoy_follows_the_gateways_health(start_gateway, tmp_path, connect):
    gateway = start_gateway()
    envoy = Envoy(gateway, tmp_path)
    try:
        eventually(lambda: envoy.health() == "HEALTHY")
        gateway.terminate()
        eventually(lambda: envoy.health() == "FAILED")
        with refused("UNAVAILABLE"):
            connect(None, address=envoy.address).get_event("e")
    finally:
        envoy.close()
