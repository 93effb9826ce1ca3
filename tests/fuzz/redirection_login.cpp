#include "fuzz/unsteady_stream.h"
#include "session/redirection_session.h"

#include <array>
#include <memory>
#include <optional>
#include <string>

namespace {

using namespace oob;
using namespace oob::codec::redirection;
using session::RedirectionSession;

constexpr const char* password = "P@ssw0rd";
constexpr std::chrono::seconds longest_message{30};

net::Task<void> log_in_and_listen(session::Peer peer, Protocol protocol) {
    auto session = co_await RedirectionSession::open(std::move(peer), protocol,
                                                     {"admin", Secret(std::string(password))});
    while (const auto message = co_await net::within(longest_message, session.receive(), "silence"))
        fuzz::expect(!message->empty());
}

/// How its key was verified; nothing for a connection without TLS.
std::optional<net::Trusted> trust(unsigned choice) {
    constexpr std::array known{net::Verified::none, net::Verified::first_use, net::Verified::pin,
                               net::Verified::known_device, net::Verified::ca};
    if (choice % (known.size() + 1) == 0) return std::nullopt;
    net::Trusted out;
    out.verified = known[choice % (known.size() + 1) - 1];
    return out;
}

}  // namespace

/// A device of any manners that says anything from the first message on: the login ends within its
/// limits, and the password goes out in clear to a key that was verified alone.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Reader in(fuzz::view_of(data, size));
    const auto manners = fuzz::Manners::read(in);
    const unsigned choice = in.u8();
    constexpr std::array protocols{Protocol::sol, Protocol::ider, Protocol::kvm};
    const auto trusted = trust(choice / protocols.size());
    const std::string says(as_text(in.bytes(in.left())));
    test::ScriptedStream::Heard heard;
    session::Peer peer{std::make_unique<fuzz::UnsteadyStream>(manners, says, heard), trusted};
    (void)fuzz::run_session(
        manners, log_in_and_listen(std::move(peer), protocols[choice % protocols.size()]));
    const bool certain = trusted && (trusted->verified == net::Verified::pin ||
                                     trusted->verified == net::Verified::known_device ||
                                     trusted->verified == net::Verified::ca);
    // A device that knows it may have it back, as its realm.
    fuzz::expect(certain || says.contains(password) || !heard.text.contains(password));
    return 0;
}
