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
