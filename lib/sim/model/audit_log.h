#pragma once

#include "core/bytes.h"
#include "sim/model/behaviour.h"

#include <vector>

namespace oob::sim {

/// AMT_AuditLog (reference wsman, section 8.2): the records as they go over the wire, oldest first.
struct AuditLog {
    static constexpr std::size_t most_records = 200;

    std::vector<Bytes> records;
};

/// Writes down a method that has succeeded, if it is one of those that are audited.
void audit(Call& call, const MethodReply& reply);

const Feature& audit_log_feature();

}  // namespace oob::sim
