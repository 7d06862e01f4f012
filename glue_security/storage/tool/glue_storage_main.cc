// glue-storage: checks, copies and measures the records of a storage.
//
//   glue-storage export sqlite:/var/lib/glue/catalog.db backup.jsonl
//
//   1204 records exported
//
// The program is //glue_security/storage/tool:glue-storage. `--help` lists the
// commands.

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "glue_security/flags/one_line.h"
#include "glue_security/flags/program_flags.h"
#include "glue_security/flags/user_folder.h"
#include "glue_security/storage/further/further_storages.h"
#include "glue_security/storage/tool/storage_export.h"
#include "glue_security/storage/url/storage_from_url.h"
#include "nlohmann/json.hpp"

namespace glue_security {
namespace {

using Json = nlohmann::json;

constexpr int kGood = 0;
// The exit status for damage that `verify` found.
constexpr int kDamaged = 1;
constexpr int kUnusable = 2;

constexpr char kCommands[] = R"(Usage: glue-storage COMMAND [FLAG]...

  glue-storage verify URL        reads every record and every checksum
  glue-storage stats URL         counts catalogs, records and bytes
  glue-storage export URL FILE   writes every record to a file; - is the
                                 standard output
  glue-storage import URL FILE   reads an export; - is the standard input
  glue-storage copy URL URL      copies every record from the first storage to
                                 the second
  glue-storage upgrade URL       brings a storage of an older format to that of
                                 this version, as every other command does, too

Import and copy refuse a storage that has records. A URL has one of the forms
)";
constexpr char kExitStatus[] = R"(
Exit status:
  0  done; verify found no damage
  1  verify found damage
  2  a flag is wrong, or the command could not be carried out; nothing was
     changed, unless the message says otherwise
)";

struct Options {
  bool json = false;
  bool replaces = false;
  bool shows_progress = isatty(STDERR_FILENO) != 0;
};

constexpr ProgramFlag<Options> kFlags[] = {
    {"format", "text, or json with one object per line", FlagTakes::kOneValue,
     "text",
     [](const std::string& value, Options* options) -> std::string {
       options->json = value == "json";
       return options->json || value == "text" ? "" : "must be text or json";
     }},
    {"replace", "import and copy replace the records that are there",
     FlagTakes::kNothing, nullptr,
     [](const std::string& /*value*/, Options* options) -> std::string {
       options->replaces = true;
       return "";
     }},
    {"progress", "show progress although the standard error is not a terminal",
     FlagTakes::kNothing, nullptr,
     [](const std::string& /*value*/, Options* options) -> std::string {
       options->shows_progress = true;
       return "";
     }},
};

StorageUrlOptions UrlOptions() {
  StorageUrlOptions options;
  options.kinds = FurtherStorages();
  return options;
}

void Complain(absl::string_view what) {
  std::cerr << "glue-storage: " << OneLine(what) << "\n";
}

int Fail(const absl::Status& status) {
  Complain(status.message());
  return kUnusable;
}

// Fails with an error of the storage, or the file, at `url`.
int FailAt(const std::string& url, const absl::Status& status) {
  Complain(absl::StrCat(url, ": ", status.message()));
  return kUnusable;
}

// Returns the error of an output that has just failed.
absl::Status CannotWrite(absl::string_view what) {
  const int error = errno;
  return absl::UnavailableError(
      absl::StrCat("cannot write ", what, error == 0 ? "" : ": ",
                   error == 0 ? "" : std::strerror(error)));
}

// Shows the steps of long work on one line.
class Progress {
 public:
  explicit Progress(const Options& options)
      : is_shown_(options.shows_progress) {}
  ~Progress() {
    if (was_shown_) std::cerr << "\n";
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void Show(uint64_t done, uint64_t total) {
    if (!is_shown_) return;
    was_shown_ = true;
    std::cerr << "\r" << done;
    if (total > 0) std::cerr << " of " << total;
    std::cerr << std::flush;
  }
  // Shows the number now and then.
  void Count(uint64_t done) {
    constexpr uint64_t kStep = 1024;
    if (done % kStep == 0) Show(done, 0);
  }

 private:
  const bool is_shown_;
  bool was_shown_ = false;
};

std::string Printable(const std::string& text) {
  return absl::CHexEscape(text);
}

// Prints a result: a line of text, or the object.
void Print(const Options& options, const std::string& text, const Json& json) {
  if (options.json) {
    std::cout << json.dump(-1, ' ', false, Json::error_handler_t::replace)
              << "\n";
  } else {
    std::cout << text << "\n";
  }
}

// Prints to the standard error when the standard output has the export.
void PrintRecords(const Options& options, uint64_t records,
                  const std::string& what, bool to_error) {
  std::ostream& out = to_error ? std::cerr : std::cout;
  if (options.json) {
    out << Json{{"records", records}}.dump() << "\n";
  } else {
    out << absl::StrCat(records, records == 1 ? " record " : " records ", what)
        << "\n";
  }
}

// Returns an error unless the file of a database exists and has content; an
// empty one would be made a database by opening it. OK for another storage.
absl::Status CheckFile(const std::string& url) {
  absl::string_view path = url;
  if (!absl::ConsumePrefix(&path, "sqlite:")) return absl::OkStatus();
  const std::string file(path.substr(0, path.find('?')));
  struct stat facts {};
  if (stat(file.c_str(), &facts) != 0) {
    return absl::NotFoundError(absl::StrCat(file, ": ", std::strerror(errno)));
  }
  if (S_ISREG(facts.st_mode) && facts.st_size == 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(file, ": the file is empty"));
  }
  return absl::OkStatus();
}

// Opens the storage. Unless it `may_be_new`, a database that does not exist is
// not made.
absl::StatusOr<OpenedStorage> Open(const std::string& url,
                                   bool may_be_new = false) {
  if (!may_be_new) {
    if (auto status = CheckFile(url); !status.ok()) return status;
  }
  auto opened = StorageFromUrl(url, UrlOptions());
  if (opened.ok() && opened->maintenance == nullptr) {
    return absl::UnimplementedError(
        absl::StrCat(url, ": this storage does not offer such work"));
  }
  return opened;
}

int Verify(const Options& options, const std::string& url) {
  const auto opened = Open(url);
  if (absl::IsDataLoss(opened.status())) {
    const std::string what(opened.status().message());
    Print(options, OneLine(what), Json{{"what", what}});
    Print(options, "it cannot be opened", Json{{"problems", 1}});
    return kDamaged;
  }
  if (!opened.ok()) return Fail(opened.status());
  uint64_t problems = 0;
  Progress progress(options);
  const absl::Status status = opened->maintenance->Verify(
      [&](const StorageProblem& problem) {
        ++problems;
        std::string text;
        Json json;
        if (problem.catalog.has_value()) {
          absl::StrAppend(&text, Printable(problem.catalog->catalog_id), "/",
                          Printable(problem.catalog->region), " ");
          json["catalog_id"] = problem.catalog->catalog_id;
          json["region"] = problem.catalog->region;
        }
        if (problem.key.has_value()) {
          const int kind = static_cast<int>(problem.key->kind);
          absl::StrAppend(&text, "kind ", kind, " \"",
                          Printable(problem.key->id), "\" ");
          json["kind"] = kind;
          json["id"] = problem.key->id;
        }
        json["what"] = problem.what;
        Print(options, absl::StrCat(text, OneLine(problem.what)), json);
      },
      [&](uint64_t done, uint64_t total) { progress.Show(done, total); });
  if (!status.ok()) return FailAt(url, status);
  Print(options,
        problems == 0   ? "no damage was found"
        : problems == 1 ? "1 place is damaged"
                        : absl::StrCat(problems, " places are damaged"),
        Json{{"problems", problems}});
  return problems == 0 ? kGood : kDamaged;
}

int Stats(const Options& options, const std::string& url) {
  const auto opened = Open(url);
  if (!opened.ok()) return Fail(opened.status());
  const auto stats = opened->maintenance->Stats();
  if (!stats.ok()) return FailAt(url, stats.status());
  Json json = {{"catalogs", stats->catalogs},
               {"records", stats->records},
               {"record_bytes", stats->record_bytes}};
  std::string text =
      absl::StrCat("catalogs      ", stats->catalogs, "\nrecords       ",
                   stats->records, "\nrecord_bytes  ", stats->record_bytes);
  for (const auto& [name, value] : stats->details) {
    json[name] = value;
    absl::StrAppend(&text, "\n", name, "  ", value);
  }
  Print(options, text, json);
  return kGood;
}

int Export(const Options& options, const std::string& url,
           const std::string& path) {
  const bool to_standard_output = path == "-";
  if (!to_standard_output && access(path.c_str(), F_OK) == 0) {
    return Fail(absl::AlreadyExistsError(absl::StrCat(path, " exists")));
  }
  const auto opened = Open(url);
  if (!opened.ok()) return Fail(opened.status());
  std::ofstream file;
  if (!to_standard_output) {
    file.open(path, std::ios::binary);
    if (!file) return Fail(CannotWrite(path));
  }
  errno = 0;
  std::ostream& out = to_standard_output ? std::cout : file;
  ExportWriter writer(&out);
  Progress progress(options);
  absl::Status written;
  const absl::Status status =
      opened->maintenance->VisitAll([&](const NamedRecord& record) {
        writer.Add(record);
        if (!out) written = CannotWrite(path);
        progress.Count(writer.records());
        return written;
      });
  if (status.ok()) {
    writer.End();
    if (!out) written = CannotWrite(path);
  }
  if (!status.ok() || !written.ok()) {
    // A part of an export can be imported by nobody.
    if (!to_standard_output) unlink(path.c_str());
    return written.ok() ? FailAt(url, status) : Fail(written);
  }
  PrintRecords(options, writer.records(), "exported", to_standard_output);
  return kGood;
}

// Returns an error for a name that `records`, which begin in line 2, have
// twice.
absl::Status CheckNames(const std::vector<NamedRecord>& records) {
  using Name = std::tuple<const std::string&, const std::string&, RecordKind,
                          const std::string&>;
  std::map<Name, size_t> lines;
  size_t line = 1;
  for (const NamedRecord& record : records) {
    ++line;
    const auto [first, is_new] =
        lines.try_emplace({record.catalog.catalog_id, record.catalog.region,
                           record.key.kind, record.key.id},
                          line);
    if (!is_new) {
      return absl::DataLossError(absl::StrCat("line ", line,
                                              ": the record of line ",
                                              first->second, " comes again"));
    }
  }
  return absl::OkStatus();
}

// Makes `records` those of a storage.
absl::StatusOr<uint64_t> Fill(const Options& options, const std::string& url,
                              const std::vector<NamedRecord>& records) {
  const bool was_there = CheckFile(url).ok();
  const auto opened = Open(url, /*may_be_new=*/true);
  if (!opened.ok()) return opened.status();
  auto filled = ReplaceAllWith(
      records, options.replaces ? ReplaceMode::kAll : ReplaceMode::kOnlyIfEmpty,
      opened->maintenance);
  if (!filled.ok() &&
      filled.status().code() == absl::StatusCode::kFailedPrecondition) {
    return absl::FailedPreconditionError(absl::StrCat(
        url, ": ", filled.status().message(), "; --replace removes them"));
  }
  if (!filled.ok()) {
    return absl::Status(
        filled.status().code(),
        absl::StrCat(url, ": ", filled.status().message(),
                     was_there ? "" : "; the database is new and empty"));
  }
  return filled;
}

int Import(const Options& options, const std::string& url,
           const std::string& path) {
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
    if (!file) {
      return Fail(absl::NotFoundError(
          absl::StrCat("cannot read ", path, ": ", std::strerror(errno))));
    }
  }
  // Reads the whole export before anything is changed, so that one that is cut
  // off replaces nothing.
  std::vector<NamedRecord> records;
  ExportReader reader(path == "-" ? &std::cin : &file);
  Progress progress(options);
  while (const NamedRecord* const record = reader.Next()) {
    records.push_back(*record);
    progress.Count(records.size());
  }
  const absl::Status read =
      reader.status().ok() ? CheckNames(records) : reader.status();
  if (!read.ok()) return FailAt(path, read);
  const auto filled = Fill(options, url, records);
  if (!filled.ok()) return Fail(filled.status());
  PrintRecords(options, *filled, "imported", false);
  return kGood;
}

int Copy(const Options& options, const std::string& from,
         const std::string& to) {
  std::vector<NamedRecord> records;
  {
    const auto opened = Open(from);
    if (!opened.ok()) return Fail(opened.status());
    Progress progress(options);
    const absl::Status status =
        opened->maintenance->VisitAll([&](const NamedRecord& record) {
          records.push_back(record);
          progress.Count(records.size());
          return absl::OkStatus();
        });
    if (!status.ok()) return FailAt(from, status);
  }
  const auto filled = Fill(options, to, records);
  if (!filled.ok()) return Fail(filled.status());
  PrintRecords(options, *filled, "copied", false);
  return kGood;
}

int Upgrade(const Options& options, const std::string& url) {
  // Opening a storage upgrades it.
  const auto opened = Open(url);
  if (!opened.ok()) return Fail(opened.status());
  Print(options, "the storage has the format of this version",
        Json{{"has_current_format", true}});
  return kGood;
}

int Run(int argc, const char* const* argv) {
  Options options;
  std::vector<std::string> arguments;
  const std::string usage = absl::StrCat(
      kCommands, "  ", StorageUrlForms(UrlOptions()), "\n", kExitStatus);
  const auto text = ParseProgramFlags(usage.c_str(), kFlags, argc, argv,
                                      &options, &arguments);
  if (!text.ok()) return Fail(text.status());
  if (!text->empty()) {
    std::cout << *text;
    return kGood;
  }
  const std::string command = arguments.empty() ? "" : arguments[0];
  if (arguments.size() == 2) {
    if (command == "verify") return Verify(options, arguments[1]);
    if (command == "stats") return Stats(options, arguments[1]);
    if (command == "upgrade") return Upgrade(options, arguments[1]);
  }
  if (arguments.size() == 3) {
    if (command == "export") return Export(options, arguments[1], arguments[2]);
    if (command == "import") return Import(options, arguments[1], arguments[2]);
    if (command == "copy") return Copy(options, arguments[1], arguments[2]);
  }
  Complain("wrong command or arguments; --help lists them");
  return kUnusable;
}

// Returns `status`, the exit status, unless the results cannot be written.
int EndOutput(int status) {
  // The error was told.
  if (status == kUnusable) return status;
  // Tries again what failed before, to know why.
  std::cout.clear();
  errno = 0;
  std::cout.flush();
  return std::cout ? status : Fail(CannotWrite("the standard output"));
}

}  // namespace
}  // namespace glue_security

int main(int argc, char** argv) {
  glue_security::EnterUserFolder();
  try {
    return glue_security::EndOutput(glue_security::Run(argc, argv));
  } catch (const std::exception& error) {
    glue_security::Complain(error.what());
    return glue_security::kUnusable;
  }
}
