#pragma once

#include "net/endpoint.h"
#include "net/task.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/address.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace oob::net {

/// Threads of one loop that look names up. Each can be stuck with a name whose server is silent for
/// as long as the system's resolver waits, so there are more of them than devices are asked at
/// once; fewer where this process may have few descriptors.
inline constexpr std::size_t most_lookup_threads = 256;
/// More addresses of one name than this are not tried.
inline constexpr std::size_t most_addresses = 16;

/// What the system's resolver answers.
struct LookupAnswer {
    std::vector<boost::asio::ip::address> addresses{};  ///< in the order in which they are tried
    int status = 0;                                     ///< zero or one of EAI_*
    int error_number = 0;                               ///< errno beside a status that is not zero
};

/// Looks a name up and blocks meanwhile; called on threads other than the loop's.
using Lookup = std::function<LookupAnswer(const std::string& name, Family family)>;

/// The addresses of a name, most_addresses at most, as getaddrinfo finds them. Look-ups of
/// different names run beside each other on threads; a task that is cancelled goes on at once and
/// leaves the thread with its question, and whoever asks for the same name before the thread has
/// its answer waits for that one. Throws Failure: resolve.failed, config.descriptors,
/// config.memory, config.threads; interrupted.lookup when cancelled, which within() tells as
/// resolve.timeout.
Task<std::vector<boost::asio::ip::address>> look_up(std::string name, Family family);

/// For tests: look-ups of this loop go through `lookup` and at most so many threads. To be called
/// before the loop's first look_up().
void replace_lookup(const boost::asio::any_io_executor& executor, Lookup lookup,
                    std::size_t most_threads);

}  // namespace oob::net
