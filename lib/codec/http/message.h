#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace oob::codec::http {

/// Header fields in the order in which they stand on the wire; names keep their spelling.
class Fields {
 public:
    Fields() = default;
    Fields(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

    void add(std::string name, std::string value) {
        fields_.emplace_back(std::move(name), std::move(value));
    }
    /// The first field of that name, whatever its case.
    std::optional<std::string_view> find(std::string_view name) const;
    /// Every field of that name as one list with commas (RFC 9110, section 5.3); empty when there
    /// is none. A device with Kerberos offers Negotiate and Digest in fields of their own.
    std::string combined(std::string_view name) const;
    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }

 private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

struct Request {
    std::string method = "POST";
    std::string target = "/wsman";
    Fields fields;
    std::string body;
    bool keep_alive = true;  ///< decoding only: the peer wants to go on using the connection
};

struct Response {
    int status = 200;
    std::string reason;
    Fields fields;
    std::string body;
    bool keep_alive = true;  ///< decoding only: the peer lets the connection be used again
};

/// The request as it goes on the wire. Adds Content-Length; everything else, Host included, is the
/// caller's.
///
/// Here and below the field that frames the body (Content-Length, Transfer-Encoding) stands where
/// the caller has put a field of its name, whatever its value; else before Connection, as AMT has
/// it; else last. Line ends inside a field become blanks.
std::string encode(const Request& request);

/// The response with a Content-Length; 1xx and 204 go without it and without a body.
std::string encode(const Response& response);

/// The response with its body in chunks as AMT sends them: sizes of four upper-case hex digits,
/// 0x220 bytes first, then 0x2FA each, closed by a `0` chunk (reference wsman, section 1.3).
std::string encode_chunked(const Response& response);

}  // namespace oob::codec::http
