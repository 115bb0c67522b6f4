"""Every exchange of the reference recordings, asked again and answered as we expect it of 1.34.

The numbers are those of the recordings, file by file; one conversation, in one namespace. What
differs from them is listed in `recordings.py`, with the reasons.
"""

import pytest

import server as gateway
from exchange_rows_access import ACCESS, END
from exchange_rows_kinds import DEFINED, KINDS
from exchange_rows_reads import LISTS, WATCHES
from exchange_rows_writes import DISCOVERY, PATCHES, WRITES
from exchanges import Asker
from over_tls import HTTPS

COUNTS = {"01": 28, "02": 44, "03": 32, "04": 9, "05": 21, "06": 41, "07": 17, "08": 16, "09": 4}
CHAPTERS = {
    "01": DISCOVERY, "02": WRITES, "03": LISTS, "04": WATCHES, "05": PATCHES, "06": KINDS,
    "07": DEFINED, "08": ACCESS, "09": END}


@pytest.fixture(scope="module")
def asker(tmp_path_factory):
    with gateway.Server(tmp_path_factory.mktemp("exchanges"), *HTTPS) as server:
        yield Asker(server)


def test_no_exchange_is_left_out():
    for chapter, rows in CHAPTERS.items():
        assert [row.number for row in rows] == [
            f"{chapter}/{index}" for index in range(COUNTS[chapter])]
    assert sum(map(len, CHAPTERS.values())) == 212


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_exchanges(asker, chapter):
    """Each chapter begins where the one before it has ended."""
    asker.run(CHAPTERS[chapter])
