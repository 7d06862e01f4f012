"""Attacks on the library; each is a run of library_campaign.cc."""

import json
import subprocess

import program
from attack import attack, ended


def run_library(attack_, count):
    """Adds the results of library_campaign to the attack."""
    process = subprocess.run(
        [attack_.binary.library, attack_.registered.name,
         str(attack_.random.getrandbits(63)), str(attack_.size(count))],
        capture_output=True, timeout=10 * program.END_SECONDS,
        preexec_fn=program.limits(),
    )
    said = process.stderr.decode("utf-8", "replace")
    try:
        findings = json.loads(process.stdout)
    except ValueError:
        attack_.input(False, f"{ended(process.returncode)}: {said[:300]}")
        return
    attack_.tried += findings["tried"]
    attack_.survived += findings["survived"]
    for example in findings["examples"]:
        attack_.fail(example)
    if process.returncode != 0 or any(word in said for word in program.SANITIZER_WORDS):
        attack_.fail(f"{ended(process.returncode)}: {said[:300]}")


@attack(about="commits, long runs of removals, forks and restores of the memory storage",
        server=False, library=True)
def random_commits_and_forks(attack_):
    run_library(attack_, 6000)


@attack(about="storages, clocks, hashers, authorizers, observers and other hooks that throw",
        server=False, library=True)
def throwing_hooks(attack_):
    run_library(attack_, 1500)


@attack(about="backends and logs behind a server that throw", server=False, library=True)
def throwing_backend(attack_):
    run_library(attack_, 600)


@attack(about="upstreams that answer an HttpBackend with 1xx, half answers, garbage, and "
              "answers to no request", server=False, library=True)
def hostile_upstreams(attack_):
    run_library(attack_, 600)


@attack(about="fork() of a process that serves: the child destroys what it inherited",
        server=False, library=True)
def fork_of_a_server(attack_):
    run_library(attack_, 12)
