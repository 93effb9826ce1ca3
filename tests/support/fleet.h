#pragma once

#include "net/deadline.h"
#include "net/group.h"
#include "sim/fleet.h"
#include "support/run.h"

#include <boost/asio/this_coro.hpp>

#include <functional>
#include <memory>

namespace oob::test {

inline constexpr const char* fleet_password = "P@ssw0rd!";

/// Runs `body` beside a simulated fleet of one generation on free ports; the fleet is gone
/// afterwards.
inline Result<void> with_fleet(const std::string& generation,
                               std::function<net::Task<void>(sim::Fleet&)> body,
                               std::function<void(sim::FleetOptions&)> change = {}) {
    const auto serve = [&]() -> net::Task<void> {
        sim::FleetOptions options;
        options.range = take(sim::AddressRange::parse("127.77.8.0/28"));
        options.port_base = 0;
        options.personalities = {take(sim::Personality::builtin(generation))};
        options.password = Secret(std::string(fleet_password));
        options.power_delay = std::chrono::milliseconds(150);
        if (change) change(options);
        sim::Fleet fleet(co_await boost::asio::this_coro::executor, std::move(options));
        net::Group group;
        co_await group.spawn(fleet.run());
        auto result = co_await net::attempt(body(fleet));
        fleet.stop();
        co_await group.join();
        take(std::move(result));
    };
    return run(serve());
}

}  // namespace oob::test
