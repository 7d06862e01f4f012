// CallGate: lets calls run concurrently, and lets an action run alone between
// them.
//
//   v1::Response Execute(...) {
//     const CallGate::Call call(&gate);
//     ...
//   }
//   void Reset() { gate.RunAlone(absl::Seconds(1), [&] { ... }); }

#ifndef GLUE_SECURITY_HTTP_CALL_GATE_H_
#define GLUE_SECURITY_HTTP_CALL_GATE_H_

#include <condition_variable>
#include <cstddef>
#include <mutex>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "glue_security/http/bounded_time.h"

namespace glue_security {

// Thread-safe.
class CallGate {
 public:
  // A call is inside the gate as long as this object lives.
  class Call {
   public:
    // Waits while an action runs alone.
    explicit Call(CallGate* gate) : gate_(*gate) {
      std::unique_lock<std::mutex> lock(gate_.mutex_);
      gate_.changed_.wait(lock, [this] { return !gate_.closed_; });
      ++gate_.inside_;
    }
    ~Call() {
      const std::lock_guard<std::mutex> lock(gate_.mutex_);
      if (--gate_.inside_ == 0) gate_.changed_.notify_all();
    }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

   private:
    CallGate& gate_;
  };

  // Closes the gate, waits at most `wait` until the calls inside have left,
  // runs `action`, and opens the gate. A call that never ends, or that waits
  // for this one to return, delays it by no more than `wait`. Concurrent calls
  // of this method take turns. REQUIRES: `action` makes no call through this
  // gate and does not call RunAlone.
  void RunAlone(absl::Duration wait, absl::FunctionRef<void()> action) {
    const std::lock_guard<std::mutex> turn(turn_);
    const Closed closed(this);
    {
      std::unique_lock<std::mutex> lock(mutex_);
      changed_.wait_for(lock, ToBoundedNanoseconds(wait),
                        [this] { return inside_ == 0; });
    }
    action();
  }

 private:
  // Keeps the gate closed while it lives, so that it opens even when the action
  // throws.
  class Closed {
   public:
    explicit Closed(CallGate* gate) : gate_(*gate) { Set(true); }
    ~Closed() { Set(false); }
    Closed(const Closed&) = delete;
    Closed& operator=(const Closed&) = delete;

   private:
    void Set(bool closed) {
      const std::lock_guard<std::mutex> lock(gate_.mutex_);
      gate_.closed_ = closed;
      gate_.changed_.notify_all();
    }
    CallGate& gate_;
  };

  std::mutex turn_;
  std::mutex mutex_;
  // Guarded by `mutex_`.
  std::condition_variable changed_;
  bool closed_ = false;
  size_t inside_ = 0;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_HTTP_CALL_GATE_H_
