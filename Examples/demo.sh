#!/usr/bin/env bash
# Shows the gateway at work, and fails unless every result that should come does come:
# defines an event, subscribes three functions to it, triggers a file of orders and watches the
# results stream back, has a payload refused by a schema, asks why a function does not get a trigger,
# puts functions in a sequence, tries a dead letter again, pauses and resumes,
# then ends the gateway (asked to, then with kill -9) and looks what is left.
#
#   EVENT_GATEWAY_BIN   the program, .build/release/event-gateway by default (`make demo` builds it)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

program=$(realpath "${EVENT_GATEWAY_BIN:-.build/release/event-gateway}")
orders=Examples/orders.jsonl
work=$(mktemp -d)
gateway_pid=""
invoices_pid=""
killed_at=""
bold="" faint="" cyan="" plain=""
if [ -t 1 ]; then bold=$'\e[1m' faint=$'\e[2m' cyan=$'\e[36m' plain=$'\e[0m'; fi

main() {
  step "Start a gateway on an empty store, and an HTTP function"
  start_gateway
  start_invoices

  step "Define an event, register two commands and a URL, subscribe them"
  define

  step "Trigger it with a file of orders; results stream back as they happen"
  trigger_orders
  check results

  step "Say what a payload must be: one that is not is refused at the door"
  refuse_a_payload

  step "Say which orders a function wants, and ask why it does not get the others"
  filter_and_explain

  step "A sequence: parcels are packed once the stock is reserved"
  sequence

  step "Pause a subscription; its triggers are kept, in the order of their key"
  pause_and_resume

  step "Stop the gateway, start another on the same data"
  before=$(check snapshot)
  stop_gateway
  start_gateway
  run subscription list
  run triggers --event order.created
  [ "$before" = "$(check snapshot)" ] || fail "the restart changed what was stored"
  note "every definition, trigger, result and log line is as it was"

  step "kill -9 in the middle of an order, and start again"
  run emit order.created --request-id order-1005 --data "$(sed -n 5p $orders)"
  note "that was the promise; now the power goes"
  kill_gateway
  start_gateway
  check recovery "$killed_at"

  note "9 triggers, 23 invocations, each as expected. That was the gateway."
}

define() {
  run function create reserve-stock --command "$PWD/Examples/functions/reserve-stock"
  run function create pack-parcel --command "$PWD/Examples/functions/pack-parcel" --arg DHL
  run function create write-invoice --url "$invoices_url"
  run event create order.created --metadata team=shop
  run subscription create --event order.created --function reserve-stock --id stock \
    --max-attempts 2 --initial-backoff 0.2
  run subscription create --event order.created --function pack-parcel --id parcel
  run subscription create --event order.created --function write-invoice --id invoice
}

trigger_orders() {
  local number
  for number in 1 2; do
    run trigger order.created --request-id "order-100$number" \
      --data "$(sed -n ${number}p $orders)"
  done

  note "nobody has an umbrella, so order 1003 must fail, and say so with exit code 1"
  local code=0
  run trigger order.created --request-id order-1003 --data "$(sed -n 3p $orders)" || code=$?
  [ $code -eq 1 ] || fail "exit code $code instead of 1"

  note "the same for programs: a JSON object per line"
  sed -n 4p $orders > "$work/order.json"
  run trigger order.created --request-id order-1004 --data-file "$work/order.json" -o json \
    | tee "$work/stream.jsonl" | cut -c 1-110
  check stream < "$work/stream.jsonl"

  note "the same request again is the same trigger: its results come from the store"
  run trigger order.created --request-id order-1001 --data "$(sed -n 1p $orders)"
}

refuse_a_payload() {
  run event create order.placed --schema Examples/order.schema.json
  local code=0
  run emit order.placed --data '{"order": "1006", "items": [{"sku": "tea", "quantity": 0}]}' \
    2> "$work/refusal" || code=$?
  cat "$work/refusal"
  [ $code -eq 1 ] || fail "exit code $code instead of 1"
  expect "$work/refusal" SCHEMA_VIOLATION "data/order" "data/items/0/quantity"
  note "no trigger, no invocation: whoever sent it has to mend it"
}

filter_and_explain() {
  run subscription create --event 'order.*' --function pack-parcel --id crates \
    --filter-pattern '{"data": {"items": {"quantity": [{"numeric": [">=", 10]}]}}}' \
    --transform '{"order": "${/data/order}", "items": "${/data/items}"}'
  note "explain triggers nothing"
  run explain order.placed --data '{"order": 1006, "items": [{"sku": "tea", "quantity": 3}]}' \
    | tee "$work/explained"
  expect "$work/explained" "schema revision 1 (enforce): ✓ satisfied" \
    "✗ crates → pack-parcel" "data.items.quantity is 3"
  run explain order.placed --subscription crates --metadata campaign=spring \
    --data '{"order": 1006, "items": [{"sku": "tea", "quantity": 30}]}' | tee "$work/explained"
  expect "$work/explained" "✓ crates → pack-parcel" '└─ gets {"order":1006,'
}

sequence() {
  run event create order.paid
  run group create shipping --event order.paid --strategy sequence
  run subscription create --event order.paid --function reserve-stock --id paid-stock \
    --group shipping --order 1 --max-attempts 1
  run subscription create --event order.paid --function pack-parcel --id paid-parcel \
    --group shipping --order 2
  note "still no umbrella: the first one fails for good, so the second one is skipped"
  local code=0 trigger
  run trigger order.paid --request-id paid-1003 --data "$(sed -n 3p $orders)" || code=$?
  [ $code -eq 1 ] || fail "exit code $code instead of 1"

  note "umbrellas have come; the dead letter is tried again, and its sequence goes on"
  run function update reserve-stock --command "$PWD/Examples/functions/reserve-stock" \
    --env EXTRA_SHELVES=umbrella=C3
  run redrive --event order.paid --dry-run
  run redrive --event order.paid
  trigger=$(check trigger paid-1003)
  run watch "$trigger"
  check shipped paid-1003
}

pause_and_resume() {
  run subscription pause paid-parcel --reason "out of boxes"
  note "a trigger for each line, all with the key of one customer"
  sed -n 1,3p $orders | run emit order.paid --stdin --request-id paid --ordering-key customer-7
  run subscription list --event order.paid
  check held paid-1 paid-2 paid-3
  run subscription resume paid-parcel
  check ordered paid-1 paid-2 paid-3
}

# The gateway says its address on one line when it takes connections. The pipe stays open for
# reading and writing, so that neither side ever waits for the other to come.
start_gateway() {
  [ -p "$work/address" ] || mkfifo "$work/address"
  exec 3<> "$work/address"
  "$program" serve --listen 127.0.0.1:0 --data "$work/data" \
    --allow-process "$PWD/Examples/functions" > "$work/address" 2>> "$work/gateway.log" &
  gateway_pid=$!
  local line
  read -r -t 20 -u 3 line || fail "the gateway did not start"
  echo "$line"
  export EVENT_GATEWAY=${line##* }
}

start_invoices() {
  mkfifo "$work/url"
  exec 4<> "$work/url"
  python3 Examples/invoice_server.py --busy-once 1002 > "$work/url" 2>> "$work/gateway.log" &
  invoices_pid=$!
  read -r -t 20 -u 4 invoices_url || fail "the HTTP function did not start"
}

stop_gateway() {
  kill -TERM "$gateway_pid"
  wait "$gateway_pid" || fail "the gateway ended with exit code $?"
  gateway_pid=""
}

kill_gateway() {
  killed_at=$(date -u +%FT%T.%NZ)
  kill -KILL "$gateway_pid"
  { wait "$gateway_pid" || true; } 2> /dev/null
  gateway_pid=""
}

# expect FILE TEXT...: each text must be in it.
expect() {
  local file=$1 text
  shift
  for text in "$@"; do
    grep -qF -- "$text" "$file" || fail "'$text' was not said"
  done
}
check() { python3 Examples/demo_check.py "$program" "$@"; }
step() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }
note() { printf '%s-- %s%s\n' "$faint" "$*" "$plain"; }

# Shows a command as one would type it, then runs it.
run() {
  local word line="event-gateway"
  for word in "$@"; do
    case $word in
      *[!A-Za-z0-9_./:=@-]*) line+=" '$word'" ;;
      *) line+=" $word" ;;
    esac
  done
  # 5 is the demo's own output, even if the command's is piped on.
  printf '%s$ %s%s\n' "$cyan" "$line" "$plain" >&5
  "$program" "$@"
}

fail() {
  printf 'demo: %s\n' "$*" >&2
  exit 1
}

clean_up() {
  local code=$? pid
  for pid in $gateway_pid $invoices_pid; do
    kill "$pid" && wait "$pid" || true
  done 2> /dev/null
  if [ $code -ne 0 ]; then
    echo "demo: failed; the end of the gateway's log:" >&2
    tail -n 20 "$work/gateway.log" >&2
  fi
  rm -rf "$work"
  exit $code
}
trap clean_up EXIT
exec 5>&1

main
