#pragma once

#include "report/view.h"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace oob::report {

/// Devices with the same outcome, told as one: "on: pc[01-40]". What a verb's view shows is the
/// outcome; of a failure it is the code and the words, whichever device's name is in them. Keeps
/// the targets and one text for each outcome.
class Groups {
 public:
    /// `place` is that of the target among all, from 0.
    void add(const View& view, const Value& record, std::optional<std::size_t> place);
    /// The groups in the order of their first targets, each line ended and no longer than `limit`
    /// where it can be cut between words.
    std::string text(std::size_t limit) const;

 private:
    struct Outcome {
        std::string words;
        Details details;

        friend auto operator<=>(const Outcome&, const Outcome&) = default;
    };
    struct Group {
        std::size_t first = 0;  ///< place
        Outcome as_told;        ///< of the first device that came, its name still in it
        std::vector<std::string> targets;
    };

    static Outcome outcome_of(const View& view, const Value& record);
    static Outcome without_names(Outcome outcome, const Value& record);

    std::map<Outcome, Group> groups_;
};

}  // namespace oob::report
