"""EmitCloudEvents: batches of CloudEvents in, the same CloudEvents at the functions."""

import json
import time

import grpc
import pytest
from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from harness.contract import pb
from harness.function_server import Reply
from harness.measurements import note
from harness.refusal import Refusal, refused

BATCH_MAX = 1000
OWN = {"ce-dispatchsubscription", "ce-dispatchattempt", "ce-specversion", "ce-metadata"}


class Attribute:
    """The attribute values by their types."""

    def __getattr__(self, kind):
        return lambda value: pb.CloudEvent.CloudEventAttributeValue(**{f"ce_{kind}": value})


a = Attribute()


def event(id="A-1", source="/shop/1", type="order.created", spec_version="1.0", attributes=None,
          **data):
    return pb.CloudEvent(
        id=id, source=source, type=type, spec_version=spec_version, attributes=attributes, **data)


def send(client, *events, seconds_max=30):
    """The results."""
    batch = pb.CloudEventBatch(events=events)
    results = client.triggers.EmitCloudEvents(batch, timeout=seconds_max).results
    assert len(results) == len(events)
    return results


def accepted(result):
    assert result.WhichOneof("result") == "accepted", result
    return result.accepted


def refusal(result):
    assert result.WhichOneof("result") == "error", result
    error = result.error
    name = next(c.name for c in grpc.StatusCode if c.value[0] == error.code)
    return Refusal(name, error.message, error.SerializeToString())


@pytest.fixture
def shop(client, functions):
    """The event order.created with an HTTP function; returns what the function got for an event."""
    client.define("order.created")
    client.http_function("f", functions.function("/f"))
    client.subscribe("order.created", "f", "s")

    def deliver(sent):
        count = len(functions.received("/f"))
        client.finished(accepted(send(client, sent)[0]).trigger_id)
        received = functions.received("/f")
        assert len(received) == count + 1
        return received[-1]
    return deliver


def attributes_of(request):
    """Without those that are the gateway's own."""
    return {name.removeprefix("ce-"): request.attribute(name.removeprefix("ce-"))
            for name in request.headers if name.startswith("ce-") and name not in OWN}


def test_a_function_gets_the_event_as_it_was_sent(client, shop):
    request = shop(event(
        attributes={
            "time": a.timestamp(Timestamp(seconds=1_800_000_000, nanos=500_000_000)),
            "datacontenttype": a.string("application/json"),
            "dataschema": a.uri("https://shop.test/order"),
            "subject": a.string("orders/ö 1"), "partitionkey": a.string("customer 7"),
            "flag": a.boolean(True), "off": a.boolean(False), "count": a.integer(-5),
            "text": a.string('50% "ö"'), "raw": a.bytes(b"\x00\xff"), "link": a.uri("urn:a:b"),
            "near": a.uri_ref("../x"), "empty": a.string(""), "when": a.timestamp(Timestamp(seconds=-1)),
        },
        binary_data=b'{"total": 3}'))
    assert attributes_of(request) == {
        "id": "A-1", "source": "/shop/1", "type": "order.created",
        "time": "2027-01-15T08:00:00.500Z", "dataschema": "https://shop.test/order",
        "subject": "orders/ö 1", "partitionkey": "customer 7", "flag": "true", "off": "false",
        "count": "-5", "text": '50% "ö"', "raw": "AP8=", "link": "urn:a:b", "near": "../x",
        "empty": "", "when": "1969-12-31T23:59:59Z",
    }
    assert request.headers["ce-specversion"] == "1.0"
    assert request.headers["content-type"] == "application/json"
    assert request.body == b'{"total": 3}'


def test_each_kind_of_data_comes_through(shop):
    binary = shop(event("1", binary_data=bytes(range(256))))
    assert (binary.headers["content-type"], binary.body) \
        == ("application/octet-stream", bytes(range(256)))
    text = shop(event("2", text_data="grün"))
    assert (text.headers["content-type"], text.body.decode()) \
        == ("text/plain; charset=utf-8", "grün")
    packed = Any()
    packed.Pack(Duration(seconds=5))
    proto = shop(event("3", proto_data=packed))
    assert proto.headers["content-type"] == "application/protobuf"
    assert Any(type_url=proto.attribute("dataschema"), value=proto.body) == packed
    other = shop(event("4", attributes={"dataschema": a.uri("urn:x")}, proto_data=packed))
    assert other.attribute("dataschema") == "urn:x"
    assert json.loads(other.attribute("metadata"))["data-type-url"] == packed.type_url
    nothing = shop(event("5"))
    assert nothing.body == b""


def test_a_command_gets_the_event_too(client, scripts):
    client.define("order.created")
    client.process_function("env", scripts / "environment.sh")
    client.subscribe("order.created", "env", "s")
    sent = event(attributes={"subject": a.string("one"), "tenant": a.integer(7),
                             "time": a.string("2027-01-15T10:00:00+02:00")})
    trigger_id = accepted(send(client, sent)[0]).trigger_id
    client.finished(trigger_id)
    lines = client.invocation_of(trigger_id, "s").output.data.decode().splitlines()
    assert {"CE_ID=A-1", "CE_SOURCE=/shop/1", "CE_TENANT=7", "CE_SUBJECT=one",
            "CE_TIME=2027-01-15T08:00:00Z"} <= set(lines)


def test_queries_and_watches_show_it(client, shop):
    when = Timestamp(seconds=1_800_000_000)
    sent = event(attributes={"time": a.timestamp(when), "tenant": a.string("t")})
    trigger_id = accepted(send(client, sent)[0]).trigger_id
    watched = next(update.accepted.trigger for update in client.watch(trigger_id)
                   if update.HasField("accepted"))
    queried = client.get_trigger(trigger_id), client.list_triggers()[0]
    for shown in (*queried, watched):
        assert (shown.cloudevents_id, shown.cloudevents_time) == ("A-1", when)
        assert shown.source == "/shop/1"
    for shown in queried:
        assert shown.metadata["tenant"] == "t"


def test_a_replay_is_the_same_event_and_a_dead_letter_is_another(client, functions):
    client.define("order.created")
    client.define("order.failed")
    client.http_function("f", functions.function("/f", Reply(400)))
    client.http_function("g", functions.function("/g"))
    client.subscribe("order.created", "f", "s", dead_letter_event="order.failed")
    client.subscribe("order.failed", "g", "t")
    accepted(send(client, event(attributes={"tenant": a.string("t")}))[0])
    letter = functions.wait_for("/g")[0]
    assert letter.attribute("id") == client.list_triggers(event="order.failed")[0].trigger_id
    assert (letter.attribute("source"), letter.attribute("tenant")) == ("/shop/1", "t")
    first = functions.received("/f")[0]
    assert client.replay("order.created").count == 1
    assert attributes_of(functions.wait_for("/f", 2)[1]) == attributes_of(first)


def test_source_and_id_are_idempotent_over_a_restart(start_gateway, connect):
    gateway = start_gateway()
    client = connect(gateway)
    client.define("order.created")
    long = event("i" * 256, "/" + "s" * 511, text_data="x")
    first = [accepted(result) for result in send(client, event(text_data="x"), long)]
    assert not any(answer.duplicate for answer in first)
    assert gateway.kill() == -9
    gateway.start()
    client = connect(gateway)
    again = send(client, event(text_data="x"), long, event("A-1", "/shop/2"),
                 event("1A-1", "/shop/"), event(text_data="y"))
    for answer, before in zip(again, first):
        assert accepted(answer).trigger_id == before.trigger_id
        assert answer.accepted.duplicate
        assert answer.accepted.received_at == before.received_at
    assert not accepted(again[2]).duplicate
    assert not accepted(again[3]).duplicate
    conflict = refusal(again[4])
    assert (conflict.code, conflict.reason) == ("ALREADY_EXISTS", "EVENT_ID_CONFLICT")
    assert conflict.resource == ("Trigger", first[0].trigger_id)
    assert len(client.list_triggers()) == 4


def test_one_bad_event_does_not_touch_the_others(client, shop):
    results = send(
        client, event("1"), event("2", source=""), event("3"),
        event("4", attributes={"time": a.string("noon")}), event("5", type="order.lost"),
        event("6", attributes={"time": a.timestamp(Timestamp(seconds=-62_135_596_800))}),
        event("7", attributes={"id": a.string("8"), "my_ext": a.integer(1)}))
    assert accepted(results[0]).invocation_count == 1
    assert accepted(results[2]).invocation_count == 1
    fields = {index: sorted(refusal(results[index]).fields) for index in (1, 3, 5, 6)}
    assert fields == {
        1: ["events[1].source"], 3: ["events[3].attributes[time]"],
        5: ["events[5].attributes[time]"],
        6: ["events[6].attributes[id]", "events[6].attributes[my_ext]"],
    }
    assert refusal(results[3]).reason == "FIELD_INVALID"
    assert refusal(results[4]).reason == "EVENT_NOT_FOUND"
    assert len(client.list_triggers()) == 2


def test_a_payload_is_checked_against_the_schema(client):
    client.define("order.created", data_type="application/json", schema=pb.Schema(
        definition=b'{"type": "object", "properties": {"total": {"type": "integer"}}}'))
    results = send(
        client, event("1", text_data='{"total": 3}'), event("2", text_data='{"total": "3"}'),
        event("3", attributes={"datacontenttype": a.string("a/b")}, binary_data=b"{}"))
    accepted(results[0])
    violation, other = refusal(results[1]), refusal(results[2])
    assert (violation.reason, list(violation.fields)) \
        == ("SCHEMA_VIOLATION", ["events[1].data/total"])
    assert (other.reason, list(other.fields)) \
        == ("UNSUPPORTED_CONTENT_TYPE", ["events[2].attributes[datacontenttype]"])


def test_a_batch_that_is_too_large_is_refused_as_a_whole(client, shop):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="events"):
        send(client, *(event(str(n)) for n in range(BATCH_MAX + 1)))
    assert client.list_triggers() == []
    assert send(client) == []


def test_a_batch_of_nothing_but_errors_is_answered_within_what_clients_take(client):
    """Each with as many as are told: the answer stays below the 4 MiB of a client's default."""
    bad = {f"{n:02}" + "X" * 40: a.integer(n) for n in range(30)}
    results = send(client, *(event(str(n), attributes=bad) for n in range(BATCH_MAX)))
    assert all(refusal(result).reason == "FIELD_INVALID" for result in results)
    assert len(refusal(results[-1]).fields) > 10


def test_events_with_many_subscriptions_are_all_accepted(client, functions):
    """More invocations than one commit takes."""
    client.define("order.created")
    client.http_function("f", functions.function("/f"))
    for n in range(9):
        client.subscribe("order.created", "f", f"s{n}")
        client.pause(f"s{n}")
    results = send(client, *(event(str(n)) for n in range(300)))
    assert {accepted(result).invocation_count for result in results} == {9}
    assert len(client.list_triggers(page_size=1000)) == 300


@pytest.mark.parametrize("keys", [0, 1])
def test_a_full_batch_is_accepted_in_its_order(client, keys):
    client.define("order.created")
    key = {"partitionkey": a.string("k")} if keys else None
    events = [event(str(n), attributes=key, text_data=str(n)) for n in range(BATCH_MAX)]
    start = time.monotonic()
    answers = [accepted(result) for result in send(client, *events)]
    seconds = time.monotonic() - start
    note(f"EmitCloudEvents: {BATCH_MAX / seconds:.0f} events per second in one batch with {keys} keys")
    stored = [(t.trigger_id, t.data) for t in reversed(client.list_triggers(page_size=1000))]
    assert stored == [(answer.trigger_id, b"%d" % n) for n, answer in enumerate(answers)]


def test_a_partition_key_keeps_the_order(client, functions):
    client.define("order.created")
    client.http_function("f", functions.function("/f"))
    client.subscribe("order.created", "f", "s")
    keyed = [event(str(n), attributes={"partitionkey": a.string(f"k{n % 3}")}) for n in range(90)]
    send(client, *keyed)
    received = functions.wait_for("/f", len(keyed))
    for key in ("k0", "k1", "k2"):
        ids = [int(r.attribute("id")) for r in received if r.attribute("partitionkey") == key]
        assert ids == sorted(ids) and len(ids) == 30


@pytest.mark.parametrize("filter", [
    {"sql": "tenant = 'a' AND count > 2"},
    {"sql": "subject = 'one' AND source = '/shop/1' AND id = 'A-1'"},
    {"json": '{"exact": {"subject": "one"}}'},
    {"json": '{"prefix": {"dataschema": "https://shop.test/"}}'},
    {"pattern": '{"tenant": ["a"], "partitionkey": [{"prefix": "k"}]}'},
])
def test_filters_see_attributes_and_extensions(client, functions, filter):
    client.define("order.created")
    client.http_function("f", functions.function("/f"))
    client.subscriptions.CreateSubscription(pb.CreateSubscriptionRequest(
        subscription=pb.Subscription(
            subscription_id="s", event="order.created", function_id="f",
            filter=pb.Filter(**filter))))
    one = {"tenant": a.string("a"), "count": a.integer(3), "subject": a.string("one"),
           "dataschema": a.uri("https://shop.test/order"), "partitionkey": a.string("k1")}
    other = {name: a.string("b") for name in one} | {"count": a.integer(1)}
    results = send(client, event(attributes=one), event("A-2", attributes=other))
    assert [accepted(result).invocation_count for result in results] == [1, 0]


def test_an_event_that_a_function_got_can_be_sent_on(client, shop, functions):
    """Names that are the gateway's own come back as metadata, and never twice in a header."""
    request = shop(event(attributes={
        "dispatchsubscription": a.string("x"), "dispatchattempt": a.string("9"),
        "metadata": a.string("{}"), "tenant": a.string("a")}))
    assert request.attribute("dispatchsubscription") == "s"
    assert request.attribute("dispatchattempt") == "1"
    assert json.loads(request.attribute("metadata")) == {
        "dispatchsubscription": "x", "dispatchattempt": "9", "metadata": "{}", "tenant": "a"}


def test_a_call_that_runs_out_of_time_ends(start_gateway, connect):
    gateway = start_gateway()
    client = connect(gateway)
    client.define("order.created")
    key, data = {"partitionkey": a.string("k")}, bytes(3_000)
    events = [event(str(n), attributes=key, binary_data=data) for n in range(BATCH_MAX)]
    with refused("DEADLINE_EXCEEDED"):
        send(client, *events, seconds_max=0.02)
    # The drain waits for calls that have not ended.
    assert gateway.terminate() == 0
    client = connect(gateway.start())
    assert len(client.list_triggers(page_size=1000)) < BATCH_MAX
    # What was accepted nevertheless is the same event once more.
    again = [accepted(result) for result in send(client, *events)]
    assert len({answer.trigger_id for answer in again}) == BATCH_MAX
    stored = [trigger.cloudevents_id for trigger in client.list_triggers(page_size=1000)]
    assert stored == [str(n) for n in reversed(range(BATCH_MAX))]
