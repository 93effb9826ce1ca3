#include "plane/discovery/web.h"

#include "codec/http/digest.h"
#include "codec/http/parser.h"
#include "core/json.h"
#include "core/text.h"
#include "core/unicode.h"
#include "plane/discovery/maker.h"

#include <array>
#include <string_view>
#include <utility>

namespace oob::plane::discovery {

namespace http = codec::http;

namespace {

constexpr std::size_t most_bytes = 64 * 1024;
/// What a peer says is cut there (reference discovery-posture, section 6.6).
constexpr std::size_t longest_text = 256;
constexpr std::string_view realm_prefix = "Digest:";
constexpr std::size_t realm_digits = 32;

Value said(std::string_view text) {
    return text.empty() ? Value() : Value(first_bytes(text, longest_text));
}

/// "15.0.23" out of "Intel(R) Active Management Technology 15.0.23"; nothing for another product.
struct Product {
    std::string kind;
    std::string version;
};

std::optional<Product> product_of(std::string_view server) {
    struct Row {
        std::string_view prefix;
        std::string_view kind;
    };
    constexpr std::array<Row, 2> rows{{{"Intel(R) Active Management Technology", "intel-amt"},
                                       {"Intel(R) Standard Manageability", "intel-ism"}}};
    for (const Row& row : rows) {
        if (!server.starts_with(row.prefix)) continue;
        const std::string_view version = trim(server.substr(row.prefix.size()));
        const bool numbers = version.size() <= longest_text &&
                             version.find_first_not_of("0123456789.") == std::string_view::npos;
        return Product{std::string(row.kind), numbers ? std::string(version) : std::string()};
    }
    return std::nullopt;
}

bool is_amt_realm(std::string_view realm) {
    if (!realm.starts_with(realm_prefix)) return false;
    const std::string_view digits = realm.substr(realm_prefix.size());
    return digits.size() == realm_digits &&
           digits.find_first_not_of("0123456789ABCDEFabcdef") == std::string_view::npos;
}

/// The text of a member; empty for anything else.
std::string_view text_of(const Value& object, std::string_view key) {
    const Value* member = object.find(key);
    return member ? member->text() : std::string_view();
}

}  // namespace

net::Task<http::Response> get(net::Stream& stream, http::Request request, std::string host) {
    request.fields.add("Host", host.find(':') == std::string::npos ? host : join({"[", host, "]"}));
    request.fields.add("Connection", "close");
    const std::string wire = encode(request);
    co_await stream.write(as_view(wire));
    http::ResponseParser parser({.header_bytes = most_bytes / 4, .body_bytes = most_bytes});
    std::array<std::byte, 4096> chunk;
    while (!parser.done()) {
        const std::size_t count = co_await stream.read_some(chunk);
        if (count == 0) {
            take(parser.end_of_stream());
            break;
        }
        take(parser.feed(View(chunk).first(count)));
    }
    co_return parser.take();
}

Face amt_face(const http::Response& response, Value service) {
    Face out;
    const std::string_view server = response.fields.find("Server").value_or("");
    const auto product = product_of(server);
    const auto challenge = http::decode_challenge(response.fields.combined("WWW-Authenticate"));
    const std::string realm = challenge ? challenge->realm : std::string();
    service.set("server", said(server));
    const bool amt = product || (is_amt_realm(realm) && server.starts_with("AMT"));
    service.set("protocol", amt ? "amt" : "http");
    out.service = std::move(service);
    if (!amt) return out;
    out.protocol = "amt";
    out.kinds.push_back(product ? product->kind : "intel-amt");
    if (product && !product->version.empty()) out.firmware = product->version;
    out.section = "amt";
    // A server that takes requests has been set up, or is being set up; which of them it does not
    // tell. The pong does.
    out.details.set("version", out.firmware ? Value(*out.firmware) : Value())
        .set("version_source", out.firmware ? Value("server-header") : Value())
        .set("realm", is_amt_realm(realm) ? Value(realm) : Value());
    return out;
}

Face redfish_face(const http::Response& response, Value service) {
    Face out;
    const std::string_view server = response.fields.find("Server").value_or("");
    service.set("server", said(server));
    const auto root = response.status == 200 ? parse_json(response.body) : Result<Value>(Value());
    const bool redfish = root && !text_of(*root, "RedfishVersion").empty();
    service.set("protocol", redfish ? "redfish" : "https");
    out.service = std::move(service);
    std::string_view oem;
    if (redfish) {
        const Value* names = root->find("Oem");
        if (names && !names->members().empty()) oem = names->members().front().first;
        out.protocol = "redfish";
        out.kinds.emplace_back("redfish");
        const std::string uuid = lower(text_of(*root, "UUID"));
        if (uuid_to_smbios(uuid)) out.uuid = uuid;
        out.section = "redfish";
        out.details.set("version", said(text_of(*root, "RedfishVersion")))
            .set("vendor", said(text_of(*root, "Vendor")))
            .set("product", said(text_of(*root, "Product")))
            .set("name", said(text_of(*root, "Name")))
            .set("oem", said(oem));
    }
    const std::string kind =
        kind_of({.server = server,
                 .oem = oem,
                 .vendor = redfish ? text_of(*root, "Vendor") : std::string_view()});
    if (!kind.empty()) out.kinds.push_back(kind);
    return out;
}

}  // namespace oob::plane::discovery
