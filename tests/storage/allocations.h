// Replaces `operator new` in a test, so that an allocation can fail or trigger
// an action. The test is linked statically (linkstatic = True), because a
// library's `operator new` would give way to the program's.

#ifndef GLUE_SECURITY_TESTS_STORAGE_ALLOCATIONS_H_
#define GLUE_SECURITY_TESTS_STORAGE_ALLOCATIONS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

namespace glue_security {

// Returns the number of live blocks that `operator new` has given out.
int64_t LiveBlocks();

// Observes each allocation of its thread before it is made, for its own
// lifetime. A thread has at most one at a time.
class AllocationWatch {
 public:
  AllocationWatch(const AllocationWatch&) = delete;
  AllocationWatch& operator=(const AllocationWatch&) = delete;

  // Returns true when the allocation may succeed.
  virtual bool OnAllocation() = 0;

 protected:
  AllocationWatch();
  ~AllocationWatch();
};

enum class Failing {
  kOnce,         // the allocation with a number
  kFromThereOn,  // it and all later ones
};

// Makes allocation `number` fail, counted from 1; with 0 none fails.
class AllocationFailure final : public AllocationWatch {
 public:
  explicit AllocationFailure(size_t number, Failing failing = Failing::kOnce)
      : number_(number), failing_(failing) {}

  bool OnAllocation() override {
    ++seen_;
    const bool fails =
        number_ != 0 &&
        (failing_ == Failing::kOnce ? seen_ == number_ : seen_ >= number_);
    failed_ = failed_ || fails;
    return !fails;
  }

  // Returns the number of allocations, failed ones included.
  size_t seen() const { return seen_; }
  bool failed() const { return failed_; }

 private:
  const size_t number_;
  const Failing failing_;
  size_t seen_ = 0;
  bool failed_ = false;
};

// Calls `action` at each allocation except those of `action` itself.
class AtEachAllocation final : public AllocationWatch {
 public:
  explicit AtEachAllocation(std::function<void()> action)
      : action_(std::move(action)) {}

  bool OnAllocation() override {
    if (inside_) return true;
    inside_ = true;
    action_();
    inside_ = false;
    return true;
  }

 private:
  const std::function<void()> action_;
  bool inside_ = false;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_STORAGE_ALLOCATIONS_H_
