"""Envoy in front of a gateway, as docs/transport.md sets it up."""

import json
import subprocess
import time
import urllib.request
from pathlib import Path

from harness.contract import REPOSITORY

CONFIGURATION = REPOSITORY / "Examples" / "envoy.yaml"
ENVOY = REPOSITORY / ".venv" / "bin" / "envoy"


class Envoy:
    """The example's configuration, with free ports and the gateway's own."""

    def __init__(self, gateway, folder):
        text = CONFIGURATION.read_text()
        for example, port in (("8080", 0), ("9901", 0), ("7070", gateway.port)):
            assert f"port_value: {example}" in text
            text = text.replace(f"port_value: {example}", f"port_value: {port}")
        file, admin = Path(folder) / "envoy.yaml", Path(folder) / "admin"
        file.write_text(text)
        self.log = open(Path(folder) / "envoy.log", "wb")
        self.process = subprocess.Popen(
            [ENVOY, "--config-path", file, "--admin-address-path", admin, "--use-dynamic-base-id",
             "--concurrency", "1"], stdout=self.log, stderr=self.log)
        try:
            self.admin = self._wait(lambda: admin.exists() and admin.read_text())
            self.address = self._wait(self._listener)
        except BaseException:
            self.close()
            raise

    def _wait(self, look):
        end = time.monotonic() + 30
        while not (found := look()):
            assert self.process.poll() is None, Path(self.log.name).read_text()[-2000:]
            assert time.monotonic() < end, Path(self.log.name).read_text()[-2000:]
            time.sleep(0.05)
        return found

    def _get(self, path):
        with urllib.request.urlopen(f"http://{self.admin}{path}", timeout=5) as answer:
            return json.load(answer)

    def _listener(self):
        listeners = self._get("/listeners?format=json").get("listener_statuses", [])
        for listener in listeners:
            address = listener["local_address"]["socket_address"]
            return f"{address['address']}:{address['port_value']}"
        return None

    def health(self):
        """What Envoy thinks of the gateway: `HEALTHY`, or why it does not."""
        clusters = self._get("/clusters?format=json")["cluster_statuses"]
        status = clusters[0]["host_statuses"][0]["health_status"]
        return "FAILED" if status.get("failed_active_health_check") else status["eds_health_status"]

    def close(self):
        self.process.terminate()
        self.process.wait(10)
        self.log.close()
