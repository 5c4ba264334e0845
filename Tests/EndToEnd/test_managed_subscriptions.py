"""Event.function_id: a function that runs without a subscription being written."""

import pytest

from harness.contract import pb
from harness.refusal import refused


@pytest.fixture
def event(client, scripts):
    client.process_function("echo", scripts / "echo.sh")
    return client.define("order.created", function_id="echo")


def test_the_function_of_an_event_runs_when_it_is_triggered(client, event):
    progress = client.run("order.created", b"payload")

    assert progress.outcome("managed.order.created").output.data == b"payload"
    assert progress.summary.succeeded == 1


def test_it_shows_as_a_managed_subscription(client, event):
    subscription = client.get_subscription("managed.order.created")

    assert subscription.managed
    assert (subscription.event, subscription.function_id) == ("order.created", "echo")
    assert client.subscription_ids() == ["managed.order.created"]
    assert client.subscription_ids(event="order.created") == ["managed.order.created"]
    assert client.subscription_ids(function_id="echo") == ["managed.order.created"]


def test_it_is_changed_through_the_event_only(client, event):
    with refused("FAILED_PRECONDITION", "MANAGED_SUBSCRIPTION"):
        client.update_subscription(
            pb.Subscription(subscription_id="managed.order.created", metadata={"a": "b"}))
    with refused("FAILED_PRECONDITION", "MANAGED_SUBSCRIPTION"):
        client.subscriptions.DeleteSubscription(
            pb.DeleteSubscriptionRequest(subscription_id="managed.order.created"))


def test_its_names_are_reserved(client, event):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="subscription.subscription_id"):
        client.subscribe("order.created", "echo", "managed.mine")


def test_it_goes_when_the_field_is_cleared(client, event):
    client.update_event(pb.Event(event="order.created"), mask=["function_id"])

    assert client.subscription_ids() == []
    assert client.run("order.created").accepted.trigger.invocation_count == 0


def test_it_follows_the_field_to_another_function(client, event, scripts):
    client.process_function("deaf", scripts / "deaf.sh")
    client.update_event(pb.Event(event="order.created", function_id="deaf"))

    assert client.get_subscription("managed.order.created").function_id == "deaf"
    assert client.run("order.created").outcome().output.data == b"did not listen\n"


def test_it_goes_with_the_event_which_needs_no_force(client, event):
    client.events.DeleteEvent(pb.DeleteEventRequest(event="order.created"))

    assert client.subscription_ids() == []


def test_an_event_with_an_unknown_function_is_refused(client):
    with refused("NOT_FOUND", "FUNCTION_NOT_FOUND") as refusals:
        client.define("order.created", function_id="nope")
    assert refusals[0].resource == ("Function", "nope")


def test_the_function_of_an_event_is_deleted_only_by_force_which_clears_the_field(client, event):
    with refused("FAILED_PRECONDITION", "IN_USE"):
        client.functions.DeleteFunction(pb.DeleteFunctionRequest(function_id="echo"))
    client.functions.DeleteFunction(pb.DeleteFunctionRequest(function_id="echo", force=True))

    assert client.get_event("order.created").function_id == ""
    assert client.subscription_ids() == []
