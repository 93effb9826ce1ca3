#include "core/error.h"

#include "core/excerpt.h"

#include <array>

namespace oob {

namespace {

struct Row {
    std::string_view name;
    int status;
};

/// In the order of the enumerators.
constexpr std::array<Row, 19> rows{{
    {"usage", 2},          {"config", 2},        {"resolve", 10},     {"connect", 10},
    {"timeout", 11},       {"tls", 12},          {"auth", 13},        {"forbidden", 13},
    {"consent", 14},       {"session_busy", 16}, {"unsupported", 15}, {"precondition", 16},
    {"protocol", 17},      {"firmware", 17},     {"verify", 18},      {"identity", 19},
    {"indeterminate", 20}, {"interrupted", 130}, {"internal", 70},
}};

const Row& row(Class kind) { return rows.at(static_cast<std::size_t>(kind)); }

}  // namespace

std::string_view name(Class kind) { return row(kind).name; }

int exit_status(Class kind) { return row(kind).status; }

Error& Error::with(std::string key, Value value) & {
    native.set(std::move(key), excerpt(std::move(value)));
    return *this;
}

Error&& Error::with(std::string key, Value value) && {
    native.set(std::move(key), excerpt(std::move(value)));
    return std::move(*this);
}

/// Whatever fails comes by here, so that no error is longer than a person reads.
void fail(Error error) {
    error.message = excerpt(std::move(error.message));
    error.hint = excerpt(std::move(error.hint));
    throw Failure(std::move(error));
}

void fail(Class kind, std::string code, std::string message, std::string hint) {
    fail(Error(kind, std::move(code), std::move(message), std::move(hint)));
}

}  // namespace oob
