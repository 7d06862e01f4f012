"""As in rules_cc."""

load("//cc/common:builtins.bzl", "builtin_cc_common")

cc_common = builtin_cc_common
