"""The built-in names of Bazel 4, for files that define them again."""

builtin_cc_common = cc_common
BuiltinCcInfo = CcInfo
