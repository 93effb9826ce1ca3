#include "net/run.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <exception>
#include <optional>

namespace oob::net {

namespace asio = boost::asio;

namespace {

bool ignored(int number) {
    struct sigaction action{};
    return ::sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

void listen_for_signals(asio::signal_set& signals, const std::function<void(int)>& on_signal) {
    signals.async_wait([&](const boost::system::error_code& code, int number) {
        if (code) return;
        on_signal(number);
        listen_for_signals(signals, on_signal);
    });
}

}  // namespace

void run(std::function<Task<void>()> body, std::function<void(int)> on_signal) {
    asio::io_context loop(1);
    std::optional<asio::signal_set> signals;
    if (on_signal) {
        signals.emplace(loop);
        for (const int number : {SIGINT, SIGTERM, SIGHUP})
            if (!ignored(number)) signals->add(number);
        listen_for_signals(*signals, on_signal);
    }
    std::exception_ptr caught;
    asio::co_spawn(loop, body(), [&](std::exception_ptr exception) {
        caught = exception;
        signals.reset();
        loop.stop();
    });
    loop.run();
    if (caught) std::rethrow_exception(caught);
}

}  // namespace oob::net
