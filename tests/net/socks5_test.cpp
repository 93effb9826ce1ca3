#include "net/socks5.h"

#include "core/text.h"
#include "support/run.h"
#include "support/scripted_stream.h"

#include <doctest/doctest.h>

using namespace oob;
using namespace std::chrono_literals;
using net::Endpoint;
using test::ScriptedStream;

namespace {

std::string bytes(std::string_view hex) {
    std::string digits;
    for (const char c : hex)
        if (c != ' ') digits += c;
    return std::string(as_text(parse_hex(digits).value()));
}

const std::string welcome = bytes("05 00");
const std::string next_turn(1, ScriptedStream::turn);

struct Outcome {
    Result<void> result;
    std::string heard;
    std::string after;  ///< what came through the connection afterwards
};

/// Connects through a proxy that says these bytes, so many at a time.
Outcome connect(std::string says, Endpoint endpoint, std::size_t at_a_time = 100) {
    ScriptedStream::Heard heard;
    Outcome out;
    const net::Dial to_proxy = [&](Endpoint proxy) -> net::Task<net::StreamPtr> {
        CHECK(proxy == Endpoint{"proxy", 1080});
        co_return std::make_unique<ScriptedStream>(says, at_a_time, heard);
    };
    const net::Dial dial = net::socks5({"proxy", 1080}, to_proxy, 5s);
    auto body = [&]() -> net::Task<void> {
        net::StreamPtr stream = co_await dial(std::move(endpoint));
        std::array<std::byte, 100> buffer{};
        for (;;) {
            const std::size_t count = co_await stream->read_some(buffer);
            if (count == 0) co_return;
            out.after += as_text(View(buffer).first(count));
        }
    };
    out.result = test::run(body());
    out.heard = heard.text;
    return out;
}

}  // namespace

TEST_CASE("the request names an address as such and a name as a name (RFC 1928, section 4)") {
    struct Row {
        Endpoint endpoint;
        const char* request;
    };
    for (const Row& row :
         {Row{{"10.0.0.7", 16992}, "05010001 0a000007 4260"},
          Row{{"2001:db8::7", 16993}, "05010004 20010db8000000000000000000000007 4261"},
          Row{{"pc1", 16992}, "05010003 03 706331 4260"}}) {
        CAPTURE(row.endpoint.host);
        CHECK(as_text(net::encode_socks5_connect(row.endpoint).value()) == bytes(row.request));
    }
    CHECK(net::encode_socks5_connect({std::string(256, 'x'), 1}).error().code == "usage.host");
    CHECK(net::encode_socks5_connect({"", 1}).error().code == "usage.host");
}

TEST_CASE("after the reply the connection is the device's, whatever address the proxy names") {
    for (const char* reply :
         {"05000001 7f000001 1234", "05000003 03 706331 1234", "05000003 00 1234",
          "05000004 00000000000000000000000000000001 1234"}) {
        for (const std::size_t at_a_time : {1U, 100U}) {
            CAPTURE(reply);
            const auto out =
                connect(welcome + next_turn + bytes(reply) + "word", {"pc1", 16992}, at_a_time);
            REQUIRE(out.result);
            CHECK(out.after == "word");
            CHECK(out.heard == bytes("05 01 00 05010003 03 706331 4260"));
        }
    }
}

TEST_CASE("a proxy that says no says why") {
    struct Row {
        const char* first;
        const char* second;
        Class kind;
        const char* code;
    };
    for (const Row& row : {Row{"05 ff", "", Class::connect, "connect.proxy"},
                           Row{"05 02", "", Class::connect, "connect.proxy"},
                           Row{"48 54", "", Class::connect, "connect.proxy"},
                           Row{"05 00", "05010001", Class::connect, "connect.failed"},
                           Row{"05 00", "05020001", Class::forbidden, "forbidden.proxy"},
                           Row{"05 00", "05030001", Class::connect, "connect.unreachable"},
                           Row{"05 00", "05040001", Class::connect, "connect.unreachable"},
                           Row{"05 00", "05050001", Class::connect, "connect.refused"},
                           Row{"05 00", "05060001", Class::timeout, "timeout.connect"},
                           Row{"05 00", "05070001", Class::connect, "connect.proxy"},
                           Row{"05 00", "05080001", Class::connect, "connect.proxy"},
                           Row{"05 00", "05630001", Class::connect, "connect.proxy"},
                           Row{"05 00", "04000001", Class::connect, "connect.proxy"},
                           Row{"05 00", "05000009", Class::connect, "connect.proxy"}}) {
        CAPTURE(row.second);
        const auto out = connect(bytes(row.first) + next_turn + bytes(row.second), {"pc1", 16992});
        REQUIRE(!out.result);
        CHECK(out.result.error().kind == row.kind);
        CHECK(out.result.error().code == row.code);
        CHECK(!out.result.error().hint.empty());
    }
}

TEST_CASE("a proxy cut off at any byte is an error, never a connection") {
    const std::string reply = bytes("05000003 03 706331 1234");
    const std::string whole = welcome + next_turn + reply;
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CAPTURE(size);
        const auto out = connect(whole.substr(0, size), {"pc1", 16992});
        REQUIRE(!out.result);
        CHECK(out.result.error().code == "connect.proxy");
    }
}
