"""Finds the toolchain of C++ in Bazel 4, by the names of rules_cc."""

load("@bazel_tools//tools/cpp:toolchain_utils.bzl", "find_cpp_toolchain")

find_cc_toolchain = find_cpp_toolchain

def use_cc_toolchain():
    """Returns what a rule says in `toolchains`."""
    return ["@bazel_tools//tools/cpp:toolchain_type"]
