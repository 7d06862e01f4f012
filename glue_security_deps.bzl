"""The repositories that glue_security needs, all of them from Debian's packages.

This is for Bazel 4. For Bazel 8 and later MODULE.bazel has them. In a WORKSPACE of your
own:

    local_repository(
        name = "glue_security",
        path = "path/to/glue_security",
    )

    load("@glue_security//:glue_security_deps.bzl", "glue_security_deps")

    glue_security_deps()

A repository that the WORKSPACE has defined before is left as it is.
"""

load("//third_party:libraries.bzl", "LIBRARIES", "TEST_LIBRARIES")

def _files_repository_impl(repository_ctx):
    """Makes a repository from files of this one."""
    repository_ctx.file("WORKSPACE")
    for label, destination in repository_ctx.attr.files.items():
        repository_ctx.symlink(label, destination)
    for path, name in repository_ctx.attr.system_paths.items():
        repository_ctx.symlink(path, name)

files_repository = repository_rule(
    implementation = _files_repository_impl,
    attrs = {
        "files": attr.label_keyed_string_dict(
            allow_files = True,
            doc = "File of this repository -> its path in the new one.",
        ),
        "system_paths": attr.string_dict(
            doc = "Path of an installed package -> its path in the new repository.",
        ),
    },
    local = True,
)

def _debian_libraries_impl(repository_ctx):
    """Makes a repository of the targets of third_party/debian.

    They are only named in it: a library that is in another repository adds the folders of
    that repository to the command of every source.
    """
    package = repository_ctx.attr.package
    lines = ["package(default_visibility = [\"//visibility:public\"])"]
    for name in LIBRARIES + TEST_LIBRARIES:
        lines.append("alias(name = \"%s\", testonly = %s, actual = \"@%s//%s:%s\")" % (
            name,
            name in TEST_LIBRARIES,
            package.workspace_name,
            package.package,
            name,
        ))
    repository_ctx.file("WORKSPACE")
    repository_ctx.file("BUILD.bazel", "\n".join(lines) + "\n")

_debian_libraries = repository_rule(
    implementation = _debian_libraries_impl,
    attrs = {"package": attr.label(default = "//third_party/debian:BUILD.bazel")},
    local = True,
)

def _maybe(rule, name, **kwargs):
    if not native.existing_rule(name):
        rule(name = name, **kwargs)

def glue_security_deps():
    """Defines every repository that the build asks for, without a network."""

    # What BUILD files load from these has the names of today's versions, and hands on the
    # native rules of Bazel 4. Its built-in suffix wants the first from the network, and
    # Debian's rules_cc is too new for it.
    package = Label("//third_party/bazel:package.BUILD")
    _maybe(
        files_repository,
        name = "rules_cc",
        files = {
            Label("//third_party/bazel:rules_cc_builtins.bzl"): "cc/common/builtins.bzl",
            Label("//third_party/bazel:rules_cc_cc.BUILD"): "cc/BUILD.bazel",
            Label("//third_party/bazel:rules_cc_cc_common.bzl"): "cc/common/cc_common.bzl",
            Label("//third_party/bazel:rules_cc_cc_info.bzl"): "cc/common/cc_info.bzl",
            Label("//third_party/bazel:rules_cc_common.BUILD"): "cc/common/BUILD.bazel",
            Label("//third_party/bazel:rules_cc_defs.bzl"): "cc/defs.bzl",
            Label("//third_party/bazel:rules_cc_find_cc_toolchain.bzl"): "cc/find_cc_toolchain.bzl",
        },
    )
    _maybe(
        files_repository,
        name = "rules_shell",
        files = {
            package: "shell/BUILD.bazel",
            Label("//third_party/bazel:rules_shell_sh_test.bzl"): "shell/sh_test.bzl",
        },
    )

    # The libraries of //third_party.
    _maybe(
        _debian_libraries,
        name = "glue_security_third_party",
    )

    # `bazel test` asks for these two tools even when no coverage is measured.
    _maybe(
        files_repository,
        name = "remote_coverage_tools",
        files = {
            Label("//third_party/bazel:remote_coverage_tools.BUILD"): "BUILD.bazel",
            Label("//third_party/bazel:no_coverage.sh"): "no_coverage.sh",
        },
    )
    _maybe(
        native.local_repository,
        name = "rules_java",
        path = "/usr/share/bazel/rules/java",
    )
    _maybe(
        native.local_repository,
        name = "rules_proto",
        path = "/usr/share/bazel/rules/proto",
    )
    _maybe(
        native.local_repository,
        name = "bazel_skylib",
        path = "/usr/share/bazel/tools/skylib",
    )
    _maybe(
        native.local_repository,
        name = "platforms",
        path = "/usr/share/bazel/platforms",
    )

    # Bazel's native proto rules look for the compiler and the runtime under
    # this name, by which MODULE.bazel has protobuf, too.
    _maybe(
        files_repository,
        name = "com_google_protobuf",
        files = {
            Label("//third_party/bazel:com_google_protobuf.BUILD"): "BUILD.bazel",
            package: "bazel/BUILD.bazel",
            Label("//third_party/bazel:protobuf_cc_proto_library.bzl"): "bazel/cc_proto_library.bzl",
            Label("//third_party/bazel:protobuf_proto_library.bzl"): "bazel/proto_library.bzl",
        },
        system_paths = {
            "/usr/bin/grpc_cpp_plugin": "bin/grpc_cpp_plugin",
            "/usr/bin/protoc": "bin/protoc",
            "/usr/include/google/protobuf": "include/google/protobuf",
        },
    )
