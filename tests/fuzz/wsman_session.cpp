#include "session/wsman_client.h"

#include "core/text.h"
#include "fuzz/unsteady_stream.h"

#include <memory>
#include <string>
#include <vector>

namespace {

using namespace oob;
using codec::wsman::Members;
using session::HttpClient;
using session::WsmanClient;

constexpr std::chrono::seconds longest_call{30};
/// Stands between what the device says on one connection and on the next.
constexpr char next_connection = '\x1d';

/// A device with an answer for each connection, which nobody reaches once they are used up.
struct Device {
    fuzz::Manners manners;
    std::vector<std::string_view> says;
    std::vector<std::unique_ptr<test::ScriptedStream::Heard>> heard = {};
    bool refused = false;

    HttpClient::Options options() {
        HttpClient::Options out;
        out.host = "pc1:16992";
        out.user = "admin";
        out.password = Secret(std::string("P@ssw0rd!"));
        out.limits = {.header_bytes = 4096, .body_bytes = 16'384};
        out.connect = [this]() -> net::Task<net::StreamPtr> {
            refused = heard.size() == says.size();
            if (refused) fail(Class::connect, "connect.refused", "nobody listens");
            heard.push_back(std::make_unique<test::ScriptedStream::Heard>());
            co_return std::make_unique<fuzz::UnsteadyStream>(
                manners, std::string(says[heard.size() - 1]), *heard.back());
        };
        return out;
    }
};

enum class Call { identify, get, enumerate, put, create, remove, invoke };

bool changes(Call call) { return call >= Call::put; }

net::Task<void> make(WsmanClient& client, Call call) {
    const std::string resource = "http://intel.com/wbem/wscim/1/amt-schema/1/AMT_GeneralSettings";
    switch (call) {
        case Call::identify:
            co_await client.identify();
            break;
        case Call::get:
            co_await client.get(resource);
            break;
        case Call::enumerate:
            fuzz::expect((co_await client.enumerate(resource, 50)).size() <= 50);
            break;
        case Call::put:
            co_await client.put(resource, {}, {});
            break;
        case Call::create:
            co_await client.create(resource, {});
            break;
        case Call::remove:
            co_await client.remove(resource, {});
            break;
        case Call::invoke:
            session::require_success(co_await client.invoke(resource, "SetAdminAclEntryEx", {}),
                                     "AMT_GeneralSettings", "SetAdminAclEntryEx");
            break;
    }
}

}  // namespace

/// A device of any manners that says anything on each of its connections: a call ends, and a change
/// that was sent with its login and got no answer is indeterminate, never a connection that failed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Reader in(fuzz::view_of(data, size));
    Device device{fuzz::Manners::read(in), {}};
    const auto call = static_cast<Call>(in.u8() % 7);
    if (in.left() > 0) device.says = split(as_text(in.bytes(in.left())), next_connection);
    WsmanClient client(device.options());
    const auto outcome =
        fuzz::run_session(device.manners, net::within(longest_call, make(client, call)));
    const bool sent = !device.heard.empty() && !device.refused &&
                      device.heard.back()->text.contains("Authorization: ");
    const bool unanswered = !outcome && (outcome.error().kind == Class::connect ||
                                         outcome.error().kind == Class::timeout);
    fuzz::expect(!changes(call) || !sent || !unanswered);
    return 0;
}
