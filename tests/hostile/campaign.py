"""Attacks the server's program and reports the results.

Usage: campaign.py SERVER [--library PROGRAM] [--seconds N | --scale X] [--seed N]
                   [--only NAME,...] [--report FILE]
       campaign.py --list

SERVER is the server's program. PROGRAM is library_campaign.cc's; without it the attacks
on the library are skipped. NAME is an attack or a file of attacks.

Each attack runs once with the sizes of a short campaign, times --scale. With --seconds
the campaign runs again and again, each time with another seed, until the time is over.
A line of JSON for each attack goes to stdout and to --report:

    {"class": "half_sent_bodies", "about": "…", "tried": 120, "survived": 120,
     "ok": true, "honest": {"calls": 60, "p99_ms": 1.4, …}, "peak_mib": 31.0, …}

--list prints the names of all attacks, for tools/reliability_table.py. The exit
status is 1 when an attack found a failure. GLUE_SECURITY_SEED in the environment also
sets the seed; without one it is random, and printed.
"""

import argparse
import os
import random
import resource
import sys
import time

import access_attacks  # noqa: F401  The files register their attacks.
import body_attacks  # noqa: F401
import budget_attacks  # noqa: F401
import control_attacks  # noqa: F401
import http_attacks  # noqa: F401
import library_attacks  # noqa: F401
import process_attacks  # noqa: F401
import attack
import program


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("server", nargs="?")
    parser.add_argument("--library")
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--only", default="")
    parser.add_argument("--report")
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    if arguments.seed is None:
        from_environment = os.environ.get("GLUE_SECURITY_SEED", "")
        arguments.seed = (
            int(from_environment) if from_environment else random.SystemRandom().getrandbits(32)
        )
    return arguments


def chosen(only):
    attacks = list(attack.ATTACKS.values())
    for name in filter(None, only.split(",")):
        if not any(name in (registered.name, registered.group) for registered in attacks):
            sys.exit(f"there is no attack {name}")
    return [
        registered
        for registered in attacks
        if not only or {registered.name, registered.group} & set(only.split(","))
    ]


def run_round(binary, attacks, seed, scale, out):
    """Runs the attacks; returns true when all survived."""
    all_ok = True
    for registered in attacks:
        if registered.plain_only and binary.sanitizers:
            continue
        if registered.library and binary.library is None:
            continue
        result = attack.Attack(binary, registered, seed, scale).run()
        result["seed"] = seed
        all_ok = all_ok and result["ok"]
        for file in out:
            print(attack.line(result), file=file, flush=True)
    return all_ok


def main():
    arguments = parse()
    if arguments.list:
        print("\n".join(attack.ATTACKS))
        return 0
    if not arguments.server:
        sys.exit("campaign.py: the server is missing")
    attacks = chosen(arguments.only)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    binary = program.Binary(os.path.abspath(arguments.server), arguments.library)
    print(f"GLUE_SECURITY_SEED={arguments.seed}", file=sys.stderr, flush=True)
    out = [sys.stdout]
    if arguments.report:
        out.append(open(arguments.report, "a"))
    begin = time.monotonic()
    seed = arguments.seed
    all_ok = run_round(binary, attacks, seed, arguments.scale, out)
    while arguments.seconds and time.monotonic() - begin < arguments.seconds:
        seed += 1
        all_ok = run_round(binary, attacks, seed, arguments.scale, out) and all_ok
    return 0 if all_ok else 1


if __name__ == "__main__":
    sys.exit(main())
