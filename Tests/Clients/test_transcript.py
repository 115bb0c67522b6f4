"""The transcript runner itself."""

import os

import pytest

import transcript

PAGE = """
```sh
$ not run
```
```console
$ word=rev; echo "$word"ision 42; \\
> echo second
revision …
second
$ false
$ cat <<END | sort
> b
> a
> END
a
b
```
Prose.
```console
$ echo "$word"; seq 5
rev
…
5
```
"""


def test_steps_are_found_with_their_output():
    steps = transcript.steps(PAGE)
    assert [step.line for step in steps] == [6, 10, 11, 20]
    assert steps[0].command.endswith("echo second")
    assert steps[0].expected == "revision …\nsecond\n"
    assert steps[1].expected == ""


def test_steps_run_in_one_shell(tmp_path):
    steps = transcript.steps(PAGE)
    printed = transcript.run(steps, tmp_path, dict(os.environ))
    for step, text in zip(steps, printed, strict=True):
        assert transcript.matches(step.expected, text), (step, text)


@pytest.mark.parametrize("expected, printed, is_match", [
    ("a …c\n", "a bc\n", True),
    ("a …c\n", "a b\nc\n", False),
    ("a\n", "a", True),
    ("a\n", "a\nb\n", False),
    ("…\nb\n", "b\n", True),
    ("…\nb\n", "x\ny\nb\n", True),
    ("", "error\n", False),
    ("a.c\n", "abc\n", False),
])
def test_a_wildcard_stays_in_its_line(expected, printed, is_match):
    assert transcript.matches(expected, printed) == is_match
