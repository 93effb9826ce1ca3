#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace oob::report {

/// Writes the rows of devices in the order of the targets. A row waits for those before it, but
/// only for a second, and only as many as fit in a little memory: a device that is slow holds
/// nobody up, and its own row is written when it comes.
class OrderedRows {
 public:
    using Write = std::function<void(std::string_view)>;
    using Clock = std::function<std::chrono::steady_clock::time_point()>;

    static constexpr std::chrono::milliseconds patience{1000};
    static constexpr std::size_t most_rows = 1000;
    static constexpr std::size_t most_bytes = std::size_t{1} << 20;

    OrderedRows(Write write, Clock clock) : write_(std::move(write)), clock_(std::move(clock)) {}

    /// `place` is that of the target among all, from 0; without one the row waits for nobody.
    void add(std::optional<std::size_t> place, std::string row);
    /// Writes rows that have waited long enough, and those before them. To be called now and then.
    void write_due();
    /// Writes all rows that wait.
    void write_all();

 private:
    struct Waiting {
        std::string row;
        std::chrono::steady_clock::time_point since;
    };

    void write_before(std::size_t place);

    Write write_;
    Clock clock_;
    std::size_t next_ = 0;  // the first place that was not waited for to the end
    std::size_t bytes_ = 0;
    std::map<std::size_t, Waiting> waiting_;  // by place
};

}  // namespace oob::report
