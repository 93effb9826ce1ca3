#include "cli/signals.h"

#include "cli/terminal.h"
#include "core/descriptor.h"
#include "report/person.h"

#include <fcntl.h>

#include <csignal>
#include <cstdlib>
#include <utility>

namespace oob::cli {

namespace {

bool on_a_terminal() {
    return static_cast<bool>(Descriptor(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)));
}

}  // namespace

Signals::Signals(const Order& order, std::function<void()> end, std::function<void()> reopen)
    : order_(order),
      end_(std::move(end)),
      reopen_(std::move(reopen)),
      on_terminal_(on_a_terminal()) {}

void Signals::hear(int number) {
    if (number == SIGHUP && order_.reopen && !on_terminal_) {
        order_.reopen();
        if (reopen_) reopen_();
        return;
    }
    if (heard()) {
        RawTerminal::restore();
        report::tell("ended at once: what was in flight is not known");
        std::_Exit(128 + number);
    }
    first_ = number;
    end_();
}

}  // namespace oob::cli
