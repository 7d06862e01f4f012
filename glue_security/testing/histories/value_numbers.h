// Numbers, Millis: texts, messages and times of a history as numbers.

#ifndef GLUE_SECURITY_TESTING_HISTORIES_VALUE_NUMBERS_H_
#define GLUE_SECURITY_TESTING_HISTORIES_VALUE_NUMBERS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/backend/history.h"
#include "glue_security/testing/histories/partition.h"

namespace glue_security {
namespace history_internal {

inline int64_t Millis(const google::protobuf::Timestamp& time) {
  return time.seconds() * 1000 + time.nanos() / 1'000'000;
}

// Numbers texts in the order in which they come, with a readable label.
class Numbers {
 public:
  int64_t Of(const std::string& text, const std::string& label) {
    const auto [it, added] =
        numbers_.try_emplace(text, static_cast<int64_t>(numbers_.size()));
    if (added) {
      texts_.push_back(text);
      labels_.push_back(label);
    }
    return it->second;
  }
  int64_t OfPolicy(const std::string& policy) {
    return Of(policy, QuoteShort(policy));
  }
  int64_t OfBody(const v1::EncryptionConfiguration& body) {
    return OfBody(body.ShortDebugString());
  }
  int64_t OfBody(const std::string& text) {
    const bool cut = text.size() > kBytesMax;
    return Of(text,
              absl::StrCat("{", text.substr(0, kBytesMax), cut ? "...}" : "}"));
  }
  int64_t OfSettings(const v1::DataCatalogEncryptionSettings& settings) {
    v1::Response shown;
    *shown.mutable_get_data_catalog_encryption_settings()
         ->mutable_data_catalog_encryption_settings() = settings;
    return Of(settings.ShortDebugString(), BriefResponse(shown).substr(3));
  }

  const std::vector<std::string>& texts() const { return texts_; }

  void MoveTo(Partition* partition) {
    partition->values = std::move(texts_);
    partition->labels = std::move(labels_);
  }

 private:
  static constexpr size_t kBytesMax = 60;  // of a label

  std::map<std::string, int64_t> numbers_;
  std::vector<std::string> texts_;
  std::vector<std::string> labels_;
};

}  // namespace history_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_HISTORIES_VALUE_NUMBERS_H_
