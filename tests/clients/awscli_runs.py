"""Runs the AWS CLI for each command line that it reads.

Each run is a process of its own, which executes /usr/bin/aws. It is forked after the
modules of the CLI are loaded, because loading them takes longer than a call.

Reads the arguments of a run from a line, as a JSON list, and prints a line
{"status": ..., "stdout": ..., "stderr": ...}. Ends with its input.

Usage: awscli_runs.py
"""

import json
import os
import runpy
import sys
import tempfile

import awscli.clidriver

AWS = "/usr/bin/aws"


def run(arguments):
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(stdout.fileno(), 1)
            os.dup2(stderr.fileno(), 2)
            sys.argv = [AWS, *arguments]
            runpy.run_path(AWS, run_name="__main__")
            raise RuntimeError(f"{AWS} did not exit")
        _, status = os.waitpid(child, 0)
        result = {"status": os.waitstatus_to_exitcode(status)}
        for name, file in (("stdout", stdout), ("stderr", stderr)):
            file.seek(0)
            result[name] = file.read().decode()
        return result


def main():
    # Loads the modules that the CLI loads when it starts.
    awscli.clidriver.create_clidriver()
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
