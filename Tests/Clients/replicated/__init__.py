"""An etcd cluster and gateways before it, as real processes that can be killed, paused and cut off."""
