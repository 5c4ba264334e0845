"""GetTrigger, ListTriggers, GetInvocation, ListInvocations."""

import uuid

import pytest

from harness.contract import pb
from harness.function_server import Reply
from harness.refusal import refused


@pytest.fixture(autouse=True)
def orders(client, functions):
    """Two events; `good` runs for both of them, `bad` for order.created."""
    client.define("order.created")
    client.define("order.paid")
    client.http_function("good", functions.function("/good", Reply(body=b"fine")))
    client.http_function("bad", functions.function("/bad", Reply(400, b"no")))
    client.subscribe("order.*", "good", "good")
    client.subscribe("order.created", "bad", "bad")


def pages(call, request_type, items, **fields):
    """Every page's items."""
    token, found = "", []
    while True:
        answer = call(request_type(page_token=token, **fields))
        found.append(list(getattr(answer, items)))
        token = answer.next_page_token
        if not token:
            return found


def trigger_ids(client, **fields):
    listed = pages(client.triggers.ListTriggers, pb.ListTriggersRequest, "triggers", **fields)
    return [trigger.trigger_id for page in listed for trigger in page]


def test_triggers_are_listed_newest_first(client):
    ids = [client.emit("order.created", b"x").trigger_id for _ in range(5)]

    assert trigger_ids(client) == list(reversed(ids))


def test_triggers_are_listed_by_event(client):
    created = client.emit("order.created", b"x").trigger_id
    paid = client.emit("order.paid", b"x").trigger_id

    assert trigger_ids(client, event="order.created") == [created]
    assert trigger_ids(client, event="order.paid") == [paid]
    assert trigger_ids(client, event="order.nope") == []


def test_triggers_are_listed_page_by_page_while_new_ones_come(client):
    ids = [client.emit("order.created", b"x").trigger_id for _ in range(5)]
    request = pb.ListTriggersRequest(page_size=2, event="order.created")
    first = client.triggers.ListTriggers(request)
    client.emit("order.created", b"newer")
    request.page_token = first.next_page_token
    second = client.triggers.ListTriggers(request)
    request.page_token = second.next_page_token
    third = client.triggers.ListTriggers(request)

    listed = [t.trigger_id for page in (first, second, third) for t in page.triggers]
    assert listed == list(reversed(ids))
    assert third.next_page_token == ""


def test_a_page_of_large_triggers_fits_a_clients_message_limit(client):
    client.define("large")
    ids = [client.emit("large", bytes(1 << 20)).trigger_id for _ in range(6)]

    assert trigger_ids(client, event="large") == list(reversed(ids))


def test_a_trigger_tells_its_state_and_how_many_invocations_it_has(client):
    failed = client.run("order.created", b"x").trigger_id
    succeeded = client.run("order.paid", b"x").trigger_id

    assert client.get_trigger(failed).state == pb.Trigger.STATE_FAILED
    assert client.get_trigger(failed).invocation_count == 2
    assert client.get_trigger(succeeded).state == pb.Trigger.STATE_SUCCEEDED
    assert client.get_trigger(succeeded).invocation_count == 1


def test_a_trigger_is_running_while_a_function_runs(client, functions):
    held = functions.hold("/held")
    client.http_function("held", held.url)
    client.define("slow")
    client.subscribe("slow", "held", "held")
    trigger_id = client.emit("slow").trigger_id
    functions.wait_for("/held")

    assert client.get_trigger(trigger_id).state == pb.Trigger.STATE_RUNNING
    invocation = client.invocations(trigger_id=trigger_id)[0]
    assert invocation.state == pb.Invocation.STATE_RUNNING
    assert client.get_invocation(invocation.invocation_id).state == pb.Invocation.STATE_RUNNING
    held.release()
    assert client.finished(trigger_id).state == pb.Trigger.STATE_SUCCEEDED


def test_invocations_are_listed_newest_trigger_first(client):
    first = client.run("order.created", b"x").trigger_id
    second = client.run("order.paid", b"x").trigger_id

    listed = client.invocations()

    assert [i.trigger_id for i in listed] == [second, first, first]
    assert {i.subscription_id for i in listed[1:]} == {"good", "bad"}


@pytest.mark.parametrize("filters, count", [
    ({"subscription_id": "good"}, 2),
    ({"subscription_id": "bad"}, 1),
    ({"function_id": "good"}, 2),
    ({"function_id": "nope"}, 0),
    ({"states": [pb.Invocation.STATE_FAILED]}, 1),
    ({"states": [pb.Invocation.STATE_SUCCEEDED]}, 2),
    ({"states": [pb.Invocation.STATE_SUCCEEDED, pb.Invocation.STATE_FAILED]}, 3),
    ({"states": [pb.Invocation.STATE_PENDING]}, 0),
    ({"subscription_id": "good", "states": [pb.Invocation.STATE_FAILED]}, 0),
])
def test_invocations_are_filtered(client, filters, count):
    client.run("order.created", b"x")
    client.run("order.paid", b"x")

    assert len(client.invocations(**filters)) == count


def test_invocations_are_listed_by_trigger(client):
    trigger_id = client.run("order.created", b"x").trigger_id
    client.run("order.created", b"y")

    listed = client.invocations(trigger_id=trigger_id)

    assert {i.trigger_id for i in listed} == {trigger_id}
    assert sorted(i.subscription_id for i in listed) == ["bad", "good"]


def test_invocations_that_run_are_found_by_their_state(client, functions):
    held = functions.hold("/held")
    client.http_function("held", held.url)
    client.define("slow")
    client.subscribe("slow", "held", "held")
    client.emit("slow")
    functions.wait_for("/held")

    running = client.invocations(states=[pb.Invocation.STATE_RUNNING])

    assert [i.subscription_id for i in running] == ["held"]
    assert client.invocations(states=[pb.Invocation.STATE_PENDING]) == []


def test_invocations_are_listed_page_by_page(client):
    for _ in range(4):
        client.run("order.created", b"x")

    listed = pages(
        client.triggers.ListInvocations, pb.ListInvocationsRequest, "invocations", page_size=3)

    assert all(len(page) <= 3 for page in listed)
    ids = [i.invocation_id for page in listed for i in page]
    assert len(ids) == len(set(ids)) == 8


def test_an_invocation_has_its_output_which_lists_leave_out(client):
    progress = client.run("order.paid", b"x")

    listed = client.invocations(trigger_id=progress.trigger_id)[0]
    invocation = client.get_invocation(listed.invocation_id)

    assert not listed.HasField("output")
    assert invocation.output.data == b"fine"
    assert invocation.trigger_id == progress.trigger_id
    assert (invocation.subscription_id, invocation.function_id) == ("good", "good")
    assert len(invocation.attempts) == 1
    attempt = invocation.attempts[0]
    assert attempt.number == 1
    assert attempt.start_time.ToNanoseconds() <= attempt.end_time.ToNanoseconds()
    assert not attempt.HasField("error")


@pytest.mark.parametrize("call, request_type, token_of", [
    ("ListTriggers", pb.ListTriggersRequest, {"event": "order.paid"}),
    ("ListInvocations", pb.ListInvocationsRequest, {"subscription_id": "good"}),
])
def test_a_page_token_is_good_only_for_the_same_request(client, call, request_type, token_of):
    for _ in range(3):
        client.run("order.paid", b"x")
    method = getattr(client.triggers, call)
    token = method(request_type(page_size=1, **token_of)).next_page_token
    assert token

    with refused("INVALID_ARGUMENT", "PAGE_TOKEN_INVALID", field="page_token"):
        method(request_type(page_size=1, page_token=token))


def test_an_unknown_trigger_is_not_found(client):
    trigger_id = str(uuid.uuid4())
    with refused("NOT_FOUND", "TRIGGER_NOT_FOUND") as refusals:
        client.get_trigger(trigger_id)
    assert refusals[0].resource == ("Trigger", trigger_id)


def test_an_unknown_invocation_is_not_found(client):
    invocation_id = client.run("order.paid", b"x").outcome().invocation_id
    other = invocation_id.rpartition(".")[0] + ".99"
    with refused("NOT_FOUND", "INVOCATION_NOT_FOUND") as refusals:
        client.get_invocation(other)
    assert refusals[0].resource == ("Invocation", other)


@pytest.mark.parametrize("name", ["nope", "0190-xyz", "x" * 5000])
def test_ids_are_opaque_and_one_that_was_never_given_is_not_found(client, name):
    with refused("NOT_FOUND", "TRIGGER_NOT_FOUND"):
        client.get_trigger(name)
    with refused("NOT_FOUND", "INVOCATION_NOT_FOUND"):
        client.get_invocation(name)


def test_an_empty_id_is_refused_by_name(client):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="trigger_id"):
        client.get_trigger("")
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="invocation_id"):
        client.get_invocation("")
