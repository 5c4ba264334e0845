"""What docs/workers.md shows is so: its commands run, and its worker works."""

import os
import signal
import subprocess
import sys

from harness.contract import REPOSITORY, pb, stubs_folder
from harness.page import Page

PAGE = Page("docs/workers.md")


def test_the_worker_of_the_page_counts_words(start_gateway, connect, tmp_path):
    gateway = start_gateway()
    client = connect(gateway)
    client._create_function(pb.Function(function_id="count-words", worker=pb.WorkerTarget()))
    client.define("text.written", function_id="count-words")
    block = PAGE.text.partition("```python\n")[2].partition("```")[0]
    script = tmp_path / "worker.py"
    script.write_text(block.replace("127.0.0.1:7070", gateway.address))
    path = f"{REPOSITORY / 'Examples' / 'worker'}:{stubs_folder()}"
    process = subprocess.Popen(
        [sys.executable, script], env={**os.environ, "PYTHONPATH": path})
    try:
        assert client.run("text.written", b'{"text": "to be or not to be"}').output() == b"6"
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()
