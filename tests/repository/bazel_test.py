"""The BUILD files hold for the Bazel of Debian and for later ones.

- Every BUILD file loads the rules that it uses, and no .bzl file uses a native one;
  those that hand on the native rules of Bazel 4 are in third_party/bazel.
- //third_party has the same targets by WORKSPACE and by MODULE.bazel, and what the latter
  names is there.
- Each file that glue_security_deps.bzl makes a repository of is there, and each of
  third_party/bazel is used.
"""

import ast
import pathlib
import re
import subprocess
import unittest

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
BAZEL = TOP / "third_party/bazel"

# Later versions of Bazel know these without a load().
BUILT_IN = {
    "alias", "config_setting", "exports_files", "filegroup", "genrule", "glob", "len",
    "licenses", "load", "package", "package_group", "select", "test_suite",
}
# These repositories are of Bazel 4 alone.
OF_BAZEL_4 = {"com_google_protobuf.BUILD", "remote_coverage_tools.BUILD"}
NATIVE_RULE = re.compile(r"\bnative\.(cc|java|objc|proto|py|sh)_\w+")


def tracked(*patterns):
    out = subprocess.run(
        ["git", "ls-files", *patterns], cwd=TOP, check=True, stdout=subprocess.PIPE, text=True
    )
    return [TOP / line for line in out.stdout.splitlines()]


def calls(path):
    """Yields the calls of a file: its language is a part of Python."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield node


def names_of(path):
    """Returns the names that a file calls, that it has at all, and that it loads."""
    called, loaded = set(), set()
    for call in calls(path):
        if not isinstance(call.func, ast.Name):
            continue
        called.add(call.func.id)
        if call.func.id == "load":
            loaded |= {argument.value for argument in call.args[1:]}
            loaded |= {keyword.arg for keyword in call.keywords}
    tree = ast.parse(path.read_text())
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return called, names, loaded


def targets(path):
    """Returns name -> (rule, testonly, labels of other repositories) of a BUILD file."""
    found = {}
    for call in calls(path):
        rule = getattr(call.func, "id", "")
        if rule not in ("alias", "cc_library"):
            continue
        said = {keyword.arg: keyword.value for keyword in call.keywords}
        labels = re.findall(r"'(@[^']*)'", ast.unparse(call))
        found[said["name"].value] = (rule, "testonly" in said, labels)
    return found


class Loads(unittest.TestCase):
    def test_build_files_load_what_they_use(self):
        paths = tracked("*BUILD.bazel", "*.BUILD")
        self.assertGreater(len(paths), 50)
        for path in paths:
            if path.name in OF_BAZEL_4:
                continue
            called, names, loaded = names_of(path)
            self.assertEqual(called - loaded - BUILT_IN, set(), path)
            self.assertEqual(loaded - names, set(), f"{path} loads too much")

    def test_rules_are_not_native(self):
        paths = [path for path in tracked("*.bzl") if path.parent != BAZEL]
        self.assertGreaterEqual(len(paths), 3)
        for path in paths:
            self.assertEqual(NATIVE_RULE.findall(path.read_text()), [], path)


class ThirdParty(unittest.TestCase):
    def test_both_repositories_have_the_targets(self):
        debian = targets(TOP / "third_party/debian/BUILD.bazel")
        registry = targets(BAZEL / "registry.BUILD")
        shape = {name: testonly for name, (_, testonly, _) in debian.items()}
        self.assertEqual(
            shape, {name: testonly for name, (_, testonly, _) in registry.items()}
        )
        lists = {
            node.targets[0].id: ast.literal_eval(node.value)
            for node in ast.walk(ast.parse((TOP / "third_party/libraries.bzl").read_text()))
            if isinstance(node, ast.Assign)
        }
        self.assertEqual(shape, {
            **dict.fromkeys(lists["LIBRARIES"], False),
            **dict.fromkeys(lists["TEST_LIBRARIES"], True),
        })

    def test_every_target_is_used(self):
        used = set()
        for path in tracked("*.bazel", "tools/*.bzl"):
            used |= set(re.findall(r"//third_party:([\w+]+)", path.read_text()))
        self.assertEqual(used, set(targets(TOP / "third_party/debian/BUILD.bazel")))

    def test_the_module_has_what_the_registry_is_asked_for(self):
        modules = set()
        for call in calls(TOP / "MODULE.bazel"):
            if getattr(call.func, "id", "") == "bazel_dep":
                said = {keyword.arg: keyword.value.value for keyword in call.keywords}
                modules.add(said.get("repo_name", said["name"]))
        files = [BAZEL / "registry.BUILD", *tracked("tools/*.bzl")]
        asked = {
            repository
            for path in files
            for repository in re.findall(r'"@([\w.-]+)', path.read_text())
        }
        self.assertEqual(modules, asked)


class Repositories(unittest.TestCase):
    def test_their_files_are_used(self):
        named = set()
        for path in (TOP / "glue_security_deps.bzl", BAZEL / "extension.bzl"):
            named |= set(re.findall(r'Label\("//third_party/bazel:([^"]+)"\)', path.read_text()))
        files = {path.name for path in tracked("third_party/bazel/*")}
        self.assertEqual(named, files - {"BUILD.bazel", "extension.bzl"})


if __name__ == "__main__":
    unittest.main()
