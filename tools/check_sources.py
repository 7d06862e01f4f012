#!/usr/bin/python3
"""Checks the project's own rules on the sources.

- The includes keep to the table of docs/architecture.md.
- The public headers of its other table are those that Bazel lets everybody use, and
  docs/labels.md has their labels. Neither they nor what they include shows simdjson,
  OpenSSL, RE2, Boost, SQLite or gRPC.
- Every test and every source is named in the BUILD file beside it.
- A folder has at most 40 files of code. Public headers have at most 250 lines, other
  files except tests 600; functions have at most 70.
- A switch over operations has no `default:`, so that the compiler reports a new one.
- Third-party libraries are used through //third_party only.
- Comments begin with a noun phrase or a verb, and cite documents that are here.
- Links in the documents lead to files.
"""

import ast
import os
import pathlib
import re
import subprocess
import sys

HEADER_LINES_MAX = 250
FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 70
FOLDER_FILES_MAX = 40

# A comment that begins so has no subject, or no verb.
HEADLESS = re.compile(r"(Of|Those|That|What|Who|Whom|Where|Whether|The same)\b")

# The libraries that no public header shows.
SOURCES_ONLY = re.compile(
    r"simdjson|openssl/|re2/|boost/|sqlite3|grpc|nlohmann/|absl/base/internal/"
)


def tracked(*patterns):
    out = subprocess.run(
        ["git", "ls-files", *patterns], check=True, capture_output=True, text=True
    )
    return [pathlib.Path(line) for line in out.stdout.splitlines()]


def allowed_includes():
    """Returns package -> the packages and headers that it may include."""
    table = {}
    for line in pathlib.Path("docs/architecture.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != 3 or not cells[0].startswith("`"):
            continue
        package = cells[0].strip("`").rstrip("/")
        names = re.findall(r"`([^`]+)`", cells[2])
        table[package] = None if cells[2] == "everything" else names
    return table


def package_of(path, packages):
    if path.startswith("glue_security/v1/"):
        return "proto/glue_security/v1"
    parts = path.split("/")
    for depth in range(len(parts) - 1, 0, -1):
        package = "/".join(parts[:depth])
        if package in packages:
            return package
    return None


def check_includes():
    table = allowed_includes()
    if len(table) < 8:
        yield "docs/architecture.md: the table of packages is missing"
    for path in tracked("glue_security/*.h", "glue_security/*.cc"):
        package = package_of(str(path), table)
        if package is None:
            yield f"{path}: its package is not in docs/architecture.md"
            continue
        allowed = table[package]
        if allowed is None:
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = re.match(r'#include "(glue_security/[^"]+)"', line)
            if match is None:
                continue
            other = package_of(match.group(1), table)
            short = (other or "").replace("glue_security/", "", 1)
            if other == "proto/glue_security/v1":
                short = "proto"
            if other == package or short in allowed:
                continue
            if match.group(1).replace("glue_security/", "", 1) in allowed:
                continue
            yield f"{path}:{number}: {package} may not include {match.group(1)}"


def public_headers():
    """Returns the headers of the list in docs/architecture.md."""
    headers = set()
    for line in pathlib.Path("docs/architecture.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != 2 or not cells[0].startswith("`glue_security/"):
            continue
        folder = cells[0].strip("`").rstrip("/")
        headers.update(f"{folder}/{name}" for name in re.findall(r"`([^`]+)`", cells[1]))
    return headers


def includes_of(path):
    return re.findall(r'^ *#include [<"]([^">]+)[">]', pathlib.Path(path).read_text(), re.M)


def with_includes(headers):
    """Returns some headers of this project, and those of it that they include, however
    indirectly: header -> the one that includes it first, or none."""
    found = {}
    waiting = [(header, None) for header in sorted(headers)]
    while waiting:
        header, parent = waiting.pop()
        if header in found or not pathlib.Path(header).exists():
            continue
        found[header] = parent
        waiting += [(include, header) for include in includes_of(header)]
    return found


def rules(build):
    """Yields (rule, {argument: value}) for each rule whose arguments are literals."""
    for node in ast.parse(build.read_text()).body:
        if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
            continue
        arguments = {}
        for keyword in node.value.keywords:
            try:
                arguments[keyword.arg] = ast.literal_eval(keyword.value)
            except ValueError:
                pass
        yield getattr(node.value.func, "id", ""), arguments


def files_of(rule, arguments):
    """Returns the headers and the sources that a rule of a BUILD file names."""
    if rule == "header_library":
        name = arguments["name"]
        return [f"{name}.h"], [f"{name}.cc"]
    return arguments.get("hdrs", []), arguments.get("srcs", [])


def check_public_headers():
    listed = public_headers()
    if not listed:
        yield "docs/architecture.md: the table of public headers is missing"
    visible = set()
    for build in tracked("glue_security/*BUILD.bazel"):
        for rule, arguments in rules(build):
            if "//visibility:public" in arguments.get("visibility", []):
                headers, _ = files_of(rule, arguments)
                visible.update(f"{build.parent}/{header}" for header in headers)
    for header in sorted(listed - visible):
        yield f"docs/architecture.md: {header} is not public"
    for header in sorted(visible - listed):
        yield f"{header}: public, and not in the table of docs/architecture.md"


def check_public_includes():
    """Yields includes, below a public header, of libraries that are used in sources only:
    an embedder would have to link them, and their types would be part of the API."""
    for header in with_includes(public_headers()):
        for include in includes_of(header):
            if SOURCES_ONLY.match(include):
                yield f"{header}: public or below a public header, and includes {include}"


def check_labels():
    import label_page  # It imports this file.

    if not label_page.PAGE.exists() or label_page.PAGE.read_text() != label_page.page():
        yield f"{label_page.PAGE}: not what tools/label_page.py writes"


def check_targets():
    named = {}
    for path in tracked("*.c", "*.cc", "*.h", "tests/*_test.py", "tests/*_test.sh"):
        build = path.parent / "BUILD.bazel"
        if not build.exists():
            yield f"{path}: there is no {build}"
            continue
        if build not in named:
            named[build] = build.read_text() + "".join(
                f'"{file}"'
                for rule, arguments in rules(build)
                for files in files_of(rule, arguments)
                for file in files
            )
        if f'"{path.name}"' not in named[build]:
            yield f"{path}: in no target of {build}"


def check_sizes():
    public = public_headers()
    folders = {}
    for path in tracked("*.h", "*.c", "*.cc"):
        folders[path.parent] = folders.get(path.parent, 0) + 1
        if str(path).startswith("tests/"):
            continue
        lines = len(path.read_text().splitlines())
        limit = HEADER_LINES_MAX if str(path) in public else FILE_LINES_MAX
        if lines > limit:
            yield f"{path}: {lines} lines, more than {limit}"
    for folder, files in folders.items():
        if files > FOLDER_FILES_MAX:
            yield f"{folder}: {files} files of code, more than {FOLDER_FILES_MAX}"


def check_functions():
    """Yields functions that are too long. Relies on clang-format: a function ends with
    a lone brace below its first line, and its body is indented further."""
    for path in tracked("glue_security/*.h", "glue_security/*.cc"):
        last = {}  # indentation -> the last line with it
        for number, line in enumerate(path.read_text().splitlines(), 1):
            text = line.lstrip()
            if not text:
                continue
            indentation = len(line) - len(text)
            if text == "}":
                lines = number - last.get(indentation, number) + 1
                if lines > FUNCTION_LINES_MAX:
                    yield (
                        f"{path}:{number}: ends a function of {lines} lines, "
                        f"more than {FUNCTION_LINES_MAX}"
                    )
            last[indentation] = number


def check_switches():
    """Yields each `default:` among the cases of operations: it would hide a new one."""
    for path in tracked("*.h", "*.cc"):
        cases = {}  # indentation -> whether the last switch there is over them
        for number, line in enumerate(path.read_text().splitlines(), 1):
            text = line.lstrip()
            indentation = len(line) - len(text)
            if re.match(r"case v1::(Request|Response)::k", text):
                cases[indentation] = True
            elif text.startswith("case "):
                cases[indentation] = False
            elif text == "default:" and cases.pop(indentation, False):
                yield f"{path}:{number}: a default in a switch over operations"


def check_locales():
    """The library reads and writes the same in every locale of its program."""
    functions = (
        "strto(d|f|ld)|ato[fil]|sto(d|f|ld)|to_string|sn?printf|setlocale|locale|"
        "strn?casecmp|to(upper|lower)|is(alpha|alnum|x?digit|space|print|upper|lower)"
    )
    uses = re.compile(rf"(?<![\w.>])(std::)?\b({functions})\(")
    for path in tracked("glue_security/*.h", "glue_security/*.cc"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = uses.search(line)
            if found and "//" not in line[: found.start()]:
                yield f"{path}:{number}: {found[2]} depends on the program's locale"


def check_third_party():
    for path in tracked("*.bazel"):
        if str(path).startswith(("third_party/", "tests/consumer/", "MODULE")):
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if re.search(r'"@(?!glue_security)|"-l', line):
                yield f"{path}:{number}: third-party code only through //third_party"


def comment_blocks(path):
    """Yields (line, first words) for each comment that begins a line."""
    mark = "//" if path.suffix in (".h", ".cc", ".proto") else "#"
    last = None  # The indentation of the comment on the line before.
    for number, line in enumerate(path.read_text().splitlines(), 1):
        text = line.lstrip()
        indentation = len(line) - len(text)
        words = text.lstrip(mark[0]).strip()
        if not text.startswith(mark) or text.startswith("#!") or not words:
            last = None
            continue
        if indentation != last:
            yield number, words
        last = indentation


def check_comments():
    for path in tracked("*.h", "*.cc", "*.proto", "*.py", "*.sh", "*.bazel"):
        for number, words in comment_blocks(path):
            if HEADLESS.match(words):
                yield f"{path}:{number}: a comment begins with {words.split()[0]}"
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if re.search(r"behaviour, section|behaviour\.md", line) and "re.s" not in line:
                yield f"{path}:{number}: cites a document that is not here"


def check_consumer():
    """The workspace that stands for a user's has a build of its own."""
    names = {}
    for label in re.findall(
        r'"@glue_security//([^"]+)"',
        pathlib.Path("tests/consumer/BUILD.bazel").read_text(),
    ):
        folder, _, name = label.partition(":")
        build = pathlib.Path(folder) / "BUILD.bazel"
        if folder not in names:
            names[folder] = (
                {a.get("name") for _, a in rules(build)} if build.exists() else set()
            )
        name = name or folder.rpartition("/")[2]
        if name not in names[folder] and not pathlib.Path(folder, name).is_file():
            yield f"tests/consumer/BUILD.bazel: there is no //{label}"


def check_consumer_blocks():
    """Yields blocks of the pages that are not in the files of tests/consumer that they
    name. Comments may differ, and so may places."""
    mark = re.compile(r"<!-- not checked: (tests/consumer/\S+) has this -->\n```.*\n((?:.*\n)*?)```")
    for path in tracked("*.md"):
        for file, block in mark.findall(path.read_text()):
            lines = {line.partition("#")[0].strip() for line in pathlib.Path(file).read_text().splitlines()}
            for line in block.splitlines():
                line = line.partition("#")[0].strip()
                if line not in lines and not re.match("name|path|srcs|workspace", line):
                    yield f"{path}: {file} does not have: {line}"


def check_links():
    for path in tracked("*.md"):
        # Code is left out: `[](` begins a function there.
        text = re.sub(r"^```.*?^```$", "", path.read_text(), flags=re.S | re.M)
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
            if not (path.parent / target).exists():
                yield f"{path}: a link to {target}, which does not exist"


# The files that state the version of the library, and how.
VERSIONS = {
    "CMakeLists.txt": r"^  VERSION (\S+)$",
    "MODULE.bazel": r'^    version = "(.*)",$',
    "docs/embedding.md": r"glue_security-(\d[^-]*)-py3",
    "docs/reference/c_abi.md": r"libglue_security\.so\.(\d[\d.]*\d)",
    "glue_security/capi/BUILD.bazel": r"libglue_security\.so\.(\d[\d.]*\d)",
    "glue_security/model/version.h": r'kLibraryVersion\[\] = "(.*)"',
    "node/package.json": r'^  "version": "(.*)",$',
    "python/glue_security/__init__.py": r'^__version__ = "(.*)"$',
    "tests/capi/BUILD.bazel": r"libglue_security\.so\.(\d[\d.]*\d)",
    "tests/node/BUILD.bazel": r"libglue_security\.so\.(\d[\d.]*\d)",
    "tests/python/BUILD.bazel": r"libglue_security\.so\.(\d[\d.]*\d)",
    "tools/carry_libraries.sh": r"libglue_security\.so\.(\d[\d.]*\d)",
}


def check_version():
    """The version is everywhere that of the C header."""
    header = pathlib.Path("glue_security/capi/glue_security.h").read_text()
    version = re.search(r'#define GLUE_SECURITY_VERSION "(.*)"', header)[1]
    for path, pattern in VERSIONS.items():
        found = set(re.findall(pattern, pathlib.Path(path).read_text(), re.M))
        if found != {version}:
            yield f"{path}: its version is {', '.join(sorted(found))}, not {version}"


def main():
    # The project is the folder above this file, also when started through a link.
    os.chdir(pathlib.Path(__file__).resolve().parent.parent)
    findings = []
    for check in (
        check_includes,
        check_public_headers,
        check_public_includes,
        check_labels,
        check_targets,
        check_sizes,
        check_functions,
        check_switches,
        check_locales,
        check_third_party,
        check_comments,
        check_consumer,
        check_consumer_blocks,
        check_version,
        check_links,
    ):
        findings.extend(check())
    for finding in findings:
        print(finding)
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
