#pragma once

#include "report/view.h"
#include "report/width.h"

#include <cstddef>
#include <string>
#include <vector>

namespace oob::report {

/// The lines under a row: indented, cut between words, texts behind labels aligned with each other.
/// Every line is ended.
std::string details_text(const Details& details, std::size_t limit);

/// How the rows of a view look. The place of each column is known before the first row: from its
/// heading, its usual width and the widest device, so a row can be written as soon as it is there.
/// Columns for which a line has no room stand in the next one.
class Table {
 public:
    /// `widest_device` is the display width of the longest name that will stand in a row; 0: it is
    /// not known. `limit` is the width that a line may have.
    Table(const View& view, std::size_t widest_device, std::size_t limit);

    /// Lines, each ended.
    std::string heading() const;
    std::string row(const std::vector<std::string>& cells, const Details& details) const;

 private:
    struct Place {
        std::size_t line = 0;
        std::size_t start = 0;
    };

    std::string line_up(const std::vector<std::string>& cells) const;

    std::vector<std::string> headings_;
    std::vector<Place> places_;
    std::size_t limit_;
};

}  // namespace oob::report
