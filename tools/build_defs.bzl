"""The rules of this repository's BUILD files.

All of them are loaded from here, so that what another version of Bazel wants to be
loaded from elsewhere is said in one place.
"""

cc_binary = native.cc_binary
cc_library = native.cc_library
cc_proto_library = native.cc_proto_library
cc_test = native.cc_test
proto_library = native.proto_library
sh_test = native.sh_test

# For tests' own sources in which they spend their time.
FAST_COPTS = ["-O2"]

def header_library(name, **kwargs):
    """The library of one header, NAME.h, and of NAME.cc where there is one."""
    native.cc_library(
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

    # Where the sources are seen from another workspace.
    root = "/".join(["external", native.repository_name()[1:]]) if native.repository_name() != "@" else "."
    native.genrule(
        name = name,
        srcs = srcs + imports,
        outs = [
            src.replace(".proto", suffix)
            for src in srcs
            for suffix in [".grpc.pb.h", ".grpc.pb.cc"]
        ],
        cmd = " ".join([
            "$(location //third_party:protoc)",
            "--plugin=protoc-gen-grpc=$(location //third_party:grpc_cpp_plugin)",
            "--proto_path=%s --grpc_out=$(GENDIR)/%s" % (root, root),
        ] + ["$(location %s)" % src for src in srcs]),
        tools = [
            "//third_party:grpc_cpp_plugin",
            "//third_party:protoc",
        ],
    )
