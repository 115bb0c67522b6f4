"""One etcd process, which ends when this one does, however that ends."""

import json
import os
import pathlib
import signal
import subprocess
import time
import urllib.request

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "Support/etcd-member"
SECONDS = 30


class Member:
    def __init__(self, directory, port, arguments):
        self.directory = directory
        self.port = port
        self.arguments = arguments
        self.script = None
        self.pid = None
        self.is_paused = False

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def is_running(self):
        return self.pid is not None

    def start(self):
        """Starts it on what it has stored. It may take a while until it answers."""
        assert not self.is_running
        self.script = subprocess.Popen(
            [str(SCRIPT), str(self.directory), *self.arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pid = int(self.script.stdout.readline())
        self.is_paused = False

    def kill(self):
        """As a power cut: what it has stored stays."""
        os.kill(self.pid, signal.SIGKILL)
        # Whoever sees its input end removes everything: first the script is to see the death.
        self.script.wait(SECONDS)
        self._forget()

    def pause(self):
        os.kill(self.pid, signal.SIGSTOP)
        self.is_paused = True

    def resume(self):
        os.kill(self.pid, signal.SIGCONT)
        self.is_paused = False

    def stop(self):
        """Ends it and removes what it has stored."""
        if self.is_running:
            self._forget()

    def _forget(self):
        # The end of its input makes the script kill a member that still runs.
        self.script.stdin.close()
        self.script.wait(SECONDS)
        self.script.stdout.close()
        self.script = self.pid = None

    def ask(self, path, body=None, seconds=SECONDS):
        """What the member itself says, past every cut: JSON to a body, text without one."""
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(f"{self.url}{path}", data, seconds) as answer:
            text = answer.read().decode()
        return text if body is None else json.loads(text)

    def is_healthy(self):
        try:
            return '"true"' in self.ask("/health", seconds=2)
        except OSError:
            return False

    def wait_until_healthy(self):
        end = time.monotonic() + SECONDS
        while not self.is_healthy():
            assert time.monotonic() < end, f"{self.url} has no leader\n{self.log_tail()}"
            time.sleep(0.1)

    def log_tail(self):
        log = pathlib.Path(self.directory) / "log"
        return "\n".join(log.read_text().splitlines()[-20:]) if log.exists() else ""
