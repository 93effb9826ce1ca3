#pragma once

#include "cli/exclusions.h"
#include "cli/order.h"
#include "fleet/address_list.h"
#include "fleet/inventory.h"
#include "net/dialer.h"
#include "plan.h"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace oob::discover {

/// Who is to be asked: addresses and ranges as they are, names until they are looked up.
class Wanted {
 public:
    explicit Wanted(const cli::Options& options);

    /// An address or a range of addresses, or whatever else the other tools take for a target.
    Result<void> add(std::string_view word);
    /// A line of a list: a word as above, or a record, whose device's address is taken.
    Result<void> add_line(std::string_view line);
    /// To be called before anything is added.
    Result<void> exclude(std::string_view word);

    /// What the configuration and the inventories say of everything.
    const fleet::Settings& defaults() const { return inventory_->defaults(); }

    /// Exclusions that took nothing away, once `addresses` are finished.
    std::vector<Error> without_effect() const;

    fleet::AddressList addresses;
    std::vector<Target> names;
    /// How those are called that came from names.
    std::map<net::IpAddress, std::string> called;

 private:
    Result<void> add(const Target& target);

    std::unique_ptr<fleet::Inventory> inventory_;  // stays where it is when this is moved
    cli::Exclusions exclusions_;
    std::vector<std::string> excluded_;  // words in their order
    std::set<std::string> seen_;         // hosts that stand in `names`, by their keys
};

/// The words of the command line, of standard input and of the inventory's groups, without those
/// that are excluded, on it or in `exclude_files`. Throws Failure: classes `usage` and `config`.
Wanted collect(const cli::Parsed& parsed, const std::vector<std::string>& exclude_files);

/// Looks the names up, several at once, and adds their addresses; `failed` is told of those that
/// have none. Both outlive the task.
net::Task<void> look_up(Wanted& wanted, net::DialOptions options,
                        const std::function<void(const Target&, const Error&)>& failed);

}  // namespace oob::discover
