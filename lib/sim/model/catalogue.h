#pragma once

#include "codec/wsman/instance.h"
#include "core/error.h"
#include "sim/personality.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oob::sim {

using codec::wsman::Member;
using codec::wsman::Members;

/// What a class allows, from the `[class.…]` tables of the data.
struct ClassRule {
    std::string name;
    std::vector<std::string> subclasses;  ///< what Enumerate hands out besides, in this order
    std::vector<std::string> keys;        ///< only when the schema does not know the class
    std::vector<std::string> read_only;   ///< ignored in a Put
    std::vector<std::string> write_only;  ///< accepted in a Put, never kept for reading
    unsigned realm = 3;                   ///< for reading
    unsigned write_realm = 3;
    bool quiet_put = false;  ///< Put answers with an empty body
    bool one_per_pull = false;
    bool creatable = false;
    bool deletable = false;
    bool puttable = false;
};

/// One instance before a device's own values are filled in.
struct Template {
    std::string class_name;
    Members members;      ///< in wire order; texts may hold placeholders such as {host_name}
    bool factory = true;  ///< is there before provisioning too
};

/// A text of the data and what to call it in error messages.
struct Document {
    std::string name;
    std::string_view text;
};

/// Sorts by name, in ASCII order; members of one name stay in their order.
void sort_by_name(Members& members);

/// All classes and instances of one generation, shared by all devices that have it.
class Catalogue {
 public:
    /// Reads `[class.…]` and `[[instance]]` tables (data/classes*.toml) and keeps what
    /// `personality` has. Errors: class `config`, code `sim.profile`, with the line.
    static Result<std::shared_ptr<const Catalogue>> parse(const std::vector<Document>& documents,
                                                          const Personality& personality);

    const std::vector<Template>& templates() const { return templates_; }
    /// Null for a class that this generation does not have.
    const ClassRule* rule(std::string_view class_name) const;
    /// The template ids of a class, without its subclasses.
    const std::vector<std::uint32_t>& ids(std::string_view class_name) const;
    /// The schema's keys, or those of the data.
    std::vector<std::string> keys(std::string_view class_name) const;

 private:
    friend class CatalogueReader;

    std::vector<Template> templates_;
    std::map<std::string, ClassRule, std::less<>> rules_;
    std::map<std::string, std::vector<std::uint32_t>, std::less<>> ids_;
};

}  // namespace oob::sim
