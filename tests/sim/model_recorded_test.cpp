#include "codec/wsman/schema.h"
#include "core/text.h"
#include "model_rig.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>

// The answers of real devices beside the source tree (or where OOB_RECORDED says): a device of the
// model answers the same request in the same shape.

using namespace oob;
using namespace oob::sim;
using codec::wsman::xml::Document;
using codec::wsman::xml::Node;

namespace {

namespace fs = std::filesystem;

fs::path recorded_folder() {
    if (const char* path = std::getenv("OOB_RECORDED")) return path;
    return fs::path(OOB_SOURCE_DIR) / ".." / "shared" / "recorded";
}

std::string read_file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// What a recording differs in, and why.
struct Exception {
    std::string_view folder;             ///< of all operations, or with "/get" and so on of one
    std::string_view generation;         ///< the one that agrees best; empty: not compared
    std::vector<std::string_view> more;  ///< members that the recording has and the model has not
    std::vector<std::string_view> less;  ///< members that the model has and the recording has not
    std::string_view reason;
};

const std::vector<Exception>& exceptions() {
    static const std::vector<Exception> all{
        {"amt/boot/capabilities", "12.0", {}, {}, "recorded before the members of AMT 15 and 16"},
        {"amt/ethernetport/get",
         "15.0",
         {"SecondaryDNS"},
         {"IPAddress"},
         "the recorded device had a second name server and no address of its own"},
        {"amt/ethernetport", "15.0", {}, {"IPAddress"}, "the recorded device had no address"},
        {"amt/eventlogentry", "", {}, {}, "a made-up sample: no firmware has these members"},
        {"amt/general/get", "16.1", {}, {}, "recorded from AMT 16"},
        {"amt/general", "12.0", {}, {}, "recorded before the members of AMT 15 and 16"},
        {"amt/userinitiatedconnection/get", "11.8", {}, {}, "recorded before LastConnectionReason"},
        {"ips/kvmredirection/settings", "11.8", {}, {}, "recorded before the members of AMT 12"},
        {"ips/alarmclock",
         "",
         {},
         {},
         "a made-up sample: members in the wrong namespace and order"},
        {"ips/http", "", {}, {}, "no device has a proxy before somebody adds one"},
        {"cim/credential/context",
         "",
         {},
         {},
         "recorded as the superclass itself; clients rely on the subclasses' names"},
        {"cim/ieee8021x/settings",
         "",
         {},
         {},
         "no device has a wireless login before one is added"},
    };
    return all;
}

/// The exception for one recording, or for its whole folder.
const Exception* exception_for(std::string_view folder, std::string_view operation) {
    for (const std::string& wanted : {join({folder, "/", operation}), std::string(folder)}) {
        const auto found = std::ranges::find(exceptions(), wanted, &Exception::folder);
        if (found != exceptions().end()) return &*found;
    }
    return nullptr;
}

/// The namespaces that the envelope declares, by prefix.
std::map<std::string, std::string> declared(std::string_view xml) {
    std::map<std::string, std::string> found;
    for (std::size_t at = xml.find("xmlns:"); at != std::string_view::npos;
         at = xml.find("xmlns:", at + 1)) {
        const std::size_t sign = xml.find('=', at);
        const std::size_t open = xml.find('"', sign);
        const std::size_t close = xml.find('"', open + 1);
        found[std::string(trim(xml.substr(at + 6, sign - at - 6)))] =
            xml.substr(open + 1, close - open - 1);
    }
    return found;
}

std::vector<std::string> child_names(Node parent) {
    std::vector<std::string> names;
    for (const Node child : parent.children()) names.emplace_back(child.name());
    return names;
}

/// Element names in document order, with their depth; repeats of one name next to each other count
/// once.
void outline(Node node, std::size_t depth, std::vector<std::string>& out) {
    std::string_view last;
    for (const Node child : node.children()) {
        if (child.name() == last) continue;
        last = child.name();
        out.push_back(std::string(depth, ' ') + std::string(child.name()));
        outline(child, depth + 1, out);
    }
}

struct Recording {
    std::string folder;
    std::string operation;
    std::string xml;
};

std::vector<Recording> recordings() {
    std::vector<Recording> all;
    const fs::path root = recorded_folder();
    if (!fs::is_directory(root)) {
        std::cout << "skipped: there is no folder " << root << " of recorded answers\n";
        return all;
    }
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
        const std::string stem = entry.path().stem().string();
        if (stem != "get" && stem != "enumerate" && stem != "pull") continue;
        all.push_back({fs::relative(entry.path().parent_path(), root).string(), stem,
                       read_file(entry.path())});
    }
    std::ranges::sort(all, {}, [](const Recording& one) { return one.folder + one.operation; });
    return all;
}

/// Things that a recorded device had set up.
void prepare(Rig& rig) {
    rig.call("AMT_RemoteAccessService", "AddMpServer",
             {text("AccessInfo", "192.168.10.196"), text("InfoFormat", "3"), text("Port", "4433"),
              text("AuthMethod", "2"), text("Username", "test"), text("Password", "P@ssw0rd"),
              text("CN", "192.168.10.196")});
    rig.call(
        "AMT_RemoteAccessService", "AddRemoteAccessPolicyRule",
        {text("Trigger", "2"), text("TunnelLifeTime", "0"), text("ExtendedData", "AAAAAAAAABk="),
         reference("MpServer", "AMT_ManagementPresenceRemoteSAP", "Name",
                   "Intel(r) AMT:Management Presence Server 0")});
}

/// The same request; nothing when the recording is of something that is asked differently.
Answer same_request(Rig& rig, const Recording& recording, Node root) {
    const std::string uri = root.child("Header").child("ResourceURI").text();
    const std::string_view class_name = codec::wsman::class_name(uri);
    if (recording.operation == "get") {
        Members selectors;
        const Node body = root.child("Body").first_child();
        for (const std::string_view key : {"InstanceID", "DeviceID"})
            if (const Node member = body.child(key); member && rig.all(class_name).size() > 1)
                selectors.push_back(text(std::string(key), member.text()));
        return rig.ask(rig.request(Operation::get, class_name, selectors));
    }
    const Request enumerate = rig.request(Operation::enumerate, class_name);
    if (recording.operation == "enumerate") return rig.ask(enumerate);
    Request pull = rig.request(Operation::pull, class_name);
    pull.enumeration_context = rig.must(enumerate).enumeration_context;
    return rig.ask(pull);
}

/// The first item of a Pull, the instance of a Get; the item's own name included.
std::vector<std::string> instance_outline(Node body) {
    Node top = body.first_child();
    std::vector<std::string> out{std::string(top.name())};
    if (top.name() != "PullResponse") {
        outline(top, 1, out);
        return out;
    }
    for (const Node part : top.children()) {
        out.push_back(" " + std::string(part.name()));
        if (part.name() != "Items" || !part.first_child()) continue;
        out.push_back("  " + std::string(part.first_child().name()));
        outline(part.first_child(), 3, out);
    }
    return out;
}

std::string listed(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) out += join({trim(name), " "});
    return out;
}

void leave_out(std::vector<std::string>& names, const std::vector<std::string_view>& these) {
    std::erase_if(names, [&](const std::string& name) {
        return std::ranges::find(these, trim(name)) != these.end();
    });
}

}  // namespace

TEST_CASE("the same request gets an answer of the recorded shape") {
    std::size_t compared = 0;
    for (const Recording& recording : recordings()) {
        const Exception* exception = exception_for(recording.folder, recording.operation);
        if (exception && exception->generation.empty()) continue;
        CAPTURE(recording.folder);
        CAPTURE(recording.operation);
        auto recorded = Document::parse(recording.xml);
        if (!recorded || !recorded->root().child("Header").child("ResourceURI")) continue;
        Rig rig(exception ? exception->generation : "15.0");
        prepare(rig);
        const Answer answer = same_request(rig, recording, recorded->root());
        CHECK(answer.status == 200);
        const auto own = Document::parse(answer.body);
        REQUIRE(own.has_value());

        CHECK(child_names(own->root().child("Header")) ==
              child_names(recorded->root().child("Header")));
        CHECK(declared(answer.body) == declared(recording.xml));
        auto wanted = instance_outline(recorded->root().child("Body"));
        auto made = instance_outline(own->root().child("Body"));
        if (exception) {
            leave_out(wanted, exception->more);
            leave_out(made, exception->less);
        }
        CHECK_MESSAGE(made == wanted, listed(made) << " instead of " << listed(wanted));
        ++compared;
    }
    if (fs::is_directory(recorded_folder())) CHECK(compared > 100);
    std::cout << "compared with recorded answers: " << compared << "\n";
}
