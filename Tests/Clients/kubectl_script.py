"""Scripts of kubectl commands: what each prints and how it ends, with two versions of kubectl.

A line `$ command` is run by bash in the script's folder, `> ` continues it, and `$1.37 command`
is for that version only. Then come the lines that it prints on standard output, `! ` before those
on standard error, and `? 1` when it ends with that code instead of 0. Lines of one version begin
with `[1.20] ` or `[1.37] `. `…` stands for any text within a line, a line that is only `…` for any
number of lines, and `$NS` for the namespace. Runs of spaces count as one, except at the beginning
of a line. A line that begins with `## ` is for the reader.
"""

import dataclasses
import os
import re
import subprocess

SECONDS = 30
VERSIONS = ("1.20", "1.37")


@dataclasses.dataclass
class Command:
    line: int
    text: str
    only: str | None
    code: int = 0
    out: list = dataclasses.field(default_factory=list)
    err: list = dataclasses.field(default_factory=list)


def commands(text, version):
    """The commands for `version`, each with what it is expected to print."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        start = re.match(r"\$(1\.\d\d)? (.*)", line)
        of_version = re.match(r"\[(1\.\d\d)\] ?(.*)", line)
        if line.startswith("## ") or not line and not found:
            continue
        if start:
            found.append(Command(number, start[2], start[1]))
            continue
        assert found, f"line {number}: output before any command"
        if line.startswith("> "):
            found[-1].text += "\n" + line[2:]
            continue
        if of_version:
            if of_version[1] != version:
                continue
            line = of_version[2]
        if line.startswith("? "):
            found[-1].code = int(line[2:])
        elif line == "!" or line.startswith("! "):
            found[-1].err.append(line[2:])
        else:
            found[-1].out.append(line)
    for command in found:
        while command.out and not command.out[-1]:
            command.out.pop()
    return [command for command in found if command.only in (None, version)]


class Shell:
    """A person's shell: one kubectl, one kubeconfig, one folder; `home` holds kubectl's cache."""

    def __init__(self, kubectl, home, folder, namespace):
        self.folder, self.namespace = folder, namespace
        self.environment = {
            "HOME": str(home), "KUBECONFIG": str(folder / "config"), "NS": namespace,
            "PATH": f"{kubectl.parent}:{os.environ['PATH']}", "TZ": "UTC", "LC_ALL": "C.UTF-8"}

    def run(self, text):
        return subprocess.run(
            ["bash", "-c", text], cwd=self.folder, env=self.environment, text=True,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS)

    def problems(self, command):
        """What is not as expected; empty when all is well."""
        done = self.run(command.text)
        found = []
        if done.returncode != command.code:
            found.append(f"ends with {done.returncode} instead of {command.code}")
        for name, expected, printed in (
                ("stdout", command.out, done.stdout), ("stderr", command.err, done.stderr)):
            wanted = "\n".join(expected).replace("$NS", self.namespace)
            if not matches(wanted, printed):
                found.append(f"{name} instead of\n{wanted}")
        if found:
            found += ["it printed", done.stdout, done.stderr]
        return "\n".join(found)


def tidy(line):
    """The line with single spaces after its indentation."""
    line = line.rstrip()
    indentation = re.match(" *", line)[0]
    return indentation + re.sub(r"[ \t]+", " ", line[len(indentation):])


def matches(expected, printed):
    lines = []
    for line in expected.splitlines():
        if line == "…":
            lines.append(r"(?:.*\n)*?")
        else:
            lines.append(".*?".join(re.escape(part) for part in tidy(line).split("…")) + "\n")
    text = "".join(tidy(line) + "\n" for line in printed.rstrip().splitlines())
    return re.fullmatch("".join(lines), text) is not None
