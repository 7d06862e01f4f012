"""Reads a Dockerfile, as far as packaging/Dockerfile needs it.

An instruction, or a form of one, that this does not know is an error.
"""

import dataclasses
import json
import pathlib
import re
import shlex

# These take a list of words, as HEALTHCHECK does.
EXEC_FORMS = ("CMD", "ENTRYPOINT")


@dataclasses.dataclass
class Stage:
    """A stage: its steps, and what it says about the container."""

    base: str
    name: str = ""
    # (RUN, command), (COPY, (stage or None, sources, target)) or (WORKDIR, folder).
    steps: list = dataclasses.field(default_factory=list)
    user: str = "0:0"
    workdir: str = "/"
    volumes: list = dataclasses.field(default_factory=list)
    ports: list = dataclasses.field(default_factory=list)
    stopsignal: str = "SIGTERM"
    health: list = dataclasses.field(default_factory=list)
    entrypoint: list = dataclasses.field(default_factory=list)
    cmd: list = dataclasses.field(default_factory=list)


def instructions(text):
    """Yields (instruction, rest) of each logical line."""
    line = ""
    for part in text.splitlines():
        if part.lstrip().startswith("#") or not (line or part.strip()):
            continue
        line += part
        if line.endswith("\\"):
            line = line[:-1]
            continue
        word, _, rest = line.strip().partition(" ")
        yield word, rest.strip()
        line = ""
    if line:
        raise ValueError(f"the last line ends in a backslash: {line}")


def exec_form(instruction, rest):
    words = json.loads(rest) if rest.startswith("[") else None
    if not words:
        raise ValueError(f"{instruction} has a list of words: {rest}")
    return words


def copy_step(rest):
    words = shlex.split(rest)
    stage = None
    if words[0].startswith("--from="):
        stage = words.pop(0).removeprefix("--from=")
    if len(words) < 2 or any(word.startswith("-") for word in words):
        raise ValueError(f"COPY: {rest}")
    return stage, words[:-1], words[-1]


def apply(stage, instruction, rest):
    """Takes one instruction into the stage."""
    if instruction == "RUN":
        if rest.startswith(("[", "-")):
            raise ValueError(f"RUN has a command of the shell: {rest}")
        stage.steps.append(("RUN", rest))
    elif instruction == "COPY":
        stage.steps.append(("COPY", copy_step(rest)))
    elif instruction == "WORKDIR":
        stage.workdir = rest
        stage.steps.append(("WORKDIR", rest))
    elif instruction == "USER":
        stage.user = rest
    elif instruction == "VOLUME":
        stage.volumes.append(rest)
    elif instruction == "EXPOSE":
        stage.ports.append(int(rest))
    elif instruction == "STOPSIGNAL":
        stage.stopsignal = rest
    elif instruction == "HEALTHCHECK":
        options, _, command = rest.partition(" CMD ")
        if not re.fullmatch(r"(--[a-z-]+=\w+ *)*", options):
            raise ValueError(f"HEALTHCHECK: {rest}")
        stage.health = exec_form("HEALTHCHECK", command.strip())
    elif instruction in EXEC_FORMS:
        setattr(stage, instruction.lower(), exec_form(instruction, rest))
    else:
        raise ValueError(f"unknown instruction: {instruction} {rest}")


def read_stages(path):
    """Returns the stages of a Dockerfile."""
    arguments = {}
    stages = []
    for instruction, rest in instructions(pathlib.Path(path).read_text()):
        if instruction == "ARG" and not stages:
            name, _, value = rest.partition("=")
            arguments[name] = value
        elif instruction == "FROM":
            base, *name = re.sub(r"\$\{(\w+)\}", lambda m: arguments[m[1]], rest).split()
            stages.append(Stage(base, name[1] if name else ""))
        elif stages:
            apply(stages[-1], instruction, rest)
        else:
            raise ValueError(f"before the first FROM: {instruction} {rest}")
    return stages
