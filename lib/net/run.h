#pragma once

#include "net/task.h"

#include <functional>

namespace oob::net {

/// Runs one task on an event loop of its own until it ends; its exception comes out. `on_signal`,
/// when given, is called on the loop for each SIGINT, SIGTERM and SIGHUP with the signal's number.
/// A signal that was ignored at the start stays ignored, as nohup wants.
void run(std::function<Task<void>()> body, std::function<void(int)> on_signal = {});

}  // namespace oob::net
