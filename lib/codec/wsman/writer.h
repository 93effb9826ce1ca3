#pragma once

#include "codec/wsman/instance.h"

#include <string>
#include <string_view>
#include <vector>

namespace oob::codec::wsman {

/// How one side of the conversation spells what is not of the class itself. A prefix ends in its
/// colon. Where a prefix is empty the scope declares the default namespace, blank included, on the
/// element that opens it.
struct Dialect {
    std::string_view addressing;
    std::string_view addressing_scope;
    std::string_view wsman;
    std::string_view wsman_scope;
    std::string common;
    std::string_view common_scope;
};

/// A namespace that the envelope declares, and its prefix with the colon.
struct Declared {
    std::string uri;
    std::string prefix;
};

/// Appends members as XML elements: no white space, no self-closing element, null members left
/// away.
class Writer {
 public:
    /// Embedded instances use the prefix of their class in `declared`, or declare one of their own.
    Writer(std::string& out, const Dialect& dialect,
           const std::vector<Declared>* declared = nullptr)
        : out_(out), dialect_(dialect), declared_(declared) {}

    /// `prefix` with its colon, for instance "g:".
    void members(const Members& members, std::string_view prefix, std::size_t depth = 1);
    /// Address and ReferenceParameters.
    void reference(std::string_view address, std::string_view resource_uri,
                   const Members& selectors);
    /// The same inside an EndpointReference element.
    void endpoint_reference(std::string_view address, std::string_view resource_uri,
                            const Members& selectors);
    void selector_set(const Members& selectors);
    /// <prefix:name>text</prefix:name>.
    void leaf(std::string_view prefix, std::string_view name, std::string_view text);
    void open(std::string_view prefix, std::string_view name, std::string_view scope = {});
    void close(std::string_view prefix, std::string_view name);

 private:
    void member(const Member& member, std::string_view prefix, std::size_t depth);
    void wrapped(const Member& member, std::string_view type);
    void object(const Member& member, std::string_view prefix, std::size_t depth);
    void name(std::string_view name);

    std::string& out_;
    const Dialect& dialect_;
    const std::vector<Declared>* declared_;
};

/// ` xmlns:prefix="uri"`.
std::string declaration(std::string_view prefix, std::string_view uri);

}  // namespace oob::codec::wsman
