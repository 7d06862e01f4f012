// RandomBits, ProcessBits: random numbers that no other process gets.

#ifndef GLUE_SECURITY_MODEL_RANDOM_BITS_H_
#define GLUE_SECURITY_MODEL_RANDOM_BITS_H_

#include <cstdint>

namespace glue_security {

// Returns 64 bits of the operating system. Takes about a microsecond, a
// fraction of what a std::random_device takes to be made. Ends the program if
// the system has no random bits.
uint64_t RandomBits();

// Returns 64 random bits that are the same each time in this process, and
// others in a child that it forks. Takes a nanosecond, after the first time.
// Ends the program if the system has no random bits. Thread-safe.
uint64_t ProcessBits();

}  // namespace glue_security

#endif  // GLUE_SECURITY_MODEL_RANDOM_BITS_H_
