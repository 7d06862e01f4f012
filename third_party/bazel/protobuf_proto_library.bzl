"""Hands on the native rule of Bazel 4, as protobuf does for later ones."""

proto_library = native.proto_library
