#include "codec/wsman/schema.h"

#include "codec/wsman/namespaces.h"
#include "codec/wsman/schema_parser.h"
#include "core/text.h"

#include <algorithm>

namespace oob::embedded {

/// schema.mof, which the build puts into the program.
std::string_view schema_mof();

}  // namespace oob::embedded

namespace oob::codec::wsman {

namespace {

/// Where the vendor's statuses begin in the range of a DMTF method.
constexpr std::uint32_t vendor_range = 32768;
/// A method that has names of its own uses these numbers its own way.
constexpr std::uint32_t first_shared_status = 16;

constexpr std::string_view pt_status_table = "pt_status";
constexpr std::string_view state_change_table = "state_change";

/// Parsed when somebody first asks; immutable from then on.
const Catalogue& catalogue() {
    static const Catalogue parsed = take(parse_schema(embedded::schema_mof()));
    return parsed;
}

std::string_view name_in(std::string_view table_name, std::uint32_t value) {
    const auto table = std::ranges::find(catalogue().tables, table_name, &ValueTable::name);
    if (table == catalogue().tables.end()) return {};
    for (const auto& [number, name] : table->values)
        if (number == value) return name;
    return {};
}

struct Family {
    std::string_view class_prefix;
    std::string_view uri;
};

constexpr Family families[] = {
    {"CIM_", ns::cim_classes},
    {"AMT_", ns::amt_classes},
    {"IPS_", ns::ips_classes},
};

}  // namespace

const ClassSchema* find_class(std::string_view name) {
    const auto& classes = catalogue().classes;
    const auto found = std::ranges::lower_bound(classes, name, {}, &ClassSchema::name);
    return found != classes.end() && found->name == name ? &*found : nullptr;
}

std::vector<std::string_view> class_names() {
    std::vector<std::string_view> names;
    for (const ClassSchema& each : catalogue().classes) names.emplace_back(each.name);
    return names;
}

const Property* find_property(const ClassSchema& schema, std::string_view name) {
    const auto found = std::ranges::find(schema.properties, name, &Property::name);
    return found == schema.properties.end() ? nullptr : &*found;
}

const Method* find_method(const ClassSchema& schema, std::string_view name) {
    const auto found = std::ranges::find(schema.methods, name, &Method::name);
    return found == schema.methods.end() ? nullptr : &*found;
}

Result<std::string> resource_uri(std::string_view class_name) {
    if (class_name.starts_with("http://") || class_name.starts_with("https://"))
        return std::string(class_name);
    for (const Family& family : families)
        if (class_name.starts_with(family.class_prefix)) return join({family.uri, class_name});
    const std::string_view near = nearest(class_name, class_names());
    return std::unexpected(Error(Class::usage, "usage.class",
                                 join({"no class is called ", class_name}),
                                 near.empty() ? "class names begin with CIM_, AMT_ or IPS_"
                                              : join({"did you mean ", near, "?"})));
}

std::string_view class_name(std::string_view resource_uri) {
    const std::size_t slash = resource_uri.rfind('/');
    return slash == std::string_view::npos ? resource_uri : resource_uri.substr(slash + 1);
}

std::string_view return_value_name(std::string_view class_name, std::string_view method,
                                   std::uint32_t value) {
    const ClassSchema* schema = find_class(class_name);
    const Method* known = schema ? find_method(*schema, method) : nullptr;
    const bool vendors = class_name.starts_with("AMT_") || class_name.starts_with("IPS_");
    const bool own_table = known && !known->return_values.empty();
    const std::string_view table = own_table ? known->return_values
                                   : vendors && method != "RequestStateChange" ? pt_status_table
                                                                               : state_change_table;
    if (const std::string_view name = name_in(table, value); !name.empty()) return name;
    if (value >= vendor_range) return pt_status_name(value - vendor_range);
    if (vendors && value >= first_shared_status) return pt_status_name(value);
    return {};
}

std::string_view pt_status_name(std::uint32_t status) { return name_in(pt_status_table, status); }

}  // namespace oob::codec::wsman
