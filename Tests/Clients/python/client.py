"""The scenario of Tests/Clients/test_clients.py on grpcio: client.py ADDRESS ORGANIZATION COMMAND"""

import json
import sys
import time

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from dispatch.events.v1 import event_pb2, event_service_pb2, event_service_pb2_grpc
from dispatch.events.v1 import function_pb2, function_service_pb2, function_service_pb2_grpc
from dispatch.events.v1 import subscription_pb2, subscription_service_pb2
from dispatch.events.v1 import subscription_service_pb2_grpc
from dispatch.events.v1 import trigger_pb2, trigger_service_pb2, trigger_service_pb2_grpc

ORDER = {"order": 7, "items": [{"sku": "tea", "quantity": 2}, {"sku": "cup", "quantity": 1}]}
# Thirty seconds of work for whoever waits for it.
LONG_ORDER = {"order": 8, "items": [{"sku": "tea", "quantity": 1}] * 100}
_, address, organization, command = sys.argv
METADATA = [("x-dispatch-org", organization)]


def main():
    with grpc.insecure_channel(address) as channel:
        triggers = trigger_service_pb2_grpc.TriggerServiceStub(channel)
        define(channel)
        stream(triggers)
        refused(channel)
        late(triggers)
        cancelled(triggers)


def define(channel):
    functions = function_service_pb2_grpc.FunctionServiceStub(channel)
    functions.CreateFunction(
        function_service_pb2.CreateFunctionRequest(function=function_pb2.Function(
            function_id="reserve-stock", process=function_pb2.ProcessTarget(command=command))),
        metadata=METADATA, timeout=60)
    event = event_service_pb2_grpc.EventServiceStub(channel).CreateEvent(
        event_service_pb2.CreateEventRequest(
            event=event_pb2.Event(event="order.placed", metadata={"team": "shop"})),
        metadata=METADATA, timeout=60)
    print("event", event.event, "revision", event.revision, "team", event.metadata["team"])
    subscriptions = subscription_service_pb2_grpc.SubscriptionServiceStub(channel)
    subscription = subscriptions.CreateSubscription(
        subscription_service_pb2.CreateSubscriptionRequest(
            subscription=subscription_pb2.Subscription(
                subscription_id="stock", event="order.placed", function_id="reserve-stock")),
        metadata=METADATA, timeout=60)
    print("subscription", subscription.subscription_id, "to", subscription.event)


def request(order, **fields):
    return trigger_service_pb2.TriggerEventRequest(
        event="order.placed", data=json.dumps(order).encode(), **fields)


def stream(triggers):
    for response in triggers.TriggerEvent(request(ORDER), metadata=METADATA, timeout=60):
        match response.WhichOneof("update"):
            case "accepted":
                print("accepted", response.accepted.trigger.event)
            case "invocation":
                state = trigger_pb2.Invocation.State.Name(response.invocation.state)
                print("invocation", response.invocation.subscription_id, short(state))
            case "output":
                print("output", response.output.offset, response.output.data.decode().strip())
            case "log":
                print("log", response.log.line.text)
            case "summary":
                state = trigger_pb2.Trigger.State.Name(response.summary.state)
                print("summary", short(state), response.summary.succeeded)


def refused(channel):
    try:
        event_service_pb2_grpc.EventServiceStub(channel).CreateEvent(
            event_service_pb2.CreateEventRequest(event=event_pb2.Event(event="Not a name")),
            metadata=METADATA, timeout=60)
    except grpc.RpcError as error:
        print("refused", error.code().name)
        for detail in rpc_status.from_call(error).details:
            info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
            if detail.Unpack(info):
                print("reason", info.reason, "of", info.domain)
            if detail.Unpack(bad):
                for violation in bad.field_violations:
                    print("field", violation.field)


def late(triggers):
    try:
        for _ in triggers.TriggerEvent(request(LONG_ORDER), metadata=METADATA, timeout=1):
            pass
    except grpc.RpcError as error:
        print("late", error.code().name)


def cancelled(triggers):
    updates = triggers.TriggerEvent(
        request(LONG_ORDER, cancel_on_disconnect=True), metadata=METADATA, timeout=60)
    try:
        for response in updates:
            if response.HasField("accepted"):
                trigger_id = response.accepted.trigger.trigger_id
            if response.HasField("output"):
                updates.cancel()
    except grpc.RpcError as error:
        print("cancelled", error.code().name)
    wanted = trigger_pb2.Trigger.STATE_CANCELLED
    get = trigger_service_pb2.GetTriggerRequest(trigger_id=trigger_id)
    while triggers.GetTrigger(get, metadata=METADATA, timeout=60).state != wanted:
        time.sleep(0.02)
    print("trigger CANCELLED")


def short(state):
    return state.removeprefix("STATE_")


main()
