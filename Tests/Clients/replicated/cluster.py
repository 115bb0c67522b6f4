"""Members of etcd and gateways before them. Every connection between them can be cut."""

import pathlib
import shutil
import tempfile

import server as gateway

from . import ports, sockets
from .cut import Link, Switchboard
from .member import Member

# What gateways on one store share.
SHARED_KEYS = ("ca.crt", "ca.key", "sa.key")


class Cluster:
    """`with Cluster(members=3, gateways=3) as cluster:`"""

    def __init__(self, members=3, gateways=3, flags=()):
        self.directory = tempfile.mkdtemp(prefix="binnacle-cluster-")
        self.switchboard = Switchboard()
        self.members = self._make_members(members)
        # Who listens to members, and the way from each gateway to each member.
        self.peer_links = self._link_peers()
        self.store_links = [self._link_gateway(number) for number in range(gateways)]
        self.gateways = [self._make_gateway(number, flags) for number in range(gateways)]

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_):
        self.stop()

    def _make_members(self, count):
        numbers = ports.free_ports(3 * count)
        # A member is reached by the others through a link, which listens where it is said to be.
        clients, peers, self.peer_ports = (
            numbers[:count], numbers[count:2 * count], numbers[2 * count:])
        cluster = ",".join(f"m{i}=http://127.0.0.1:{port}" for i, port in enumerate(peers))
        self._advertised = peers
        return [
            Member(pathlib.Path(self.directory) / f"etcd/m{i}", clients[i], [
                "--name", f"m{i}", "--initial-cluster", cluster,
                "--initial-cluster-token", self.directory,
                "--listen-client-urls", f"http://127.0.0.1:{clients[i]}",
                "--advertise-client-urls", f"http://127.0.0.1:{clients[i]}",
                "--listen-peer-urls", f"http://127.0.0.1:{self.peer_ports[i]}",
                "--initial-advertise-peer-urls", f"http://127.0.0.1:{peers[i]}",
                "--max-txn-ops", "1025", "--heartbeat-interval", "50",
                "--election-timeout", "500", "--log-level", "warn",
            ]) for i in range(count)
        ]

    def _link_peers(self):
        def source(port):
            pids = {member.pid: i for i, member in enumerate(self.members) if member.is_running}
            return pids.get(sockets.owner(port, pids))

        return [
            self.switchboard.add(Link(f"to m{i}", self.peer_ports[i], listening, source))
            for i, listening in enumerate(self._advertised)
        ]

    def _link_gateway(self, number):
        listening = ports.free_ports(len(self.members))
        return [
            self.switchboard.add(Link(f"g{number} to m{i}", member.port, listening[i]))
            for i, member in enumerate(self.members)
        ]

    def _make_gateway(self, number, flags):
        urls = ",".join(f"http://127.0.0.1:{link.listening}" for link in self.store_links[number])
        plain, secure = ports.free_ports(2)
        return gateway.Server(
            pathlib.Path(self.directory) / f"g{number}", "--store", "etcd",
            "--etcd-endpoints", urls, "--http-listen", f"127.0.0.1:{plain}",
            "--https-listen", f"127.0.0.1:{secure}", *flags)

    def start(self):
        for member in self.members:
            member.start()
        for member in self.members:
            member.wait_until_healthy()
        for number, each in enumerate(self.gateways):
            if number > 0:
                self._share_keys(each)
            each.start()
        return self

    def _share_keys(self, other):
        folder = pathlib.Path(other.data_dir) / "pki"
        folder.mkdir(parents=True, mode=0o700)
        for name in SHARED_KEYS:
            shutil.copy2(pathlib.Path(self.gateways[0].data_dir) / "pki" / name, folder)

    def stop(self):
        """Ends everything at once: what is tested has been tested."""
        for each in self.gateways:
            if each.is_running:
                each.kill()
        for member in self.members:
            member.stop()
        self.switchboard.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def forget_journal(self, number):
        """What a gateway that does not run has on disk of the store's events."""
        for file in pathlib.Path(self.gateways[number].data_dir).glob("journal.sqlite*"):
            file.unlink()

    # MARK: Partitions

    def cut_gateway(self, number, members=None, resets=False):
        """Between a gateway and members, or all of them."""
        for link in self._store_links(number, members):
            self.switchboard.cut(link, resets=resets)

    def heal_gateway(self, number, members=None):
        for link in self._store_links(number, members):
            self.switchboard.heal(link)

    def _store_links(self, number, members):
        links = self.store_links[number]
        return links if members is None else [links[i] for i in members]

    def cut_members(self, first, second, resets=False):
        """Between two members, in both directions."""
        self.switchboard.cut(self.peer_links[first], second, resets)
        self.switchboard.cut(self.peer_links[second], first, resets)

    def heal_members(self, first, second):
        self.switchboard.heal(self.peer_links[first], second)
        self.switchboard.heal(self.peer_links[second], first)
