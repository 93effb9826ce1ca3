#include "report/ordered_rows.h"

#include <utility>

namespace oob::report {

void OrderedRows::add(std::optional<std::size_t> place, std::string row) {
    if (!place || *place < next_) return write_(row);
    bytes_ += row.size();
    waiting_.insert_or_assign(*place, Waiting{std::move(row), clock_()});
    if (*place == next_) write_before(next_ + 1);
    while (waiting_.size() > most_rows || bytes_ > most_bytes)
        write_before(waiting_.begin()->first + 1);
}

void OrderedRows::write_due() {
    const auto now = clock_();
    for (auto late = waiting_.rbegin(); late != waiting_.rend(); ++late) {
        if (now - late->second.since < patience) continue;
        write_before(late->first + 1);
        return;
    }
}

void OrderedRows::write_all() {
    if (!waiting_.empty()) write_before(waiting_.rbegin()->first + 1);
}

/// Writes the rows before this place, and those behind it that wait for nobody any more.
void OrderedRows::write_before(std::size_t place) {
    std::string out;
    next_ = place;
    while (!waiting_.empty() && waiting_.begin()->first <= next_) {
        const auto first = waiting_.begin();
        if (first->first == next_) ++next_;
        bytes_ -= first->second.row.size();
        out += first->second.row;
        waiting_.erase(first);
    }
    write_(out);
}

}  // namespace oob::report
