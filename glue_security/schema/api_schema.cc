#include "glue_security/schema/api_schema.h"

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "glue_security/model/end_process.h"
#include "glue_security/model/out_of_memory.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {
namespace {

// Checks that every member of a request has an accessor and can be absent.
void CheckReadable(const StructureSchema& structure) {
  for (const MemberSchema& member : structure.members) {
    // UNCOVERED-BEGIN: a mistake in the protos, or a member that is not in
    // accessors.cc; a test compares that list with the protos.
    if (member.accessors == nullptr || member.field->is_repeated()) {
      EndProcess(
          absl::StrCat(member.field->full_name(),
                       " has no presence, or is missing in accessors.cc"));
    }
    // UNCOVERED-END
    if (member.structure != nullptr) CheckReadable(*member.structure);
  }
}

// Returns the members on a path such as "ConnectionInput.Name".
std::vector<const MemberSchema*> PathOf(const StructureSchema& request,
                                        absl::string_view path) {
  std::vector<const MemberSchema*> members;
  const StructureSchema* structure = &request;
  for (const absl::string_view name :
       absl::StrSplit(path, '.', absl::SkipEmpty())) {
    const MemberSchema* const member =
        structure == nullptr ? nullptr : structure->Find(name);
    // UNCOVERED-BEGIN: a mistake in the protos.
    if (member == nullptr) {
      EndProcess(absl::StrCat(request.descriptor->full_name(),
                              " has no member ", path));
    }
    // UNCOVERED-END
    members.push_back(member);
    structure = member->structure;
  }
  return members;
}

}  // namespace

// One model, compiled when it is first asked for: a process uses one or two,
// and compiling all of them takes milliseconds, which a start would show.
class ApiSchema::Model {
 public:
  explicit Model(ModelVersion version) : version_(version) {}

  const ApiSchema& Get() {
    const ApiSchema* const compiled = compiled_.load(std::memory_order_acquire);
    return compiled != nullptr ? *compiled : Compile();
  }

 private:
  const ApiSchema& Compile() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (compiled_.load() == nullptr) {
      compiled_.store(OrEnd([this] { return new ApiSchema(version_); }));
    }
    return *compiled_.load();
  }

  const ModelVersion version_;
  std::mutex mutex_;
  std::atomic<const ApiSchema*> compiled_{nullptr};
};

struct ApiSchema::Models {
  Models() : newest(ModelVersion()) {
    for (const absl::CivilDay date : newest.structures_.dates()) {
      dates.push_back(date);
      documented.emplace_back(new Model({date, false}));
      observed.emplace_back(new Model({date, true}));
    }
  }

  const ApiSchema newest;
  // `Dates`, and beside each the models that are in force from then on.
  std::vector<absl::CivilDay> dates;
  std::vector<std::unique_ptr<Model>> documented;
  std::vector<std::unique_ptr<Model>> observed;
};

const ApiSchema::Models& ApiSchema::AllModels() {
  // Inside OrEnd, because protobuf builds its descriptors here.
  static const auto* const kModels = OrEnd([] { return new Models(); });
  return *kModels;
}

const ApiSchema& ApiSchema::Get() { return AllModels().newest; }

const std::vector<absl::CivilDay>& ApiSchema::Dates() {
  return AllModels().dates;
}

const ApiSchema& ApiSchema::For(const Behavior& behavior) {
  const Models& models = AllModels();
  // The last date that is not after `api_date`, or the first.
  size_t i = models.dates.size() - 1;
  while (i > 0 && models.dates[i] > behavior.api_date) --i;
  return behavior.refuse_resource_arns ? models.observed[i]->Get()
                                       : models.documented[i]->Get();
}

ApiSchema::ApiSchema(ModelVersion version)
    : structures_(version), operations_(kOperationNumberEnd) {
  for (const Operation operation : kAllOperations) {
    if (!structures_.InForce(GetOperationInfo(operation).since())) continue;
    OperationSchema& schema = operations_[static_cast<size_t>(operation)];
    schema.operation = operation;
    schema.info = &GetOperationInfo(operation);
    schema.request_field =
        v1::Request::descriptor()->FindFieldByNumber(operation);
    schema.response_field =
        v1::Response::descriptor()->FindFieldByNumber(operation);
    schema.request = structures_.Compile(schema.request_field->message_type());
    schema.response =
        structures_.Compile(schema.response_field->message_type());
    CheckReadable(*schema.request);
    schema.catalog_id = schema.request->Find("CatalogId");
    schema.name = schema.request->Find("Name");
    schema.object_path = PathOf(*schema.request, schema.info->object_member());
  }
  const auto* codes = v1::ErrorCode_descriptor();
  for (int i = 0; i < codes->value_count(); ++i) {
    const auto code = static_cast<v1::ErrorCode>(codes->value(i)->number());
    const absl::string_view name = ErrorCodeName(code);
    if (!name.empty()) error_codes_.emplace_back(name, code);
  }
}

const OperationSchema* ApiSchema::FindOperation(absl::string_view name) const {
  for (const Operation operation : kAllOperations) {
    const OperationSchema& schema = this->operation(operation);
    if (schema.request != nullptr && OperationName(operation) == name) {
      return &schema;
    }
  }
  return nullptr;
}

v1::ErrorCode ApiSchema::FindErrorCode(absl::string_view name) const {
  for (const auto& [text, code] : error_codes_) {
    if (text == name) return code;
  }
  return v1::ERROR_CODE_UNSPECIFIED;
}

}  // namespace glue_security
