"""testssl.sh looks at the HTTPS listener: old versions, weak ciphers, known holes."""

import json
import subprocess

import pytest

import server as gateway
from over_tls import HTTPS, url

# What it counts as worse than LOW and is as it should be.
EXPECTED = {
    # Nobody publishes which certificates of a private authority were taken back.
    "cert_revocation": "Neither CRL nor OCSP URI provided",
}
# Found only when the checks have run to their end.
RUN = {
    "SSLv3": "not offered", "TLS1": "not offered", "TLS1_2": "offered", "TLS1_3": "offered",
    "cipherlist_AVERAGE": "not offered", "PFS": "offered", "cert_chain_of_trust": "passed.",
    "secure_client_renego": "not vulnerable", "CRIME_TLS": "not vulnerable",
    "RC4": "not vulnerable",
}


@pytest.mark.timeout(300)
def test_testssl_finds_nothing_worse_than_low(tmp_path):
    found = tmp_path / "found.json"
    with gateway.Server(tmp_path / "data", *HTTPS) as server:
        done = subprocess.run(
            ["testssl", "--quiet", "--color", "0", "--warnings", "batch", "--nodns", "none",
             "--add-ca", f"{server.data_dir}/pki/ca.crt", "--jsonfile", found,
             # Protocols, ciphers, forward secrecy, preferences, defaults, vulnerabilities.
             "-p", "-s", "-f", "-P", "-S", "-U", url(server)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=280)
    assert found.exists(), done.stdout + done.stderr
    findings = {finding["id"]: finding for finding in json.loads(found.read_text())}
    for name, wanted in RUN.items():
        assert findings[name]["finding"].startswith(wanted), findings[name]
    worse = {
        name: finding["finding"] for name, finding in findings.items()
        if finding["severity"] not in ("OK", "INFO", "LOW", "WARN")}
    assert worse == EXPECTED
    # What it could not find out. Its client may hang up before the ticket has come; TLSTests
    # hold that sessions are resumed.
    assert {name for name, finding in findings.items() if finding["severity"] == "WARN"} <= {
        "engine_problem", "sessionresumption_ticket"}
