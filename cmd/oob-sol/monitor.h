#pragma once

#include "follow.h"

namespace oob::sol {

/// Prints what one of many consoles says, each line behind the name of its host, until the user
/// wants the end. Control sequences are left out: two hosts cannot draw on one screen. All outlive
/// the task.
net::Task<void> monitor(plane::Device& device, plane::ConsoleWish wish, fleet::Attempt& attempt);

}  // namespace oob::sol
