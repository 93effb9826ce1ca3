#include "core/target.h"

#include <arpa/inet.h>

#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace oob;

void expect(bool true_for_any_input) {
    if (!true_for_any_input) std::abort();
}

/// A name is an address to nobody, and a key is its own key.
void check_host(std::string_view text) {
    const auto host = parse_host(text);
    if (!host) return;
    in_addr address{};
    const bool read = ::inet_aton(host->text.c_str(), &address) != 0;
    expect(read == (host->kind == Host::Kind::ipv4));
    if (read) expect(ntohl(address.s_addr) == parse_ipv4(host->text));
    const auto again = parse_host(host->key);
    expect(again && again->key == host->key);
    expect(host_key(host->text) == host->key);
}

void check_target(std::string_view text) {
    const auto target = parse_target(text);
    if (!target) return;
    const auto again = parse_target(target->text);
    expect(again && key_of(*again) == key_of(*target));
}

void check_range(std::string_view text) {
    const auto range = TargetRange::parse(text);
    if (!range) return;
    expect(range->size() > 0 && range->size() <= TargetRange::largest);
    for (const auto index : range->edges()) {
        expect(index < range->size());
        check_target(range->at(index));
    }
}

}  // namespace

/// Any word at all, as a host, a target, a range, a device id and a line of a list.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_host(text);
    check_target(text);
    check_range(text);
    if (const auto id = parse_device_id(text)) expect(parse_device_id(*id) == id);
    expect(words_of_line(words_of_line(text)) == words_of_line(text));
    return 0;
}
