#pragma once

#include <chrono>

/// Time that passes only when nothing else can happen: the steady clock stands still while tasks
/// run, and when the event loop would wait for a timer it jumps to that timer. So limits of minutes
/// are reached at once, and in the same order on every machine. A program has it by linking
/// fake_time.cpp, which takes the place of the library's clock and of the loop's waiting; threads
/// are none of its affair.
namespace oob::test {

/// From now on so much may pass: a loop that waits for longer, because nothing ever ends what goes
/// on in it, ends the program with abort().
void let_pass_at_most(std::chrono::nanoseconds duration);

}  // namespace oob::test
