"""EmitEvents: many in flight, each with an answer of its own."""

import collections
import queue
import time
import uuid

import grpc
import pytest

from harness.contract import pb
from harness.measurements import note
from harness.refusal import refused
from harness.waiting import eventually

MANY = 3000


@pytest.fixture(autouse=True)
def order_created(client):
    client.define("order.created")


def message(sequence, data=b"x", event="order.created", **fields):
    return pb.EmitEventsRequest(
        sequence=sequence, emit=pb.EmitEventRequest(event=event, data=data, **fields))


class Outgoing:
    """Requests that a test sends one by one."""

    def __init__(self):
        self.requests = queue.Queue()

    def send(self, request):
        self.requests.put(request)

    def end(self):
        self.requests.put(None)

    def __iter__(self):
        return iter(self.requests.get, None)


def test_many_in_flight_are_each_answered_once_and_stored(client):
    start = time.monotonic()
    answers = list(client.emit_each(message(n, b"%d" % n) for n in range(MANY)))
    seconds = time.monotonic() - start

    assert sorted(answer.sequence for answer in answers) == list(range(MANY))
    assert not any(answer.HasField("error") for answer in answers)
    ids = {answer.accepted.trigger_id: answer.sequence for answer in answers}
    assert len(ids) == MANY
    listed = client.list_triggers(page_size=1000)
    assert {t.trigger_id: int(t.data) for t in listed} == ids
    note(f"EmitEvents: {MANY / seconds:.0f} messages per second through Python in one stream")


def test_an_answer_comes_while_the_stream_is_open(client, functions):
    client.http_function("f", functions.function("/f"))
    client.subscribe("order.created", "f", "s")
    outgoing = Outgoing()
    answers = client.emit_each(outgoing)
    outgoing.send(message(7, b"payload"))

    answer = next(answers)

    assert answer.sequence == 7
    assert uuid.UUID(answer.accepted.trigger_id).version == 7
    assert answer.accepted.invocation_count == 1
    assert functions.wait_for("/f")[0].body == b"payload"
    outgoing.end()
    assert list(answers) == []


def test_an_error_is_an_answer_and_the_stream_goes_on(client):
    answers = {a.sequence: a for a in client.emit_each([
        message(1), message(2, event="nope"), message(3, ordering_key="k" * 300), message(4),
        pb.EmitEventsRequest(sequence=5)])}

    assert answers[1].HasField("accepted") and answers[4].HasField("accepted")
    assert answers[2].error.code == grpc.StatusCode.NOT_FOUND.value[0]
    assert answers[3].error.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
    assert answers[5].error.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
    assert answers[2].error.message


def test_an_error_has_the_details_that_the_unary_call_has(client):
    with refused("NOT_FOUND", "EVENT_NOT_FOUND") as refusals:
        client.emit("nope")

    error = list(client.emit_each([message(1, event="nope")]))[0].error

    assert error.message == refusals[0].message
    assert {detail.type_url.rpartition("/")[2] for detail in error.details} \
        == set(refusals[0].details)


def test_the_same_request_id_in_one_stream_is_one_trigger(client):
    answers = list(client.emit_each(message(n, request_id="r-1") for n in range(20)))

    assert len({answer.accepted.trigger_id for answer in answers}) == 1
    assert sum(not answer.accepted.duplicate for answer in answers) == 1


def test_the_same_request_id_with_another_payload_is_refused_in_its_answer(client):
    answers = list(client.emit_each(message(n, b"%d" % n, request_id="r-1") for n in range(2)))

    refusals = [answer.error for answer in answers if answer.HasField("error")]
    assert [error.code for error in refusals] == [grpc.StatusCode.ALREADY_EXISTS.value[0]]


def test_messages_of_a_key_take_effect_in_the_order_sent(client, functions):
    client.http_function("f", functions.function("/f"))
    client.subscribe("order.created", "f", "s")
    requests = [message(n, b"%d" % n, ordering_key=f"k{n % 3}") for n in range(300)]

    list(client.emit_each(iter(requests)))

    received = [int(request.body) for request in functions.wait_for("/f", 300)]
    by_key = collections.defaultdict(list)
    for number in received:
        by_key[number % 3].append(number)
    assert by_key == {key: list(range(key, 300, 3)) for key in range(3)}
    listed = [int(t.data) for t in client.list_triggers(page_size=1000)]
    for key in range(3):
        assert [n for n in reversed(listed) if n % 3 == key] == list(range(key, 300, 3))


def test_a_refused_message_of_a_key_lets_the_next_go_on(client):
    answers = {a.sequence: a for a in client.emit_each([
        message(1, ordering_key="k", event="nope"), message(2, ordering_key="k")])}

    assert answers[1].HasField("error") and answers[2].HasField("accepted")


def test_what_was_sent_before_a_half_close_is_all_answered(client):
    # The iterator ends at once: the stream is half closed while most are in flight.
    answers = list(client.emit_each([message(n) for n in range(500)]))
    assert len(answers) == 500


def test_an_empty_stream_ends_well(client):
    assert list(client.emit_each([])) == []


def test_a_cancelled_stream_leaves_the_gateway_well(client):
    outgoing = Outgoing()
    answers = client.emit_each(outgoing)
    for number in range(200):
        outgoing.send(message(number))
    next(answers)

    answers.cancel()
    outgoing.end()

    stored = eventually(lambda: len(client.list_triggers(page_size=1000)))
    assert 1 <= stored <= 200
    assert client.emit("order.created", b"after").trigger_id


def test_what_was_answered_survives_a_kill(start_gateway, connect):
    gateway = start_gateway()
    client = connect(gateway)
    client.define("order.created")
    outgoing = Outgoing()
    answers = client.emit_each(outgoing)
    for number in range(1000):
        outgoing.send(message(number, b"%d" % number, request_id=f"r-{number}"))
    answered = {}
    for _ in range(300):
        answer = next(answers)
        answered[answer.sequence] = answer.accepted.trigger_id

    gateway.kill()
    with refused("UNAVAILABLE"):
        for answer in answers:
            answered[answer.sequence] = answer.accepted.trigger_id
    outgoing.end()
    gateway.start()

    client = connect(gateway)
    stored = {int(t.data): t.trigger_id for t in client.list_triggers(page_size=1000)}
    assert answered.items() <= stored.items()
    again = {a.sequence: a.accepted for a in client.emit_each(
        message(n, b"%d" % n, request_id=f"r-{n}") for n in range(1000))}
    assert {n: a.trigger_id for n, a in again.items() if n in stored} == stored
    assert len(client.list_triggers(page_size=1000)) == 1000
