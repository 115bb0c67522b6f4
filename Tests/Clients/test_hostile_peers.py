"""Peers that break TLS against a real process: an alert, a line in the log, no memory kept."""

import re
import socket
import ssl

import pytest

import wire
from over_tls import context

ATTACKS = 4
ROUNDS = 400
# A connection that is not freed keeps some 20 KB of OpenSSL's: that would be 8 MB or more.
GROWTH_MAX = 4 << 20

# Each is what a peer sends first, the alert that answers it (RFC 8446, 6), and what is logged.
CLIENT_HELLO = bytes([22, 3, 1])
BROKEN = {
    "an oversized record": (CLIENT_HELLO + b"\xff\xff" + bytes(64), 22, "packet length too long"),
    "an oversized handshake": (
        CLIENT_HELLO + b"\x00\x08\x01\xff\xff\xff\x03\x03\x00\x00", 47, "excessive message size"),
    "data before the handshake": (b"\x17\x03\x03\x00\x03abc", 10, "unexpected message"),
    "a hello that is cut short": (
        CLIENT_HELLO + b"\x00\x06\x01\x00\x00\x02\x03\x03", 50, "length mismatch|too short"),
}


def address(server):
    host, _, port = server.ready["https"].rpartition(":")
    return host, int(port)


def answer_to(server, sent):
    with socket.create_connection(address(server), timeout=15) as peer:
        peer.sendall(sent)
        received = b""
        while piece := peer.recv(4096):
            received += piece
    return received


def connect(server, **versions):
    made = context(server.data_dir)
    for name, version in versions.items():
        setattr(made, name, version)
    host, port = address(server)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = made.wrap_bio(incoming, outgoing, server_hostname="localhost")
    peer = socket.create_connection((host, port), timeout=15)
    while True:
        try:
            session.do_handshake()
            peer.sendall(outgoing.read())
            return peer, session, outgoing
        except ssl.SSLWantReadError:
            peer.sendall(outgoing.read())
            incoming.write(peer.recv(65536))


def record(session, outgoing):
    """One record with a request, as it would go over the wire."""
    session.write(b"GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return bytearray(outgoing.read())


def rest(peer):
    """Reads to the end of the connection, however it comes."""
    try:
        while peer.recv(65536):
            pass
    except ConnectionResetError:
        pass
    peer.close()


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_handshake_gets_an_alert_and_a_line(secure, what):
    sent, alert, reason = BROKEN[what]
    received = answer_to(secure, sent)
    # An alert in the clear: its type, the version, two bytes, fatal, its number.
    assert (received[0], received[-2:]) == (21, bytes([2, alert])), received
    secure.wait_for_line(rf"127\.0\.0\.1:\d+: the TLS handshake failed: .*({reason})")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_changed_record_and_a_truncated_one_get_a_line(secure, version):
    peer, session, outgoing = connect(secure, maximum_version=version)
    changed = record(session, outgoing)
    changed[-1] ^= 1
    peer.sendall(changed)
    rest(peer)
    secure.wait_for_line("a TLS record was refused: .*decryption failed or bad record mac")
    peer, session, outgoing = connect(secure, maximum_version=version)
    peer.sendall(record(session, outgoing)[:-4])
    peer.shutdown(socket.SHUT_WR)
    rest(peer)
    secure.wait_for_line("the connection ended in the middle of a TLS record")


def test_broken_peers_leave_no_memory_behind(secure):
    def attack():
        for number in range(ROUNDS):
            if number % 8:
                answer_to(secure, list(BROKEN.values())[number % len(BROKEN)][0])
                continue
            peer, session, outgoing = connect(secure)
            changed = record(session, outgoing)
            changed[7] ^= 1
            peer.sendall(changed)
            rest(peer)

    attack()
    growths = []
    for _ in range(ATTACKS - 1):
        before = secure.memory()
        attack()
        growths.append(secure.memory() - before)
    # What is left behind is left each time; what the allocator keeps is not.
    assert min(growths) < GROWTH_MAX, growths
    # The log is no way to fill a disk.
    assert len(secure.log) < ATTACKS * ROUNDS
    figures = wire.ask(secure, "GET", "/metrics").plain.decode()
    assert re.search(r"^binnacle_tls_handshakes_in_progress 0$", figures, re.MULTILINE)
    failed = re.search(r"^binnacle_tls_handshakes_failed (\d+)$", figures, re.MULTILINE)
    assert int(failed[1]) == ATTACKS * (ROUNDS - ROUNDS // 8)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.*deprecated")
@pytest.mark.parametrize("versions, ciphers, alert", [
    ((ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1), "ALL", "PROTOCOL_VERSION"),
    # Cipher block chaining, and keys without forward secrecy.
    ((ssl.TLSVersion.TLSv1_2,) * 2, "ECDHE+AES:!AESGCM:!AESCCM", "HANDSHAKE_FAILURE"),
    ((ssl.TLSVersion.TLSv1_2,) * 2, "kRSA", "HANDSHAKE_FAILURE"),
])
def test_what_is_out_of_date_is_refused(secure, versions, ciphers, alert):
    old = context(secure.data_dir)
    old.minimum_version, old.maximum_version = versions
    old.set_ciphers(f"{ciphers}:@SECLEVEL=0")
    with socket.create_connection(address(secure), timeout=15) as peer:
        with pytest.raises(ssl.SSLError, match=f"ALERT_{alert}"):
            old.wrap_socket(peer, server_hostname="localhost")
