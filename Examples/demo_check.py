#!/usr/bin/env python3
"""Checks for demo.sh that every result came, through the command line's JSON output.

    demo_check.py PROGRAM results     what the orders 1001 to 1004 must have led to
    demo_check.py PROGRAM trigger R   prints the id of the trigger with the request id R
    demo_check.py PROGRAM shipped R   both of its sequence succeeded, one after the other
    demo_check.py PROGRAM held R...   parcels of these wait for their paused subscription
    demo_check.py PROGRAM ordered R...  these were treated in this order, one after the other
    demo_check.py PROGRAM recovery T  what 1005 must, though the gateway was killed at the time T
    demo_check.py PROGRAM snapshot    prints all that is stored, to compare two moments
    demo_check.py PROGRAM stream      checks a TriggerEvent stream on stdin
"""

import base64
import json
import subprocess
import sys
import time
from pathlib import Path

ORDERS = [
    json.loads(line)
    for line in Path(__file__).with_name("orders.jsonl").read_text().splitlines()
]
SUBSCRIPTIONS = {"stock", "parcel", "invoice"}
TERMINAL = {"STATE_SUCCEEDED", "STATE_FAILED"}
RECOVERY_SECONDS_MAX = 60


def main() -> None:
    gateway = Gateway(sys.argv[1])
    match sys.argv[2]:
        case "results":
            for order in ORDERS[:4]:
                check_order(gateway, order)
        case "trigger":
            print(gateway.trigger(sys.argv[3])["triggerId"])
        case "shipped":
            check_shipped(gateway, sys.argv[3])
        case "held":
            check_held(gateway, sys.argv[3:])
        case "ordered":
            check_ordered(gateway, sys.argv[3:])
        case "recovery":
            gateway.wait_until_done(f"order-{ORDERS[4]['order']}")
            check_order(gateway, ORDERS[4])
            check_ran_again(gateway, ORDERS[4], killed_at=sys.argv[3])
        case "snapshot":
            print(json.dumps(gateway.everything(), sort_keys=True))
        case "stream":
            check_stream([json.loads(line) for line in sys.stdin])


class Gateway:
    """The gateway that EVENT_GATEWAY names, through its command line."""

    def __init__(self, program: str) -> None:
        self._program = program

    def ask(self, *arguments: str) -> list[dict]:
        command = [self._program, *arguments, "-o", "json"]
        answer = subprocess.run(command, check=True, capture_output=True, timeout=30).stdout
        return [json.loads(line) for line in answer.splitlines()]

    def trigger(self, request_id: str) -> dict:
        triggers = self.ask("triggers")
        found = [trigger for trigger in triggers if trigger.get("requestId") == request_id]
        expect(len(found) == 1, f"one trigger for {request_id}, not {len(found)}")
        return found[0]

    def invocations(self, trigger: dict) -> list[dict]:
        """With their outputs and logs, which a list leaves out."""
        listed = self.ask("invocations", "--trigger", trigger["triggerId"])
        return [self.ask("invocations", each["invocationId"])[0] for each in listed]

    def wait_until_done(self, request_id: str) -> None:
        deadline = time.monotonic() + RECOVERY_SECONDS_MAX
        trigger = self.trigger(request_id)
        while self.trigger(request_id)["state"] not in TERMINAL:
            states = [each["state"] for each in self.invocations(trigger)]
            expect(time.monotonic() < deadline, f"{request_id} still has {states}")
            time.sleep(0.2)

    def everything(self) -> dict:
        triggers = self.ask("triggers")
        return {
            "events": [without_what_moves(event) for event in self.ask("event", "list")],
            "functions": self.ask("function", "list"),
            "groups": self.ask("group", "list"),
            "subscriptions": self.ask("subscription", "list"),
            "triggers": triggers,
            "invocations": [self.invocations(trigger) for trigger in triggers],
        }


def check_order(gateway: Gateway, order: dict) -> None:
    trigger = gateway.trigger(f"order-{order['order']}")
    expect(json.loads(base64.b64decode(trigger["data"])) == order, "the payload as it was sent")
    invocations = {each["subscriptionId"]: each for each in gateway.invocations(trigger)}
    expect(set(invocations) == SUBSCRIPTIONS, f"an invocation each, not {list(invocations)}")
    check_stock(order, invocations["stock"])
    expect(output(invocations["parcel"]).endswith("label for DHL printed\n"), "a label")
    expect(json.loads(output(invocations["invoice"]))["amount"] == order["total"], "an invoice")
    if order["order"] == 1002:
        expect(len(invocations["invoice"]["attempts"]) == 2, "two attempts at the busy invoice")
    failed = [name for name, each in invocations.items() if each["state"] == "STATE_FAILED"]
    expect(trigger["state"] == ("STATE_FAILED" if failed else "STATE_SUCCEEDED"), "its state")
    print(f"   order {order['order']}: {len(SUBSCRIPTIONS) - len(failed)} of 3 succeeded, checked")


def check_stock(order: dict, invocation: dict) -> None:
    if any(item["sku"] == "umbrella" for item in order["items"]):
        expect(invocation["state"] == "STATE_FAILED", "no umbrella, no stock")
        expect(invocation["error"]["code"] == "EXIT_1", "the exit code as the error")
        expect(len(invocation["attempts"]) == 2, "two attempts, as the subscription says")
        logs = [line["text"] for line in invocation["logs"]]
        expect(logs.count("no umbrella left") == 2, "a log line from each attempt")
    else:
        expect(len(output(invocation).splitlines()) == len(order["items"]), "a line per item")


def check_shipped(gateway: Gateway, request_id: str) -> None:
    trigger = gateway.trigger(request_id)
    expect(trigger["state"] == "STATE_SUCCEEDED", f"{request_id} to succeed in the end")
    expect(trigger["groups"][0]["succeeded"] == 2, "two successes in its group")
    stock, parcel = sequence(gateway, trigger)
    expect([each.get("error", {}).get("code") for each in stock["attempts"]] == ["EXIT_1", None],
           "a failure, then a success")
    expect(stock["attempts"][-1]["endTime"] <= parcel["attempts"][0]["startTime"],
           "the parcel to wait for the stock")
    print(f"   {request_id}: failed, tried again, shipped, checked")


def check_held(gateway: Gateway, request_ids: list[str]) -> None:
    for request_id in request_ids:
        _, parcel = sequence(gateway, gateway.trigger(request_id))
        expect("HOLD_PAUSE" in parcel["holds"], f"the parcel of {request_id} to be held")
        expect("attempts" not in parcel, "nothing to start while it is paused")


def check_ordered(gateway: Gateway, request_ids: list[str]) -> None:
    for request_id in request_ids:
        gateway.wait_until_done(request_id)
    sequences = [sequence(gateway, gateway.trigger(each)) for each in request_ids]
    for subscription in zip(*sequences):
        attempts = [attempt for each in subscription for attempt in each["attempts"]]
        expect(len(attempts) == len(request_ids), "one attempt each")
        for earlier, later in zip(attempts, attempts[1:]):
            expect(earlier["endTime"] <= later["startTime"], "one after another, in their order")
    print(f"   {len(request_ids)} orders kept, then treated one after another, checked")


def sequence(gateway: Gateway, trigger: dict) -> tuple[dict, dict]:
    by_id = {each["subscriptionId"]: each for each in gateway.invocations(trigger)}
    expect(set(by_id) == {"paid-stock", "paid-parcel"}, f"both members, not {list(by_id)}")
    return by_id["paid-stock"], by_id["paid-parcel"]


def check_ran_again(gateway: Gateway, order: dict, killed_at: str) -> None:
    invocations = gateway.invocations(gateway.trigger(f"order-{order['order']}"))
    again = [each for each in invocations if each["attempts"][-1]["startTime"] > killed_at]
    # The stock takes most of a second: it cannot have been done before the kill.
    names = [each["subscriptionId"] for each in again]
    expect("stock" in names, "the function that was cut off to run again")
    print(f"   run again by the second gateway: {', '.join(names)}")


def check_stream(updates: list[dict]) -> None:
    kinds = [next(kind for kind in update if kind != "resumeToken") for update in updates]
    expect(kinds[0] == "accepted" and kinds[-1] == "summary", f"a whole stream, not {kinds}")
    expect(kinds.count("accepted") == kinds.count("summary") == 1, "one beginning, one end")
    ended = [
        update["invocation"]["subscriptionId"]
        for update in updates
        if update.get("invocation", {}).get("state") in TERMINAL
    ]
    expect(sorted(ended) == sorted(SUBSCRIPTIONS), f"one end for each, not {ended}")
    expect({"output", "log"} <= set(kinds), "output and logs on the way")
    expect(updates[-1]["summary"]["succeeded"] == 3, "three successes")
    print(f"   {len(updates)} updates in order, checked")


def output(invocation: dict) -> str:
    name = invocation["subscriptionId"]
    expect(invocation["state"] == "STATE_SUCCEEDED", f"{name} succeeded: {invocation}")
    return base64.b64decode(invocation["output"]["data"]).decode()


def without_what_moves(event: dict) -> dict:
    # receivedAt may lag by up to a second, so it may still move after the last trigger; violations
    # are counted from the gateway's start.
    moving = {"receivedAt", "schemaViolationCount"}
    return {key: value for key, value in event.items() if key not in moving}


def expect(condition: bool, what: str) -> None:
    if not condition:
        sys.exit(f"demo: expected {what}")


if __name__ == "__main__":
    main()
