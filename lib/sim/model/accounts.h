#pragma once

#include "sim/model/behaviour.h"

#include <vector>

namespace oob::sim {

/// AMT_AuthorizationService (reference wsman-classes, C7).
struct Accounts {
    struct Entry {
        std::uint32_t handle = 0;
        Account account;
        std::string sid;      ///< base64, Kerberos entries only
        unsigned access = 2;  ///< 0 local, 1 network, 2 any
        bool enabled = true;
        bool system = false;  ///< "$$uns", "$$OsAdmin": listed, local, without a password
    };

    Account admin;
    bool admin_is_default = false;
    std::vector<Entry> entries;
};

/// The realms of a full account: all but those of the auditor and the local system.
std::set<unsigned> all_realms();
/// Administrators may everything but the audit log; others need the realm itself.
bool holds_realm(const Account& account, unsigned realm);
/// The account that may log in over the network under this name, or null.
const Account* network_account(const Machine& machine, std::string_view name);
/// Back to admin alone; his digest stays.
void reset_accounts(Machine& machine);

const Feature& accounts_feature();

}  // namespace oob::sim
