"""Runs the transcripts of a Markdown page and compares what they print with what the page says.

A transcript is a block fenced with ```console. A line `$ command` is run by bash; lines `> more`
continue it; the lines up to the next `$` are what it prints. In those, `…` stands for any text
within a line, and a line that is only `…` for any number of lines. All blocks of a page are one
session: variables and files last. A command may fail, if what it prints is what the page says.
"""

import dataclasses
import re
import subprocess

END = "\x1e"
SECONDS = 60


@dataclasses.dataclass
class Step:
    line: int
    command: str
    expected: str


def steps(page):
    """The steps of all transcripts of `page`, in order."""
    found = []
    is_inside = False
    for number, line in enumerate(page.splitlines(), 1):
        if line.startswith("```"):
            is_inside = not is_inside and line.strip() == "```console"
        elif is_inside and line.startswith("$ "):
            found.append(Step(number, line[2:], ""))
        elif is_inside and line.startswith("> ") and found and not found[-1].expected:
            found[-1].command += "\n" + line[2:]
        elif is_inside:
            assert found, f"line {number}: output before any command"
            found[-1].expected += line.rstrip() + "\n"
    return found


def run(steps, folder, environment, replace=lambda text: text):
    """Runs the steps in one shell. Returns what each one printed."""
    script = "".join(f"{replace(step.command)}\nprintf '{END}'\n" for step in steps)
    file = folder / "transcript.sh"
    file.write_text(script)
    done = subprocess.run(
        ["bash", str(file)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, cwd=folder, env=environment, timeout=SECONDS)
    printed = done.stdout.split(END)
    assert len(printed) == len(steps) + 1, f"the shell ended early:\n{done.stdout}"
    return printed[:-1]


def pattern(expected):
    lines = []
    for line in expected.splitlines():
        if line == "…":
            lines.append(r"(?:.*\n)*?")
        else:
            lines.append(".*?".join(re.escape(part) for part in line.split("…")) + r"[ \t]*\n")
    return re.compile("".join(lines))


def matches(expected, printed):
    printed = printed if printed.endswith("\n") or not printed else printed + "\n"
    return pattern(expected).fullmatch(printed) is not None
