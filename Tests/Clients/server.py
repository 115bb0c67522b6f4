"""A real gateway process on a free loopback port, with a data directory of its own."""

import os
import pathlib
import re
import signal
import subprocess
import tempfile
import threading

TOP = pathlib.Path(__file__).resolve().parents[2]
READY_SECONDS = 30
STOP_SECONDS = 15
LOG_TAIL_LINES = 60

# One file per running gateway, named after its pid: who started it, and its data directory.
PID_FILES = pathlib.Path(tempfile.gettempdir()) / f"binnacle-client-tests-{os.getuid()}"


def binary():
    path = pathlib.Path(os.environ.get("BINNACLE", TOP / ".build/debug/binnacle")).resolve()
    if not path.exists():
        raise FileNotFoundError(f"{path} is not built; make build does it")
    return str(path)


def end_leftovers():
    """Ends gateways that a crashed run left behind; those of a run in progress stay."""
    for file in PID_FILES.glob("*"):
        starter, data_dir = file.read_text().split("\n")
        if arguments_of(starter):
            continue
        # The pid may have gone to another process since: only the data directory tells.
        if data_dir in arguments_of(file.name):
            os.kill(int(file.name), signal.SIGKILL)
        file.unlink(missing_ok=True)


def arguments_of(pid):
    try:
        line = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return []
    return line.decode(errors="replace").split("\0")


class Server:
    """`with Server(data_dir) as server:` starts it, waits until it is ready, and stops it."""

    def __init__(self, data_dir, *flags):
        self.data_dir = str(data_dir)
        self.flags = flags
        self.log = []
        self.ready = {}
        self._is_settled = threading.Event()
        self._has_grown = threading.Condition()
        self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def start(self):
        command = [binary(), "serve", "--data-dir", self.data_dir, "--store", "sqlite"]
        command += ["--http-listen", "127.0.0.1:0", *self.flags]
        self.ready = {}
        self._is_settled.clear()
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace")
        PID_FILES.mkdir(exist_ok=True)
        self._pid_file.write_text(f"{os.getpid()}\n{self.data_dir}")
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()
        if not self._is_settled.wait(READY_SECONDS) or not self.ready:
            self.kill()
            raise RuntimeError(f"the gateway did not get ready:\n{self.log_since(0)}")
        return self

    @property
    def _pid_file(self):
        return PID_FILES / str(self.process.pid)

    def _read_log(self):
        for line in self.process.stdout:
            with self._has_grown:
                self.log.append(line.rstrip("\n"))
                self._has_grown.notify_all()
            if line.startswith("ready "):
                self.ready = dict(re.findall(r"(\S+?)=(\S+)", line))
                self._is_settled.set()
        self._is_settled.set()

    def log_since(self, index):
        return "\n".join(self.log[index:][-LOG_TAIL_LINES:])

    def wait_for_line(self, pattern):
        """The first line of the log in which the pattern is found, as soon as it is there."""
        def found():
            return next((line for line in self.log if re.search(pattern, line)), None)

        with self._has_grown:
            self._has_grown.wait_for(found, STOP_SECONDS)
            assert found(), f"no line has {pattern!r}:\n{self.log_since(0)}"
            return found()

    @property
    def pid(self):
        return self.process.pid

    @property
    def port(self):
        return int(self.ready["http"].rpartition(":")[2].rstrip("/"))

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """As a power cut to the process: no time to finish anything."""
        self.process.kill()
        self._reap(STOP_SECONDS)

    def stop(self):
        """Asks for an orderly stop. Returns the exit code."""
        if self.is_running:
            self.process.send_signal(signal.SIGTERM)
        return self._reap(STOP_SECONDS)

    def _reap(self, seconds):
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(seconds)
            raise AssertionError(
                f"the gateway did not stop in {seconds} s\n{self.log_since(0)}") from None
        finally:
            if self.process.poll() is not None:
                self._pid_file.unlink(missing_ok=True)
        self._reader.join(seconds)
        self.process.stdout.close()
        return code

    def memory(self):
        """Resident bytes, without those of mapped files."""
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"RssAnon:\s+(\d+) kB", status).group(1)) * 1024
