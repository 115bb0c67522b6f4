"""etcd and gateways before it, as real processes to be killed, paused and cut off."""
