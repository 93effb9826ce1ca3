#include "net/known_devices.h"

#include "core/host.h"
#include "fuzz/expect.h"
#include "fuzz/written_file.h"
#include "support/fake_time.h"
#include "support/run.h"

#include <string>

namespace {

using namespace oob;
using fuzz::expect;
using net::Endpoint;
using net::KnownDevices;

const std::string fingerprint = "sha256:" + std::string(64, 'a');

using Found = Result<std::optional<std::string>>;

/// Errors are the file's.
Found find(const std::filesystem::path& path, const Endpoint& endpoint) {
    KnownDevices known(path);
    Found out = known.find(endpoint);
    expect(out ||
           (out.error().kind == Class::config && out.error().code == "config.known_devices"));
    if (out && *out) expect((*out)->starts_with("sha256:"));
    return out;
}

net::Task<void> record(const std::filesystem::path& path, const Endpoint& endpoint) {
    KnownDevices known(path);
    co_await known.record(endpoint, fingerprint);
}

bool same(const Found& a, const Found& b) {
    return a.has_value() == b.has_value() && (!a || *a == *b);
}

}  // namespace

/// The first line is a host; the rest is the file. Whatever stands in it, it is read or refused in
/// so many words; what is recorded is found again, and says nothing new of anybody else.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text = fuzz::text_of(data, size);
    const Endpoint endpoint{std::string(fuzz::take_line(text)), 16993};
    if (!parse_host(endpoint.host)) return 0;
    const auto path = fuzz::written("known_devices", text);
    const Endpoint other{"pc1", 16993};
    const bool alone = host_key(endpoint.host) != host_key(other.host);
    const Found before = find(path, endpoint);
    const Found other_before = find(path, other);

    test::let_pass_at_most(std::chrono::minutes(1));
    const auto recorded = test::run(record(path, endpoint));
    const Found after = find(path, endpoint);
    if (recorded) {
        expect(after && **after == fingerprint);
        expect(!alone || same(other_before, find(path, other)));
    } else {
        expect(recorded.error().kind == Class::config || recorded.error().kind == Class::tls);
        expect(same(before, after));
    }
    return 0;
}
