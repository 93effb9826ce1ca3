#include "codec/redirection/session.h"
#include "fuzz/unsteady_stream.h"
#include "sim/address_range.h"
#include "sim/member.h"
#include "sim/redirection_server.h"

#include <memory>
#include <string>

namespace {

using namespace oob;
using namespace oob::codec::redirection;
using sim::Member;
using sim::RedirectionServer;

constexpr const char* password = "P@ssw0rd!";
constexpr std::chrono::minutes most_patience{30};

/// Of the last generation that takes a password as it is: a script can log in.
sim::Firmware& firmware() {
    static sim::Firmware made{take(sim::Personality::builtin("7.1")),
                              net::TlsAcceptor(net::TlsVersion::tls1_0, net::TlsVersion::tls1_2)};
    return made;
}

std::string text(const Bytes& bytes) { return std::string(as_text(bytes)); }

/// What a client says until it is in.
std::string login(Protocol protocol) {
    const Authenticate login{Method::password,
                             encode_login(PasswordLogin{"admin", Secret(std::string(password))})};
    const std::string turn(1, test::ScriptedStream::turn);
    return text(encode(StartSession{protocol})) + turn + text(encode(login)) + turn;
}

net::Task<void> serve(net::Stream& stream, Member& member) {
    RedirectionServer server(stream, member, sim::Port::redirection, "10.0.0.1:1234");
    const auto ended = co_await net::attempt(net::within(most_patience, server.serve(), "idle"));
    stream.close();
    member.host.cancel();
    co_await member.host.join();
    take(ended);
}

}  // namespace

/// A client of any manners that says anything to a simulated device, from the first message on or
/// behind a login: the session ends, nobody is left in it, and all that happened is noted.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Reader in(fuzz::view_of(data, size));
    const auto manners = fuzz::Manners::read(in);
    const unsigned choice = in.u8() % 3;
    std::string says;
    if (choice == 1) says = login(Protocol::sol);
    if (choice == 2) says = login(Protocol::ider);
    says += as_text(in.bytes(in.left()));

    sim::Surroundings surroundings;
    surroundings.now = [] { return std::chrono::system_clock::time_point{}; };
    surroundings.random.seed(1);
    Member member(sim::Device(firmware().personality, sim::make_identity("127.77.9.1", 0),
                              Secret(std::string(password)), surroundings.now),
                  firmware(), surroundings);
    test::ScriptedStream::Heard heard;
    fuzz::UnsteadyStream stream(manners, std::move(says), heard);
    (void)fuzz::run_session(manners, serve(stream, member));
    fuzz::expect(member.redirected.empty() && !member.disks.busy());
    return 0;
}
