#include "fleet/settings.h"

#include "core/credential_reference.h"
#include "core/facts.h"
#include "core/host.h"
#include "core/target.h"
#include "core/text.h"
#include "core/user_folders.h"
#include "net/via_spec.h"

#include <algorithm>
#include <array>

namespace oob::fleet {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t most_at_once = 1'000'000;
constexpr const char* manual = "see 'man oob-config' for the keys";

std::unexpected<Error> wrong(std::string message, std::string hint = manual) {
    return std::unexpected(
        Error(Class::config, "config.toml", std::move(message), std::move(hint)));
}

/// The same error, as one of a file.
std::unexpected<Error> wrong(const Error& error) { return wrong(error.message, error.hint); }

/// A text as it is kept.
using Check = Result<std::string> (*)(std::string text);

Result<std::string> as_it_is(std::string text) { return text; }

Result<std::string> reference(std::string text) {
    if (auto good = check_credential_reference(text); !good)
        return wrong("credential: " + good.error().message, good.error().hint);
    return text;
}

Result<std::string> host(std::string text) {
    auto read = parse_host(text);
    if (!read) return wrong(read.error());
    return std::move(read->text);
}

Result<std::string> identity(std::string text) {
    if (!uuid_to_smbios(text)) return wrong("uuid is none: " + shown(text));
    if (!is_identity(text)) return wrong("this uuid is no identity: " + shown(text));
    return lower(text);
}

Result<std::string> pin(std::string text) {
    auto read = parse_pin(text);
    if (!read) return wrong(read.error());
    return read;
}

/// A way that this version does not have is the failure of the device behind it.
Result<std::string> way(std::string text) {
    const auto via = net::parse_via(text);
    if (!via && via.error().kind == Class::usage) return wrong(via.error());
    return text;
}

Result<std::string> file(std::string text) {
    auto path = path_of(text);
    if (!path) return wrong(path.error());
    return path->string();
}

template <std::optional<std::string> Settings::* Member, Check check>
Result<void> read_text(std::string_view key, const Value& value, Settings& settings) {
    if (!value.is_string()) return wrong(join({key, " wants a text in quotes"}));
    if (value.text().empty()) return wrong(join({key, " is empty"}));
    auto text = check(std::string(value.text()));
    if (!text) return std::unexpected(std::move(text).error());
    settings.*Member = *std::move(text);
    return {};
}

template <std::optional<bool> Settings::* Member>
Result<void> read_flag(std::string_view key, const Value& value, Settings& settings) {
    if (value != Value(true) && value != Value(false))
        return wrong(join({key, " wants true or false"}));
    settings.*Member = value.truth();
    return {};
}

template <std::optional<milliseconds> Settings::* Member>
Result<void> read_duration(std::string_view key, const Value& value, Settings& settings) {
    settings.*Member = parse_duration(value.text());
    if (!(settings.*Member))
        return wrong(join({key, " wants a duration in quotes"}), "\"500ms\", \"30s\", \"2m\"");
    return {};
}

Result<void> read_fanout(std::string_view key, const Value& value, Settings& settings) {
    const std::int64_t count = value.integer(0);
    if (count < 1 || static_cast<std::size_t>(count) > most_at_once)
        return wrong(join({key, " wants a number from 1 to ", std::to_string(most_at_once)}));
    settings.fanout = static_cast<std::size_t>(count);
    return {};
}

struct Key {
    std::string_view name;
    Result<void> (*read)(std::string_view key, const Value& value, Settings& settings);
    bool of_everybody = true;
    bool of_several = true;  ///< groups, and hosts
    bool of_groups = true;
};

constexpr Key of_everybody(std::string_view name,
                           Result<void> (*read)(std::string_view, const Value&, Settings&)) {
    return {name, read, true, false, false};
}

constexpr Key of_one_host(std::string_view name,
                          Result<void> (*read)(std::string_view, const Value&, Settings&)) {
    return {name, read, false, true, false};
}

constexpr std::array<Key, 14> keys{{
    {"user", read_text<&Settings::user, as_it_is>},
    {"credential", read_text<&Settings::credential, reference>},
    {"timeout", read_duration<&Settings::timeout>},
    {"connect_timeout", read_duration<&Settings::connect_timeout>},
    of_everybody("fanout", read_fanout),
    of_everybody("output", read_text<&Settings::output, as_it_is>),
    {"via", read_text<&Settings::via, way>},
    {"tls_ca", read_text<&Settings::tls_ca, file>},
    {"tls_tofu", read_flag<&Settings::tls_tofu>},
    {"tls_compat", read_flag<&Settings::tls_compat>},
    {"allow_plaintext", read_flag<&Settings::allow_plaintext>},
    {"pin", read_text<&Settings::pin, pin>},
    of_one_host("address", read_text<&Settings::address, host>),
    of_one_host("uuid", read_text<&Settings::uuid, identity>),
}};

bool takes(Scope scope, const Key& key) {
    switch (scope) {
        case Scope::everybody:
            return key.of_everybody;
        case Scope::group:
            return key.of_several && key.of_groups;
        case Scope::host:
            return key.of_several;
    }
    return false;
}

/// Keys of the contract's section 6 that are for versions to come: leaving one of them out of
/// account would do something else than its author wants.
constexpr std::array<std::string_view, 3> of_other_versions{"planes", "tls_cert", "tls_key"};

/// A key of no such table: a slip, one of another table, or one of another version.
std::unexpected<Error> unknown(std::string_view key, const Value& value, Scope scope) {
    if (const auto* const known = std::ranges::find(keys, key, &Key::name); known != keys.end())
        return known->of_everybody
                   ? wrong(join({key, " holds for the whole run, so it stands in [defaults]"}))
                   : wrong(join({key, " belongs to one host"}));
    if (std::ranges::find(of_other_versions, key) != of_other_versions.end())
        return wrong(join({"this version does not know ", key}),
                     "leave it away, or use a version that has it");
    if (key == "password" || key == "secret")
        return wrong(join({"no ", key, " stands in a configuration"}),
                     "name where it is: credential = \"file:PATH\"");
    const auto known = setting_keys(scope);
    const auto near = nearest(key, known);
    std::string hint = join({"did you mean ", near, "?"});
    if (near.empty()) {
        hint = "known are";
        for (const auto each : known) hint += join({each == known.front() ? " " : ", ", each});
    }
    if (value.is_object())
        return wrong(join({"unknown table '", key, "'; a name with dots stands in quotes"}),
                     std::move(hint));
    return wrong(join({"unknown key '", key, "'"}), std::move(hint));
}

}  // namespace

void Settings::inherit(const Settings& wider) {
    const auto take = [&](auto... members) {
        const auto one = [&](auto member) {
            if (!(this->*member)) this->*member = wider.*member;
        };
        (one(members), ...);
    };
    take(&Settings::user, &Settings::credential, &Settings::address, &Settings::uuid,
         &Settings::pin, &Settings::via, &Settings::tls_ca, &Settings::output);
    take(&Settings::tls_compat, &Settings::tls_tofu, &Settings::allow_plaintext);
    take(&Settings::timeout, &Settings::connect_timeout, &Settings::fanout);
}

std::vector<std::string_view> setting_keys(Scope scope) {
    std::vector<std::string_view> out;
    for (const Key& key : keys)
        if (takes(scope, key)) out.push_back(key.name);
    if (scope == Scope::group) out.emplace_back("hosts");
    return out;
}

Result<void> read_setting(std::string_view key, const Value& value, Scope scope,
                          Settings& settings) {
    const auto* const known = std::ranges::find(keys, key, &Key::name);
    if (known != keys.end() && takes(scope, *known)) {
        if (key == "credential" && value.is_object())
            return wrong("this version does not know tables of credentials",
                         "one text says where the password is: credential = \"file:PATH\"");
        return known->read(key, value, settings);
    }
    // It is oob-provision's; other tools leave it alone.
    if (key == "profile" && value.is_object() && scope != Scope::everybody) return {};
    return unknown(key, value, scope);
}

}  // namespace oob::fleet
