// Prints the report of CheckStorageInterleaved on a storage with a planted
// defect (defective_storages.h). docs/testing_kit/storage.md shows one.
//
//   failing_storage [DEFECT [FILE]]   the defect is CheckThenWrite by default;
//                                     writes the timeline of the run to FILE
//
// Exits with status 1 when the storage fails, as it should.

#include <fstream>
#include <iostream>
#include <string>

#include "absl/time/time.h"
#include "glue_security/testing/defects/defective_storages.h"
#include "glue_security/testing/interleaved/storage_interleaved.h"

int main(int argc, char** argv) {
  using namespace glue_security;  // NOLINT: a short program
  const std::string name = argc > 1 ? argv[1] : "CheckThenWrite";
  StorageInterleavedOptions options;
  options.seed = 1;
  options.time_max = absl::InfiniteDuration();
  options.shrink.time_max = absl::InfiniteDuration();
  options.timeline = argc > 2;
  for (const DefectiveStorage& defect : DefectiveStorages()) {
    if (defect.name != name) continue;
    const StorageInterleavedReport report =
        CheckStorageInterleaved(defect.target, options);
    std::cout << report.text;
    if (argc > 2) std::ofstream(argv[2]) << report.timeline;
    return report.ok() ? 0 : 1;
  }
  std::cerr << "there is no defect " << name << "\n";
  return 2;
}
