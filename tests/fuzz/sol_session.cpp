#include "session/sol_session.h"

#include "fuzz/unsteady_stream.h"
#include "net/group.h"
#include "session/redirection_login.h"

#include <memory>
#include <string>

namespace {

using namespace oob;
using namespace oob::codec::redirection;
using session::RedirectionSession;
using session::SolSession;
using std::chrono::milliseconds;

struct Person {
    std::size_t types = 0;            ///< bytes, all at once
    std::optional<milliseconds> end;  ///< when the session is enough
};

net::Task<std::size_t> read_to_end(SolSession& sol) {
    std::size_t out = 0;
    while (const auto bytes = co_await sol.read()) out += bytes->size();
    co_return out;
}

net::Task<void> sit_before(SolSession& sol, Person person) {
    const Bytes typed(person.types, std::byte{'x'});
    co_await sol.type(typed);
    if (!person.end) co_return;
    co_await net::sleep_for(*person.end);
    sol.finish();
}

/// As the tools do it: the end of reading is the end of everything.
net::Task<std::size_t> converse(net::StreamPtr stream, Person person) {
    SolSession sol(co_await RedirectionSession::open({std::move(stream), std::nullopt},
                                                     Protocol::sol,
                                                     {"admin", Secret(std::string("P@ssw0rd"))}));
    co_await net::within(milliseconds(30'000), sol.start(), "console");
    Result<std::size_t> heard;
    net::Group group;
    const auto read = [&]() -> net::Task<void> {
        heard = co_await net::attempt(read_to_end(sol));
        sol.finish();
        group.cancel();
    };
    co_await group.spawn_apart(sol.write_loop());
    co_await group.spawn_apart(sit_before(sol, person));
    co_await group.spawn(read());
    co_await group.join();
    co_return take(std::move(heard));
}

}  // namespace

/// A device of any manners that lets the client in and then says anything, before a person who
/// types and leaves: the session ends within its limits, and shows no more than was said.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t typed_at_once = 1024;
    Reader in(fuzz::view_of(data, size));
    const auto manners = fuzz::Manners::read(in);
    Person person{in.u8() * typed_at_once, std::nullopt};
    if (const unsigned end = in.u8(); end > 0) person.end = milliseconds(100) * end;
    const std::string_view says = as_text(in.bytes(in.left()));
    test::ScriptedStream::Heard heard;
    const auto shown = fuzz::run_session(
        manners, converse(std::make_unique<fuzz::UnsteadyStream>(
                              manners, test::script(test::login()) + std::string(says), heard),
                          person));
    fuzz::expect(!shown || *shown <= says.size());
    return 0;
}
