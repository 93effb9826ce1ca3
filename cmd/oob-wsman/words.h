#pragma once

#include "codec/wsman/instance.h"
#include "codec/wsman/schema.h"
#include "core/error.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace oob::cmd {

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// The text that a reference such as "file:PATH" stands for, asked for as `name`.
using FindSecret =
    std::function<Result<std::string>(const std::string& reference, const std::string& name)>;

/// The k=v words of the command line as members, in the form that the schema gives each name:
///   Name=text                                text, number, boolean
///   Name=2026-01-31T07:00:00Z                datetime; an interval begins with P
///   Name=@FILE                               base64 of the file, for a base64 property
///   Name=@PATH                               a file's first line, for any other secret
///   Name=@file:PATH, @fd:N, @env:NAME …      a secret, from where `find_secret` finds it
///   Name=CLASS?Key=Value&Key=Value           endpoint reference
///   Name=CLASS Name.Member=Value             embedded instance
///   Name=a Name=b                            array; Name[]=a says the same
/// `known` lists the properties or parameters; what it does not list is text. What is secret
/// (codec/wsman/secrets.h) is not repeated in an error. Errors: class `usage`, codes `usage.value`
/// (a number that is none, a file that cannot be read) and `usage.reference`; those of
/// `find_secret`.
Result<codec::wsman::Members> members_of(const Pairs& pairs,
                                         const std::vector<codec::wsman::Property>& known,
                                         const FindSecret& find_secret);

/// "PSKPassPhrase=[redacted]": a k=v word for people; others stay as they are.
std::string shown_pair(const std::string& key, const std::string& value);
/// A secret that stands in the words itself, and is no reference: others can see it there.
bool is_bare_secret(const std::string& key, const std::string& value);
/// Overwrites each bare secret in the program's own arguments, which everybody may read in /proc.
void hide_secrets(int argc, char** argv);

/// A k=v word of --selector. Error: class `usage`, code `usage.selector`.
Result<std::pair<std::string, std::string>> split_pair(const std::string& word);

}  // namespace oob::cmd
