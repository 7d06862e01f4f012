"""The repositories that glue_security needs, all of them from Debian's packages.

In a WORKSPACE of your own:

    local_repository(
        name = "glue_security",
        path = "path/to/glue_security",
    )

    load("@glue_security//:glue_security_deps.bzl", "glue_security_deps")

    glue_security_deps()

A repository that the WORKSPACE has defined before is left as it is.
"""

def _files_repository_impl(repository_ctx):
    """Makes a repository from files of this one."""
    repository_ctx.file("WORKSPACE", "workspace(name = \"%s\")\n" % repository_ctx.name)
    for label, destination in repository_ctx.attr.files.items():
        repository_ctx.symlink(label, destination)
    for path, name in repository_ctx.attr.system_paths.items():
        repository_ctx.symlink(path, name)

_files_repository = repository_rule(
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

def _maybe(rule, name, **kwargs):
    if not native.existing_rule(name):
        rule(name = name, **kwargs)

def glue_security_deps():
    """Defines every repository that the build asks for, without a network."""

    # Bazel 4's built-in suffix wants this one from the network, and Debian's
    # rules_cc is too new for it: forward to the native rules.
    _maybe(
        _files_repository,
        name = "rules_cc",
        files = {
            Label("//third_party/bazel:rules_cc.BUILD"): "BUILD.bazel",
            Label("//third_party/bazel:rules_cc_cc.BUILD"): "cc/BUILD.bazel",
            Label("//third_party/bazel:rules_cc_defs.bzl"): "cc/defs.bzl",
        },
    )

    # `bazel test` asks for these two tools even when no coverage is measured.
    _maybe(
        _files_repository,
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
    # this name.
    _maybe(
        _files_repository,
        name = "com_google_protobuf",
        files = {
            Label("//third_party/bazel:com_google_protobuf.BUILD"): "BUILD.bazel",
        },
        system_paths = {
            "/usr/bin/grpc_cpp_plugin": "bin/grpc_cpp_plugin",
            "/usr/bin/protoc": "bin/protoc",
            "/usr/include/google/protobuf": "include/google/protobuf",
        },
    )
