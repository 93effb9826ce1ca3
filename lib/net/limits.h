#pragma once

#include "core/error.h"

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <optional>

namespace oob::net {

/// How many descriptors this process may have open.
std::size_t descriptor_limit();

/// Raises the soft limit of open descriptors to the hard one, since every connection is a
/// descriptor, and tells what descriptor_limit() is from now on. A system that does not
/// allow it leaves the limit as it was.
std::size_t raise_descriptor_limit();

/// Gives a process that was started with a closed standard input, output or error something in its
/// place that can neither be read nor written, so that no file of ours gets such a number and what
/// was meant for people.
void fill_standard_descriptors();

/// What a system call's failure means when this machine ran short of something and no peer had a
/// part in it: class `config`, code `config.descriptors` or `config.memory`, the errno under
/// `native`. Nothing for any other failure.
std::optional<Error> local_shortage(const boost::system::error_code& code);

/// The error for a connection for which this machine has no port left: `config.ports`.
Error no_port_left(const boost::system::error_code& code);

/// Throws what local_shortage() says; returns when it says nothing.
void fail_if_short(const boost::system::error_code& code);

/// A program that is started later does not inherit the descriptor: a connection would stay open
/// with it. Asio leaves that out.
void close_on_exec(int descriptor);

}  // namespace oob::net
