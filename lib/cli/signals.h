#pragma once

#include "cli/order.h"

#include <functional>

namespace oob::cli {

/// What a run makes of signals (contract, section 4): the first one asks for the end, the second
/// ends it at once. SIGHUP opens files anew instead where the order can and no terminal was lost.
class Signals {
 public:
    /// The order outlives it. `reopen` opens files anew that the run itself writes.
    Signals(const Order& order, std::function<void()> end, std::function<void()> reopen = {});

    void hear(int number);
    bool heard() const { return first_ != 0; }
    /// 128 and the number of the first signal; `usual` when there was none.
    int status(int usual) const { return first_ != 0 ? 128 + first_ : usual; }

 private:
    const Order& order_;
    std::function<void()> end_;
    std::function<void()> reopen_;
    bool on_terminal_;  // at the start: one that was lost is not there any more
    int first_ = 0;
};

}  // namespace oob::cli
