#pragma once

#include "net/deadline.h"
#include "net/run.h"

#include <optional>

namespace oob::test {

/// Runs a task on a loop of its own: its value, or its failure as data.
template <class T>
Result<T> run(net::Task<T> task) {
    std::optional<Result<T>> out;
    net::run([&]() -> net::Task<void> {
        Result<T> result = co_await net::attempt(std::move(task));
        out.emplace(std::move(result));
    });
    return *std::move(out);
}

}  // namespace oob::test
