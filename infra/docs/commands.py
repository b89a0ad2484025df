#!/usr/bin/env python3
"""Whether what the docs have people type is right: commands.py ROLLCALL [FILE.md]...

- In blocks that begin with ```sh, and in `code` within a sentence, what begins with `rollcall` or `cargo run --` is read by
  the command ROLLCALL itself, with --help at its end: it must know the subcommand, each option, and each value, but
  those that its reader puts in (`…`, `TENANT_ID`). It does nothing else then.
- Of `just`, the recipe must be in the justfile; of `bash FILE`, the file must be there.
- Blocks that begin with ```sh run are run as they are, those of one page after one another in one new folder, and must succeed.
- A path of the repository in `code` must be there.
- The examples in each subcommand's --help are read like blocks.
- What is to be looked at and not typed is in blocks of another kind (```text, ```json, ```powershell).

Without files: every .md that git knows.
"""
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^( *)```(\S*)[ ]?(.*?)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
PATH = re.compile(r"`((?:docs|functions|infra|shared|tests|\.ci)/[\w./-]*\w/?)`")
CODE = re.compile(r"`((?:rollcall|cargo run --|just) [^`]+)`")
RECIPE = re.compile(r"^([a-z-]+)\b.*:(?!=)", re.MULTILINE)
# A value that a page leaves out, or that its reader puts in: `…`, `TENANT_ID`.
LEFT_OUT = re.compile(r"error: invalid value '([^']*…[^']*|[A-Z][A-Z_]*)'")
NAMED_ALONE = "error: a value is required for"
# What ends a command in a shell, or leads its output elsewhere.
ENDS = re.compile(r"[|&;<>()]+")


def words(line):
    """The commands of a line of a shell, each as its words."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    commands = [[]]
    for word in lexer:
        if ENDS.fullmatch(word):
            commands.append([])
        else:
            commands[-1].append(word)
    return commands


def lines(block):
    return block.replace("\\\n", " ").splitlines()


class Checker:
    def __init__(self, rollcall):
        self.rollcall = Path(rollcall).resolve()
        self.recipes = set(RECIPE.findall((ROOT / "justfile").read_text()))
        self.empty = tempfile.TemporaryDirectory()
        self.environment = {"PATH": f"{self.rollcall.parent}:{os.environ['PATH']}", "HOME": self.empty.name, "NO_COLOR": "1"}
        self.read = self.ran = 0
        self.wrong = []

    def line(self, where, line, is_within_a_sentence=False):
        try:
            commands = words(line)
        except ValueError as error:
            return self.wrong.append(f"{where}: {line}: {error}")
        for command in commands:
            while command and re.match(r"[A-Z_]+=", command[0]):
                command = command[1:]
            self.command(where, command, is_within_a_sentence)

    def command(self, where, command, is_within_a_sentence):
        match command:
            case ["rollcall", "…", *_]:
                pass  # Any of its commands.
            case ["rollcall", *arguments] | ["cargo", "run", "--", *arguments]:
                self.parsed(where, arguments, is_within_a_sentence)
            case ["just", recipe, *_] if recipe not in self.recipes:
                self.wrong.append(f"{where}: the justfile has no recipe {recipe}")
            case ["bash", file, *_] if not (ROOT / file).is_file():
                self.wrong.append(f"{where}: there is no {file}")

    def parsed(self, where, arguments, is_within_a_sentence):
        """Has the command read its arguments. A sentence may name an option without its value."""
        self.read += 1
        done = self.call([self.rollcall, *arguments, "--help"])
        first = "".join(done.stderr.splitlines()[:1])
        if done.returncode == 0 or LEFT_OUT.match(first):
            return
        if is_within_a_sentence and first.startswith(NAMED_ALONE):
            return
        self.wrong.append(f"{where}: rollcall {shlex.join(arguments)}\n    {first}")

    def call(self, command):
        return subprocess.run(command, cwd=self.empty.name, env=self.environment, capture_output=True, text=True, timeout=60)

    def page(self, file):
        text = file.read_text()
        name = file.relative_to(ROOT)
        script = []
        for _, language, marks, block in BLOCK.findall(text):
            if language != "sh":
                continue
            for line in lines(block):
                self.line(name, line)
            if marks == "run":
                script.append(block)
        # The changelog also names what there was.
        for path in PATH.findall(text) if name != Path("CHANGELOG.md") else []:
            if not (ROOT / path).exists():
                self.wrong.append(f"{name}: there is no {path}")
        for code in CODE.findall(BLOCK.sub("", text)):
            self.line(name, " ".join(code.split()), is_within_a_sentence=True)
        if script:
            self.run(name, "".join(script))

    def run(self, name, script):
        with tempfile.TemporaryDirectory() as folder:
            environment = self.environment | {"HOME": folder}
            done = subprocess.run(
                ["bash", "-euxo", "pipefail", "-c", script], cwd=folder, env=environment, text=True, timeout=300,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )
        self.ran += len(script.splitlines())
        if done.returncode != 0:
            self.wrong.append(f"{name}: what it runs ends with {done.returncode}:\n{done.stdout[-3000:]}")

    def examples(self):
        """The examples of each subcommand."""
        listed = self.call([self.rollcall, "--help"]).stdout
        for subcommand in re.findall(r"^  ([a-z-]+)  ", listed, re.MULTILINE):
            for example in re.findall(r"^  (rollcall .*)$", self.call([self.rollcall, subcommand, "--help"]).stdout, re.MULTILINE):
                self.line(f"rollcall {subcommand} --help", example)


def main():
    if len(sys.argv) < 2 or not os.access(sys.argv[1], os.X_OK):
        sys.exit("write the path of the command rollcall: commands.py target/debug/rollcall")
    checker = Checker(sys.argv[1])
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True)
    files = [Path(file).resolve() for file in sys.argv[2:]] or [ROOT / file for file in sorted(set(listed.stdout.split("\0"))) if file]
    for file in files:
        checker.page(file)
    if not sys.argv[2:]:
        checker.examples()
    for wrong in checker.wrong:
        print(wrong, file=sys.stderr)
    print(f"{checker.read} commands were read by rollcall, {checker.ran} lines were run, {len(checker.wrong)} are wrong")
    sys.exit(bool(checker.wrong))


if __name__ == "__main__":
    main()
