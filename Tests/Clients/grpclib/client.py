"""The scenario of Tests/Clients/test_clients.py on grpclib and betterproto2, with asyncio:
client.py ADDRESS ORGANIZATION COMMAND
"""

import asyncio
import json
import sys

import betterproto2
from google.rpc import error_details_pb2
from grpclib.client import Channel
from grpclib.exceptions import GRPCError

from contract.dispatch.events import v1

ORDER = {"order": 7, "items": [{"sku": "tea", "quantity": 2}, {"sku": "cup", "quantity": 1}]}
# Thirty seconds of work for whoever waits for it.
LONG_ORDER = {"order": 8, "items": [{"sku": "tea", "quantity": 1}] * 100}
_, address, organization, command = sys.argv


async def main():
    host, _, port = address.rpartition(":")
    async with Channel(host, int(port)) as channel:
        options = {"timeout": 60, "metadata": {"x-dispatch-org": organization}}
        events = v1.EventServiceStub(channel, **options)
        triggers = v1.TriggerServiceStub(channel, **options)
        await define(channel, events, options)
        await stream(triggers)
        await refused(events)
        await late(triggers)
        await cancelled(triggers)


async def define(channel, events, options):
    functions = v1.FunctionServiceStub(channel, **options)
    await functions.create_function(v1.CreateFunctionRequest(function=v1.Function(
        function_id="reserve-stock", process=v1.ProcessTarget(command=command))))
    event = await events.create_event(v1.CreateEventRequest(
        event=v1.Event(event="order.placed", metadata={"team": "shop"})))
    print("event", event.event, "revision", event.revision, "team", event.metadata["team"])
    subscriptions = v1.SubscriptionServiceStub(channel, **options)
    subscription = await subscriptions.create_subscription(v1.CreateSubscriptionRequest(
        subscription=v1.Subscription(
            subscription_id="stock", event="order.placed", function_id="reserve-stock")))
    print("subscription", subscription.subscription_id, "to", subscription.event)


def request(order, **fields):
    return v1.TriggerEventRequest(event="order.placed", data=json.dumps(order).encode(), **fields)


async def stream(triggers):
    async for response in triggers.trigger_event(request(ORDER)):
        kind, update = betterproto2.which_one_of(response, "update")
        match kind:
            case "accepted":
                print("accepted", update.trigger.event)
            case "invocation":
                print("invocation", update.subscription_id, update.state.name)
            case "output":
                print("output", update.offset, update.data.decode().strip())
            case "log":
                print("log", update.line.text)
            case "summary":
                print("summary", update.state.name, update.succeeded)


async def refused(events):
    try:
        await events.create_event(v1.CreateEventRequest(event=v1.Event(event="Not a name")))
    except GRPCError as error:
        print("refused", error.status.name)
        # grpclib decodes the details that it finds the types of.
        for detail in error.details:
            if isinstance(detail, error_details_pb2.ErrorInfo):
                print("reason", detail.reason, "of", detail.domain)
            elif isinstance(detail, error_details_pb2.BadRequest):
                for violation in detail.field_violations:
                    print("field", violation.field)


async def late(triggers):
    try:
        async for _ in triggers.trigger_event(request(LONG_ORDER), timeout=1):
            pass
    except asyncio.TimeoutError:
        print("late DEADLINE_EXCEEDED")  # grpclib's own clock was first
    except GRPCError as error:
        print("late", error.status.name)


async def cancelled(triggers):
    trigger_id = ""
    output = asyncio.Event()

    async def read():
        nonlocal trigger_id
        async for response in triggers.trigger_event(
                request(LONG_ORDER, cancel_on_disconnect=True)):
            if response.accepted:
                trigger_id = response.accepted.trigger.trigger_id
            if response.output:
                output.set()

    reader = asyncio.create_task(read())
    await output.wait()
    reader.cancel()
    try:
        await reader
    except asyncio.CancelledError:
        print("cancelled CANCELLED")
    get = v1.GetTriggerRequest(trigger_id=trigger_id)
    while (await triggers.get_trigger(get)).state != v1.TriggerState.CANCELLED:
        await asyncio.sleep(0.02)
    print("trigger CANCELLED")


asyncio.run(main())
