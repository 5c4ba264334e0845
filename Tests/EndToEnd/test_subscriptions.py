"""SubscriptionService: the five standard methods, and which triggers a subscription gets."""

import pytest

from harness.client import delivery_policy, duration
from harness.contract import pb
from harness.refusal import refused


@pytest.fixture(autouse=True)
def order_created(client, scripts):
    client.process_function("echo", scripts / "echo.sh")
    client.define("order.created")


def test_a_subscription_is_given_back_as_it_was_created(client):
    created = client.subscriptions.CreateSubscription(
        pb.CreateSubscriptionRequest(
            subscription=pb.Subscription(
                subscription_id="mail", event="order.created", function_id="echo",
                metadata={"team": "mail"},
                delivery=delivery_policy(max_attempts=3, attempt_timeout=2.5))))

    assert created.subscription_id == "mail"
    assert (created.event, created.function_id) == ("order.created", "echo")
    assert created.metadata == {"team": "mail"}
    assert created.delivery.max_attempts == 3
    assert created.delivery.attempt_timeout == duration(2.5)
    assert created.state == pb.Subscription.STATE_ACTIVE
    assert not created.managed
    assert created.uid and created.etag and created.revision == 1
    assert client.get_subscription("mail") == created


def test_the_delivery_policy_shows_its_defaults(client):
    delivery = client.subscribe("order.created", "echo", "mail").delivery

    assert delivery.attempt_timeout == duration(30)
    assert delivery.max_attempts == 5
    assert delivery.max_age == duration(86_400)
    assert delivery.initial_backoff == duration(1)
    assert delivery.backoff_multiplier == 2
    assert delivery.max_backoff == duration(300)
    assert delivery.jitter == 0.2


def test_a_subscription_without_an_id_is_given_one(client):
    first = client.subscribe("order.created", "echo").subscription_id
    second = client.subscribe("order.created", "echo").subscription_id

    assert first and second and first != second
    assert client.get_subscription(first).event == "order.created"


def test_subscriptions_are_listed_by_event_and_by_function(client, scripts):
    client.define("order.paid")
    client.process_function("deaf", scripts / "deaf.sh")
    client.subscribe("order.created", "echo", "c")
    client.subscribe("order.paid", "echo", "b")
    client.subscribe("order.paid", "deaf", "a")
    client.subscribe("order.*", "deaf", "pattern")

    assert client.subscription_ids() == ["a", "b", "c", "pattern"]
    assert client.subscription_ids(event="order.paid") == ["a", "b"]
    assert client.subscription_ids(event="order.*") == ["pattern"]
    assert client.subscription_ids(function_id="deaf") == ["a", "pattern"]


def test_subscriptions_are_listed_by_event_or_function_but_not_both(client):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID"):
        client.subscription_ids(event="order.created", function_id="echo")


def test_subscriptions_are_listed_page_by_page(client):
    names = [f"s{number:02}" for number in range(7)]
    for name in names:
        client.subscribe("order.created", "echo", name)

    listed, token = [], ""
    while True:
        page = client.subscriptions.ListSubscriptions(
            pb.ListSubscriptionsRequest(page_size=3, page_token=token, function_id="echo"))
        assert len(page.subscriptions) <= 3
        listed += [subscription.subscription_id for subscription in page.subscriptions]
        token = page.next_page_token
        if not token:
            break

    assert listed == names


def test_a_page_token_is_good_only_for_the_same_request(client):
    for name in ("a", "b", "c"):
        client.subscribe("order.created", "echo", name)
    page = client.subscriptions.ListSubscriptions(
        pb.ListSubscriptionsRequest(page_size=1, function_id="echo"))

    with refused("INVALID_ARGUMENT", "PAGE_TOKEN_INVALID", field="page_token"):
        client.subscriptions.ListSubscriptions(
            pb.ListSubscriptionsRequest(page_size=1, page_token=page.next_page_token))


def test_an_update_changes_the_fields_in_its_mask(client, scripts):
    client.process_function("deaf", scripts / "deaf.sh")
    client.subscribe("order.created", "echo", "mail")

    changed = client.update_subscription(
        pb.Subscription(subscription_id="mail", function_id="deaf", metadata={"a": "b"}),
        mask=["function_id"])

    assert (changed.function_id, changed.metadata, changed.revision) == ("deaf", {}, 2)
    assert client.run("order.created").outcome("mail").output.data == b"did not listen\n"


def test_an_update_with_a_star_sets_the_delivery_back_to_its_defaults(client):
    client.subscribe("order.created", "echo", "mail", max_attempts=9)

    changed = client.update_subscription(
        pb.Subscription(subscription_id="mail", function_id="echo"), mask=["*"])

    assert changed.delivery.max_attempts == 5
    assert changed.event == "order.created"


def test_an_unknown_field_in_a_mask_is_refused(client):
    client.subscribe("order.created", "echo", "mail")

    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="update_mask"):
        client.update_subscription(pb.Subscription(subscription_id="mail"), mask=["colour"])


def test_an_update_to_an_unknown_function_is_refused(client):
    client.subscribe("order.created", "echo", "mail")

    with refused("NOT_FOUND", "FUNCTION_NOT_FOUND") as refusals:
        client.update_subscription(pb.Subscription(subscription_id="mail", function_id="nope"))
    assert refusals[0].resource == ("Function", "nope")


def test_an_old_etag_aborts_update_and_delete(client):
    old = client.subscribe("order.created", "echo", "mail").etag
    client.update_subscription(pb.Subscription(subscription_id="mail", metadata={"a": "b"}))

    with refused("ABORTED", "ETAG_MISMATCH"):
        client.update_subscription(
            pb.Subscription(subscription_id="mail", etag=old, metadata={"c": "d"}))
    with refused("ABORTED", "ETAG_MISMATCH"):
        client.subscriptions.DeleteSubscription(
            pb.DeleteSubscriptionRequest(subscription_id="mail", etag=old))


def test_a_repeated_create_with_the_same_request_id_gets_the_first_answer(client):
    subscription = pb.Subscription(event="order.created", function_id="echo")
    request = pb.CreateSubscriptionRequest(subscription=subscription, request_id="r-1")

    first = client.subscriptions.CreateSubscription(request)

    assert client.subscriptions.CreateSubscription(request) == first
    assert client.subscription_ids() == [first.subscription_id]


def test_a_create_that_is_only_validated_creates_nothing(client):
    subscription = pb.Subscription(
        subscription_id="mail", event="order.created", function_id="echo")
    client.subscriptions.CreateSubscription(
        pb.CreateSubscriptionRequest(subscription=subscription, validate_only=True))

    assert client.subscription_ids() == []


def test_a_deleted_subscription_gets_no_more_triggers(client):
    client.subscribe("order.created", "echo", "mail")
    client.subscriptions.DeleteSubscription(pb.DeleteSubscriptionRequest(subscription_id="mail"))

    with refused("NOT_FOUND", "SUBSCRIPTION_NOT_FOUND") as refusals:
        client.get_subscription("mail")
    assert refusals[0].resource == ("Subscription", "mail")
    assert client.emit("order.created").invocation_count == 0


@pytest.mark.parametrize("event, function_id, resource", [
    ("order.created", "nope", ("Function", "nope")),
    ("order.nope", "echo", ("Event", "order.nope")),
])
def test_a_subscription_to_what_does_not_exist_is_refused(client, event, function_id, resource):
    with refused("NOT_FOUND") as refusals:
        client.subscribe(event, function_id)
    assert refusals[0].resource == resource


def test_patterns_match_by_segment(client):
    for event in ("order", "order.paid", "order.paid.late", "mail.paid"):
        client.define(event)
    patterns = {"one": "order.*", "rest": "order.**", "all": "**", "middle": "*.paid"}
    for subscription_id, pattern in patterns.items():
        client.subscribe(pattern, "echo", subscription_id)

    def matched(event):
        invocations = client.invocations(trigger_id=client.emit(event, b"x").trigger_id)
        return {invocation.subscription_id for invocation in invocations}

    assert matched("order") == {"all"}
    assert matched("order.created") == {"one", "rest", "all"}
    assert matched("order.paid") == {"one", "rest", "all", "middle"}
    assert matched("order.paid.late") == {"rest", "all"}
    assert matched("mail.paid") == {"all", "middle"}


def test_a_pattern_matches_events_that_are_defined_later(client):
    client.subscribe("invoice.*", "echo", "invoices")
    client.define("invoice.sent")

    assert client.emit("invoice.sent").invocation_count == 1


@pytest.mark.parametrize("pattern", ["order.**.late", "order.*x", "**.order", "*."])
def test_an_ill_formed_pattern_is_refused(client, pattern):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="subscription.event"):
        client.subscribe(pattern, "echo")


@pytest.mark.parametrize("field, fields", [
    ("subscription.batch", {"batch": pb.Batch(max_count=2)}),
])
def test_what_this_version_does_not_serve_is_refused_rather_than_ignored(client, field, fields):
    subscription = pb.Subscription(event="order.created", function_id="echo", **fields)
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field=field):
        client.subscriptions.CreateSubscription(
            pb.CreateSubscriptionRequest(subscription=subscription))


@pytest.mark.parametrize("field, policy", [
    ("max_attempts", {"max_attempts": 101}),
    ("max_attempts", {"max_attempts": -1}),
    ("attempt_timeout", {"attempt_timeout": 3601}),
    ("initial_backoff", {"initial_backoff": 86_401}),
    ("max_age", {"max_age": 14 * 86_400 + 1}),
    ("retry_after_max", {"retry_after_max": 14 * 86_400 + 1}),
    ("jitter", {"jitter": 1.5}),
    ("backoff_multiplier", {"backoff_multiplier": 0.5}),
    ("final_codes", {"final_codes": ["X"] * 33}),
    ("final_codes[0]", {"final_codes": [""]}),
    ("final_codes[1]", {"final_codes": ["OK", "X" * 65]}),
    ("final_classes", {"final_classes": [1, 1]}),
])
def test_a_delivery_policy_beyond_its_limits_is_refused(client, field, policy):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field=f"subscription.delivery.{field}"):
        client.subscribe("order.created", "echo", **policy)
