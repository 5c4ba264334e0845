"""What schema-benchmark measures, with jsonschema-rs: the same arguments, the same output.

jsonschema-rs checks Python's values, so orjson, the fastest parser for them, comes before it. Both
are compiled Rust; the interpreter has a loop of two calls to run.

    schema_peer.py SCHEMA DOCUMENT [SECONDS]
"""

import sys
import time

import jsonschema_rs
import orjson


def main(schema_path, document_path, seconds="1"):
    with open(schema_path, "rb") as file:
        validator = jsonschema_rs.validator_for(orjson.loads(file.read()))
    with open(document_path, "rb") as file:
        text = file.read()
    validator.validate(orjson.loads(text))

    at_once = range(max(1, 200_000 // len(text)))
    nanoseconds(validator, text, at_once)
    rounds = 0
    total = 0
    while total < float(seconds) * 1e9:
        total += nanoseconds(validator, text, at_once)
        rounds += len(at_once)
    print(total // rounds)


def nanoseconds(validator, text, rounds):
    """CPU time that so many rounds take."""
    loads = orjson.loads
    is_valid = validator.is_valid
    begin = time.process_time_ns()
    for _ in rounds:
        if not is_valid(loads(text)):
            raise SystemExit("a valid document was refused")
    return time.process_time_ns() - begin


main(*sys.argv[1:])
