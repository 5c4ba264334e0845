"""Pausing a subscription: nothing starts, nothing is lost."""

import pytest

from harness.contract import pb
from harness.function_server import Reply
from harness.refusal import refused
from harness.waiting import eventually

PAUSED = pb.Subscription.STATE_PAUSED
ACTIVE = pb.Subscription.STATE_ACTIVE
HOLD_PAUSE = pb.Invocation.HOLD_PAUSE


@pytest.fixture
def mail(client, functions):
    client.define("order.created")
    client.http_function("mail", functions.function("/mail"))
    client.subscribe("order.created", "mail", "mail")


def test_what_is_triggered_meanwhile_runs_when_it_is_resumed(client, functions, mail):
    client.http_function("other", functions.function("/other"))
    client.subscribe("order.created", "other", "other")
    paused = client.pause("mail", "closed over night")
    ids = [client.emit("order.created", b"%d" % number).trigger_id for number in range(5)]

    assert (paused.state, paused.state_reason) == (PAUSED, "closed over night")
    for trigger_id in ids:
        eventually(lambda: client.states(trigger_id)["other"] == "SUCCEEDED")
        held = client.invocations(trigger_id=trigger_id, subscription_id="mail")[0]
        assert (held.state, list(held.holds)) == (pb.Invocation.STATE_PENDING, [HOLD_PAUSE])
    assert functions.received("/mail") == []
    resumed = client.resume("mail")

    assert (resumed.state, resumed.state_reason) == (ACTIVE, "")
    for trigger_id in ids:
        assert client.finished(trigger_id).state == pb.Trigger.STATE_SUCCEEDED
    assert len(functions.received("/mail")) == 5


def test_what_runs_goes_on_and_what_waits_does_not_start(client, functions):
    client.define("order.created")
    held = functions.hold("/held")
    client.http_function("held", held.url, flow=pb.FlowControl(max_concurrency=1))
    client.subscribe("order.created", "held", "s")
    first = client.emit("order.created", b"first").trigger_id
    functions.wait_for("/held")
    second = client.emit("order.created", b"second").trigger_id

    client.pause("s")
    held.release()

    assert client.finished(first).state == pb.Trigger.STATE_SUCCEEDED
    eventually(lambda: list(client.invocations(trigger_id=second)[0].holds) == [HOLD_PAUSE])
    client.resume("s")
    assert client.finished(second).state == pb.Trigger.STATE_SUCCEEDED


def test_a_retry_waits_for_the_resumption(client, functions):
    client.define("order.created")
    client.http_function("f", functions.function("/f", Reply(503)))
    client.subscribe("order.created", "f", "s", initial_backoff=0.5)
    trigger_id = client.emit("order.created").trigger_id
    functions.wait_for("/f")
    client.pause("s")
    functions.function("/f", Reply(200))

    eventually(lambda: list(client.invocations(trigger_id=trigger_id)[0].holds) == [HOLD_PAUSE])
    assert len(functions.received("/f")) == 1
    client.resume("s")
    assert client.finished(trigger_id).state == pb.Trigger.STATE_SUCCEEDED


def test_the_order_of_a_key_is_kept_over_a_pause(client, functions, mail):
    client.pause("mail")
    ids = [client.emit("order.created", b"%d" % n, ordering_key="k").trigger_id for n in range(20)]
    client.resume("mail")

    client.finished(ids[-1])
    assert [r.body for r in functions.received("/mail")] == [b"%d" % n for n in range(20)]


def test_a_pause_and_its_backlog_survive_a_restart(start_gateway, connect, functions):
    gateway = start_gateway()
    client = connect(gateway)
    client.define("order.created")
    client.http_function("mail", functions.function("/mail"))
    client.subscribe("order.created", "mail", "mail")
    client.pause("mail", "because")
    ids = [client.emit("order.created", b"x").trigger_id for _ in range(300)]

    gateway.kill()
    gateway.start()
    client = connect(gateway)
    client.http_function("other", functions.function("/other"))
    client.subscribe("order.created", "other", "other")
    ids.append(client.emit("order.created", b"after").trigger_id)
    eventually(lambda: client.states(ids[-1])["other"] == "SUCCEEDED")

    assert client.get_subscription("mail").state_reason == "because"
    assert functions.received("/mail") == []
    client.resume("mail")
    for trigger_id in ids:
        assert client.finished(trigger_id).state == pb.Trigger.STATE_SUCCEEDED
    assert len(functions.received("/mail")) == 301


def test_a_managed_subscription_is_paused_and_stays_so(client, functions):
    client.http_function("a", functions.function("/a"))
    client.http_function("b", functions.function("/b"))
    client.define("order.created", function_id="a")
    client.pause("managed.order.created", "because")

    client.update_event(pb.Event(event="order.created", function_id="b"), mask=["function_id"])

    subscription = client.get_subscription("managed.order.created")
    assert (subscription.state, subscription.function_id) == (PAUSED, "b")
    trigger_id = client.emit("order.created").trigger_id
    client.resume("managed.order.created")
    assert client.finished(trigger_id).state == pb.Trigger.STATE_SUCCEEDED
    assert functions.received("/a") == []


def test_410_pauses_the_subscription_with_the_reason(client, functions):
    client.define("order.created")
    client.http_function("f", functions.function("/f", Reply(410)))
    client.subscribe("order.created", "f", "s", max_attempts=3, initial_backoff=0.01)
    trigger_id = client.emit("order.created", b"x").trigger_id

    eventually(lambda: client.get_subscription("s").state == PAUSED)
    assert "410" in client.get_subscription("s").state_reason
    eventually(lambda: list(client.invocations(trigger_id=trigger_id)[0].holds) == [HOLD_PAUSE])
    assert len(functions.received("/f")) == 1
    functions.function("/f", Reply(200))
    client.resume("s")
    assert client.finished(trigger_id).state == pb.Trigger.STATE_SUCCEEDED


def test_a_deleted_subscription_releases_what_it_held(client, functions, mail):
    client.pause("mail")
    trigger_id = client.emit("order.created").trigger_id

    client.subscriptions.DeleteSubscription(
        pb.DeleteSubscriptionRequest(subscription_id="mail"))

    assert client.finished(trigger_id).state == pb.Trigger.STATE_SUCCEEDED


def test_pausing_twice_changes_the_reason_only(client, mail):
    client.pause("mail", "one")
    again = client.pause("mail", "two")
    assert (again.state, again.state_reason) == (PAUSED, "two")
    assert client.resume("mail") == client.resume("mail")


def test_a_state_in_a_request_is_ignored_as_output_only_fields_are(client, functions):
    client.define("order.created")
    client.http_function("f", functions.function("/f"))
    created = client.subscriptions.CreateSubscription(pb.CreateSubscriptionRequest(
        subscription=pb.Subscription(
            subscription_id="s", event="order.created", function_id="f", state=PAUSED)))
    assert created.state == ACTIVE


def test_an_old_etag_is_refused(client, mail):
    etag = client.get_subscription("mail").etag
    client.pause("mail")
    with refused("ABORTED", "ETAG_MISMATCH"):
        client.subscriptions.ResumeSubscription(
            pb.ResumeSubscriptionRequest(subscription_id="mail", etag=etag))


def test_an_unknown_subscription_is_not_found(client):
    for call in (client.pause, client.resume):
        with refused("NOT_FOUND", "SUBSCRIPTION_NOT_FOUND"):
            call("nope")


def test_a_reason_that_is_too_long_is_refused(client, mail):
    client.pause("mail", "x" * 512)
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="reason"):
        client.pause("mail", "x" * 513)
