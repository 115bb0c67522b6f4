"""What lists, pages, selectors, views and watches are answered with."""

import re

import pytest

import objects
from conversation import Step, Talker, case, generic, invalid, meta, refusal

MAPS = "/api/v1/namespaces/$NS/configmaps"
TABLE = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}
PARTIAL = "application/json;as=PartialObjectMetadata{};v=v1;g=meta.k8s.io,application/json"
COUNT = 7
NAMES = [f"m-{number}" for number in range(COUNT)]


@pytest.fixture
def talk(server, namespace):
    return Talker(server, namespace)


@pytest.fixture
def talk_of_seven(talk):
    """Seven maps, numbered and by turns of tier a and b; the last one has no labels."""
    for number, name in enumerate(NAMES):
        labels = {"n": str(number), "tier": "ab"[number % 2]}
        talk(Step("POST", MAPS, objects.config_map(
            name, labels if number < COUNT - 1 else None, a="1"), 201))
    return talk


def names(answer):
    return [item["metadata"]["name"] for item in answer["items"]]


@pytest.mark.parametrize("query, numbers", [
    ("labelSelector=tier%3Da", [0, 2, 4]),
    ("labelSelector=tier%21%3Da", [1, 3, 5, 6]),
    ("labelSelector=tier+in+%28a%2Cb%29", [0, 1, 2, 3, 4, 5]),
    ("labelSelector=tier+notin+%28a%29", [1, 3, 5, 6]),
    ("labelSelector=n", [0, 1, 2, 3, 4, 5]),
    ("labelSelector=%21n", [6]),
    ("labelSelector=tier%3D%3Db%2Cn", [1, 3, 5]),
    ("labelSelector=n%3E3", [4, 5]),
    ("labelSelector=n%3C2", [0, 1]),
    ("fieldSelector=metadata.name%3Dm-1", [1]),
    ("fieldSelector=metadata.name%21%3Dm-1", [0, 2, 3, 4, 5, 6]),
    ("fieldSelector=metadata.namespace%3D$NS,metadata.name%3Dm-2", [2]),
    ("fieldSelector=metadata.namespace%3Dnosuch", []),
    # Without a version that has to be read exactly, a small limit gives way to the cache.
    ("limit=1&resourceVersion=0", [0, 1, 2, 3, 4, 5, 6]),
])
def test_selectors(talk_of_seven, query, numbers):
    answer = talk_of_seven(Step("GET", f"{MAPS}?{query}"))
    assert names(answer) == [NAMES[number] for number in numbers]


def selector(message):
    return refusal(400, "BadRequest", message)


def list_options(message):
    return invalid("ListOptions", "", (
        "resourceVersionMatch", "Forbidden", f"Forbidden: {message}"), group="meta.k8s.io")


@pytest.mark.parametrize("step", [
    case("open bracket", "GET", f"{MAPS}?labelSelector=n+in+%28", None, 400, selector(
        "unable to parse requirement: found '', expected: ',', ')' or identifier")),
    case("two values", "GET", f"{MAPS}?labelSelector=tier%3Da+b", None, 400, selector(
        "found 'b', expected: ',' or 'end of string'")),
    case("unknown field", "GET", f"{MAPS}?fieldSelector=data.a%3D1", None, 400, selector(
        '"data.a" is not a known field selector: only "metadata.name", "metadata.namespace"')),
    case("no operator", "GET", f"{MAPS}?fieldSelector=metadata.name", None, 400, selector(
        "invalid selector: 'metadata.name'; can't understand 'metadata.name'")),
    case("bad token", "GET", f"{MAPS}?limit=3&continue=garbage", None, 400, refusal(
        400, "BadRequest", re.compile("invalid continue token: .*"))),
    case("a match of nothing", "GET", f"{MAPS}?resourceVersionMatch=Exact", None, 422,
         list_options("resourceVersionMatch is forbidden unless resourceVersion is provided")),
    case("exactly any", "GET", f"{MAPS}?resourceVersion=0&resourceVersionMatch=Exact", None, 422,
         list_options('resourceVersionMatch "exact" is forbidden for resourceVersion "0"')),
    case("no version", "GET", f"{MAPS}?resourceVersion=abc", None, 400, refusal(
        400, "BadRequest", re.compile('.*resourceVersion: Invalid value: "abc".*'))),
    case("no version to watch from", "GET", f"{MAPS}?watch=true&resourceVersion=abc", None, 400,
         refusal(400, "BadRequest", re.compile('.*resourceVersion: Invalid value: "abc".*'))),
    case("a version to come", "GET", f"{MAPS}?resourceVersion=99999999", None, 504, refusal(
        504, "Timeout", re.compile(
            r"Timeout: Too large resource version: 99999999, current: \d+"),
        causes=[{
            "reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
        retryAfterSeconds=1), answer_headers={"retry-after": "1"}),
    case("no such version of the API", "GET", "/api/v2", None, 404, generic(
        404, "NotFound", "the server could not find the requested resource")),
    case("no such resource", "GET", "/api/v1/namespaces/$NS/nosuch", None, 404, generic(
        404, "NotFound", "the server could not find the requested resource")),
])
def test_refusals(talk, step):
    talk(step)


def test_pages_are_of_one_version(talk_of_seven):
    first = talk_of_seven(Step("GET", f"{MAPS}?limit=3"))
    version = first["metadata"]["resourceVersion"]
    assert first["metadata"] == {
        "resourceVersion": version, "continue": ..., "remainingItemCount": 4
    } | {"continue": first["metadata"]["continue"]}
    talk_of_seven(Step("DELETE", f"{MAPS}/m-4"))
    token = first["metadata"]["continue"]
    second = talk_of_seven(Step("GET", f"{MAPS}?limit=3&continue={token}"))
    token = second["metadata"].pop("continue")
    assert second["metadata"] == {"resourceVersion": version, "remainingItemCount": 1}
    last = talk_of_seven(Step("GET", f"{MAPS}?limit=3&continue={token}"))
    assert last["metadata"] == {"resourceVersion": version}
    assert names(first) + names(second) + names(last) == NAMES
    exact = f"{MAPS}?limit=2&resourceVersionMatch=Exact&resourceVersion={version}"
    assert names(talk_of_seven(Step("GET", exact))) == NAMES[:2]


def test_the_remaining_items_of_a_selection_are_not_counted(talk_of_seven):
    answer = talk_of_seven(Step("GET", f"{MAPS}?limit=1&labelSelector=n"))
    assert answer["metadata"].keys() == {"resourceVersion", "continue"}


def test_items_of_a_list_do_not_repeat_what_they_are(talk):
    talk(
        Step("POST", MAPS, objects.config_map("one", a="1"), 201),
        Step("GET", MAPS, answer={
            "kind": "ConfigMapList", "apiVersion": "v1", "metadata": {"resourceVersion": ...},
            "items": [{"metadata": meta("one"), "data": {"a": "1"}}]}))


def partial(name):
    return {
        "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": meta(name)}


def table(revision, *rows):
    columns = [("Name", "name"), ("Data", ""), ("Age", "")]
    return {
        "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": revision,
        "columnDefinitions": [
            {"name": name, "type": "string", "format": form, "description": ..., "priority": 0}
            for name, form in columns],
        "rows": [{"cells": [name, 1, re.compile(r"\d+s")], "object": partial(name)}
                 for name in rows]}


def test_views_of_an_object_and_of_a_list(talk):
    paged = {"resourceVersion": ..., "continue": ..., "remainingItemCount": 1}
    talk(
        Step("POST", MAPS, objects.config_map("one", a="1"), 201),
        Step("POST", MAPS, objects.config_map("two", a="1"), 201),
        Step("GET", f"{MAPS}/one", answer=table({"resourceVersion": ...}, "one"), headers=TABLE),
        Step("GET", f"{MAPS}?limit=1", answer=table(paged, "one"), headers=TABLE),
        Step("GET", f"{MAPS}/one", answer=partial("one"),
             headers={"Accept": PARTIAL.format("")}),
        Step("GET", f"{MAPS}?limit=1", answer={
            "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1",
            "metadata": paged, "items": [partial("one")]},
            headers={"Accept": PARTIAL.format("List")}))


def test_the_yaml_of_an_object(talk):
    answer = talk(
        Step("POST", MAPS, objects.config_map("one", a="1"), 201),
        Step("GET", f"{MAPS}/one", headers={"Accept": "application/yaml"},
             answer_headers={"content-type": "application/yaml"}))
    assert answer.startswith("apiVersion: v1\ndata:\n  a: \"1\"\nkind: ConfigMap\nmetadata:\n")


@pytest.mark.parametrize("query", [
    "/api/v1/namespaces/$NS/configmaps?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Done",
    "/api/v1/namespaces/$NS/configmaps?watch=1&timeoutSeconds=1&labelSelector=app%3Dx"
    "&resourceVersion=0",
    "/api/v1/watch/namespaces/$NS/configmaps/one?timeoutSeconds=1",
    "/api/v1/watch/namespaces/$NS/configmaps?timeoutSeconds=1",
])
def test_watches_of_what_is_there(talk, query):
    body = {
        "kind": "ConfigMap", "apiVersion": "v1", "metadata": meta("one", labels={"app": "x"}),
        "data": {"a": "1"}}
    talk(
        Step("POST", MAPS, objects.config_map("one", {"app": "x"}, a="1"), 201),
        Step("GET", query, answer={"type": "ADDED", "object": body}))


def test_a_watch_of_tables(talk):
    talk(
        Step("POST", MAPS, objects.config_map("one", a="1"), 201),
        Step("GET", f"{MAPS}?watch=1&timeoutSeconds=1", headers=TABLE, answer={
            "type": "ADDED", "object": table({"resourceVersion": ...}, "one")}))
