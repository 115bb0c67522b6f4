"""Who is at the other end of a connection within this machine."""

import os
import pathlib


def owner(port, candidates):
    """Which of the processes `candidates` (by pid) has a connection from 127.0.0.1:`port`."""
    inode = _inode(port)
    return next((pid for pid in candidates if inode and _holds(pid, inode)), None)


def _inode(port):
    address = f"0100007F:{port:04X}"
    for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[1] == address:
            return fields[9]
    return None


def _holds(pid, inode):
    directory = f"/proc/{pid}/fd"
    wanted = f"socket:[{inode}]"
    try:
        return any(_target(f"{directory}/{name}") == wanted for name in os.listdir(directory))
    except OSError:
        return False


def _target(link):
    try:
        return os.readlink(link)
    except OSError:
        return None
