"""The worker of test_worker_library.py on the Python library: library_worker.py ADDRESS ORGANIZATION
NAME FOLDER [AUTHORITIES CERTIFICATE KEY]. Its functions are those of LibraryWorker.swift.
"""

import logging
import sys
import time
from pathlib import Path

import grpc
from dispatch_worker import Final, FunctionError, Worker

logging.basicConfig(level=logging.INFO)
_, address, organization, name, folder, *files = sys.argv
folder = Path(folder)
credentials = None
if files:
    authorities, certificate, key = (Path(file).read_bytes() for file in files)
    credentials = grpc.ssl_channel_credentials(authorities, key, certificate)
worker = Worker(
    address, organization=organization, name=name, concurrency=4, credentials=credentials)


def append(line, file):
    with open(folder / file, "a") as lines:
        lines.write(line + "\n")


@worker.function("note")
def note(job):
    """Notes its run, and takes a moment."""
    append(f"{job.invocation_id} {job.attempt}", "runs")
    time.sleep(0.02)
    return {"by": name}


@worker.function("hold")
def hold(job):
    """Writes, waits until there is a file `gate`, and writes the rest."""
    job.write(b"first, ")
    job.log("holding")
    append(str(job.attempt), "holding")
    while not (folder / "gate").exists():
        if job.is_cancelled:
            return append(str(job.attempt), "cancelled")
        time.sleep(0.01)
    job.write(b"second, ")
    return "third"


@worker.function("fail")
def fail(job):
    """Asks for a second of peace at its first attempt, and refuses the payload at its second."""
    if job.attempt == 1:
        raise FunctionError("not now", code="BUSY", retry_after=1)
    raise Final("there is no tea", code="NO_TEA", is_input=True)


worker.run()
