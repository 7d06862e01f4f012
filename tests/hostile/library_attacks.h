// The attacks on the library, and how they count inputs.

#ifndef GLUE_SECURITY_TESTS_HOSTILE_LIBRARY_ATTACKS_H_
#define GLUE_SECURITY_TESTS_HOSTILE_LIBRARY_ATTACKS_H_

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <new>
#include <random>
#include <set>
#include <stdexcept>
#include <string>

#include "absl/strings/str_cat.h"

namespace glue_security {

struct Campaign {
  uint64_t seed = 0;
  int count = 0;
};

// The results of an attack. Thread-safe.
class Findings {
 public:
  // Counts one input; `failure` describes it when it is not `ok`.
  void Input(bool ok, const std::string& failure) {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++tried_;
    if (ok) {
      ++survived_;
    } else if (examples_.size() < kExamples) {
      examples_.insert(failure.substr(0, kExampleBytes));
    }
  }

  std::string ToJson() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::string json =
        absl::StrCat("{\"tried\": ", tried_, ", \"survived\": ", survived_,
                     ", \"examples\": [");
    absl::string_view comma;
    for (const std::string& example : examples_) {
      absl::StrAppend(&json, comma, "\"", Escaped(example), "\"");
      comma = ", ";
    }
    return json + "]}";
  }

 private:
  static constexpr size_t kExamples = 8;
  static constexpr size_t kExampleBytes = 200;

  static std::string Escaped(const std::string& text) {
    std::string escaped;
    for (const char c : text) {
      escaped += c < ' ' || c > '~' || c == '"' || c == '\\' ? '?' : c;
    }
    return escaped;
  }

  mutable std::mutex mutex_;
  int tried_ = 0;
  int survived_ = 0;
  std::set<std::string> examples_;
};

// Throws now and then while armed: std::bad_alloc, another exception, or a
// value that is not an exception. Thread-safe.
class Thrower {
 public:
  Thrower(uint64_t seed, double share) : random_(seed), share_(share) {}

  void Arm(bool armed) {
    const std::lock_guard<std::mutex> lock(mutex_);
    armed_ = armed;
  }

  // Returns true when it has thrown since the last call of this method.
  bool HasThrown() {
    const std::lock_guard<std::mutex> lock(mutex_);
    const bool thrown = thrown_;
    thrown_ = false;
    return thrown;
  }

  void MaybeThrow() {
    uint64_t kind = 0;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (!armed_ || !std::bernoulli_distribution(share_)(random_)) return;
      thrown_ = true;
      kind = random_() % 4;
    }
    if (kind == 0) throw std::bad_alloc();
    if (kind == 1) throw std::runtime_error("hostile");
    if (kind == 2) throw 7;
    throw std::string("not an exception");
  }

 private:
  std::mutex mutex_;
  std::mt19937_64 random_;
  const double share_;
  bool armed_ = true;
  bool thrown_ = false;
};

// Runs commits, removals, forks and restores on a memory storage, and the same
// on a std::map.
void RandomCommitsAndForks(const Campaign& campaign, Findings* findings);

// Runs an engine whose storage, clock, hasher, authorizer, observer and other
// hooks throw, beside one with good hooks on a copy of the state. Every call
// must end. A call with an error must have changed nothing, unless the error
// says that the outcome is unknown.
void ThrowingHooks(const Campaign& campaign, Findings* findings);

// Runs a server whose backend and log throw; every call must get an answer.
void ThrowingBackend(const Campaign& campaign, Findings* findings);

// Runs an HttpBackend against an upstream that sends endless 1xx answers,
// halves of answers, and wrong ones. No answer may go to another call, and "not
// applied" may be reported only when it is certain.
void HostileUpstreams(const Campaign& campaign, Findings* findings);

// Forks a process that serves. The child destroys the inherited server and
// ends; the parent continues to serve.
void ForkOfAServer(const Campaign& campaign, Findings* findings);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_HOSTILE_LIBRARY_ATTACKS_H_
