"""The CMake files agree with the BUILD files and the includes.

- Every source of glue_security/ that Bazel builds is in one library or program of CMake,
  but for what is not packaged.
- A program has exactly the sources that its Bazel target needs beyond the libraries.
- A library includes only what it links, and links our libraries only if it includes
  something of them.
- cmake/headers.cmake has the public headers of docs/architecture.md, and what they
  include. None of them includes a header of a library that is used in sources only.
- The protos are those of the BUILD files, and so are the texts that become literals.

With --update it writes cmake/headers.cmake again.
"""

import ast
import os
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "tools"))
import check_sources  # noqa: E402

HEADERS = pathlib.Path("cmake/headers.cmake")

# CMake does not build these: planted defects are for this project's tests, and the other
# is for the shared libraries, which Bazel makes.
NOT_PACKAGED = ("glue_security/testing/defects", "glue_security/capi/load_functions.cc")

# Headers without a source: who includes them needs no library for it.
HEADERS_ALONE = ("glue_security/http/call_gate.h", "glue_security/http/plain_text.h")

# program of CMake -> its targets of Bazel: without etcd, with etcd
PROGRAMS = {
    "glue-conformance": ("glue_security/testing/remote", "glue-conformance", None),
    "glue-policy": ("glue_security/policy", "glue-policy", None),
    "glue-security-server": (
        "glue_security/server/binary", "glue-security-server", "glue-security-server-etcd",
    ),
    "glue-storage": ("glue_security/storage/tool", None, "glue-storage"),
}
# The files of the server's page.
PAGE_SUFFIXES = (".css", ".html", ".js", ".svg")
FURTHER = "${further_storages}"
WITH_ETCD = "glue_security/storage/further/etcd_storages.cc"
WITHOUT_ETCD = "glue_security/storage/further/no_further_storages.cc"


def commands(path, name):
    """Yields the words of each call of a function in a CMake file."""
    text = re.sub(r"#.*", "", path.read_text())
    for words in re.findall(rf"^ *{name}\(([^()]*)\)", text, re.M):
        yield re.findall(r'"[^"]*"|\S+', words)


def arguments(words, keywords):
    """Returns keyword -> the words after it, up to the next keyword."""
    found = {keyword: [] for keyword in keywords}
    current = None
    for word in words[1:]:
        if word in found:
            current = found[word]
        else:
            current.append(word)
    return found


class Library:
    def __init__(self, words):
        self.name = words[0]
        found = arguments(
            words, ("DESCRIPTION", "FOLDERS", "EXCEPT", "SOURCES", "PUBLIC", "PRIVATE")
        )
        self.folders = [f"glue_security/{folder}" for folder in found["FOLDERS"]]
        self.excepted = {f"glue_security/{source}" for source in found["EXCEPT"]}
        self.sources = {f"glue_security/{source}" for source in found["SOURCES"]}
        for folder in self.folders:
            self.sources.update(str(path) for path in pathlib.Path(folder).glob("*.cc"))
        self.sources -= self.excepted
        self.links = {
            link.partition("::")[2]
            for link in found["PUBLIC"] + found["PRIVATE"]
            if link.startswith("glue_security::")
        }


def cmake_libraries():
    lists = pathlib.Path("CMakeLists.txt")
    libraries = {words[0]: Library(words) for words in commands(lists, "glue_security_library")}
    if len(libraries) < 6:
        raise RuntimeError("CMakeLists.txt: the libraries are missing")
    return libraries


def cmake_programs():
    """Returns program -> its sources."""
    programs = {}
    for words in commands(pathlib.Path("CMakeLists.txt"), "glue_security_program"):
        sources = arguments(words, ("DESCRIPTION", "SOURCES", "LINKS"))["SOURCES"]
        programs[words[0]] = {
            source if source == FURTHER else f"glue_security/{source}" for source in sources
        }
    return programs


class Bazel:
    """The targets of the BUILD files: label -> (sources, dependencies)."""

    def __init__(self):
        self.targets = {}
        self.protos = set()
        builds = sorted(pathlib.Path("glue_security").rglob("BUILD.bazel"))
        for build in [*builds, pathlib.Path("proto/glue_security/v1/BUILD.bazel")]:
            for rule, found in check_sources.rules(build):
                self.add(str(build.parent), rule, found)

    def add(self, folder, rule, found):
        if rule == "proto_library":
            self.protos.update(f"{folder}/{source}" for source in found["srcs"])
        if "name" not in found:
            return
        _, sources = check_sources.files_of(rule, found)
        if rule in ("genrule", "grpc_sources", "proto_library"):
            sources = []
        paths = [f"{folder}/{source}" for source in sources]
        # header_library has a source only if there is one, and generated ones are not here.
        paths = [p for p in paths if p.endswith(".cc") and pathlib.Path(p).exists()]
        dependencies = [found["actual"]] if rule == "alias" else found.get("deps", [])
        label = f"//{folder}:{found['name']}"
        self.targets[label] = (paths, [self.label(folder, d) for d in dependencies])

    @staticmethod
    def label(folder, text):
        if text.startswith(":"):
            return f"//{folder}{text}"
        if ":" in text:
            return text
        return f"{text}:{text.rpartition('/')[2]}"

    def sources(self):
        return {path for paths, _ in self.targets.values() for path in paths}

    def needed(self, label):
        """Returns the sources of a target and of all that it depends on."""
        seen, open_labels = set(), [label]
        while open_labels:
            label = open_labels.pop()
            if label in seen or label not in self.targets:
                continue
            seen.add(label)
            open_labels += self.targets[label][1]
        return {path for label in seen for path in self.targets[label][0]}


def check_sources_of_targets(libraries, programs, bazel):
    places = {}
    for name, library in libraries.items():
        for source in library.sources:
            places.setdefault(source, []).append(name)
        for source in library.excepted:
            if (
                not source.startswith(NOT_PACKAGED)
                and not any(source in sources for sources in programs.values())
                and not any(source in other.sources for other in libraries.values())
            ):
                yield f"CMakeLists.txt: {source} is left out of {name}, and in nothing else"
    for source, names in sorted(places.items()):
        if len(names) > 1:
            yield f"CMakeLists.txt: {source} is in {' and '.join(names)}"
    in_programs = set().union(*programs.values()) | {WITH_ETCD, WITHOUT_ETCD}
    for source in sorted(in_programs - {FURTHER}):
        if source in places:
            yield f"CMakeLists.txt: {source} is in a program and in {places[source][0]}"
        if not pathlib.Path(source).exists():
            yield f"CMakeLists.txt: there is no {source}"
    built = {s for s in bazel.sources() if not s.startswith(NOT_PACKAGED)}
    for source in sorted(built - set(places) - in_programs):
        yield f"{source}: in no target of CMakeLists.txt"
    for source in sorted(set(places) - built):
        yield f"{source}: in CMakeLists.txt, and in no BUILD file"


def check_programs(libraries, programs, bazel):
    in_libraries = set().union(*(library.sources for library in libraries.values()))
    if set(programs) != set(PROGRAMS):
        yield f"CMakeLists.txt: its programs are not {', '.join(PROGRAMS)}"
        return
    for program, (folder, plain, with_etcd) in PROGRAMS.items():
        for target, further in ((plain, WITHOUT_ETCD), (with_etcd, WITH_ETCD)):
            if target is None:
                continue
            wanted = bazel.needed(f"//{folder}:{target}") - in_libraries
            sources = programs[program]
            if FURTHER in sources:
                sources = sources - {FURTHER} | {further}
            for source in sorted(wanted ^ sources):
                which = "not" if source in wanted else "needlessly"
                yield f"CMakeLists.txt: {program} has {which} {source}, unlike //{folder}:{target}"


def includes_of(path):
    return re.findall(r'^#include "(glue_security/[^"]+)"', pathlib.Path(path).read_text(), re.M)


def check_links(libraries):
    owner = {"glue_security/v1": "protos", "glue_security/storage/etcd/proto": "etcd_protos"}
    for name, library in libraries.items():
        owner.update((folder, name) for folder in library.folders)
    links = {"protos": set(), "etcd_protos": set()}
    links.update((name, library.links) for name, library in libraries.items())

    def reachable(name):
        return {name}.union(*(reachable(link) for link in links[name]))

    for name, library in libraries.items():
        used = set()
        files = set(library.sources)
        for folder in library.folders:
            files.update(str(path) for path in pathlib.Path(folder).glob("*.h"))
        for file in sorted(files):
            for include in includes_of(file):
                if include in HEADERS_ALONE:
                    continue
                other = owner.get(str(pathlib.PurePosixPath(include).parent))
                used.add(other)
                # The private headers of programs are beside the sources of a library.
                if other not in reachable(name) and not in_program(file, library):
                    yield f"{file}: includes {include}, and {name} does not link {other}"
        # Each link reaches something that is used, if by way of another library.
        for link in sorted(library.links):
            if library.folders and not used & reachable(link):
                yield f"CMakeLists.txt: {name} links {link} and includes nothing of it"


def in_program(header, library):
    return str(pathlib.PurePosixPath(header).with_suffix(".cc")) in library.excepted


def check_protos(bazel):
    named = set()
    for words in commands(pathlib.Path("CMakeLists.txt"), "glue_security_protos"):
        found = arguments(words, ("ROOT", "FILES", "SERVICES"))
        root = "" if found["ROOT"] == ["."] else found["ROOT"][0] + "/"
        named.update(f"{root}{file}.proto" for file in found["FILES"] + found["SERVICES"])
    for proto in sorted(named ^ bazel.protos):
        yield f"{proto}: not both in CMakeLists.txt and in a BUILD file"


def check_text_literals():
    """Compares the lists, and each with the files of the page that are included."""
    named = set()
    for words in commands(pathlib.Path("CMakeLists.txt"), "glue_security_text_literals"):
        named.update(f"glue_security/{file}" for file in arguments(words, ("FILES",))["FILES"])
    folder = pathlib.Path("glue_security/server/page")
    built = set()
    for node in ast.parse((folder / "BUILD.bazel").read_text()).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "TEXTS":
            built = {f"{folder}/{file}" for file in ast.literal_eval(node.value)}
    included = set(
        re.findall(r'^#include "(\S+)\.inc"', (folder / "page_files.cc").read_text(), re.M)
    )
    present = {str(path) for path in folder.iterdir() if path.suffix in PAGE_SUFFIXES}
    if not built:
        yield f"{folder}/BUILD.bazel: the list TEXTS is missing"
    for name, files in (("CMakeLists.txt", named), ("BUILD.bazel", built), ("page_files.cc", included)):
        for file in sorted(files ^ present):
            yield f"{file}: not both in {name} and in its folder"


def installed_headers():
    return check_sources.with_includes(check_sources.public_headers())


def headers_file():
    return (
        "# The headers that are installed: the public ones, which docs/architecture.md"
        " lists, and\n# what they include. `tests/repository/cmake_test.py --update`"
        " writes this file.\n\nset(GLUE_SECURITY_HEADERS\n"
        + "\n".join(f"    {header}" for header in sorted(installed_headers()))
        + ")\n"
    )


def check_headers(libraries):
    if HEADERS.read_text() != headers_file():
        yield f"{HEADERS}: not what tests/repository/cmake_test.py --update writes"
    folders = {folder for library in libraries.values() for folder in library.folders}
    for header in sorted(installed_headers()):
        if str(pathlib.PurePosixPath(header).parent) not in folders:
            yield f"{header}: to be installed, and in no folder of CMakeLists.txt"


def main():
    os.chdir(TOP)
    if "--update" in sys.argv:
        HEADERS.write_text(headers_file())
    libraries, programs, bazel = cmake_libraries(), cmake_programs(), Bazel()
    findings = [
        *check_sources_of_targets(libraries, programs, bazel),
        *check_programs(libraries, programs, bazel),
        *check_links(libraries),
        *check_protos(bazel),
        *check_text_literals(),
        *check_headers(libraries),
    ]
    for finding in findings:
        print(finding)
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
