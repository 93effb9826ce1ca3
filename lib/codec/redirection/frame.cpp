#include "codec/redirection/frame.h"

#include "core/text.h"

#include <array>
#include <string>

namespace oob::codec::redirection {

namespace {

enum Who : std::uint8_t { client = 1, device = 2, both = 3 };

/// A message's fixed part, and where its length stands when it has one.
struct Form {
    Code code;
    Who who;
    std::uint8_t fixed;
    std::uint8_t length_at = 0;
    std::uint8_t length_size = 0;
};

constexpr std::array<Form, 33> forms{{
    {Code::start_session, client, 8},
    {Code::start_session_reply, device, 13, 12, 1},
    {Code::end_session, client, 4},
    {Code::authenticate, client, 9, 5, 4},
    {Code::authenticate_reply, device, 9, 5, 4},
    {Code::sol_start, client, 24},
    {Code::sol_start_reply, device, 23, 22, 1},
    {Code::sol_end, client, 8},
    {Code::sol_end_reply, device, 8},
    {Code::sol_ping, both, 8},
    {Code::sol_pong, both, 8},
    {Code::sol_controls_to_host, client, 14},
    {Code::sol_data_to_host, client, 10, 8, 2},
    {Code::sol_controls_from_host, device, 10},
    {Code::sol_data_from_host, device, 10, 8, 2},
    {Code::sol_heartbeat, both, 8},
    {Code::ider_open, client, 18},
    {Code::ider_open_reply, device, 30, 29, 1},
    {Code::ider_close, client, 8},
    {Code::ider_close_reply, device, 8},
    {Code::ider_ping, both, 8},
    {Code::ider_pong, both, 8},
    {Code::ider_reset_occurred, device, 9},
    {Code::ider_reset_response, client, 8},
    {Code::ider_features, client, 9},
    {Code::ider_features_reply, device, 13},
    {Code::ider_error_occurred, device, 11},
    {Code::ider_heartbeat, both, 8},
    {Code::ider_command, device, 28},
    {Code::ider_command_end, client, 31},
    {Code::ider_get_data, client, 31},
    {Code::ider_data_from_host, device, 14, 9, 2},
    {Code::ider_data_to_host, client, 34, 9, 2},
}};

constexpr std::uint8_t set_features = 3;
constexpr std::size_t set_features_bytes = 13;
constexpr std::size_t value_bytes = 4;
/// What a relay may put before the device's first byte: the session is recorded.
constexpr std::byte recorded{0xf0};
/// Consumed bytes are dropped when there are more of them than this and than of the others.
constexpr std::size_t worth_moving = std::size_t{64} * 1024;

const Form* form_of(std::byte first, Side from) {
    const std::uint8_t wanted = from == Side::client ? client : device;
    for (const Form& form : forms)
        if (static_cast<std::byte>(form.code) == first && (form.who & wanted) != 0) return &form;
    return nullptr;
}

std::size_t length_field(const Form& form, View message) {
    Reader in(message.subspan(form.length_at));
    return form.length_size == 1 ? in.u8() : form.length_size == 2 ? in.le16() : in.le32();
}

}  // namespace

Bytes encode_bare(Code code, std::uint32_t sequence) {
    Writer out;
    out.le32(static_cast<std::uint32_t>(code)).le32(sequence);
    return out.take();
}

void Framer::feed(View bytes) {
    const std::size_t left = buffer_.size() - begin_;
    if (left == 0 || (begin_ > worth_moving && begin_ > left)) {
        buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(begin_));
        begin_ = 0;
    }
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

Result<std::optional<View>> Framer::next() {
    // A question about features may or may not carry a value, which is zero then.
    while (zeros_ > 0 && begin_ < buffer_.size()) {
        if (buffer_[begin_] != std::byte{0})
            zeros_ = 0;
        else {
            ++begin_;
            --zeros_;
        }
    }
    if (first_ && from_ == Side::device && begin_ < buffer_.size() && buffer_[begin_] == recorded) {
        ++begin_;
        first_ = false;
    }
    const View rest = View(buffer_).subspan(begin_);
    if (rest.empty()) return std::nullopt;
    const Form* form = form_of(rest[0], from_);
    if (form == nullptr)
        return std::unexpected(
            Error(Class::protocol, "redirection.code",
                  join({"a message of redirection cannot begin with 0x", hex_lower(rest.first(1))}),
                  "is this AMT's redirection port?"));
    if (rest.size() < form->fixed) return std::nullopt;
    std::size_t size = form->fixed;
    if (form->length_size != 0) size += length_field(*form, rest);
    const bool login = form->code == Code::authenticate || form->code == Code::authenticate_reply;
    if (login && size > most_login)
        return std::unexpected(Error(Class::protocol, "redirection.too_long",
                                     "a login of " + std::to_string(size) + " bytes",
                                     "is this AMT's redirection port?"));
    if (form->code == Code::ider_features) {
        if (rest[form->fixed - 1U] == std::byte{set_features})
            size = set_features_bytes;
        else
            zeros_ = value_bytes;
    }
    if (rest.size() < size) {
        zeros_ = 0;
        return std::nullopt;
    }
    begin_ += size;
    first_ = false;
    return rest.first(size);
}

}  // namespace oob::codec::redirection
