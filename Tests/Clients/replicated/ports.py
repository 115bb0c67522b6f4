"""Ports of this machine that stay free for whoever is to listen there, also after a restart."""

import random
import socket

# Below those that the kernel gives to outgoing connections, which would take the port of a
# process that is away.
RANGE = range(20_000, 32_000)
_given = set()


def free_ports(count):
    """So many ports, none of which was given before."""
    return [_free_port() for _ in range(count)]


def _free_port():
    while True:
        port = random.choice(RANGE)
        if port in _given or not _is_free(port):
            continue
        _given.add(port)
        return port


def _is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
