"""Hands on the native rule of Bazel 4, as protobuf does for later ones."""

cc_proto_library = native.cc_proto_library
