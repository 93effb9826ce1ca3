#include "session/http_client.h"

#include "session/device_script.h"
#include "support/run.h"
#include "support/stalling_stream.h"

#include <doctest/doctest.h>

using namespace oob;
using session::Effect;
using test::challenge_response;
using test::DeviceScript;
using test::ok_response;
using test::Stall;
using test::StallingStream;

namespace {

codec::http::Request request(const std::string& body) {
    codec::http::Request out;
    out.body = body;
    return out;
}

Result<codec::http::Response> exchange(DeviceScript& script, Effect effect) {
    session::HttpClient client(script.options());
    return test::run(client.exchange(request("<Envelope/>"), effect));
}

net::Task<std::string> twice(session::HttpClient& client, Effect effect) {
    co_await client.exchange(request("first"), Effect::reads);
    const auto second = co_await client.exchange(request("second"), effect);
    co_return second.body;
}

}  // namespace

TEST_CASE("a login takes a new connection, because AMT closes after its challenge") {
    for (const std::size_t at_a_time : {1u, 7u, 10'000u}) {
        CAPTURE(at_a_time);
        DeviceScript script{{challenge_response, ok_response("<a/>")}, at_a_time};
        const auto response = exchange(script, Effect::reads);
        REQUIRE(response);
        CHECK(response->body == "<a/>");
        REQUIRE(script.heard.size() == 2);
        CHECK(script.heard[0]->text.find("Authorization") == std::string::npos);
        CHECK(script.heard[1]->text.find("username=\"admin\"") != std::string::npos);
        CHECK(script.heard[1]->text.find("nc=00000001") != std::string::npos);
        CHECK(script.heard[1]->text.find("P@ssw0rd!") == std::string::npos);
    }
}

TEST_CASE("a second 401 to a fresh challenge is a rejected login, and nothing is tried again") {
    DeviceScript script{{challenge_response, challenge_response, ok_response("never")}};
    const auto response = exchange(script, Effect::reads);
    REQUIRE(!response);
    CHECK(response.error().kind == Class::auth);
    CHECK(response.error().code == "auth.rejected");
    CHECK(response.error().native.find("http")->integer() == 401);
    CHECK(script.heard.size() == 2);
}

TEST_CASE("a stale nonce is answered with the new one") {
    std::string stale = challenge_response;
    stale.replace(stale.find("stale=\"false\""), 13, "stale=\"true\"");
    DeviceScript script{{challenge_response, stale, ok_response("<b/>")}};
    const auto response = exchange(script, Effect::changes);
    REQUIRE(response);
    CHECK(response->body == "<b/>");
}

TEST_CASE("a device that only ever asks for a new login is given up") {
    std::string stale = challenge_response;
    stale.replace(stale.find("stale=\"false\""), 13, "stale=\"true\"");
    DeviceScript script{{stale, stale, stale, stale, stale, stale}};
    const auto response = exchange(script, Effect::reads);
    REQUIRE(!response);
    CHECK(response.error().code == "auth.stale");
}

TEST_CASE("the connection is kept, and the nonce count goes up") {
    DeviceScript script{{challenge_response, ok_response("one") + test::turn + ok_response("two")},
                        1};
    session::HttpClient client(script.options());
    const auto body = test::run(twice(client, Effect::changes));
    REQUIRE(body);
    CHECK(*body == "two");
    CHECK(script.heard[1]->text.find("nc=00000002") != std::string::npos);
}

TEST_CASE(
    "a read survives a kept connection that was closed meanwhile; a change or a page does not "
    "dare") {
    const std::vector<std::string> closed{challenge_response, ok_response("one"),
                                          ok_response("two")};
    DeviceScript reads{closed, 1};
    session::HttpClient reader(reads.options());
    CHECK(test::run(twice(reader, Effect::reads)).value() == "two");

    DeviceScript changes{closed, 1};
    session::HttpClient changer(changes.options());
    const auto result = test::run(twice(changer, Effect::changes));
    REQUIRE(!result);
    CHECK(result.error().kind == Class::indeterminate);
    CHECK(changes.heard.size() == 2);

    DeviceScript pages{closed, 1};
    session::HttpClient turner(pages.options());
    const auto lost = test::run(twice(turner, Effect::advances));
    REQUIRE(!lost);
    CHECK(lost.error().kind == Class::connect);
    CHECK(pages.heard.size() == 2);
}

TEST_CASE(
    "cut at every byte, the answer to a change is indeterminate and the answer to a read is an "
    "error") {
    const std::string whole = ok_response("<a/>");
    for (std::size_t n = 0; n < whole.size(); ++n) {
        CAPTURE(n);
        DeviceScript change{{challenge_response, whole.substr(0, n)}, 100};
        const auto changed = exchange(change, Effect::changes);
        REQUIRE(!changed);
        CHECK(changed.error().kind == Class::indeterminate);
        DeviceScript read{{challenge_response, whole.substr(0, n)}, 100};
        const auto got = exchange(read, Effect::reads);
        REQUIRE(!got);
        CHECK(got.error().kind == (n == 0 ? Class::connect : Class::protocol));
    }
}

TEST_CASE("before the login nothing can have changed, so a cut there is no doubt") {
    DeviceScript script{{std::string()}};
    const auto result = exchange(script, Effect::changes);
    REQUIRE(!result);
    CHECK(result.error().kind == Class::connect);
    CHECK_FALSE(result.error().indeterminate);
}

TEST_CASE("statuses that AMT sends become the contract's classes") {
    struct Row {
        const char* status;
        Class kind;
        const char* code;
    };
    for (const Row& row : {Row{"403 Forbidden", Class::forbidden, "forbidden.http"},
                           Row{"404 Not Found", Class::unsupported, "unsupported.http"},
                           Row{"503 Service Unavailable", Class::firmware, "firmware.busy"},
                           Row{"500 Internal Server Error", Class::firmware, "firmware.http"}}) {
        CAPTURE(row.status);
        DeviceScript script{
            {std::string("HTTP/1.1 ") + row.status + "\r\nContent-Length: 0\r\n\r\n"}};
        const auto result = exchange(script, Effect::reads);
        REQUIRE(!result);
        CHECK(result.error().kind == row.kind);
        CHECK(result.error().code == row.code);
    }
}

TEST_CASE("bytes behind the answer are a protocol error, not the next answer") {
    DeviceScript script{{ok_response("one") + "garbage"}, 10'000};
    const auto result = exchange(script, Effect::reads);
    REQUIRE(!result);
    CHECK(result.error().code == "http.trailing");
}

TEST_CASE("an exchange that gets no answer ends; whether a change was made nobody knows then") {
    struct Row {
        Stall how;
        std::size_t at;  // the first write carries no login
        session::Effect effect;
        const char* code;
    };
    for (const Row& row :
         {Row{Stall::says_nothing, 0, session::Effect::reads, "timeout.answer"},
          Row{Stall::takes_nothing, 0, session::Effect::reads, "timeout.answer"},
          Row{Stall::says_nothing, 0, session::Effect::changes, "timeout.answer"},
          Row{Stall::says_nothing, 1, session::Effect::reads, "timeout.answer"},
          Row{Stall::says_nothing, 1, session::Effect::changes, "indeterminate.lost"}}) {
        CAPTURE(row.at);
        std::size_t writes = 0;
        session::HttpClient::Options options;
        options.host = "pc1:16992";
        options.user = "admin";
        options.password = Secret(std::string("P@ssw0rd!"));
        options.longest_exchange = std::chrono::milliseconds(50);
        options.connect = [&]() -> net::Task<net::StreamPtr> {
            co_return std::make_unique<StallingStream>(
                test::turn + test::challenge_response,
                StallingStream::Plan{row.how, row.at, {}, std::chrono::hours(1)}, writes);
        };
        session::HttpClient client(std::move(options));
        const auto answer = test::run(client.exchange({}, row.effect));
        REQUIRE(!answer);
        CHECK(answer.error().code == row.code);
    }
}
