"""Lines of a running program, read with a deadline."""

import queue
import threading

SECONDS = 15


class Lines:
    def __init__(self, stream):
        self._lines = queue.Queue()
        threading.Thread(target=self._read, args=[stream], daemon=True).start()

    def _read(self, stream):
        for line in stream:
            self._lines.put(line)
        self._lines.put(None)

    def next(self, seconds=SECONDS):
        """The next line, or `None` at the end."""
        return self._lines.get(timeout=seconds)
