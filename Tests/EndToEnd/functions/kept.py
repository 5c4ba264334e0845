#!/usr/bin/env python3
"""A kept process that does with each event what its data says. FOLDER/pids gets its process id.

usage: kept.py FOLDER
"""

import json
import os
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])
with open(folder / "pids", "a") as pids:
    print(os.getpid(), file=pids)

for line in sys.stdin:
    event = json.loads(line)
    answer = {"id": event["dispatchinvocation"]}
    match event.get("data"):
        case {"answer": members}:
            answer |= members
        case {"log": text}:
            print(text, file=sys.stderr, flush=True)
        case {"write": text}:
            sys.stdout.write(text * event["data"].get("times", 1))
            sys.stdout.flush()
            continue
        case {"wait_for": name}:
            # Once: the next one that is asked goes on.
            (folder / f"{name}.waits").touch()
            (folder / name).read_text()
        case {"exit_once": code} if not (folder / "exited").exists():
            (folder / "exited").touch()
            sys.exit(code)
        case _:
            answer["output"] = {"pid": os.getpid(), "event": event}
    print(json.dumps(answer), flush=True)
