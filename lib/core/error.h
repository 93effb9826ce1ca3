#pragma once

#include "core/value.h"

#include <exception>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace oob {

/// The stable error classes of the contract, section 3. Their names are part of every record.
enum class Class {
    usage,
    config,
    resolve,
    connect,
    timeout,
    tls,
    auth,
    forbidden,
    consent,
    session_busy,
    unsupported,
    precondition,
    protocol,
    firmware,
    verify,
    identity,
    indeterminate,
    interrupted,
    internal,
};

/// The class as it stands in a record, for instance "session_busy".
std::string_view name(Class kind);

/// What went wrong, for a person and for a program.
struct Error {
    Error(Class kind, std::string code, std::string message, std::string hint = {})
        : kind(kind), code(std::move(code)), message(std::move(message)), hint(std::move(hint)) {}

    Class kind;
    std::string code;     ///< dotted, stable: "auth.rejected"
    std::string message;  ///< lower case, what happened, no secret
    std::string hint;     ///< what to do next
    Value native;  ///< an object with the device's own words: HTTP status, fault, ReturnValue
    /// The device may or may not have acted: nothing may be repeated before its state was read.
    bool indeterminate = false;
    /// The same call may well succeed later (refused, timed out, 503).
    bool retryable = false;

    /// Keeps one of the device's own words under `native`.
    Error& with(std::string key, Value value) &;
    Error&& with(std::string key, Value value) &&;
};

template <class T>
using Result = std::expected<T, Error>;

/// An Error on its way through code that does not look at it: the only exception that is thrown on
/// purpose.
class Failure : public std::exception {
 public:
    explicit Failure(Error error) : error_(std::move(error)) {}
    const char* what() const noexcept override { return error_.message.c_str(); }
    const Error& error() const& { return error_; }

 private:
    Error error_;
};

[[noreturn]] void fail(Error error);
[[noreturn]] void fail(Class kind, std::string code, std::string message, std::string hint = {});

/// The value of `result`; its Error becomes a Failure.
template <class T>
T take(Result<T> result) {
    if (!result) fail(std::move(result).error());
    if constexpr (!std::is_void_v<T>) return *std::move(result);
}

/// The process exit status for failures of one class (contract, section 4).
int exit_status(Class kind);

}  // namespace oob
