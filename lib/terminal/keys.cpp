#include "terminal/keys.h"

#include "core/text.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace oob::terminal {

namespace {

/// One key in the four ways to say it. An empty one: the map has no such key.
struct Key {
    std::string_view name;
    std::string_view xterm;
    std::string_view vt100;
    std::string_view vt_utf8;
    std::string_view ansi;
};

constexpr std::array keys{
    Key{"up", "\x1b[A", "\x1b[A", "\x1b[A", "\x1b[A"},
    Key{"down", "\x1b[B", "\x1b[B", "\x1b[B", "\x1b[B"},
    Key{"right", "\x1b[C", "\x1b[C", "\x1b[C", "\x1b[C"},
    Key{"left", "\x1b[D", "\x1b[D", "\x1b[D", "\x1b[D"},
    Key{"home", "\x1b[H", "\x1b[H", "\x1bh", "\x1b[H"},
    Key{"end", "\x1b[F", "\x1b[K", "\x1bk", "\x1b[F"},
    Key{"insert", "\x1b[2~", "\x1b[@", "\x1b+", "\x1b[@"},
    Key{"delete", "\x1b[3~", "\x1b[P", "\x1b-", "\x1b[X"},
    Key{"pageup", "\x1b[5~", "\x1b[V", "\x1b?", "\x1b[I"},
    Key{"pagedown", "\x1b[6~", "\x1b[U", "\x1b/", "\x1b[G"},
    Key{"f1", "\x1bOP", "\x1bOP",
        "\x1b"
        "1",
        "\x1b[M"},
    Key{"f2", "\x1bOQ", "\x1bOQ",
        "\x1b"
        "2",
        "\x1b[N"},
    Key{"f3", "\x1bOR", "\x1bOw",
        "\x1b"
        "3",
        "\x1b[O"},
    Key{"f4", "\x1bOS", "\x1bOx",
        "\x1b"
        "4",
        "\x1b[P"},
    Key{"f5", "\x1b[15~", "\x1bOt",
        "\x1b"
        "5",
        "\x1b[Q"},
    Key{"f6", "\x1b[17~", "\x1bOu",
        "\x1b"
        "6",
        "\x1b[R"},
    Key{"f7", "\x1b[18~", "\x1bOq",
        "\x1b"
        "7",
        "\x1b[S"},
    Key{"f8", "\x1b[19~", "\x1bOr",
        "\x1b"
        "8",
        "\x1b[T"},
    Key{"f9", "\x1b[20~", "\x1bOp",
        "\x1b"
        "9",
        "\x1b[U"},
    Key{"f10", "\x1b[21~", "\x1bOM",
        "\x1b"
        "0",
        "\x1b[V"},
    Key{"f11", "\x1b[23~", "", "\x1b!", ""},
    Key{"f12", "\x1b[24~", "", "\x1b@", ""},
};

struct PlainKey {
    std::string_view name;
    char byte;
};
constexpr std::array plain_keys{PlainKey{"enter", '\r'}, PlainKey{"escape", '\x1b'},
                                PlainKey{"tab", '\t'}, PlainKey{"space", ' '},
                                PlainKey{"backspace", '\x08'}};

/// Other ways in which terminals send the same keys.
struct Alias {
    std::string_view sent;
    std::string_view name;
};
constexpr std::array aliases{
    Alias{"\x1bOA", "up"},    Alias{"\x1bOB", "down"}, Alias{"\x1bOC", "right"},
    Alias{"\x1bOD", "left"},  Alias{"\x1bOH", "home"}, Alias{"\x1bOF", "end"},
    Alias{"\x1b[1~", "home"}, Alias{"\x1b[4~", "end"}, Alias{"\x1b[7~", "home"},
    Alias{"\x1b[8~", "end"},  Alias{"\x1b[11~", "f1"}, Alias{"\x1b[12~", "f2"},
    Alias{"\x1b[13~", "f3"},  Alias{"\x1b[14~", "f4"}, Alias{"\x1b[[A", "f1"},
    Alias{"\x1b[[B", "f2"},   Alias{"\x1b[[C", "f3"},  Alias{"\x1b[[D", "f4"},
    Alias{"\x1b[[E", "f5"},
};

std::string_view said(const Key& key, Map map) {
    switch (map) {
        case Map::none:
            return key.xterm;
        case Map::vt100:
            return key.vt100;
        case Map::vt_utf8:
            return key.vt_utf8;
        case Map::ansi:
            return key.ansi;
    }
    return key.xterm;
}

const Key* key_named(std::string_view name) {
    const auto* found = std::ranges::find(keys, name, &Key::name);
    return found == keys.end() ? nullptr : found;
}

/// The key at the beginning of what was typed, and how long it is there; the longest one counts.
struct Typed {
    const Key* key = nullptr;
    std::size_t size = 0;
};
Typed first_key(std::string_view typed) {
    Typed out;
    const auto look = [&](std::string_view sequence, const Key* key) {
        if (typed.starts_with(sequence) && sequence.size() > out.size) out = {key, sequence.size()};
    };
    for (const Key& key : keys) look(key.xterm, &key);
    for (const Alias& alias : aliases) look(alias.sent, key_named(alias.name));
    return out;
}

}  // namespace

std::optional<Map> map_named(std::string_view word) {
    if (word == "vt100") return Map::vt100;
    if (word == "vt-utf8") return Map::vt_utf8;
    if (word == "ansi") return Map::ansi;
    return std::nullopt;
}

std::optional<std::string> key_bytes(std::string_view name, Map map) {
    constexpr std::string_view control = "ctrl-";
    const std::string small = lower(std::string(name));
    if (const Key* key = key_named(small); key && !said(*key, map).empty())
        return std::string(said(*key, map));
    const auto* plain = std::ranges::find(plain_keys, small, &PlainKey::name);
    if (plain != plain_keys.end()) return std::string(1, plain->byte);
    const bool letter = small.starts_with(control) && small.size() == control.size() + 1 &&
                        small.back() >= 'a' && small.back() <= 'z';
    if (!letter) return std::nullopt;
    return std::string(1, static_cast<char>(small.back() - 'a' + 1));
}

std::string translate_keys(std::string_view typed, Map map) {
    if (map == Map::none) return std::string(typed);
    std::string out;
    while (!typed.empty()) {
        const Typed first = first_key(typed);
        if (first.key == nullptr) {
            out += typed.front();
            typed.remove_prefix(1);
            continue;
        }
        out += said(*first.key, map);
        typed.remove_prefix(first.size);
    }
    return out;
}

}  // namespace oob::terminal
