#pragma once

#include "cli/order.h"
#include "fleet/address_list.h"
#include "net/dialer.h"
#include "plan.h"
#include "report/sink.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace oob::discover {

/// Who is to be asked: addresses and ranges as they are, names until they are looked up.
struct Wanted {
    fleet::AddressList addresses;
    std::vector<Target> names;
    /// How those are called that came from names.
    std::map<net::IpAddress, std::string> called{};

    Result<void> add(std::string_view word);
};

/// The words of the command line, of standard input and of the inventory's groups, without those
/// that are excluded. Throws Failure: classes `usage` and `config`.
Wanted collect(const cli::Parsed& parsed, const Words& words);

/// Looks the names up, several at once, and adds their addresses; `failed` is told of those that
/// have none. Both outlive the task.
net::Task<void> look_up(Wanted& wanted, net::Family family,
                        const std::function<void(const Target&, const Error&)>& failed);

}  // namespace oob::discover
