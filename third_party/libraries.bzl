"""The names of the libraries of others."""

LIBRARIES = [
    "absl_base",
    "absl_flat_hash_map",
    "absl_function_ref",
    "absl_hash",
    "absl_inlined_vector",
    "absl_span",
    "absl_status",
    "absl_statusor",
    "absl_strings",
    "absl_time",
    "beast",
    "benchmark",
    "boost_program_options",
    "crypto",
    "descriptor_proto",
    "grpc++",
    "grpc_cpp_plugin",
    "nlohmann_json",
    "pq",
    "protobuf",
    "protoc",
    "pthread",
    "re2",
    "simdjson",
    "sqlite3",
    "timestamp_proto",
]

# Only for tests.
TEST_LIBRARIES = [
    "benchmark_main",
    "gtest",
    "gtest_main",
    "rapidcheck",
]
