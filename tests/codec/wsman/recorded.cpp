#include "recorded.h"

#include "codec/wsman/xml.h"
#include "core/text.h"

#include <doctest/doctest.h>
#include <pugixml.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace oob::codec::wsman {

namespace {

std::filesystem::path folder() {
    if (const char* chosen = std::getenv("OOB_RECORDED")) return chosen;
    return std::filesystem::path(OOB_SOURCE_DIR) / ".." / "shared" / "recorded";
}

std::string_view local(std::string_view name) { return name.substr(name.find(':') + 1); }

pugi::xml_node child(pugi::xml_node parent, std::string_view name) {
    for (const pugi::xml_node node : parent.children())
        if (local(node.name()) == name) return node;
    return {};
}

bool has_elements(pugi::xml_node node) {
    return std::ranges::any_of(
        node.children(), [](pugi::xml_node each) { return each.type() == pugi::node_element; });
}

void collect(pugi::xml_node node, std::vector<std::string>& out) {
    if (!has_elements(node)) {
        const std::string_view text = trim(node.text().get());
        if (!text.empty()) out.emplace_back(text);
        return;
    }
    for (const pugi::xml_node each : node.children())
        if (each.type() == pugi::node_element) collect(each, out);
}

void print(pugi::xml_node node, std::string& out) {
    out += join({"<", node.name()});
    for (const pugi::xml_attribute each : node.attributes())
        out += join({" ", each.name(), "=\"", xml::escape(each.value()), "\""});
    out += '>';
    if (!has_elements(node)) out += xml::escape(trim(node.text().get()));
    for (const pugi::xml_node each : node.children())
        if (each.type() == pugi::node_element) print(each, out);
    out += join({"</", node.name(), ">"});
}

/// From the header's action: a reply's ends in Response, the answers of two mocks among the
/// recordings do not.
void classify(Recording& recording) {
    pugi::xml_document document;
    REQUIRE(document.load_string(recording.xml.c_str()));
    const pugi::xml_node header = child(document.document_element(), "Header");
    const std::string text = child(header, "Action").text().get();
    std::string_view action = trim(text);
    if (action.ends_with("Response")) action.remove_suffix(8);
    const Operation fixed[] = {
        Operation::get,       Operation::put,  Operation::create, Operation::delete_instance,
        Operation::enumerate, Operation::pull, Operation::release};
    for (const Operation each : fixed)
        if (action == action_uri(each, {})) {
            recording.operation = each;
            return;
        }
    recording.operation = Operation::invoke;
    recording.method = action.substr(action.rfind('/') + 1);
}

}  // namespace

std::vector<Recording> recordings() {
    std::vector<Recording> all;
    const std::filesystem::path root = folder();
    if (!std::filesystem::is_directory(root)) {
        std::printf("skipped: there is no folder %s\n", root.c_str());
        return all;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
        if (entry.path().extension() != ".xml") continue;
        std::ifstream file(entry.path(), std::ios::binary);
        Recording& recording = all.emplace_back();
        recording.name = std::filesystem::relative(entry.path(), root).string();
        recording.xml.assign(std::istreambuf_iterator<char>(file), {});
        classify(recording);
    }
    std::ranges::sort(all, {}, &Recording::name);
    return all;
}

std::vector<std::string> body_leaves(std::string_view xml) {
    pugi::xml_document document;
    REQUIRE(document.load_buffer(xml.data(), xml.size()));
    std::vector<std::string> leaves;
    const pugi::xml_node body = child(document.document_element(), "Body");
    for (const pugi::xml_node each : body.children())
        if (each.type() == pugi::node_element) collect(each, leaves);
    return leaves;
}

std::string canonical(std::string_view xml) {
    pugi::xml_document document;
    REQUIRE(document.load_buffer(xml.data(), xml.size()));
    std::string out;
    print(document.document_element(), out);
    return out;
}

}  // namespace oob::codec::wsman
