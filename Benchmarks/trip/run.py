"""One run: a candidate under one load, and what it cost."""

import json
import os
import pathlib
import select
import subprocess
import tempfile
import time

TICKS = os.sysconf("SC_CLK_TCK")
SETTLE_SECONDS = 0.7


def descendants(pid):
    """The process and all that it started: PostgreSQL and RabbitMQ have many."""
    found, parents = [pid], {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
                parents.setdefault(int(fields[1]), []).append(int(entry.name))
            except OSError:
                continue  # it has ended
    for parent in found:
        found += parents.get(parent, [])
    return found


def cpu_seconds(processes):
    ticks = 0
    for pid in [pid for process in processes for pid in descendants(process.pid)]:
        try:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS


class Marks:
    """Where a publisher says that it starts and ends to measure."""

    def __init__(self, directory):
        self.path = os.path.join(directory, "marks")
        os.mkfifo(self.path)
        self.descriptor = os.open(self.path, os.O_RDWR)

    def wait(self, seconds=60):
        ready, _, _ = select.select([self.descriptor], [], [], seconds)
        if not ready:
            raise RuntimeError("the publisher did not start to measure")
        os.read(self.descriptor, 64)

    def close(self):
        os.close(self.descriptor)


def measure(candidate, mode, parameter, seconds, profile=None):
    """The publisher's figures with those of the server: `cpu` seconds, `per_cpu` done in one.

    `profile(pid, seconds)` is called when the load begins.
    """
    candidate.start(mode)
    try:
        if mode != "ack":
            candidate.worker()
            time.sleep(SETTLE_SECONDS)
        with tempfile.TemporaryDirectory() as directory:
            marks = Marks(directory)
            publisher = subprocess.Popen(
                candidate.pub(mode, parameter, seconds), stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, text=True, env={**os.environ, "PB_MARK": marks.path})
            try:
                return figures(candidate, publisher, marks, seconds, profile)
            finally:
                publisher.kill()
                marks.close()
    finally:
        candidate.stop_workers()
        candidate.stop()


def figures(candidate, publisher, marks, seconds, profile):
    marks.wait()
    before = cpu_seconds(candidate.srv)
    if profile:
        profile(candidate.srv[0].pid, seconds)
    marks.wait(seconds + 60)
    used = cpu_seconds(candidate.srv) - before
    output, problems = publisher.communicate(timeout=30)
    if not output.strip():
        raise RuntimeError(problems.strip() or f"the publisher said nothing ({publisher.returncode})")
    result = json.loads(output.strip().splitlines()[-1])
    if result["err"]:
        raise RuntimeError(f"{result['err']} answers were wrong: {problems.strip()}")
    result["cpu"] = used
    result["per_cpu"] = result["n"] / used if used else 0
    return result
