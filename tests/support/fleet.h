#pragma once

#include "net/deadline.h"
#include "net/group.h"
#include "sim/fleet.h"
#include "support/run.h"

#include <boost/asio/this_coro.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <optional>

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
        // A REQUIRE that fails throws what is no error of ours: it goes on when the fleet is gone.
        std::optional<Result<void>> result;
        std::exception_ptr required;
        try {
            result = co_await net::attempt(body(fleet));
        } catch (...) {
            required = std::current_exception();
        }
        fleet.stop();
        co_await group.join();
        if (required) std::rethrow_exception(required);
        take(*std::move(result));
    };
    return run(serve());
}

}  // namespace oob::test
