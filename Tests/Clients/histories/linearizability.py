"""Whether the operations on one object can have happened one after the other.

The search of Wing and Gong (Testing and Verifying Concurrent Objects, 1993), in the form that Lowe
calls just-in-time (Testing for Linearizability, 2017): going through the calls and returns in the
order of time, it keeps every configuration that explains what came so far. A configuration is a
state, and which of the operations that have not returned have taken effect in it. An operation
takes effect only when another one's return cannot be explained otherwise, or its own.
"""

import dataclasses

# More means that the history has too many unknown outcomes to tell anything.
CONFIGURATIONS_MAX = 100_000
CONTEXT = 20


class NotLinearizable(AssertionError):
    pass


@dataclasses.dataclass(frozen=True)
class Configuration:
    state: object
    # Numbers of operations under way that have taken effect.
    done: frozenset

    def take(self, operation):
        return Configuration(operation.after(self.state), self.done | {operation.number})


def check(operations, initial=None):
    """Raises `NotLinearizable` with the first return that no order explains.
    Returns how many configurations were kept at most."""
    search = Search(initial)
    most = 1
    for moment in moments(operations):
        search.pass_by(*moment)
        most = max(most, len(search.configurations))
    return most


def moments(operations):
    """Calls and returns by time. At one time calls come first: then more orders are possible."""
    calls = [(each.began, 0, each.number, each) for each in operations]
    returns = [
        (each.ended, 1, each.number, each) for each in operations if each.ended is not None]
    return [(kind == 1, each) for _, kind, _, each in sorted(calls + returns, key=lambda m: m[:3])]


class Search:
    def __init__(self, initial):
        self.configurations = {Configuration(initial, frozenset())}
        # Called and not returned; unknown outcomes stay here for ever.
        self.pending = {}
        self.past = []

    def pass_by(self, is_return, operation):
        self.past.append((is_return, operation))
        if not is_return:
            self.pending[operation.number] = operation
            self.configurations = {self._settled(each) for each in self.configurations}
            return
        explained = self._explained(operation)
        if not explained:
            raise NotLinearizable(self._complaint(operation))
        del self.pending[operation.number]
        self.configurations = self._without_dominated(
            {Configuration(each.state, each.done - {operation.number}) for each in explained})

    def _settled(self, configuration):
        """What only looks, and sees what is there, may as well look now."""
        seen = {
            number for number, each in self.pending.items()
            if not each.changes and number not in configuration.done
            and each.needs.holds(configuration.state)
        }
        if not seen:
            return configuration
        return Configuration(configuration.state, configuration.done | seen)

    def _explained(self, operation):
        """The configurations in which `operation` has taken effect, and nothing more than that
        needed."""
        found, known = set(), set(self.configurations)
        waiting = list(self.configurations)
        while waiting:
            configuration = waiting.pop()
            if operation.number in configuration.done:
                found.add(configuration)
                continue
            for each in self._candidates(configuration):
                following = self._settled(configuration.take(each))
                if following not in known:
                    known.add(following)
                    waiting.append(following)
            assert len(known) < CONFIGURATIONS_MAX, "too many outcomes are unknown"
        return found

    def _candidates(self, configuration):
        """The changes that may come next. Of unknown ones that are alike, one is enough."""
        alike = set()
        for number, each in self.pending.items():
            if number in configuration.done or not each.changes:
                continue
            if not each.needs.holds(configuration.state):
                continue
            if each.ended is None:
                kind = (each.needs, each.becomes)
                if kind in alike:
                    continue
                alike.add(kind)
            yield each

    def _without_dominated(self, configurations):
        """An outcome that stays unknown need never happen: who has used fewer of them can do all
        that the other can."""
        kept = {}
        for each in sorted(configurations, key=lambda each: len(each.done)):
            unknown = frozenset(
                number for number in each.done if self.pending[number].ended is None)
            group = kept.setdefault((each.state, each.done - unknown), [])
            if not any(other <= unknown for other in group):
                group.append(unknown)
        return {
            Configuration(state, done | unknown)
            for (state, done), group in kept.items() for unknown in group
        }

    def _complaint(self, operation):
        states = sorted({str(each.state) for each in self.configurations})
        lines = [
            f"  {'return' if is_return else 'call  '} {each}"
            for is_return, each in self.past[-CONTEXT:]
        ]
        return "\n".join([
            f"{operation.key}: nothing explains {operation}",
            f"possible states before: {', '.join(states)}", *lines])
