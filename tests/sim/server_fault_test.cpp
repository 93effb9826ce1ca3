#include "core/text.h"
#include "sim/server_rig.h"

#include <doctest/doctest.h>

#include <chrono>

using namespace oob;
using namespace oob::sim::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* device = "127.77.9.8";

/// A device with a fault, and somebody who is about to ask it something.
struct Faulty {
    explicit Faulty(std::string_view spec) {
        login = get_challenge(rig, device);
        rig.set_fault(device, spec);
    }
    std::string request() { return post(envelope(), login.line(envelope())); }
    std::string ask() {
        RawClient client(device, rig.ports().http);
        client.send(request());
        return client.read_reply();
    }

    Rig rig;
    Credentials login;
};

std::chrono::milliseconds time_of(const std::function<void()>& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 begin);
}

}  // namespace

TEST_CASE("latency holds every reply back") {
    Faulty faulty("latency=300ms");
    CHECK(time_of([&] { CHECK(status(faulty.ask()) == 200); }) >= 300ms);
}

TEST_CASE("jitter holds replies back for differing times") {
    Faulty faulty("jitter=200ms");
    std::vector<std::int64_t> times;
    for (int i = 0; i < 6; ++i)
        times.push_back(time_of([&] { CHECK(status(faulty.ask()) == 200); }).count());
    const auto [least, most] = std::ranges::minmax(times);
    CHECK(most - least >= 10);
}

TEST_CASE("dribble sends a reply in pieces of that size") {
    Faulty faulty("dribble=100/100ms");
    RawClient client(device, faulty.rig.ports().http);
    client.send(faulty.request());
    std::string reply;
    std::size_t pieces = 0;
    for (; !reply.ends_with("\r\n0\r\n\r\n"); ++pieces) {
        CHECK(reply.size() % 100 == 0);  // who reads late gets several at once
        const std::string piece = client.read_some();
        REQUIRE(!piece.empty());
        reply += piece;
    }
    CHECK(status(reply) == 200);
    CHECK(body(reply).ends_with("</a:Envelope>"));
    CHECK(pieces > 1);
}

TEST_CASE("reset ends the connection with a TCP reset after so many bytes of a reply") {
    for (const std::size_t at : {0, 1, 100, 700}) {
        CAPTURE(at);
        Faulty faulty("reset=" + std::to_string(at));
        RawClient client(device, faulty.rig.ports().http);
        client.send(faulty.request());
        CHECK(client.read_to_end().size() == at);
        CHECK(client.was_reset());
    }
}

TEST_CASE("digest=wrong refuses the right password") {
    Faulty faulty("digest=wrong");
    for (int i = 0; i < 12; ++i) CHECK(status(faulty.ask()) == 401);
    faulty.rig.set_fault(device, "none");
    CHECK(status(faulty.ask()) == 200);
}

TEST_CASE("nonce=stale answers a right login with a fresh challenge") {
    Faulty faulty("nonce=stale,count=1");
    const std::string refused = faulty.ask();
    CHECK(status(refused) == 401);
    CHECK(field(refused, "WWW-Authenticate") != faulty.login.challenge);
    faulty.login.challenge = field(refused, "WWW-Authenticate");
    CHECK(status(faulty.ask()) == 200);
}

TEST_CASE("nonce=stale does not touch requests without credentials") {
    Faulty faulty("nonce=stale,count=1");
    faulty.login = get_challenge(faulty.rig, device);
    CHECK(status(faulty.ask()) == 401);
    CHECK(status(faulty.ask()) == 200);
}

TEST_CASE("status answers every request with it") {
    Faulty faulty("status=503");
    const std::string reply = faulty.ask();
    CHECK(reply.starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
    CHECK(reply.ends_with("</html>"));
}

TEST_CASE("body=malformed frames the reply well and breaks its XML") {
    Faulty faulty("body=malformed");
    const std::string reply = faulty.ask();
    CHECK(status(reply) == 200);
    CHECK(reply.ends_with("\r\n0\r\n\r\n"));
    CHECK(body(reply).starts_with("<?xml"));
    CHECK(body(reply).ends_with("<"));
    CHECK(body(reply).find("</a:Envelope>") == std::string::npos);
}

TEST_CASE("body=endless goes on for as long as one reads") {
    Faulty faulty("body=endless");
    RawClient client(device, faulty.rig.ports().http);
    client.send(faulty.request());
    std::string reply;
    while (reply.size() < 500'000) {
        const std::string more = client.read_some();
        REQUIRE(!more.empty());
        reply += more;
    }
    CHECK(body(reply).find("</a:Envelope>") != std::string::npos);
    CHECK(reply.find("\r\n0\r\n") == std::string::npos);
}

TEST_CASE("certificate=changed shows another key under the same name") {
    Rig rig;
    const auto connect = [&](const char* address) {
        RawClient client(address, rig.ports().https);
        REQUIRE(client.secure());
        return std::pair(client.server_key(), client.server_name());
    };
    const auto before = connect(device);
    CHECK(connect(device) == before);
    rig.set_fault(device, "certificate=changed");
    const auto changed = connect(device);
    CHECK(changed.first != before.first);
    CHECK(changed.second == before.second);
    CHECK(connect(device) == changed);
    rig.set_fault(device, "none");
    CHECK(connect(device) == before);
}

TEST_CASE("uuid makes the device's identity useless, and none gives it back") {
    Rig rig;
    const auto uuid = [&](const char* address) {
        std::string out;
        rig.on_loop([&](sim::Fleet& fleet) {
            const Value state = fleet.device(address)->state();
            out = state.find("uuid")->text();
        });
        return out;
    };
    const std::string own = uuid(device);
    CHECK(uuid("127.77.9.9") != own);
    rig.set_fault(device, "uuid=all-f");
    CHECK(uuid(device) == "ffffffff-ffff-ffff-ffff-ffffffffffff");
    rig.set_fault(device, "uuid=duplicate");
    rig.set_fault("127.77.9.9", "uuid=duplicate");
    CHECK(uuid(device) == uuid("127.77.9.9"));
    rig.set_fault(device, "uuid=8a1c0000-0000-4000-8000-00000000000a");
    CHECK(uuid(device) == "8a1c0000-0000-4000-8000-00000000000a");
    rig.set_fault(device, "none");
    CHECK(uuid(device) == own);
}

TEST_CASE("count ends a fault after so many requests that it touched") {
    Faulty faulty("status=503,count=2");
    CHECK(status(faulty.ask()) == 503);
    CHECK(status(faulty.ask()) == 503);
    CHECK(status(faulty.ask()) == 200);
}

TEST_CASE("a fault for all holds for devices that exist and for those that come later") {
    Rig rig;
    get_challenge(rig, device);
    rig.set_fault("", "status=500");
    for (const char* address : {device, "127.77.9.1"}) {
        CAPTURE(address);
        RawClient client(address, rig.ports().http);
        client.send(post(envelope()));
        CHECK(status(client.read_reply()) == 500);
    }
}

TEST_CASE("the journal tells which faults were in force") {
    Faulty faulty("latency=10ms");
    faulty.ask();
    CHECK(faulty.rig.last_entry(device).faults == "latency=10ms");
}

TEST_CASE("faults are written as they are read") {
    for (const char* text :
         {"latency=200ms", "jitter=50ms", "dribble=7/5ms", "reset=600", "digest=wrong",
          "nonce=stale", "status=503", "body=malformed", "body=endless", "certificate=changed",
          "uuid=all-f", "latency=1000ms,reset=0,uuid=duplicate,count=3"}) {
        CAPTURE(text);
        const auto faults = sim::parse_faults(text);
        REQUIRE(faults.has_value());
        CHECK(faults->describe() == text);
    }
    CHECK(sim::parse_faults("none")->describe().empty());
    CHECK(sim::parse_faults("dribble=3")->describe() == "dribble=3/1ms");
}

TEST_CASE("faults that make no sense are refused with an example") {
    for (const char* text :
         {"", "latency", "latency=", "latency=fast", "latency=2h", "dribble=0", "dribble=1/2/3",
          "reset=-1", "digest=right", "nonce=new", "status=200", "status=503x", "body=short",
          "certificate=none", "uuid=1234", "count=0", "latncy=1s", "latency=1s,,jitter=1s"}) {
        CAPTURE(text);
        const auto faults = sim::parse_faults(text);
        REQUIRE(!faults.has_value());
        CHECK(faults.error().kind == Class::usage);
        CHECK(faults.error().code == "usage.fault");
        CHECK(!faults.error().hint.empty());
    }
}

TEST_CASE("an address may stand before the faults") {
    struct {
        const char* text;
        const char* address;
        const char* faults;
    } const cases[] = {{"127.77.0.5:latency=1000ms", "127.77.0.5", "latency=1000ms"},
                       {"status=503", "", "status=503"},
                       {"127.77.0.5:none", "127.77.0.5", ""}};
    for (const auto& each : cases) {
        CAPTURE(each.text);
        const auto parsed = sim::parse_addressed_faults(each.text);
        REQUIRE(parsed.has_value());
        CHECK(parsed->address == each.address);
        CHECK(parsed->faults.describe() == each.faults);
    }
}
