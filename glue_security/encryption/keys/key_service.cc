#include "glue_security/encryption/keys/key_service.h"

#include <utility>
#include <variant>

namespace glue_security {
namespace {

template <typename Result>
KeyAnswer Widen(KeyAnswerOf<Result> answer) {
  return std::visit(
      [](auto&& held) -> KeyAnswer {
        return std::forward<decltype(held)>(held);
      },
      std::move(answer));
}

}  // namespace

KeyAnswer KeyService::Answer(const KeyCall& call) {
  struct Maker {
    KeyAnswer operator()(const EncryptCall& made) const {
      return Widen(service->Encrypt(caller, made));
    }
    KeyAnswer operator()(const DecryptCall& made) const {
      return Widen(service->Decrypt(caller, made));
    }
    KeyAnswer operator()(const GenerateDataKeyCall& made) const {
      return Widen(service->GenerateDataKey(caller, made));
    }
    KeyAnswer operator()(const DescribeKeyCall& made) const {
      return Widen(service->DescribeKey(caller, made));
    }

    KeyService* service;
    const KeyCaller& caller;
  };
  return std::visit(Maker{this, call.caller}, call.call);
}

}  // namespace glue_security
