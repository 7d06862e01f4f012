#include "glue_security/testing/oracle/page_tokens.h"

#include <cstddef>
#include <utility>
#include <vector>

#include "glue_security/model/operation.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace glue_security {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The field of an envelope that carries an operation, and the NextToken in its
// message; the latter is null in an operation without pages.
struct TokenField {
  const FieldDescriptor* operation = nullptr;
  const FieldDescriptor* token = nullptr;
};

// Indexed by the number of the operation.
std::vector<TokenField> FieldsOf(const Descriptor* envelope) {
  std::vector<TokenField> fields(kOperationNumberEnd);
  for (const Operation operation : kAllOperations) {
    const FieldDescriptor* field = envelope->FindFieldByNumber(operation);
    fields[static_cast<size_t>(operation)] = {
        field, field->message_type()->FindFieldByName("next_token")};
  }
  return fields;
}

// `number` is that of the field that is set in the envelope.
template <typename Envelope>
TokenField FieldIn(size_t number) {
  static const auto* const kFields =
      new std::vector<TokenField>(FieldsOf(Envelope::descriptor()));
  return number < kFields->size() ? (*kFields)[number] : TokenField();
}

const std::string& TokenIn(const Message& envelope, const TokenField& field) {
  static const auto* const kNone = new std::string();
  if (field.token == nullptr) return *kNone;
  const Message& message =
      envelope.GetReflection()->GetMessage(envelope, field.operation);
  std::string unused;
  return message.GetReflection()->GetStringReference(message, field.token,
                                                     &unused);
}

std::string Exchange(std::string token, const TokenField& field,
                     Message* envelope) {
  std::string old = TokenIn(*envelope, field);
  Message* message =
      envelope->GetReflection()->MutableMessage(envelope, field.operation);
  message->GetReflection()->SetString(message, field.token, std::move(token));
  return old;
}

TokenField FieldOf(const v1::Request& request) {
  return FieldIn<v1::Request>(static_cast<size_t>(request.operation_case()));
}

TokenField FieldOf(const v1::Response& answer) {
  return FieldIn<v1::Response>(static_cast<size_t>(answer.outcome_case()));
}

}  // namespace

const std::string& NextTokenOf(const v1::Request& request) {
  return TokenIn(request, FieldOf(request));
}

const std::string& NextTokenOf(const v1::Response& answer) {
  return TokenIn(answer, FieldOf(answer));
}

std::string ExchangeNextToken(std::string token, v1::Request* request) {
  return Exchange(std::move(token), FieldOf(*request), request);
}

std::string ExchangeNextToken(std::string token, v1::Response* answer) {
  return Exchange(std::move(token), FieldOf(*answer), answer);
}

}  // namespace glue_security
