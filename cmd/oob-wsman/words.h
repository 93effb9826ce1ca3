#pragma once

#include "codec/wsman/instance.h"
#include "codec/wsman/schema.h"
#include "core/error.h"

#include <string>
#include <utility>
#include <vector>

namespace oob::cmd {

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// The k=v words of the command line as members, in the form that the schema gives each name:
///   Name=text                                text, number, boolean
///   Name=2026-01-31T07:00:00Z                datetime; an interval begins with P
///   Name=@FILE                               base64 of the file, for a base64 property
///   Name=CLASS?Key=Value&Key=Value           endpoint reference
///   Name=CLASS Name.Member=Value             embedded instance
///   Name=a Name=b                            array; Name[]=a says the same
/// `known` lists the properties or parameters; what it does not list is text. Errors: class
/// `usage`, codes `usage.value` (a number that is none, a file that cannot be read) and
/// `usage.reference`.
Result<codec::wsman::Members> members_of(const Pairs& pairs,
                                         const std::vector<codec::wsman::Property>& known);

/// A k=v word of --selector. Error: class `usage`, code `usage.selector`.
Result<std::pair<std::string, std::string>> split_pair(const std::string& word);

}  // namespace oob::cmd
