#!/usr/bin/python3
"""Tries the Debian packages that `cpack -G DEB` makes, in a root of Debian 12.

Usage, as root: tools/check_deb.py BUILD_FOLDER [--base FOLDER] [--keep FOLDER]

The programs run and have manual pages, another project is built from the libraries, and a
component whose package is missing is told. If lintian is there, it must find no error.

BUILD_FOLDER is one of CMake for the whole library, with programs and etcd. --base takes a
root that mmdebstrap has made before. --keep keeps what is made. CI does not run this: it
needs mmdebstrap, and Debian's packages from the network.
"""

import argparse
import contextlib
import pathlib
import shutil

from debian_root import Root, make_base, run, say, stay_apart, work_folder

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAMS = "glue-conformance glue-policy glue-security-server glue-storage"
FROM = "/work"
# Beside the packages: what the other project needs. libgrpc++-dev alone is not enough for
# storage_etcd.
FURTHER = "cmake g++ libgmock-dev libgrpc++-dev libgtest-dev make man-db"

TRY_PROGRAMS = f"""set -e
for program in {PROGRAMS}; do
  $program --version
  man $program >page.txt
  grep -E "$program +- " page.txt
done
"""

TRY_SERVER = """set -e
glue-security-server --port=0 --storage=sqlite:records --log=off >url.txt &
server=$!
trap 'kill $server' EXIT
for _ in $(seq 100); do [ -s url.txt ] || sleep 0.1; done
glue-security-health $(grep -oE '[0-9]+$' url.txt)
kill $server
trap - EXIT
wait $server
glue-storage verify sqlite:records
"""

TRY_LIBRARIES = """set -e
cmake -S tests/cmake_consumer -B consumer
cmake --build consumer
ctest --test-dir consumer --no-tests=error
"""

WITH_ETCD = """cmake_minimum_required(VERSION 3.23)
project(etcd LANGUAGES CXX)
find_package(glue_security CONFIG REQUIRED COMPONENTS storage_etcd)
"""
TRY_WITHOUT_ETCD = """set -e
if cmake -S etcd -B etcd/build >log.txt 2>&1; then echo "it is found"; exit 1; fi
grep 'needed by a component: grpc_cpp_plugin' log.txt || { cat log.txt; exit 1; }
"""


def install(root, packages):
    root.run(f"apt-get install -y --no-install-recommends {packages}", FROM)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--base", type=pathlib.Path)
    parser.add_argument("--keep", type=pathlib.Path)
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    stay_apart()
    run("cpack", "-G", "DEB", cwd=arguments.build)
    packages = sorted(arguments.build.glob("*.deb"))
    with contextlib.ExitStack() as stack:
        folder = work_folder(stack, arguments.keep)
        base = arguments.base or make_base(folder)
        root = Root(base.resolve(), folder / "packages")
        stack.callback(run, "umount", "--recursive", root.path)
        for source in ("examples", "tests/cmake_consumer"):
            root.copy([ROOT / source], f"{FROM}/{source}", "/")
        root.copy(packages, f"{FROM}/", "/")
        root.inner(f"{FROM}/etcd").mkdir()
        root.inner(f"{FROM}/etcd/CMakeLists.txt").write_text(WITH_ETCD)
        root.run("apt-get update")
        install(root, f"./*.deb {FURTHER}")
        say("installed")
        root.run(TRY_PROGRAMS, FROM)
        say("the programs have a version and a manual page")
        root.run(TRY_SERVER, FROM)
        say("the server answers and keeps its records")
        root.run(TRY_LIBRARIES, FROM)
        say("another project uses the libraries")
        root.run(TRY_WITHOUT_ETCD, FROM)
        install(root, "protobuf-compiler-grpc")
        root.run("cmake -S etcd -B etcd/build", FROM)
        say("storage_etcd is there only with all that it needs")
        root.run("apt-get remove -y glue-security libglue-security-dev"
                 " && [ -z \"$(find /usr/bin -name 'glue*')\" ]")
        say("removed")
    if shutil.which("lintian"):
        run("lintian", "--fail-on", "error", *packages)
        say("lintian finds no error")


if __name__ == "__main__":
    main()
