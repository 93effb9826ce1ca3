#include "cli/via.h"

#include "cli/prompt.h"
#include "net/deadline.h"
#include "net/socks5.h"
#include "net/via_spec.h"

#include <variant>

namespace oob::cli {

Result<net::Dial> Ways::dial(std::string_view spec,
                             std::optional<std::chrono::milliseconds> limit) {
    const auto via = net::parse_via(spec);
    if (!via) return std::unexpected(via.error());
    if (const auto* proxy = std::get_if<net::Endpoint>(&*via)) {
        net::DialOptions options = options_;
        options.connect_timeout = limit.value_or(options_.connect_timeout);
        return net::socks5(*proxy, net::direct(options), options.connect_timeout);
    }
    const auto& place = std::get<net::SshPlace>(*via);
    auto& bastion = bastions_[place.text()];
    if (!bastion) {
        net::SshOptions options{options_, nullptr};
        if (may_ask_) options.ask = ask_on_terminal;
        bastion = std::make_unique<net::SshBastion>(place, std::move(options));
    }
    return [bastion = bastion.get(), limit](net::Endpoint endpoint) {
        return bastion->open(std::move(endpoint), limit);
    };
}

net::Task<void> Ways::connect() {
    // One after the other: two questions at the same time would mix.
    for (auto& [place, bastion] : bastions_) (void)co_await net::attempt(bastion->connect());
}

void Ways::close() {
    for (auto& [place, bastion] : bastions_) bastion->close();
}

}  // namespace oob::cli
