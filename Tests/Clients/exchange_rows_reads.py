"""Lists, views and watches: rows for `test_exchanges.py`."""

import re
import threading

import objects
from exchanges import GONE, PARTIAL, TABLE, cells, get, no

MAPS = "/api/v1/namespaces/trace/configmaps"
LABELLED = [f"l-{number}" for number in range(7)]
UNLABELLED = ["kube-root-ca.crt", "no-kind"]
AGE = re.compile(r"\d+s")


def _make_maps(asker):
    """Seven maps, numbered and by turns of tier b and a."""
    for number, name in enumerate(LABELLED):
        made = objects.config_map(name, {"n": str(number), "tier": "ba"[number % 2]}, a="1")
        assert asker.ask("POST", MAPS, made)[0] == 201


def maps(number, query, *numbers, others=False):
    """A selection: labelled maps by number, and perhaps those without labels around them."""
    wanted = [LABELLED[index] for index in numbers]
    first, *last = [n for n in UNLABELLED] if others else [None]

    def shows(items):
        found = [item["metadata"]["name"] for item in items]
        generated = [name for name in found if name.startswith("gen-")]
        assert len(generated) == (1 if others else 0)
        return found == generated + ([first] if others else []) + wanted + last
    return get(number, f"{MAPS}?{query}", {"kind": "ConfigMapList", "items": shows})


def page(number, path, count, left, **more):
    def shows(items):
        return len(items) == count
    paged = {"continue": ..., "remainingItemCount": left} if left else {"continue": GONE}
    return get(number, path, {"metadata": {"resourceVersion": ..., **paged}, "items": shows},
               **more)


def after(number):
    return lambda said: f"{MAPS}?limit=3&continue={said[number]['metadata']['continue']}"


def at(match):
    """The first page again, of the version that it had."""
    def path(said):
        version = said["03/25"]["metadata"]["resourceVersion"]
        return f"{MAPS}?limit=1&resourceVersion={version}&resourceVersionMatch={match}"
    return path


def selecting(number, query, message):
    return get(number, f"{MAPS}?{query}", no(400, "BadRequest", message), 400)


def options(number, query, message):
    return get(number, f"{MAPS}?{query}", no(
        422, "Invalid", re.compile(f".*{message}"), kind="ListOptions"), 422)


NAMED = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
         "metadata": {"name": "l-1", "labels": {"n": "1", "tier": "a"}}, "data": GONE}

LISTS = [
    page("03/0", f"{MAPS}?limit=3", 3, 7, before=_make_maps),
    page("03/1", after("03/0"), 3, 4),
    page("03/2", after("03/1"), 3, 1),
    get("03/3", f"{MAPS}?limit=3&continue=garbage", no(
        400, "BadRequest", re.compile("invalid continue token: .*")), 400),
    maps("03/4", "labelSelector=tier%3Da", 1, 3, 5),
    maps("03/5", "labelSelector=tier%21%3Da", 0, 2, 4, 6, others=True),
    maps("03/6", "labelSelector=tier+in+%28a%2Cb%29", *range(7)),
    maps("03/7", "labelSelector=tier+notin+%28a%29", 0, 2, 4, 6, others=True),
    maps("03/8", "labelSelector=n", *range(7)),
    maps("03/9", "labelSelector=%21n", others=True),
    maps("03/10", "labelSelector=tier%3D%3Db%2Cn", 0, 2, 4, 6),
    maps("03/11", "labelSelector=n%3E3", 4, 5, 6),
    selecting("03/12", "labelSelector=n+in+%28",
              "unable to parse requirement: found '', expected: ',', ')' or identifier"),
    selecting("03/13", "labelSelector=tier%3Da+b", "found 'b', expected: ',' or 'end of string'"),
    maps("03/14", "fieldSelector=metadata.name%3Dl-1", 1),
    maps("03/15", "fieldSelector=metadata.name%21%3Dl-1", 0, 2, 3, 4, 5, 6, others=True),
    maps("03/16", "fieldSelector=metadata.namespace%3Dtrace", *range(7), others=True),
    selecting("03/17", "fieldSelector=data.a%3D1", re.compile('"data.a" is not a known field.*')),
    selecting("03/18", "fieldSelector=metadata.name",
              "invalid selector: 'metadata.name'; can't understand 'metadata.name'"),
    get("03/19", f"{MAPS}?limit=2", cells(
        [re.compile("gen-.*"), 0, AGE], ["kube-root-ca.crt", 1, AGE],
        metadata={"continue": ..., "remainingItemCount": 8}), headers=TABLE),
    get("03/20", f"{MAPS}/l-1", cells(["l-1", 1, AGE]), headers=TABLE),
    get("03/21", f"{MAPS}/l-1", NAMED, headers={"Accept": PARTIAL["Accept"].format("")}),
    page("03/22", f"{MAPS}?limit=2", 2, 8, headers={"Accept": PARTIAL["Accept"].format("List")}),
    page("03/23", f"{MAPS}?limit=1&resourceVersion=0", 10, None),
    options("03/24", "limit=1&resourceVersionMatch=Exact", "unless resourceVersion is provided"),
    page("03/25", f"{MAPS}?limit=1", 1, 9),
    page("03/26", at("Exact"), 1, 9),
    page("03/27", at("NotOlderThan"), 1, 9),
    options("03/28", "resourceVersion=0&resourceVersionMatch=Exact",
            'is forbidden for resourceVersion "0"'),
    get("03/29", f"{MAPS}?resourceVersion=99999999", no(
        504, "Timeout", re.compile("Timeout: Too large resource version: 99999999, current: .*"),
        causes=[{"reason": "ResourceVersionTooLarge"}], retryAfterSeconds=1), 504),
    get("03/30", f"{MAPS}?resourceVersion=abc", no(400, "BadRequest"), 400),
    # The ten of this namespace, a map of the authority in four others, and one for extensions.
    page("03/31", "/api/v1/configmaps?limit=1", 1, 14),
]


def _life_of_a_map(asker):
    """Made, changed, out of the selection, deleted: while a watch of it lasts."""
    def live():
        merge = {"Content-Type": "application/merge-patch+json"}
        asker.ask("POST", MAPS, objects.config_map("w", {"sel": "yes"}, a="1"))
        asker.ask("PATCH", f"{MAPS}/w", {"data": {"a": "2"}}, merge)
        asker.ask("PATCH", f"{MAPS}/w", {"metadata": {"labels": {"sel": "no"}}}, merge)
        asker.ask("DELETE", f"{MAPS}/w")

    threading.Thread(target=live, daemon=True).start()


def watch(number, since, query, shows):
    def path(said):
        seen = said[since]
        last = seen[-1]["object"] if isinstance(seen, list) else seen
        version = last["metadata"]["resourceVersion"]
        return f"{MAPS}?watch=true&timeoutSeconds=3&resourceVersion={version}{query}"
    return get(number, path, shows, before=_life_of_a_map)


def events(*expected, bookmark=False):
    def shows(found):
        if bookmark:
            *found, last = found
            newest = int(found[-1]["object"]["metadata"]["resourceVersion"])
            assert last["type"] == "BOOKMARK" and last["object"]["kind"] == "ConfigMap"
            assert int(last["object"]["metadata"]["resourceVersion"]) >= newest
        told = [(event["type"], event["object"]["metadata"]["labels"]["sel"],
                 event["object"]["data"]["a"]) for event in found]
        return told == list(expected)
    return lambda said: shows


LIFE = [("ADDED", "yes", "1"), ("MODIFIED", "yes", "2"), ("MODIFIED", "no", "2"),
        ("DELETED", "no", "2")]
ADDED = [{"type": "ADDED", "object": {
    "kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "l-1"}, "data": {"a": "1"}}}]

WATCHES = [
    watch("04/0", "03/25", "", events(*LIFE)),
    # An object that leaves the selection is shown as it was when it belonged to it.
    watch("04/1", "04/0", "&labelSelector=sel%3Dyes", events(
        *LIFE[:2], ("DELETED", "yes", "2"))),
    get("04/2", lambda said: (
        f"{MAPS}?watch=true&timeoutSeconds=3&allowWatchBookmarks=true&resourceVersion="
        + said["04/1"][-1]["object"]["metadata"]["resourceVersion"]), None),
    get("04/3", f"{MAPS}?watch=1&timeoutSeconds=1&labelSelector=n%3D1", ADDED),
    get("04/4", f"{MAPS}?watch=1&timeoutSeconds=1&resourceVersion=0"
        "&fieldSelector=metadata.name%3Dl-1", ADDED),
    # The whole history is still there: nothing is too old.
    get("04/5", f"{MAPS}?watch=true&timeoutSeconds=1&resourceVersion=1", lambda said: (
        lambda found: {"ADDED", "MODIFIED", "DELETED"} == {event["type"] for event in found})),
    get("04/6", f"{MAPS}?watch=true&timeoutSeconds=1&resourceVersion=abc", no(
        400, "BadRequest"), 400),
    get("04/7", f"{MAPS}?watch=1&timeoutSeconds=1&labelSelector=n%3D1", [
        {"type": "ADDED", "object": cells(["l-1", 1, AGE])}], headers=TABLE),
    get("04/8", "/api/v1/watch/namespaces/trace/configmaps/l-1?timeoutSeconds=1&watch=1", ADDED),
]
WATCHES[2].shows = events(("DELETED", "no", "2"), *LIFE, bookmark=True)
WATCHES[2].before = _life_of_a_map
