#pragma once

#include <optional>
#include <string>
#include <string_view>

/// What a serial console needs to know of terminals; nothing here touches one.
namespace oob::terminal {

/// Whose function keys and characters a host speaks.
enum class Map {
    none,     ///< bytes as they are
    vt100,    ///< function keys as keypad keys; characters of code page 437
    vt_utf8,  ///< VT100+ and VT-UTF8: Escape and a digit; characters in UTF-8
    ansi,     ///< PC-ANSI; characters of code page 437
};

/// "vt100", "vt-utf8", "ansi"; nothing for another word.
std::optional<Map> map_named(std::string_view word);

/// What a host is sent for a key by its name: "F1" to "F12", "Up", "Down", "Left", "Right", "Home",
/// "End", "Insert", "Delete", "PageUp", "PageDown", "Enter", "Escape", "Tab", "Space", "Backspace",
/// "Ctrl-A" to "Ctrl-Z"; the case of letters does not matter. Nothing for another name. The
/// function keys are those that UEFI's console reads and reference redirection, section 3.7, lists;
/// `none` has those of xterm.
std::optional<std::string> key_bytes(std::string_view name, Map map);

/// Turns the keys of the terminal in front of the person (xterm and its likes) into those of the
/// host. Sequences come whole, as terminals send them; a lone Escape is a key.
std::string translate_keys(std::string_view typed, Map map);

}  // namespace oob::terminal
