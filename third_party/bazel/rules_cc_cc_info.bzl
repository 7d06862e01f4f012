"""As in rules_cc."""

load("//cc/common:builtins.bzl", "BuiltinCcInfo")

CcInfo = BuiltinCcInfo
