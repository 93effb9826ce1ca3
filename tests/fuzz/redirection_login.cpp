#include "fuzz/unsteady_stream.h"
#include "session/redirection_session.h"

#include <memory>
#include <string>

namespace {

using namespace oob;
using namespace oob::codec::redirection;
using session::RedirectionSession;

constexpr const char* password = "P@ssw0rd";
constexpr std::chrono::seconds longest_message{30};

net::Task<void> log_in_and_listen(net::StreamPtr stream, Protocol protocol, bool secured) {
    auto session = co_await RedirectionSession::open(
        std::move(stream), protocol, {"admin", Secret(std::string(password))}, secured);
    while (const auto message = co_await net::within(longest_message, session.receive(), "silence"))
        fuzz::expect(!message->empty());
}

}  // namespace

/// A device of any manners that says anything from the first message on: the login ends within its
/// limits, and the password goes out in clear over a secured connection alone.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Reader in(fuzz::view_of(data, size));
    const auto manners = fuzz::Manners::read(in);
    const unsigned choice = in.u8();
    constexpr std::array protocols{Protocol::sol, Protocol::ider, Protocol::kvm};
    const bool secured = choice / 3 % 2 == 1;
    test::ScriptedStream::Heard heard;
    (void)fuzz::run_session(
        manners, log_in_and_listen(std::make_unique<fuzz::UnsteadyStream>(
                                       manners, std::string(as_text(in.bytes(in.left()))), heard),
                                   protocols[choice % 3], secured));
    fuzz::expect(secured || !heard.text.contains(password));
    return 0;
}
