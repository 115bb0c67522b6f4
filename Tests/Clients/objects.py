"""Objects that the tests create, as small as the kinds allow."""


def named(kind, name, api_version="v1", **fields):
    metadata = {"name": name, **fields.pop("metadata", {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}


def config_map(name, labels=None, **data):
    metadata = {"labels": labels} if labels else {}
    return named("ConfigMap", name, metadata=metadata, data=data)


def pod(name, **labels):
    spec = {"containers": [{"name": "main", "image": "registry.example/app:1"}]}
    return named("Pod", name, metadata={"labels": labels or {"app": name}}, spec=spec)


def template(app):
    return {
        "metadata": {"labels": {"app": app}},
        "spec": {"containers": [{"name": "main", "image": "registry.example/app:1"}]},
    }


def deployment(name, replicas=1):
    selector = {"matchLabels": {"app": name}}
    spec = {"replicas": replicas, "selector": selector, "template": template(name)}
    return named("Deployment", name, "apps/v1", spec=spec)
