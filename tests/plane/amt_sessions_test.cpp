#include "plane/amt/sessions.h"

#include "codec/wsman/schema.h"
#include "plane/answering_device.h"
#include "support/run.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <string_view>

using namespace oob;
using codec::wsman::Operation;
namespace wsman = codec::wsman;
using Words = std::vector<std::string>;

namespace {

/// A device with open sessions, some of which it does not end when it is told to.
struct Sessions {
    std::set<std::string> open;
    std::set<std::string> stay = {};
    bool screen_class_tells = true;  ///< of a session of its own, not only of the screen's state
    bool old = false;                ///< firmware without any of the classes
    bool refuses = false;            ///< to end anything

    test::AnsweringDevice device{[this](const auto& request) { return answer(request); }};
    session::WsmanClient client{device.options()};

    static std::string kind_of(std::string_view uri) {
        if (uri.contains("SolSession")) return "sol";
        if (uri.contains("IderSession")) return "ider";
        return uri.contains("KVM") || uri.contains("KvmSession") ? "kvm" : "";
    }

    test::AnsweringDevice::Answer answer(const wsman::Request& request) {
        const std::string kind = kind_of(request.resource_uri);
        if (old) return wsman::Fault{"Sender", "b:DestinationUnreachable", "none", {}};
        wsman::DeviceReply reply;
        wsman::Instance body{"CIM_KVMRedirectionSAP", request.resource_uri, {}};
        switch (request.operation) {
            case Operation::enumerate:
                reply.enumeration_context = "1";
                break;
            case Operation::pull:
                if (open.contains(kind) && (kind != "kvm" || screen_class_tells))
                    reply.items.push_back({"Session", request.resource_uri, {}});
                reply.end_of_sequence = true;
                break;
            case Operation::get:
                body.members.push_back(
                    wsman::text_member("EnabledState", open.contains("kvm") ? "2" : "6"));
                reply.body = body;
                break;
            default:
                if (refuses) return wsman::Fault{"Sender", "e:AccessDenied", "no", {}};
                end(request, kind);
                body.name = "TerminateSession_OUTPUT";
                body.members.push_back(wsman::text_member("ReturnValue", "0"));
                reply.body = body;
        }
        return reply;
    }

    void end(const wsman::Request& request, std::string kind) {
        if (kind.empty())
            kind = wsman::text_of(request.body, "SessionType") == "0" ? "ider" : "sol";
        if (!stay.contains(kind)) open.erase(kind);
    }

    /// The kinds that the device was told to end, as it tells them apart.
    Words told_to_end() const {
        Words out;
        for (const auto& request : device.heard) {
            if (request.method != "TerminateSession") continue;
            const auto type = wsman::text_of(request.body, "SessionType");
            out.emplace_back(type ? std::string(*type) : kind_of(request.resource_uri));
        }
        return out;
    }
};

}  // namespace

TEST_CASE("open sessions are told, whichever class knows of them") {
    Sessions all{{"sol", "ider", "kvm"}};
    CHECK(test::run(plane::amt::open_sessions(all.client)).value() == Words{"sol", "ider", "kvm"});
    Sessions none{{}};
    CHECK(test::run(plane::amt::open_sessions(none.client)).value().empty());
    Sessions screen{{"kvm"}};
    screen.screen_class_tells = false;
    CHECK(test::run(plane::amt::open_sessions(screen.client)).value() == Words{"kvm"});
    Sessions old{{"sol"}};
    old.old = true;
    CHECK(test::run(plane::amt::open_sessions(old.client)).value().empty());
}

TEST_CASE("sessions of all kinds are ended, and it is told which were open") {
    Sessions two{{"sol", "kvm"}};
    CHECK(test::run(plane::amt::close_sessions(two.client)).value() == Words{"sol", "kvm"});
    CHECK(two.open.empty());
    CHECK(two.told_to_end() == Words{"0", "1", "kvm"});
    Sessions old{{}};
    old.old = true;
    CHECK(test::run(plane::amt::close_sessions(old.client)).value().empty());
}

TEST_CASE("a session that stays is told as busy, though the device says that it was ended") {
    for (const char* kind : {"sol", "ider", "kvm"}) {
        CAPTURE(kind);
        Sessions sessions{{"sol", "ider", "kvm"}, {kind}};
        const auto closed = test::run(plane::amt::close_sessions(sessions.client));
        REQUIRE(!closed);
        CHECK(closed.error().kind == Class::session_busy);
        CHECK(closed.error().message.contains(std::string("(") + kind + ")"));
        CHECK(sessions.open == std::set<std::string>{kind});
    }
}

TEST_CASE("a session that lends disks is ended alone, and told when it stays") {
    Sessions others{{"sol", "ider"}};
    CHECK(test::run(plane::amt::close_disk_session(others.client)));
    CHECK(others.open == std::set<std::string>{"sol"});
    CHECK(others.told_to_end() == Words{"0"});
    Sessions stubborn{{"sol", "ider"}, {"ider"}};
    const auto closed = test::run(plane::amt::close_disk_session(stubborn.client));
    REQUIRE(!closed);
    CHECK(closed.error().kind == Class::session_busy);
    CHECK(closed.error().message.contains("(ider)"));
}

TEST_CASE("a device that refuses to end sessions is not taken for one that did") {
    Sessions sessions{{"sol"}};
    sessions.refuses = true;
    CHECK(test::run(plane::amt::close_sessions(sessions.client)).error().kind == Class::forbidden);
    CHECK(test::run(plane::amt::close_disk_session(sessions.client)).error().kind ==
          Class::forbidden);
}
