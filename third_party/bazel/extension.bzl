"""The extension by which MODULE.bazel makes the repository of //third_party."""

load("//:glue_security_deps.bzl", "files_repository")

def _third_party_impl(_module_ctx):
    files_repository(
        name = "glue_security_third_party",
        files = {Label("//third_party/bazel:registry.BUILD"): "BUILD.bazel"},
    )

third_party = module_extension(implementation = _third_party_impl)
