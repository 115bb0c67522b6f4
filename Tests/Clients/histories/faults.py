"""What goes wrong during a history, and when: drawn from a seed, so that a run can be repeated."""

import dataclasses
import os
import random
import signal

from .client import now
from .setting import Player


@dataclasses.dataclass(frozen=True)
class Fault:
    """From `begins` to `ends`, in seconds since the start."""

    begins: float
    ends: float
    kind: str
    # Gateways or members, by number.
    targets: tuple

    def __str__(self):
        targets = " ".join(str(target) for target in self.targets)
        return f"{self.begins:6.1f}–{self.ends:6.1f}  {self.kind} {targets}"


GATEWAY_KINDS = (
    "kill gateway", "kill gateway", "stop gateway", "pause gateway", "cut gateway",
    "cut gateway with resets", "cut gateway from one", "cut gateway from one with resets")
MEMBER_KINDS = (
    "kill member", "kill member", "pause member", "pause member", "isolate member",
    "isolate member with resets", "cut members", "kill two members", "pause two members",
    "kill all members")
QUIET_SECONDS = 4


def schedule(seed, seconds, gateways, members):
    """Two rows of faults, one for gateways and one for members: each row has one at a time, and
    the two overlap. None begins or lasts in the last seconds."""
    numbers = random.Random(seed)
    rows = [(GATEWAY_KINDS, gateways), (MEMBER_KINDS, members)]
    return [
        list(_row(numbers, kinds, count, members, seconds)) for kinds, count in rows]


def _row(numbers, kinds, count, members, seconds):
    time = numbers.uniform(1, 3)
    while True:
        kind = numbers.choice(kinds)
        first, second = numbers.sample(range(count), 2)
        duration = numbers.uniform(0.3, 5)
        end = time + duration
        if end > seconds - QUIET_SECONDS:
            return
        if "from one" in kind:
            targets = (first, numbers.randrange(members))
        elif "two" in kind or kind == "cut members":
            targets = (first, second)
        elif "all" in kind:
            targets = tuple(range(count))
        else:
            targets = (first,)
        yield Fault(time, end, kind, targets)
        time = end + numbers.uniform(0.3, 4)


class Saboteur(Player):
    """Carries one row of faults out."""

    def __init__(self, setting, name, cluster, faults):
        super().__init__(setting, name)
        self.cluster = cluster
        self.faults = faults

    def play(self):
        start = now()
        for fault in self.faults:
            self._wait_until(start + fault.begins)
            if self.setting.has_failed.is_set():
                return
            self.begin(fault)
            self._wait_until(start + fault.ends)
            self.end(fault)
            self.setting.count(f"times: {fault.kind}")

    def _wait_until(self, time):
        self.setting.has_failed.wait(max(time - now(), 0))

    def begin(self, fault):
        cluster, targets = self.cluster, fault.targets
        resets = "resets" in fault.kind
        match fault.kind.split()[:2]:
            case ["kill", "gateway"]: cluster.gateways[targets[0]].kill()
            case ["stop", "gateway"]: assert cluster.gateways[targets[0]].stop() == 0
            case ["pause", "gateway"]: os.kill(cluster.gateways[targets[0]].pid, signal.SIGSTOP)
            case ["cut", "gateway"]: cluster.cut_gateway(targets[0], targets[1:] or None, resets)
            case ["cut", "members"]: cluster.cut_members(*targets)
            case ["isolate", "member"]:
                for other in self._others(targets[0]):
                    cluster.cut_members(targets[0], other, resets)
            case ["kill", _]:
                for target in targets:
                    cluster.members[target].kill()
            case ["pause", _]:
                for target in targets:
                    cluster.members[target].pause()

    def end(self, fault):
        cluster, targets = self.cluster, fault.targets
        match fault.kind.split()[:2]:
            case ["kill" | "stop", "gateway"]: cluster.gateways[targets[0]].start()
            case ["pause", "gateway"]: os.kill(cluster.gateways[targets[0]].pid, signal.SIGCONT)
            case ["cut", "gateway"]: cluster.heal_gateway(targets[0], targets[1:] or None)
            case ["cut", "members"]: cluster.heal_members(*targets)
            case ["isolate", "member"]:
                for other in self._others(targets[0]):
                    cluster.heal_members(targets[0], other)
            case ["kill", _]:
                for target in targets:
                    cluster.members[target].start()
            case ["pause", _]:
                for target in targets:
                    cluster.members[target].resume()

    def _others(self, member):
        return [other for other in range(len(self.cluster.members)) if other != member]
