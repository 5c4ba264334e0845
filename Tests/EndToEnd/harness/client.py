"""A client of one organization, made of the generated stubs."""

import collections

import grpc
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask

from harness.contract import pb, services
from harness.progress import Progress
from harness.waiting import eventually

CALL_SECONDS_MAX = 30
FINISHED = {pb.Trigger.STATE_SUCCEEDED, pb.Trigger.STATE_FAILED, pb.Trigger.STATE_CANCELLED}


class Details(
    collections.namedtuple("Details", "method timeout metadata credentials wait_for_ready "
                           "compression"),
    grpc.ClientCallDetails,
):
    pass


class _EveryCall(
    grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor,
    grpc.StreamStreamClientInterceptor,
):
    """Names the organization, and gives every call a deadline, so that no test hangs."""

    def __init__(self, organization):
        self.organization = organization

    def _details(self, details):
        metadata = list(details.metadata or [])
        if self.organization is not None:
            metadata.append(("x-dispatch-org", self.organization))
        return Details(
            details.method, details.timeout or CALL_SECONDS_MAX, metadata, details.credentials,
            details.wait_for_ready, details.compression)

    def intercept_unary_unary(self, continuation, details, request):
        return continuation(self._details(details), request)

    def intercept_unary_stream(self, continuation, details, request):
        return continuation(self._details(details), request)

    def intercept_stream_stream(self, continuation, details, requests):
        return continuation(self._details(details), requests)


class Client:
    """Stubs by service, and a word for each thing that tests often do."""

    def __init__(self, address, organization=None, credentials=None):
        self.address = address
        self.organization = organization
        # A connection of its own: clients of one address share one otherwise.
        options = [("grpc.use_local_subchannel_pool", 1)]
        self.channel = (
            grpc.secure_channel(address, credentials, options) if credentials
            else grpc.insecure_channel(address, options))
        channel = grpc.intercept_channel(self.channel, _EveryCall(organization))
        self.events = services.EventServiceStub(channel)
        self.subscriptions = services.SubscriptionServiceStub(channel)
        self.functions = services.FunctionServiceStub(channel)
        self.triggers = services.TriggerServiceStub(channel)

    def close(self):
        self.channel.close()

    # Definitions

    def define(self, event, **fields):
        request = pb.CreateEventRequest(event=pb.Event(event=event, **fields))
        return self.events.CreateEvent(request)

    def http_function(self, function_id, url, headers=None, flow=None, metadata=None, **fields):
        """Further fields are the target's."""
        target = pb.HttpTarget(url=url, headers=headers, **fields)
        return self._create_function(
            pb.Function(function_id=function_id, http=target, flow=flow, metadata=metadata))

    def process_function(
        self, function_id, command, *arguments, environment=None, max_concurrency=0,
        keep_alive=None
    ):
        target = pb.ProcessTarget(
            command=str(command), arguments=[str(a) for a in arguments], environment=environment,
            keep_alive=keep_alive)
        flow = pb.FlowControl(max_concurrency=max_concurrency)
        return self._create_function(
            pb.Function(function_id=function_id, process=target, flow=flow))

    def grpc_function(self, function_id, address, **target):
        return self._create_function(pb.Function(
            function_id=function_id, grpc=pb.GrpcTarget(address=address, **target)))

    def _create_function(self, function):
        return self.functions.CreateFunction(pb.CreateFunctionRequest(function=function))

    def subscribe(
        self, event, function_id, subscription_id="", group="", order=0, weight=0, priority=0,
        **delivery
    ):
        """Delivery's durations are given in seconds."""
        subscription = pb.Subscription(
            subscription_id=subscription_id, event=event, function_id=function_id, group=group,
            order=order, weight=weight, priority=priority, delivery=delivery_policy(**delivery))
        return self.subscriptions.CreateSubscription(
            pb.CreateSubscriptionRequest(subscription=subscription))

    def group(self, group, event, strategy="", timeout=None, **fields):
        """Enum values are given by their names without their prefix."""
        return self.subscriptions.CreateSubscriptionGroup(pb.CreateSubscriptionGroupRequest(
            group=subscription_group(group, event, strategy, timeout, **fields)))

    def pause(self, subscription_id, reason=""):
        return self.subscriptions.PauseSubscription(
            pb.PauseSubscriptionRequest(subscription_id=subscription_id, reason=reason))

    def resume(self, subscription_id):
        return self.subscriptions.ResumeSubscription(
            pb.ResumeSubscriptionRequest(subscription_id=subscription_id))

    def update_event(self, event, mask=None, **options):
        return self.events.UpdateEvent(
            pb.UpdateEventRequest(event=event, update_mask=_mask(mask), **options))

    def update_function(self, function, mask=None, **options):
        return self.functions.UpdateFunction(
            pb.UpdateFunctionRequest(function=function, update_mask=_mask(mask), **options))

    def update_subscription(self, subscription, mask=None, **options):
        return self.subscriptions.UpdateSubscription(
            pb.UpdateSubscriptionRequest(
                subscription=subscription, update_mask=_mask(mask), **options))

    def get_event(self, event):
        return self.events.GetEvent(pb.GetEventRequest(event=event))

    def get_function(self, function_id):
        return self.functions.GetFunction(pb.GetFunctionRequest(function_id=function_id))

    def get_subscription(self, subscription_id):
        return self.subscriptions.GetSubscription(
            pb.GetSubscriptionRequest(subscription_id=subscription_id))

    def subscription_ids(self, **filters):
        request = pb.ListSubscriptionsRequest(**filters)
        listed = self.subscriptions.ListSubscriptions(request).subscriptions
        return [subscription.subscription_id for subscription in listed]

    def invoke(self, function_id, data=b"", timeout=None, seconds_max=None, **fields):
        """InvokeFunction's stream. `timeout` is the request's, `seconds_max` the call's."""
        return self.functions.InvokeFunction(
            pb.InvokeFunctionRequest(
                function_id=function_id, data=data,
                timeout=None if timeout is None else duration(timeout), **fields),
            timeout=seconds_max)

    # Triggers

    def emit(self, event, data=b"", **fields):
        return self.triggers.EmitEvent(pb.EmitEventRequest(event=event, data=data, **fields))

    def trigger(self, event, data=b"", **fields):
        """The stream; `Progress` and `LiveProgress` read it."""
        return self.triggers.TriggerEvent(
            pb.TriggerEventRequest(event=event, data=data, **fields))

    def run(self, event, data=b"", **fields):
        """Triggers and reads to the end."""
        return Progress(self.trigger(event, data, **fields))

    def emit_each(self, requests, seconds_max=CALL_SECONDS_MAX):
        """EmitEvents of EmitEventsRequests; the stream of its answers."""
        return self.triggers.EmitEvents(iter(requests), timeout=seconds_max)

    def watch(self, trigger_id, resume_token=""):
        """The stream, as of `trigger`."""
        return self.triggers.WatchTrigger(
            pb.WatchTriggerRequest(trigger_id=trigger_id, resume_token=resume_token))

    def watch_invocations(self, seconds_max=CALL_SECONDS_MAX, **filters):
        return self.triggers.WatchInvocations(
            pb.WatchInvocationsRequest(**filters), timeout=seconds_max)

    def cancel(self, trigger_id, reason=""):
        return self.triggers.CancelTrigger(
            pb.CancelTriggerRequest(trigger_id=trigger_id, reason=reason))

    def cancel_invocation(self, invocation_id, reason=""):
        return self.triggers.CancelInvocation(
            pb.CancelInvocationRequest(invocation_id=invocation_id, reason=reason))

    def retry(self, invocation_id):
        return self.triggers.RetryInvocation(
            pb.RetryInvocationRequest(invocation_id=invocation_id))

    def redrive(self, **filters):
        return self.triggers.RedriveDeadLetters(pb.RedriveDeadLettersRequest(**filters))

    def replay(self, event, **fields):
        return self.triggers.ReplayTriggers(pb.ReplayTriggersRequest(event=event, **fields))

    def list_triggers(self, **filters):
        """All pages, newest first."""
        found, token = [], ""
        while True:
            answer = self.triggers.ListTriggers(
                pb.ListTriggersRequest(page_token=token, **filters))
            found += answer.triggers
            token = answer.next_page_token
            if not token:
                return found

    def get_trigger(self, trigger_id):
        return self.triggers.GetTrigger(pb.GetTriggerRequest(trigger_id=trigger_id))

    def get_invocation(self, invocation_id):
        return self.triggers.GetInvocation(pb.GetInvocationRequest(invocation_id=invocation_id))

    def invocations(self, **filters):
        """All pages."""
        found, token = [], ""
        while True:
            answer = self.triggers.ListInvocations(
                pb.ListInvocationsRequest(page_token=token, **filters))
            found += answer.invocations
            token = answer.next_page_token
            if not token:
                return found

    def invocation_of(self, trigger_id, subscription_id):
        """The subscription's invocation of that trigger, with its results."""
        listed = self.invocations(trigger_id=trigger_id, subscription_id=subscription_id)
        assert len(listed) == 1, f"{len(listed)} invocations of {subscription_id}"
        return self.get_invocation(listed[0].invocation_id)

    def states(self, trigger_id):
        """The invocations' states by subscription."""
        return {i.subscription_id: pb.Invocation.State.Name(i.state).removeprefix("STATE_")
                for i in self.invocations(trigger_id=trigger_id)}

    def finished(self, trigger_id, within=30):
        """The trigger, once all its invocations have ended."""
        def ended():
            trigger = self.get_trigger(trigger_id)
            return trigger if trigger.state in FINISHED else None
        return eventually(ended, within, f"trigger {trigger_id} finishes")


PLAIN_POLICY_FIELDS = {
    "max_attempts", "backoff_multiplier", "jitter", "dead_letter_event", "final_codes",
    "final_classes"}


def delivery_policy(**fields):
    """Durations are given in seconds."""
    if not fields:
        return None
    return pb.DeliveryPolicy(**{
        name: value if name in PLAIN_POLICY_FIELDS else duration(value)
        for name, value in fields.items()})


def subscription_group(group, event, strategy="", timeout=None, **fields):
    kind = pb.SubscriptionGroup
    if strategy:
        fields["strategy"] = kind.Strategy.Value(f"STRATEGY_{strategy}")
    for name, values in (("on_failure", kind.OnFailure), ("completion", kind.Completion)):
        if name in fields:
            fields[name] = values.Value(f"{name.upper()}_{fields[name]}")
    if timeout is not None:
        fields["timeout"] = duration(timeout)
    return kind(group=group, event=event, **fields)


def duration(seconds):
    return Duration(seconds=int(seconds), nanos=round(seconds % 1 * 1e9))


def _mask(paths):
    return None if paths is None else FieldMask(paths=paths)
