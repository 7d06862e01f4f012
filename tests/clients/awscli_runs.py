"""Runs the AWS CLI for each command line that it reads.

Each run is a process of its own. It does what /usr/bin/aws does, but is forked when the
modules of the CLI and the service's model are loaded, and ends without freeing them:
both take longer than a call.

Reads the arguments of a run from a line, as a JSON list, and prints a line
{"status": ..., "stdout": ..., "stderr": ...}. Ends with its input.

Usage: awscli_runs.py
"""

import json
import os
import sys
import tempfile

import awscli.clidriver


def run(driver, arguments):
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(stdout.fileno(), 1)
            os.dup2(stderr.fileno(), 2)
            status = awscli.clidriver.AWSCLIEntryPoint(driver).main(arguments)
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
        _, status = os.waitpid(child, 0)
        result = {"status": os.waitstatus_to_exitcode(status)}
        for name, file in (("stdout", stdout), ("stderr", stderr)):
            file.seek(0)
            result[name] = file.read().decode()
        return result


def main():
    driver = awscli.clidriver.create_clidriver()
    # They load what a run needs. No thread may start before a fork.
    driver.subcommand_table["glue"].create_parser()
    driver.session.create_client("glue")
    for line in sys.stdin:
        print(json.dumps(run(driver, json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
