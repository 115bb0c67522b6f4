"""A kind that the gateway serves, as the official Python client names it."""

import dataclasses
import inspect
from collections.abc import Callable


@dataclasses.dataclass
class Kind:
    name: str
    api: type
    stem: str
    make: Callable[[str], dict]
    model: type
    is_namespaced: bool = True
    status: dict | None = None
    has_scale: bool = False
    # A version of a kind of which another version is in the list too.
    version: str = ""

    def __str__(self):
        return f"{self.name}-{self.version}" if self.version else self.name

    def document(self, name, namespace):
        """An object to be created in `namespace`. Some kinds have names of their own."""
        made = self.make(name)
        if self.is_namespaced:
            made["metadata"]["namespace"] = namespace
        for member in ("involvedObject", "regarding"):
            if member in made:
                made[member]["namespace"] = namespace
        return made

    def body(self, name, namespace):
        """The same as the client's model."""
        return self.model.from_dict(self.document(name, namespace))

    def calls(self, api_client, namespace):
        return Calls(self, self.api(api_client), namespace)


class Calls:
    """A kind's operations in one namespace: `create`, `read`, `patch_status` and so on."""

    def __init__(self, kind, api, namespace):
        self._kind = kind
        self._api = api
        self._scope = {"namespace": namespace} if kind.is_namespaced else {}

    def function(self, name):
        verb, _, subresource = name.partition("_")
        if verb == "delete" and subresource == "collection":
            verb, subresource = "delete_collection", ""
        scope = "_namespaced" if self._kind.is_namespaced else ""
        tail = f"_{subresource}" if subresource else ""
        return getattr(self._api, f"{verb}{scope}_{self._kind.stem}{tail}")

    def __getattr__(self, name):
        function = self.function(name)
        # The namespace stands between the name and the body.
        order = [each for each in inspect.signature(function).parameters if each != "namespace"]

        def call(*arguments, **options):
            return function(**dict(zip(order, arguments)), **self._scope, **options)

        return call
