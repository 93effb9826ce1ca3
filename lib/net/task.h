#pragma once

#include "core/error.h"

#include <boost/asio/awaitable.hpp>
#include <chrono>

namespace oob::net {

/// Every coroutine of the project.
template <class T>
using Task = boost::asio::awaitable<T>;

}  // namespace oob::net
