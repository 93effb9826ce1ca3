#pragma once

#include "core/error.h"
#include "net/dialer.h"
#include "net/ssh.h"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace oob::cli {

/// The ways to devices that --via, targets and the inventory name. One for a run: all devices
/// behind the same SSH host share one connection to it.
class Ways {
 public:
    /// `options` hold for the connection to the proxy or bastion. With `may_ask` a person is asked
    /// for what an SSH login needs, by connect() alone.
    Ways(const net::DialOptions& options, bool may_ask) : options_(options), may_ask_(may_ask) {}

    /// How a device behind `spec` is reached, with so much time for each connection instead of what
    /// the options say; it must not be used once close() was called. Nothing is connected yet.
    /// Errors: those of net::parse_via().
    Result<net::Dial> dial(std::string_view spec,
                           std::optional<std::chrono::milliseconds> limit = {});
    /// Connects to every bastion that was named to dial() so far, so that questions come before the
    /// first device is touched. Those that fail keep their failure for the devices behind them.
    net::Task<void> connect();
    /// To be called before the loop ends.
    void close();

 private:
    net::DialOptions options_;
    bool may_ask_;
    std::map<std::string, std::unique_ptr<net::SshBastion>> bastions_;
};

}  // namespace oob::cli
