"""What `replay.py` has to know of the recordings: what happened between, and what differs."""

import dataclasses
import json
import time

import objects

SECONDS = 15
AGENT = {"User-Agent": "python-httpx/0.28"}
JSON = {"Content-Type": "application/json", **AGENT}.items()
MERGE = {"Content-Type": "application/merge-patch+json", **AGENT}.items()
MAPS = "/api/v1/namespaces/trace/configmaps"


@dataclasses.dataclass
class Difference:
    exchanges: str
    pattern: str
    reason: str


def _make_maps(replay):
    for number in range(7):
        labels = {"n": str(number), "tier": "b" if number % 2 == 0 else "a"}
        replay.ask("POST", MAPS, objects.config_map(f"l-{number}", labels, a="1"), JSON)



def _life_of_a_map(replay):
    labelled = objects.config_map("w", {"sel": "yes"}, a="1")
    replay.ask("POST", MAPS, labelled, JSON)
    replay.ask("PATCH", f"{MAPS}/w", {"data": {"a": "2"}}, MERGE)
    replay.ask("PATCH", f"{MAPS}/w", {"metadata": {"labels": {"sel": "no"}}}, MERGE)
    replay.ask("DELETE", f"{MAPS}/w")


def _now_is(recorded):
    """The position that the recorder had learned in a step that it did not record."""
    def learn(replay):
        listed = json.loads(replay.ask("GET", f"{MAPS}?limit=1")[2])
        replay.known[recorded] = listed["metadata"]["resourceVersion"]
    return learn


def until(path, is_so):
    """Waits for what the recorder had slept for."""
    def wait(replay):
        deadline = time.monotonic() + SECONDS
        while not is_so(*replay.ask("GET", path)):
            assert time.monotonic() < deadline, path
            time.sleep(0.05)
    return wait


DEFINITION = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com"
NAMESPACE = "/api/v1/namespaces/trace"


def _hold(replay):
    """Keeps the namespace from going before it has been looked at."""
    held = objects.named("ConfigMap", "held", metadata={"finalizers": ["example.com/hold"]})
    replay.ask("POST", MAPS, held, JSON)


def _let_go(replay):
    replay.ask("PATCH", f"{MAPS}/held", {"metadata": {"finalizers": None}}, MERGE)
    until(NAMESPACE, lambda status, *_: status == 404)(replay)


BETWEEN = {
    "03/0": _make_maps,
    "04/2": _now_is("39107"),
    # It is served a moment before it says so.
    "07/1": until(DEFINITION, lambda status, headers, body: "Established" in body),
    "07/16": until(DEFINITION, lambda status, *_: status == 404),
    "09/0": _hold,
    "09/3": _let_go,
}
MEANWHILE = {f"04/{number}": _life_of_a_map for number in range(3)}
ANONYMOUS = {"08/0", "08/3"}

# The recorder asked Kubernetes 1.20; what is served here is the API of 1.34.
NEWER = "1.34 answers so, or has what 1.20 did not have yet"
OLDER = "1.34 no longer has it: a beta version or a kind that is gone"
OTHER_RUN = "an address, a time, a number or a name that is another one in every run"
OURS = "what this server is and has of its own"
CONTROLLERS = "work of controllers or nodes, which ran beside the recorded server"
RECORDER = "the recorder changed what it had been answered before it wrote it down"
GO = "names of types and positions in another program's sources are told in JSON's words"
MORE = "the answer says more: where, which and why"
ABSENT = "a time that is not set is left out instead of being null"

DIFFERENCES = [
    Difference("01/(0|21)$", r"^\.paths", NEWER),
    Difference("01/", r"singularName", NEWER),
    Difference("(01/1|08/1)$", r"^\.(buildDate|compiler|git\w+|goVersion|minor)", OURS),
    Difference("01/[45]$", r"^: ", "the checks are those of this server's parts"),
    Difference("01/6$", r"serverAddress:", OTHER_RUN),
    Difference("01/7$", r"componentstatuses.storageVersionHash is more", OURS),
    Difference("01/", r"is more", NEWER),
    Difference("01/7$", r"services.verbs|eviction.version", NEWER),
    Difference("01/8$", r"versions|preferredVersion|\.groups\.extensions is missing", OLDER),
    Difference("01/1[67]$", r"", OLDER),
    Difference("(02|09)/", r"^\.metadata\.labels is more|f:metadata is more", NEWER),
    Difference("(02|09)/", r"f:status is missing: {\"f:phase\"", NEWER),
    Difference("02/3$", r"^\.data\.b is missing", RECORDER),
    Difference("02/10$", r"^\.message", "the key is that of this server's store"),
    Difference("", r"gen-\w{5}", OTHER_RUN),
    Difference("02/(16|17|21|22|23|32)$", r"message", GO),
    Difference("02/26$", r"metadata", OTHER_RUN),
    Difference("02/37$|03/29$", r"^\.message", OTHER_RUN),
    Difference("03/", r"kube-root-ca\.crt|rows\[1\]\.object\.metadata\.(annotations|managed)",
               "made by this server, which names what it is for"),
    Difference("03/3$", r"^\.message", GO),
    Difference("03/22$", r"remainingItemCount is more", NEWER),
    Difference("03/31$|06/35$", r"remainingItemCount", OTHER_RUN),
    Difference("", r"\.cells\[\d\]: \"(\d+[smh]|<unknown>|<invalid>|2\d{3}-.*)\" instead of",
               OTHER_RUN),
    Difference("(03/30|04/6)$", r"status|code|message|reason",
               "a version that is no number is 400 in 1.34"),
    Difference("04/5$", r"object", "a position is good for as long as the history reaches back"),
    Difference("", r"^\.details\.causes is more", MORE),
    Difference("", r"columnDefinitions.*description", "columns are described, in our words"),
    Difference("", r"(creationTimestamp|lastProbeTime|lastTransitionTime|eventTime"
               r"|firstTimestamp|lastTimestamp) is missing: (null|{})", ABSENT),
    Difference("05/10$", r"message|details is missing", MORE),
    Difference("05/(12|14)$", r"message", GO),
    Difference("", r"kube-controller-manager/Update/|deployment\.kubernetes\.io/revision"
               r"|node.alpha.kubernetes.io/ttl", CONTROLLERS),
    Difference("05/20$", r"status\.(conditions|observedGeneration) is missing", CONTROLLERS),
    Difference("06/", r"generation is more|subresource|f:status is missing", NEWER),
    Difference("06/", r"\.Restarts\.type|cells\[3\]: \"0\" instead of 0", NEWER),
    Difference("06/", r"volumeMounts is more|serviceAccount(Name)? is more|volumes is more",
               "pods are given their account's token in a volume of this kind since 1.22"),
    Difference("06/3$|07/4$", r"^warning:", NEWER),
    Difference("06/8$", r"message", NEWER),
    Difference("06/(20|24|28|36|37)$", r"", CONTROLLERS),
    Difference("06/2[23]$", r"clusterIP|10\.\d+\.\d+\.\d+", OTHER_RUN),
    Difference("06/2[23]$", r"internalTrafficPolicy|ipFamil", NEWER),
    Difference("", r"f:(selector|involvedObject|roleRef)\.", "such a reference is atomic in 1.34"),
    Difference("06/(29|30)$", r"taints is missing",
               "TaintNodesByCondition is off unless asked for"),
    Difference("06/35$", r"managedFields|labels", NEWER),
    Difference("07/", r"kube-apiserver/Update/|binnacle/Update/status", OURS),
    Difference("07/", r"f:spec\.(f:names\.)?\. is more",
               "who makes a structure owns the place where it is as well"),
    Difference("07/", r"f:status is missing|Update/status is more", NEWER),
    Difference("07/0$", r"status\.conditions: \[\] instead of null", NEWER),
    Difference("07/[56]$", r"message|reason", "bounds and types are told with both sides"),
    Difference("07/3$", r"verbs", "verbs are sorted"),
    Difference("07/15$", r"generation", "an object that is to go has a new generation"),
    Difference("07/15$", r"conditions", "Terminating is said a moment later"),
    Difference("08/1[0123]$", r"managedFields is missing", "what is not kept has no owners"),
    Difference("08/11$", r"resourceRules", NEWER),
    Difference("08/13$", r"audiences", OURS),
]
