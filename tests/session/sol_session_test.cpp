#include "session/sol_session.h"

#include "codec/redirection/frame.h"
#include "net/group.h"
#include "redirection_login.h"
#include "support/run.h"

#include <doctest/doctest.h>

#include <chrono>

using namespace oob;
using namespace oob::codec::redirection;
using session::RedirectionSession;
using session::SolSession;
using std::chrono::milliseconds;
using test::challenge;
using test::login;
using test::login_reply;
using test::script;
using test::text;

namespace {

std::vector<std::string> console() {
    std::vector<std::string> out = login();
    out.push_back(text(encode(SolStartReply{0, 0})) +
                  text(encode(SolControls{1, 3, sol_status_power})) +
                  text(encode_sol_data(Code::sol_data_from_host, 2, as_view("hello\r\n"))) +
                  text(encode_bare(Code::sol_heartbeat, 3)) +
                  text(encode_sol_data(Code::sol_data_from_host, 4, as_view("there"))) +
                  text(encode_bare(Code::sol_end_reply, 5)));
    return out;
}

net::Task<std::string> read_to_end(SolSession& sol) {
    std::string out;
    while (const auto bytes = co_await sol.read()) out += as_text(*bytes);
    co_return out;
}

using Verified = std::optional<net::Verified>;

net::Task<std::string> listen(std::string says, std::size_t at_a_time, Verified verified,
                              test::ScriptedStream::Heard& heard) {
    auto stream = std::make_unique<test::ScriptedStream>(std::move(says), at_a_time, heard);
    SolSession sol(co_await RedirectionSession::open(test::peer(std::move(stream), verified),
                                                     Protocol::sol,
                                                     {"admin", Secret(std::string("P@ssw0rd"))}));
    co_await sol.start();
    std::string out = co_await read_to_end(sol);
    out += sol.host_on() == true ? "[on]" : "[not on]";
    co_return out;
}

/// Reads to the end while nobody types; heartbeats follow each other quickly.
net::Task<std::string> sit(std::string says, test::ScriptedStream::Heard& heard) {
    auto stream = std::make_unique<test::ScriptedStream>(std::move(says), 4096, heard);
    SolSession sol(co_await RedirectionSession::open(test::peer(std::move(stream)), Protocol::sol,
                                                     {"admin", Secret(std::string("P@ssw0rd"))}),
                   milliseconds(1));
    co_await sol.start();
    net::Group group;
    co_await group.spawn(sol.write_loop());
    auto out = co_await net::attempt(read_to_end(sol));
    sol.finish();
    co_await group.join();
    co_return take(std::move(out));
}

Result<std::string> hear(const std::string& says, std::size_t at_a_time = 4096) {
    test::ScriptedStream::Heard heard;
    return test::run(listen(says, at_a_time, std::nullopt, heard));
}

}  // namespace

TEST_CASE("a console is opened and read, however the bytes arrive") {
    for (const std::size_t at_a_time : {1, 3, 4096})
        CHECK(hear(script(console()), at_a_time).value() == "hello\r\nthere[on]");
}

TEST_CASE("a console that breaks off at any byte is an end or an error") {
    const std::string whole = script(console());
    for (std::size_t n = 0; n < whole.size(); ++n) {
        CAPTURE(n);
        const auto outcome = hear(whole.substr(0, n), 7);
        if (outcome)
            CHECK(std::string("hello\r\nthere[on][not on]").find(outcome->substr(0, 5)) !=
                  std::string::npos);
        if (!outcome) {
            CHECK(outcome.error().kind != Class::internal);
            CHECK(!outcome.error().hint.empty());
        }
    }
}

TEST_CASE(
    "a console on which nobody types is kept by heartbeats, well before the device gives up") {
    CHECK(2 * SolSession::usual_heartbeat < milliseconds(SolStart{}.receive_timeout));
    // The device says a word at each message that it hears, and ends at the third.
    std::vector<std::string> says = login();
    says.push_back(text(encode(SolStartReply{0, 0})));
    for (const char* word : {"one ", "two "})
        says.push_back(text(encode_sol_data(Code::sol_data_from_host, 1, as_view(word))));
    says.push_back(text(encode_bare(Code::sol_end_reply, 3)));
    test::ScriptedStream::Heard heard;
    CHECK(test::run(sit(script(says), heard)).value() == "one two ");
    Framer framer(Side::client);
    framer.feed(as_view(heard.text));
    std::vector<std::uint32_t> numbers;
    while (const auto message = framer.next().value())
        if (code_of(*message) == Code::sol_heartbeat) numbers.push_back(sequence_of(*message));
    REQUIRE(numbers.size() >= 3);
    CHECK(std::vector(numbers.begin(), numbers.begin() + 3) == std::vector<std::uint32_t>{1, 2, 3});
}

TEST_CASE("the device's refusals have a class each") {
    struct Row {
        std::uint8_t status;
        const char* code;
    };
    for (const Row& row : {Row{1, "firmware.redirection"}, Row{2, "session_busy.redirection"},
                           Row{3, "precondition.redirection"}, Row{5, "consent.required"},
                           Row{255, "firmware.redirection"}}) {
        const auto outcome = hear(script({text(encode(StartSessionReply{row.status, 16, 1}))}));
        REQUIRE(!outcome);
        CHECK(outcome.error().code == row.code);
    }
}

TEST_CASE("a login is refused once") {
    std::vector<std::string> refused = login();
    refused.back() = login_reply(authenticate_failed, Method::digest);
    CHECK(hear(script(refused)).error().code == "auth.rejected");

    std::vector<std::string> endless = login();
    for (int i = 0; i < 5; ++i)
        endless.insert(endless.begin() + 3,
                       login_reply(authenticate_failed, Method::digest,
                                   encode_challenge(challenge, Method::digest)));
    CHECK(hear(script(endless)).error().code == "auth.rejected");
}

TEST_CASE("a password in clear goes only to a device whose key was verified") {
    std::vector<std::string> old = console();
    old.erase(old.begin() + 2);
    old[1] = login_reply(0, Method::query, {static_cast<std::byte>(Method::password)});
    old[2] = login_reply(authenticate_success, Method::password);
    struct Row {
        Verified verified;
        const char* code;  ///< empty: the password is sent
    };
    for (const Row& row :
         {Row{std::nullopt, "unsupported.login"}, Row{net::Verified::none, "tls.unverified"},
          Row{net::Verified::first_use, "tls.unverified"}, Row{net::Verified::pin, ""},
          Row{net::Verified::known_device, ""}, Row{net::Verified::ca, ""}}) {
        CAPTURE(row.code);
        test::ScriptedStream::Heard heard;
        const auto outcome = test::run(listen(script(old), 4096, row.verified, heard));
        const bool sent = std::string_view(row.code).empty();
        CHECK(heard.text.contains("P@ssw0rd") == sent);
        CHECK((outcome ? *outcome : outcome.error().code) ==
              (sent ? "hello\r\nthere[on]" : row.code));
        if (row.verified && !sent) CHECK(outcome.error().hint.contains("--tls-pin sha256:0123"));
    }
}

TEST_CASE("another message than expected is no login") {
    CHECK(hear(script({text(encode(AuthenticateReply{}))})).error().code ==
          "redirection.unexpected");
    CHECK(hear(script({"HTTP/1.1 400 Bad Request\r\n\r\n"})).error().code == "redirection.code");
    CHECK(hear(script({})).error().code == "connect.closed");
}
