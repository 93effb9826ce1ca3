#include "core/json.h"
#include "sim/control.h"
#include "sim/server_rig.h"
#include "support/run.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <array>

using namespace oob;
using namespace oob::sim::test;

namespace {

constexpr const char* device = "127.77.9.1";

/// The same in children that the test starts.
const std::string& socket_path() {
    static const std::string path = "/tmp/oob-sim-test-" + std::to_string(::getpid()) + ".sock";
    return path;
}

std::vector<Value> answer(Rig& rig, std::string_view request) {
    std::vector<Value> out;
    rig.on_loop([&](sim::Fleet& fleet) {
        out = oob::test::run(sim::answer_control(fleet, std::string(request))).value();
    });
    return out;
}

/// Talks to the socket; gives back what came until the peer closed or as many lines as wanted.
class ControlClient {
 public:
    ControlClient() : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        socket_path().copy(address.sun_path, sizeof address.sun_path - 1);
        REQUIRE(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    }
    ~ControlClient() { ::close(socket_); }
    void send(std::string_view text) {
        while (!text.empty()) {
            const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0) return;
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    /// Empty at the end.
    std::string line() {
        std::size_t end = pending_.find('\n');
        while (end == std::string::npos) {
            std::array<char, 4096> chunk;
            const ssize_t count = ::recv(socket_, chunk.data(), chunk.size(), 0);
            if (count <= 0) return {};
            pending_.append(chunk.data(), static_cast<std::size_t>(count));
            end = pending_.find('\n');
        }
        std::string out = pending_.substr(0, end);
        pending_.erase(0, end + 1);
        return out;
    }

 private:
    int socket_;
    std::string pending_;
};

Rig controlled() {
    return Rig([](sim::FleetOptions& options) { options.control = socket_path(); });
}

const Value& data_of(const Value& record) { return *record.find("data"); }

}  // namespace

TEST_CASE("what is set through the control socket is what get shows and the device does") {
    Rig rig = controlled();
    ControlClient client;
    client.send(R"({"verb":"set","device":"127.77.9.1","key":"power","value":"off"})"
                "\n"
                R"({"verb":"get","device":"127.77.9.1","key":"power"})"
                "\n");
    const Value state = take(parse_json(client.line()));
    CHECK(state.find("schema")->text() == "oob/1");
    CHECK(state.find("type")->text() == "state");
    CHECK(state.find("target")->text() == device);
    CHECK(data_of(state).find("power")->text() == "off");
    CHECK(client.line() ==
          R"({"schema":"oob/1","type":"end","tool":"oob-sim","ok":true,"count":1})");
    CHECK(data_of(take(parse_json(client.line()))) == Value::Object{{"power", "off"}});
}

TEST_CASE("the control socket is for its owner only") {
    const Rig rig = controlled();
    struct stat status{};
    REQUIRE(::stat(socket_path().c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("a program of another user's is not answered, whatever the socket's mode") {
    if (::geteuid() != 0) return;  // only root can be somebody else
    const Rig rig = controlled();
    REQUIRE(::chmod(socket_path().c_str(), 0666) == 0);
    for (const uid_t user : {uid_t{65534}, uid_t{0}}) {
        CAPTURE(user);
        const pid_t child = ::fork();
        if (child == 0) {
            if (::setresuid(user, user, user) != 0) ::_exit(3);
            ControlClient client;
            client.send("{\"verb\":\"list\"}\n");
            ::_exit(client.line().empty() ? 1 : 2);
        }
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        CHECK(WEXITSTATUS(status) == (user == 0 ? 2 : 1));
    }
}

TEST_CASE("the socket goes with the fleet") {
    {
        const Rig rig = controlled();
    }
    CHECK(::access(socket_path().c_str(), F_OK) != 0);
}

TEST_CASE("the journal can be read on from a sequence, and cleared") {
    Rig rig;
    for (int i = 0; i < 3; ++i) get_challenge(rig, device);
    auto records = answer(rig, R"({"verb":"journal","device":"127.77.9.1","since":1})");
    REQUIRE(records.size() == 3);
    CHECK(data_of(records[0]).find("sequence")->integer() == 2);
    CHECK(data_of(records[0]).find("status")->integer() == 401);
    CHECK(data_of(records[0]).find("user")->is_null());

    get_challenge(rig, "127.77.9.2");
    CHECK(answer(rig, R"({"verb":"journal"})").size() == 5);
    CHECK(answer(rig, R"({"verb":"journal","device":"127.77.9.1","clear":true})").size() == 4);
    CHECK(answer(rig, R"({"verb":"journal","device":"127.77.9.1"})").size() == 1);
}

TEST_CASE("list shows the devices that exist") {
    Rig rig;
    CHECK(answer(rig, R"({"verb":"list"})").size() == 1);
    get_challenge(rig, "127.77.9.2");
    get_challenge(rig, device);
    const auto records = answer(rig, R"({"verb":"list"})");
    REQUIRE(records.size() == 3);
    CHECK(data_of(records[0]).find("address")->text() == device);
    CHECK(data_of(records[0]).find("generation")->text() == "15.0");
    CHECK(data_of(records[0]).find("faults")->is_null());
    CHECK(data_of(records[1]).find("number")->integer() == 2);
}

TEST_CASE("faults are shown, set for one device or all, and taken away") {
    Rig rig;
    get_challenge(rig, device);
    const auto faults = [&](const char* request) {
        return std::string(data_of(answer(rig, request).front()).find("faults")->text());
    };
    CHECK(faults(R"({"verb":"fault","device":"127.77.9.1","faults":"status=503"})") ==
          "status=503");
    CHECK(faults(R"({"verb":"fault","device":"127.77.9.1"})") == "status=503");
    CHECK(faults(R"({"verb":"fault","device":"all","faults":"latency=5ms"})") == "latency=5ms");
    CHECK(faults(R"({"verb":"fault","device":"127.77.9.7"})") == "latency=5ms");
    CHECK(faults(R"({"verb":"fault","device":"all","faults":"none"})").empty());
}

TEST_CASE("a request that makes no sense gets an error and the conversation goes on") {
    Rig rig;
    struct {
        const char* request;
        const char* code;
    } const cases[] = {
        {"", "usage.json"},
        {"{", "usage.json"},
        {"[]", "usage.control"},
        {"{}", "usage.control"},
        {R"({"verb":"lsit"})", "usage.control"},
        {R"({"verb":7})", "usage.control"},
        {R"({"verb":"get"})", "usage.device"},
        {R"({"verb":"get","device":"127.77.8.1"})", "usage.device"},
        {R"({"verb":"get","device":"127.77.9.1","key":"no.such"})", "usage.key"},
        {R"({"verb":"set","device":"127.77.9.1"})", "usage.control"},
        {R"({"verb":"set","device":"127.77.9.1","key":"nonsense","value":1})", "sim.key"},
        {R"({"verb":"fault","device":"127.77.9.1","faults":"x=1"})", "usage.fault"},
        {R"({"verb":"journal","device":"127.77.8.1"})", "usage.device"},
    };
    for (const auto& each : cases) {
        CAPTURE(each.request);
        const auto records = answer(rig, each.request);
        REQUIRE(records.size() == 1);
        CHECK(records[0].find("type")->text() == "end");
        CHECK(!records[0].find("ok")->truth());
        CHECK(records[0].find("error")->find("code")->text() == each.code);
        CHECK(!records[0].find("error")->find("hint")->text().empty());
    }
}

TEST_CASE("a line that never ends is cut off, and deep nesting refused") {
    const Rig rig = controlled();
    ControlClient client;
    client.send(std::string(sim::ControlServer::most_line_bytes + 5000, 'x'));
    CHECK(client.line().empty());

    const std::string deep = std::string(100, '[') + std::string(100, ']');
    CHECK(parse_json(deep).error().code == "usage.json");
    CHECK(parse_json(std::string(30, '[') + std::string(30, ']')).has_value());
}

TEST_CASE("JSON keeps the kinds of values") {
    const char* text =
        R"({"a":null,"b":true,"c":-5,"d":18446744073709551615,"e":1.5,"f":"x","g":[1,[]],"h":{}})";
    CHECK(to_json(take(parse_json(text))) == text);
}

TEST_CASE("stop ends the fleet") {
    Rig rig = controlled();
    ControlClient client;
    client.send("{\"verb\":\"stop\"}\n");
    CHECK(client.line() ==
          R"({"schema":"oob/1","type":"end","tool":"oob-sim","ok":true,"count":0})");
    CHECK(client.line().empty());
}
