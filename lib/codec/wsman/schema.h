#pragma once

#include "codec/wsman/instance.h"
#include "core/error.h"
#include "core/value.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the classes of AMT look like: names, types, keys, methods, and the names of their
/// ReturnValues. The data is in schema.mof and schema/ beside this file (reference wsman-classes)
/// and is parsed on first use.
namespace oob::codec::wsman {

enum class Type {
    boolean,
    uint8,
    uint16,
    uint32,
    uint64,
    sint16,
    sint32,
    sint64,
    real,
    string,
    base64,
    hex_binary,
    datetime,
    reference,
    object
};

struct Property {
    std::string name;
    Type type = Type::string;
    bool array = false;
    bool key = false;
    bool required = false;
    bool secret = false;  ///< a password, a key, or what is as good as one; asked of secrets.h
};

struct Method {
    std::string name;
    std::vector<Property> input;
    std::vector<Property> output;  ///< ReturnValue is the last
    std::string
        return_values{};  ///< the table of its ReturnValue; empty: the one of its kind of class
};

struct ClassSchema {
    std::string name;
    std::string superclass;            ///< empty at the top
    std::vector<Property> properties;  ///< with the inherited ones
    std::vector<Method> methods;       ///< with the inherited ones
};

/// The class called `name`, or null when the catalogue does not have it. Lives for ever.
const ClassSchema* find_class(std::string_view name);
/// All names, sorted.
std::vector<std::string_view> class_names();
const Property* find_property(const ClassSchema& schema, std::string_view name);
const Method* find_method(const ClassSchema& schema, std::string_view name);

/// "AMT_GeneralSettings" to its resource URI; a URI stays what it is. Error: class `usage`, code
/// `usage.class`, with the nearest known name as hint, when the prefix is none of CIM_, AMT_, IPS_.
Result<std::string> resource_uri(std::string_view class_name);
/// The last part of a resource URI.
std::string_view class_name(std::string_view resource_uri);

/// What a ReturnValue is called: "NOT_PERMITTED"; for CIM_ methods the DMTF names, for values from
/// 32768 the vendor's PT_STATUS behind them. Empty for a number that has no name.
std::string_view return_value_name(std::string_view class_name, std::string_view method,
                                   std::uint32_t value);
/// "AMT-STATUS n" as a name; empty when n has none.
std::string_view pt_status_name(std::uint32_t status);

/// Members as JSON-like values, typed by the schema: numbers and booleans where the class says so,
/// arrays where it says array or where a name repeats, null for nil, datetimes and intervals as
/// their text, references as
/// {"address","resource_uri","selectors"}, embedded instances as objects. What the schema does not
/// know stays text. A secret that there is becomes secrets.h's `blot`, and texts go through
/// redact_words(). `method` empty: the class's properties; else that method's output.
Value to_value(const Members& members, std::string_view class_name, std::string_view method = {});

}  // namespace oob::codec::wsman
