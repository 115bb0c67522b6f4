"""Waiting for what comes about by itself."""

import time

SECONDS = 30
INTERVAL = 0.05


def until(holds, seconds=SECONDS):
    """Asks again and again, and gives up after a while."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(INTERVAL)
