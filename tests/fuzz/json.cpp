#include "core/json.h"
#include "fuzz/printable.h"

#include <string>

namespace {

using namespace oob;
using fuzz::expect;

/// One line, and UTF-8.
void check_line(std::string_view line) {
    while (!line.empty()) expect(fuzz::take_character(line) >= ' ');
}

/// What was read is written so that it reads the same.
void check_document(std::string_view text) {
    const auto value = parse_json(text);
    if (!value) {
        expect(value.error().kind == Class::usage && value.error().code == "usage.json");
        return;
    }
    const std::string written = to_json(*value);
    check_line(written);
    const auto again = parse_json(written);
    expect(again && to_json(*again) == written);
    std::string appended = "x";
    append_json(appended, *value);
    expect(appended == "x" + written);
}

/// Any bytes are a text: those that are UTF-8 come back, the others are replaced once and for all.
void check_text(std::string_view text) {
    std::string written;
    append_json(written, text);
    check_line(written);
    Value held = Value::object();
    held.set(std::string(text), Value(text));
    expect(to_json(held) == "{" + written + ":" + written + "}");
    const auto back = parse_json(written);
    expect(back && back->is_string());
    std::string again;
    append_json(again, back->text());
    expect(again == written);
}

}  // namespace

/// Any bytes as a JSON document and as a text inside one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    check_document(text);
    check_text(text);
    return 0;
}
