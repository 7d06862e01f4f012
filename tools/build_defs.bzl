"""The rules of this repository's BUILD files.

All of them are loaded from here. In Bazel 4 the repositories below hand on its native
rules (third_party/bazel); later versions have no native ones.
"""

load("@com_google_protobuf//bazel:cc_proto_library.bzl", _cc_proto_library = "cc_proto_library")
load("@com_google_protobuf//bazel:proto_library.bzl", _proto_library = "proto_library")
load("@rules_cc//cc:defs.bzl", _cc_binary = "cc_binary", _cc_library = "cc_library", _cc_test = "cc_test")
load("@rules_shell//shell:sh_test.bzl", _sh_test = "sh_test")

cc_binary = _cc_binary
cc_library = _cc_library
cc_proto_library = _cc_proto_library
cc_test = _cc_test
proto_library = _proto_library
sh_test = _sh_test

# For tests' own sources in which they spend their time.
FAST_COPTS = ["-O2"]

def header_library(name, **kwargs):
    """The library of one header, NAME.h, and of NAME.cc where there is one."""
    cc_library(
        name = name,
        srcs = native.glob([name + ".cc"]),
        hdrs = [name + ".h"],
        **kwargs
    )

def text_literals(name, srcs):
    """For each file a file NAME.inc: the file as a raw string literal of C++.

    glue_security_text_literals of cmake/functions.cmake makes the same.
    """
    for src in srcs:
        native.genrule(
            name = src + "_literal",
            srcs = [src],
            outs = [src + ".inc"],
            cmd = "(printf 'R\"file('; cat $<; printf ')file\"') > $@",
        )
    native.filegroup(
        name = name,
        srcs = [src + ".inc" for src in srcs],
    )

def grpc_sources(name, srcs, imports = []):
    """The stubs and services of protos, NAME.grpc.pb.h and .cc, beside their messages.

    `imports` are the protos of this folder that they import.
    """

    package = native.package_name()
    native.genrule(
        name = name,
        srcs = srcs + imports,
        outs = [
            src.replace(".proto", suffix)
            for src in srcs
            for suffix in [".grpc.pb.h", ".grpc.pb.cc"]
        ],
        # The folders above that of the package, which differ in another workspace.
        cmd = " ".join([
            "first=$(location %s); from=$${first%%%s/*}; to=$(RULEDIR);" % (srcs[0], package),
            "$(location //third_party:protoc)",
            "--plugin=protoc-gen-grpc=$(location //third_party:grpc_cpp_plugin)",
            "--proto_path=$${from:-.} --grpc_out=$${to%%/%s}" % package,
        ] + ["$(location %s)" % src for src in srcs]),
        tools = [
            "//third_party:grpc_cpp_plugin",
            "//third_party:protoc",
        ],
    )
