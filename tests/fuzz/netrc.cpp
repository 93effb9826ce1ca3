#include "cli/credential.h"
#include "core/host.h"
#include "core/text.h"
#include "fuzz/expect.h"

#include <string>

namespace {

using namespace oob;
using fuzz::expect;

Result<Secret> find(std::string_view text, std::string_view machine, std::string_view user) {
    auto out = cli::password_from_netrc(text, machine, user);
    expect(out || (out.error().kind == Class::config && out.error().code == "config.credential"));
    return out;
}

}  // namespace

/// The first two lines are machine and user; the rest is the file. A password is a word of the
/// file, is the same however the machine is written, and no message tells one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text = fuzz::text_of(data, size);
    const std::string_view machine = fuzz::take_line(text);
    const std::string_view user = fuzz::take_line(text);
    const auto secret = find(text, machine, user);
    const auto same = find(text, host_key(machine), user);
    expect(secret.has_value() == same.has_value());
    if (!secret) return 0;
    expect(secret->reveal() == same->reveal());
    expect(text.contains(secret->reveal()));
    expect(secret->reveal().find_first_of(" \t\r\n") == std::string_view::npos);
    // An entry before all others for another machine changes nothing.
    const std::string before = join({"machine x.invalid login ", user, " password no\n"});
    if (host_key(machine) == "x.invalid" || user.empty() ||
        user.find_first_of(" \t\r") != user.npos)
        return 0;
    const auto still = find(before + std::string(text), machine, user);
    expect(still && still->reveal() == secret->reveal());
    return 0;
}
