#include "codec/wsman/boot_parameters.h"

#include <algorithm>

namespace oob::codec::wsman {

namespace {

Bytes copy(View bytes) { return Bytes(bytes.begin(), bytes.end()); }

}  // namespace

Bytes encode_boot_parameters(const std::vector<BootParameter>& parameters) {
    Writer out;
    for (const auto& parameter : parameters)
        out.le16(parameter.vendor)
            .le16(parameter.type)
            .le32(static_cast<std::uint32_t>(parameter.value.size()))
            .bytes(parameter.value);
    return out.take();
}

Result<std::vector<BootParameter>> decode_boot_parameters(View block) {
    if (block.size() > longest_boot_parameters)
        return std::unexpected(Error(Class::protocol, "boot_parameters.too_long",
                                     "the boot parameters are longer than 1024 bytes"));
    Reader in(block);
    std::vector<BootParameter> out;
    while (in.left() > 0) {
        BootParameter parameter;
        parameter.vendor = in.le16();
        parameter.type = in.le16();
        const std::uint32_t length = in.le32();
        parameter.value = copy(in.bytes(length));
        if (!in.ok())
            return std::unexpected(Error(Class::protocol, "boot_parameters.short",
                                         "an entry of the boot parameters is cut short"));
        out.push_back(std::move(parameter));
    }
    return out;
}

Result<std::vector<BootParameter>> https_boot_parameters(std::string_view url) {
    constexpr std::string_view scheme = "https://";
    const bool visible = std::ranges::all_of(url, [](char c) { return c > ' ' && c <= '~'; });
    if (!url.starts_with(scheme) || url.size() == scheme.size() || !visible ||
        url.size() > longest_boot_url)
        return std::unexpected(Error(Class::usage, "usage.boot_url",
                                     "the firmware starts from an https address only",
                                     "https://HOST/FILE of at most 300 characters"));
    const auto type = [](BootParameterType value) { return static_cast<std::uint16_t>(value); };
    return std::vector<BootParameter>{
        {.type = type(BootParameterType::url), .value = copy(as_view(url))},
        {.type = type(BootParameterType::sync_root), .value = {std::byte{1}}}};
}

}  // namespace oob::codec::wsman
