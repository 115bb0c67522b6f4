"""A kubeconfig for a gateway on plain HTTP, as a file."""

import yaml


def write(server, folder, namespace="default"):
    """Writes `config` into `folder` and returns where it is."""
    file = folder / "config"
    file.write_text(yaml.safe_dump({
        "apiVersion": "v1", "kind": "Config", "current-context": "test",
        "clusters": [{"name": "test", "cluster": {"server": server.url}}],
        "users": [{"name": "test", "user": {}}],
        "contexts": [{"name": "test", "context": {
            "cluster": "test", "user": "test", "namespace": namespace}}]}))
    return file
