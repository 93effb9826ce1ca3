#include "words.h"

#include "codec/wsman/secrets.h"
#include "core/bytes.h"
#include "core/file.h"
#include "core/text.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace oob::cmd {

namespace wsman = codec::wsman;
using wsman::Member;
using wsman::Members;
using wsman::Type;

namespace {

constexpr std::size_t largest_file = 64 * 1024;

std::unexpected<Error> bad_value(std::string_view name, std::string_view why, std::string hint) {
    return std::unexpected(
        Error(Class::usage, "usage.value", join({name, ": ", why}), std::move(hint)));
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = text[i] == '%' && i + 2 < text.size()
                              ? parse_unsigned(text.substr(i + 1, 2), 16)
                              : std::nullopt;
        if (byte) i += 2;
        out.push_back(byte ? static_cast<char>(*byte) : text[i]);
    }
    return out;
}

/// "CIM_ComputerSystem?Name=ManagedSystem" as a reference.
Result<Member> reference_of(std::string name, std::string_view text) {
    const auto question = text.find('?');
    auto uri = wsman::resource_uri(text.substr(0, question));
    if (!uri) return std::unexpected(uri.error());
    Members selectors;
    if (question != std::string_view::npos) {
        for (const auto part : split(text.substr(question + 1), '&')) {
            const auto equals = part.find('=');
            if (equals == std::string_view::npos || equals == 0)
                return std::unexpected(Error(Class::usage, "usage.reference",
                                             join({name, ": '", part, "' is no selector"}),
                                             "a reference looks like CLASS?Key=Value&Key=Value"));
            selectors.push_back(wsman::text_member(percent_decoded(part.substr(0, equals)),
                                                   percent_decoded(part.substr(equals + 1))));
        }
    }
    return wsman::reference_member(std::move(name), *uri, std::move(selectors));
}

Result<Member> file_content(std::string name, const std::string& path) {
    auto text = read_file(path, "usage.value", largest_file);
    if (!text) return bad_value(name, text.error().message, text.error().hint);
    return wsman::text_member(std::move(name), base64_encode(as_view(*text)));
}

/// True for "@file:PATH" and the like, not for "@FILE".
bool names_source(std::string_view text) {
    constexpr std::array<std::string_view, 6> sources{
        "@file:", "@fd:", "@env:", "@systemd:", "@exec:", "@netrc:"};
    return text == "@ask" || text == "@netrc" ||
           std::ranges::any_of(sources, [&](auto source) { return text.starts_with(source); });
}

bool is_number(Type type) {
    return type == Type::uint8 || type == Type::uint16 || type == Type::uint32 ||
           type == Type::uint64 || type == Type::sint16 || type == Type::sint32 ||
           type == Type::sint64;
}

Result<Member> member_of(const std::string& name, const std::string& text, Type type) {
    const std::string shown = wsman::is_secret(name) ? "this" : "'" + text + "'";
    if (is_number(type)) {
        const std::string_view digits =
            std::string_view(text).substr(text.starts_with('-') ? 1 : 0);
        if (!parse_unsigned(digits))
            return bad_value(name, shown + " is no number", "decimal digits");
        return wsman::text_member(name, text);
    }
    switch (type) {
        case Type::boolean:
            if (text != "true" && text != "false")
                return bad_value(name, shown + " is no truth value", "true or false");
            return wsman::text_member(name, text);
        case Type::datetime:
            if (text.starts_with('P')) return wsman::interval_member(name, text);
            return wsman::datetime_member(name, text);
        case Type::base64:
            if (text.starts_with('@')) return file_content(name, text.substr(1));
            if (!base64_decode(text))
                return bad_value(name, "this is no base64",
                                 "give base64, or @FILE for a file's content");
            return wsman::text_member(name, text);
        case Type::reference:
            return reference_of(name, text);
        case Type::object: {
            auto uri = wsman::resource_uri(text);
            if (!uri) return std::unexpected(uri.error());
            Member object;
            object.name = name;
            object.kind = Member::Kind::object;
            object.uri = *uri;
            return object;
        }
        default:
            return wsman::text_member(name, text);
    }
}

/// A secret may stand somewhere else; whatever begins with @ says where. Of what is base64, a file
/// named by itself is taken as it is.
Result<Member> found_member(const std::string& name, const std::string& text, Type type,
                            const FindSecret& find_secret) {
    const bool elsewhere = wsman::is_secret(name) && text.starts_with('@');
    if (!elsewhere || (type == Type::base64 && !names_source(text)))
        return member_of(name, text, type);
    const std::string place = text.substr(1);
    const auto found = find_secret(names_source(text) ? place : "file:" + place, name);
    if (!found) return std::unexpected(found.error());
    return member_of(name, *found, type);
}

/// Adds behind the last member of the same name, so that an array's elements stand together.
void add(Members& members, Member member) {
    const auto last = std::find_if(members.rbegin(), members.rend(),
                                   [&](const Member& other) { return other.name == member.name; });
    members.insert(last == members.rend() ? members.end() : last.base(), std::move(member));
}

Type type_of(const std::vector<wsman::Property>& known, std::string_view name) {
    const auto found = std::ranges::find(known, name, &wsman::Property::name);
    return found == known.end() ? Type::string : found->type;
}

}  // namespace

Result<Members> members_of(const Pairs& pairs, const std::vector<wsman::Property>& known,
                           const FindSecret& find_secret) {
    Members members;
    for (const auto& [key, text] : pairs) {
        const std::string name = key.ends_with("[]") ? key.substr(0, key.size() - 2) : key;
        if (const auto dot = name.find('.'); dot != std::string::npos) {
            const std::string outer = name.substr(0, dot);
            const auto object = std::ranges::find(members, outer, &Member::name);
            if (object == members.end() || object->kind != Member::Kind::object)
                return bad_value(name, outer + " has no class yet", outer + "=CLASS comes first");
            const auto* schema = wsman::find_class(wsman::class_name(object->uri));
            const std::string inner = name.substr(dot + 1);
            auto member = found_member(inner, text,
                                       schema ? type_of(schema->properties, inner) : Type::string,
                                       find_secret);
            if (!member) return std::unexpected(member.error());
            add(object->members, *std::move(member));
            continue;
        }
        auto member = found_member(name, text, type_of(known, name), find_secret);
        if (!member) return std::unexpected(member.error());
        add(members, *std::move(member));
    }
    return members;
}

Result<std::pair<std::string, std::string>> split_pair(const std::string& word) {
    const auto equals = word.find('=');
    if (equals == std::string::npos || equals == 0)
        return std::unexpected(Error(Class::usage, "usage.selector",
                                     "'" + word + "' is no selector", "--selector Key=Value"));
    return std::pair{word.substr(0, equals), word.substr(equals + 1)};
}

std::string shown_pair(const std::string& key, const std::string& value) {
    return join({key, "=", is_bare_secret(key, value) ? wsman::blot : value});
}

bool is_bare_secret(const std::string& key, const std::string& value) {
    return wsman::is_secret_path(key) && !value.empty() && !value.starts_with('@');
}

void hide_secrets(int argc, char** argv) {
    constexpr std::string_view option = "--selector=";
    for (int i = 1; i < argc; ++i) {
        std::string_view word = argv[i];
        if (word.starts_with(option)) word.remove_prefix(option.size());
        const std::size_t equals = word.find('=');
        if (equals == std::string_view::npos) continue;
        const std::string_view value = word.substr(equals + 1);
        if (!is_bare_secret(std::string(word.substr(0, equals)), std::string(value))) continue;
        std::memset(argv[i] + (value.data() - argv[i]), '*', value.size());
    }
}

}  // namespace oob::cmd
