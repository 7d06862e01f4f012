// Replaces `operator new` in a test, so that it can fail, or can be the moment
// at which something else happens. The test is linked statically
// (linkstatic = True): a library's `operator new` gives way to the program's.

#ifndef GLUE_SECURITY_TESTS_STORAGE_ALLOCATIONS_H_
#define GLUE_SECURITY_TESTS_STORAGE_ALLOCATIONS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

namespace glue_security {

// The blocks of the heap that the program has from `operator new`.
int64_t LiveBlocks();

// While it lives, sees each allocation of its thread before it is made. One at
// a time in a thread.
class AllocationWatch {
 public:
  AllocationWatch(const AllocationWatch&) = delete;
  AllocationWatch& operator=(const AllocationWatch&) = delete;

  // Whether the allocation succeeds.
  virtual bool OnAllocation() = 0;

 protected:
  AllocationWatch();
  ~AllocationWatch();
};

enum class Failing {
  kOnce,         // the allocation with a number
  kFromThereOn,  // it and all later ones
};

// Makes an allocation fail: the one numbered `number`, from 1 on; none if 0.
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

  // How many allocations there were, those that failed included.
  size_t seen() const { return seen_; }
  bool failed() const { return failed_; }

 private:
  const size_t number_;
  const Failing failing_;
  size_t seen_ = 0;
  bool failed_ = false;
};

// Calls `action` at each allocation, but not at those of `action` itself.
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
