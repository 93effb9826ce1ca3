#include "codec/http/message.h"

#include "core/text.h"

#include <algorithm>
#include <cstdint>

namespace oob::codec::http {

namespace {

using Field = std::pair<std::string, std::string>;

constexpr std::string_view content_length = "Content-Length";
constexpr std::string_view transfer_encoding = "Transfer-Encoding";

/// The sizes of AMT's chunks (reference wsman, section 1.3).
constexpr std::size_t first_chunk = 0x220;
constexpr std::size_t next_chunk = 0x2fa;

/// Appends text to a header; what would end the line becomes a blank (RFC 9110, section 5.5).
void append(std::string& wire, std::string_view text) {
    for (const char letter : text)
        wire += letter == '\r' || letter == '\n' || letter == '\0' ? ' ' : letter;
}

void append(std::string& wire, std::string_view name, std::string_view value) {
    append(wire, name);
    wire += ": ";
    append(wire, value);
    wire += "\r\n";
}

bool is_called(const Field& field, std::string_view name) {
    return equal_ignoring_case(field.first, name);
}

/// The header after its first line. The field that frames the body stands where the caller has put
/// one of its name, else before Connection, else last.
void append(std::string& wire, const Fields& fields, std::string_view framing,
            std::string_view value) {
    const auto place_of = [&](std::string_view name) {
        return std::find_if(fields.begin(), fields.end(),
                            [&](const Field& field) { return is_called(field, name); });
    };
    auto place = place_of(framing);
    if (place == fields.end()) place = place_of("Connection");

    for (auto field = fields.begin(); field != fields.end(); ++field) {
        if (field == place) append(wire, framing, value);
        if (is_called(*field, content_length) || is_called(*field, transfer_encoding)) continue;
        append(wire, field->first, field->second);
    }
    if (place == fields.end() && !framing.empty()) append(wire, framing, value);
    wire += "\r\n";
}

std::string status_line(const Response& response) {
    std::string wire = join({"HTTP/1.1 ", std::to_string(response.status), " "});
    append(wire, response.reason);
    wire += "\r\n";
    return wire;
}

/// Replies that never carry a body nor its length (RFC 9110, section 8.6).
bool is_bare(int status) { return status / 100 == 1 || status == 204; }

/// Four upper-case digits, as AMT writes the size of a chunk.
std::string chunk_size(std::size_t size) {
    return hex_upper(Writer().be16(static_cast<std::uint16_t>(size)).take());
}

}  // namespace

std::optional<std::string_view> Fields::find(std::string_view name) const {
    const auto field =
        std::ranges::find_if(fields_, [&](const Field& each) { return is_called(each, name); });
    if (field == fields_.end()) return std::nullopt;
    return field->second;
}

std::string Fields::combined(std::string_view name) const {
    std::string list;
    for (const Field& field : fields_)
        if (is_called(field, name)) list += join({list.empty() ? "" : ", ", field.second});
    return list;
}

std::string encode(const Request& request) {
    std::string wire;
    append(wire, request.method);
    wire += ' ';
    append(wire, request.target);
    wire += " HTTP/1.1\r\n";
    append(wire, request.fields, content_length, std::to_string(request.body.size()));
    wire += request.body;
    return wire;
}

std::string encode(const Response& response) {
    std::string wire = status_line(response);
    if (is_bare(response.status)) {
        append(wire, response.fields, {}, {});
        return wire;
    }
    append(wire, response.fields, content_length, std::to_string(response.body.size()));
    wire += response.body;
    return wire;
}

std::string encode_chunked(const Response& response) {
    std::string wire = status_line(response);
    append(wire, response.fields, transfer_encoding, "chunked");
    std::string_view rest = response.body;
    std::size_t size = std::min(first_chunk, rest.size());
    while (size > 0) {
        wire += join({chunk_size(size), "\r\n", rest.substr(0, size), "\r\n"});
        rest.remove_prefix(size);
        size = std::min(next_chunk, rest.size());
    }
    wire += "0\r\n\r\n";
    return wire;
}

}  // namespace oob::codec::http
