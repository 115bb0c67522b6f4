"""Several gateways over one store while processes die, stand still and are cut off from each
other. `HISTORY_SECONDS=300` makes it a long run; `HISTORY_SEED` repeats one."""

import os
import random

import pytest

from histories.history import History
from replicated.cluster import Cluster

SECONDS = int(os.environ.get("HISTORY_SECONDS", "40"))
SEED = int(os.environ.get("HISTORY_SEED", random.SystemRandom().randrange(1_000_000)))


@pytest.mark.timeout(SECONDS + 300)
def test_every_answer_can_be_right_while_the_cluster_is_taken_apart():
    with Cluster(members=3, gateways=3) as cluster:
        history = History(cluster, SEED, SECONDS)
        print(history.describe())
        try:
            history.run()
            history.check()
        finally:
            for what, number in sorted(history.setting.figures.items()):
                print(f"{number:8} {what}")
