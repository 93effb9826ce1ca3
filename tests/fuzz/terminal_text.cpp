#include "fuzz/printable.h"
#include "terminal/keys.h"
#include "terminal/text.h"

#include <algorithm>
#include <string>

namespace {

using namespace oob;
using namespace oob::terminal;
using fuzz::expect;

/// `size` bytes at a time, as they come from a host.
template <class Filter>
std::string feed_in_pieces(std::string_view bytes, std::size_t size) {
    Filter filter;
    std::string out;
    for (; !bytes.empty(); bytes.remove_prefix(std::min(size, bytes.size())))
        out += filter.feed(bytes.substr(0, size));
    return out;
}

/// Every byte is one character, those of ASCII are themselves.
void check_code_page(std::string_view bytes) {
    const std::string all = from_code_page_437(bytes);
    std::string_view rest = all;
    for (const char c : bytes) {
        const char32_t character = fuzz::take_character(rest);
        const auto byte = static_cast<unsigned char>(c);
        expect(byte < 0x80 ? character == byte : character >= 0xa0);
    }
    expect(rest.empty());
}

/// Nothing is lost but the beginning of a character that has not come whole.
void check_whole_characters(std::string_view bytes) {
    constexpr std::size_t longest_rest = 3;
    const std::string all = feed_in_pieces<WholeCharacters>(bytes, bytes.size());
    expect(bytes.starts_with(all) && bytes.size() - all.size() <= longest_rest);
    expect(feed_in_pieces<WholeCharacters>(bytes, 1) == all);
    expect(feed_in_pieces<WholeCharacters>(bytes, 3) == all);
    const std::string drawn = from_code_page_437(bytes);
    expect(feed_in_pieces<WholeCharacters>(drawn, drawn.size()) == drawn);
}

/// What is left steers no terminal, whatever the cuts.
void check_plain_text(std::string_view bytes) {
    const std::string plain = feed_in_pieces<PlainText>(bytes, bytes.size());
    expect(plain.size() <= bytes.size());
    for (const char c : plain)
        expect(static_cast<unsigned char>(c) >= ' ' || c == '\t' || c == '\r' || c == '\n');
    expect(feed_in_pieces<PlainText>(bytes, 1) == plain);
    expect(feed_in_pieces<PlainText>(plain, plain.size()) == plain);
}

/// Keys become at most a few bytes each; without a map they stay as they are.
void check_keys(std::string_view typed) {
    expect(translate_keys(typed, Map::none) == typed);
    for (const Map map : {Map::vt100, Map::vt_utf8, Map::ansi})
        expect(translate_keys(typed, map).size() <= typed.size());
    for (const Map map : {Map::none, Map::vt100, Map::vt_utf8, Map::ansi})
        if (const auto key = key_bytes(typed, map)) expect(!key->empty());
}

}  // namespace

/// Any bytes from a host and from the keys of a person: nothing is lost that is not meant to be,
/// whatever the cuts.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::text_of(data, size);
    check_code_page(bytes);
    check_whole_characters(bytes);
    check_plain_text(bytes);
    check_keys(bytes);
    return 0;
}
