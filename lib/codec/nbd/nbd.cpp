#include "codec/nbd/nbd.h"

namespace oob::codec::nbd {

namespace {

constexpr std::uint32_t magic_begin[2] = {0x4e42444d, 0x41474943};   // "NBDMAGIC"
constexpr std::uint32_t magic_option[2] = {0x49484156, 0x454f5054};  // "IHAVEOPT"
constexpr std::uint32_t magic_option_reply[2] = {0x0003e889, 0x045565a9};
constexpr std::uint32_t magic_request = 0x25609513;
constexpr std::uint32_t magic_reply = 0x67446698;
constexpr std::uint16_t fixed_newstyle = 1;
constexpr std::uint16_t no_zeroes = 2;
constexpr std::uint16_t flag_has_flags = 0x0001;
constexpr std::uint16_t flag_read_only = 0x0002;
constexpr std::uint16_t flag_flush = 0x0004;
constexpr std::uint16_t info_export = 0;
constexpr std::uint16_t info_block_size = 3;
constexpr std::size_t padding = 124;

std::unexpected<Error> malformed(const char* code, const char* what) {
    return std::unexpected(Error(Class::protocol, code, what, "is the other end an NBD client?"));
}

bool reads_magic(Reader& in, const std::uint32_t (&magic)[2]) {
    const std::uint32_t first = in.be32();
    return in.be32() == magic[1] && first == magic[0];
}

std::uint16_t flags_of(const Export& what) {
    return static_cast<std::uint16_t>(flag_has_flags | flag_flush |
                                      (what.read_only ? flag_read_only : 0U));
}

}  // namespace

Bytes greeting() {
    Writer out;
    out.be32(magic_begin[0]).be32(magic_begin[1]).be32(magic_option[0]).be32(magic_option[1]);
    return out.be16(fixed_newstyle | no_zeroes).take();
}

Result<bool> decode_client_flags(View bytes) {
    Reader in(bytes);
    const std::uint32_t flags = in.be32();
    if (!in.ok() || (flags & fixed_newstyle) == 0)
        return malformed("nbd.flags", "the client does not know the fixed negotiation");
    return (flags & no_zeroes) != 0;
}

Result<OptionHead> decode_option(View head) {
    Reader in(head);
    if (!reads_magic(in, magic_option)) return malformed("nbd.option", "this is no option");
    OptionHead out;
    out.option = static_cast<Option>(in.be32());
    out.length = in.be32();
    if (!in.ok()) return malformed("nbd.option", "an option is cut short");
    return out;
}

Result<std::string> decode_info(View data) {
    Reader in(data);
    const std::uint32_t length = in.be32();
    if (length > in.left()) return malformed("nbd.option", "a name is longer than its option");
    const View name = in.bytes(length);
    (void)in.be16();  // what the client wants to know; it is told all
    if (!in.ok()) return malformed("nbd.option", "an option is cut short");
    return std::string(as_text(name));
}

Bytes encode_reply(Option option, OptionReply reply, View data) {
    Writer out;
    out.be32(magic_option_reply[0]).be32(magic_option_reply[1]);
    out.be32(static_cast<std::uint32_t>(option)).be32(static_cast<std::uint32_t>(reply));
    return out.be32(static_cast<std::uint32_t>(data.size())).bytes(data).take();
}

Bytes encode_info(Option option, const Export& what) {
    Writer whole;
    Writer size;
    size.be16(info_export).be64(what.size).be16(flags_of(what));
    whole.bytes(encode_reply(option, OptionReply::info, size.take()));
    Writer blocks;
    blocks.be16(info_block_size).be32(what.smallest).be32(what.preferred).be32(most_request);
    whole.bytes(encode_reply(option, OptionReply::info, blocks.take()));
    return whole.bytes(encode_reply(option, OptionReply::acknowledged)).take();
}

Bytes encode_export(const Export& what, bool without_zeroes) {
    Writer out;
    out.be64(what.size).be16(flags_of(what));
    if (!without_zeroes) out.bytes(Bytes(padding));
    return out.take();
}

Result<Request> decode_request(View bytes) {
    Reader in(bytes);
    if (in.be32() != magic_request) return malformed("nbd.request", "this is no request");
    Request out;
    in.skip(2);  // flags
    out.command = static_cast<Command>(in.be16());
    out.cookie = in.be64();
    out.offset = in.be64();
    out.length = in.be32();
    if (!in.ok()) return malformed("nbd.request", "a request is cut short");
    return out;
}

Bytes encode_reply(std::uint64_t cookie, std::uint32_t error) {
    Writer out;
    return out.be32(magic_reply).be32(error).be64(cookie).take();
}

}  // namespace oob::codec::nbd
