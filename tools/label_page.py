#!/usr/bin/python3
"""Writes docs/labels.md: the Bazel label of every public header, from the BUILD files and
the first sentence of each header. tools/check_sources.py fails when the page is not that.

    tools/label_page.py
"""

import os
import pathlib
import re

import check_sources

PAGE = pathlib.Path("docs/labels.md")

INTRODUCTION = """\
# The label of a header

A target needs the label of each header that it includes. From a workspace of your own the label begins with `@glue_security`:

<!-- not checked: tests/consumer has such targets -->
```python
cc_test(
    name = "my_test",
    srcs = ["my_test.cc"],  # Includes glue_security/testing/matchers.h.
    deps = [
        "@glue_security//glue_security/testing:matchers",
        "@glue_security//third_party:gtest_main",
    ],
)
```

Labels below `//glue_security/testing/` are `testonly`: tests may depend on them, and other targets that are `testonly`. [tests/consumer](../tests/consumer) is a whole workspace. `tools/label_page.py` writes this page.
"""


def first_sentence(header):
    """Returns the first sentence of a header's comment."""
    words = []
    for line in pathlib.Path(header).read_text().splitlines():
        comment = re.match(r"(//|/\*| \*) +(.*\S)", line)
        if comment is None:
            break
        words.append(comment.group(2))
    text = " ".join(words)
    name = re.match(r"\w+(, \w+)*: ", text)
    begin = name.end() if name else 0
    end = re.compile(r"[.:](?= |$)").search(text, begin)
    return text[: end.start() if end else None].replace("|", "\\|")


def public_rules(pattern):
    """Yields (package, rule, arguments) for each public rule of the BUILD files."""
    for build in check_sources.tracked(pattern):
        default = []
        for rule, arguments in check_sources.rules(build):
            if rule == "package":
                default = arguments.get("default_visibility", [])
            elif "//visibility:public" in arguments.get("visibility", default):
                yield str(build.parent), rule, arguments


def label_of(package, name):
    return f"//{package}" if package.endswith(f"/{name}") else f"//{package}:{name}"


def headers():
    """Returns header -> label."""
    labels = {}
    for package, rule, arguments in public_rules("glue_security/*BUILD.bazel"):
        for header in check_sources.files_of(rule, arguments)[0]:
            labels[f"{package}/{header}"] = label_of(package, arguments["name"])
    return labels


def generated():
    """Returns header -> label for the messages of the API."""
    labels = {}
    for package, rule, arguments in public_rules("proto/*BUILD.bazel"):
        if rule == "cc_proto_library":
            name = arguments["name"].replace("_cc_proto", ".pb.h")
            labels[package.replace("proto/", "", 1) + f"/{name}"] = label_of(package, arguments["name"])
    return labels


def others(shared):
    """Returns the labels that have no header: shared libraries, or else programs and a
    `main`."""
    labels = set()
    targets_of_aliases = set()
    for package, rule, arguments in public_rules("glue_security/*BUILD.bazel"):
        if check_sources.files_of(rule, arguments)[0]:
            continue
        if arguments.get("linkshared", False) == shared:
            labels.add(label_of(package, arguments["name"]))
        if rule == "alias":
            targets_of_aliases.add(arguments["actual"])
    return sorted(labels - targets_of_aliases)


def table(labels, describe):
    lines = ["| header | label | what it is |", "|---|---|---|"]
    for header, label in sorted(labels.items()):
        file = header if pathlib.Path(header).exists() else "proto/" + header.replace(".pb.h", ".proto")
        lines.append(f"| [`{header}`](../{file}) | `{label}` | {describe(file)} |")
    return "\n".join(lines) + "\n"


def page():
    labels = headers()
    kit = {h: l for h, l in labels.items() if h.startswith("glue_security/testing/")}
    library = {h: l for h, l in labels.items() if h not in kit}
    return "\n".join(
        [
            INTRODUCTION,
            "## The testing kit\n",
            table(kit, first_sentence),
            "## The library\n",
            table(library, first_sentence),
            "## Generated headers\n",
            table(generated(), first_sentence),
            "## Labels without a header\n",
            "Programs, and `main` functions for tests: " + ", ".join(f"`{label}`" for label in others(shared=False))
            + ". Shared libraries, for [C](reference/c_abi.md): " + ", ".join(f"`{label}`" for label in others(shared=True))
            + ". The labels of GoogleTest are `//third_party:gtest` and, with a `main`, `//third_party:gtest_main`.",
            "",
        ]
    )


def main():
    os.chdir(pathlib.Path(__file__).resolve().parent.parent)
    PAGE.write_text(page())


if __name__ == "__main__":
    main()
