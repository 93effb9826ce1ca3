#include "sim/personality.h"

#include "core/text.h"
#include "sim/data/embedded.h"
#include "sim/model/catalogue.h"
#include "sim/toml_reader.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <type_traits>
#include <utility>

namespace oob::sim {

namespace {

constexpr std::size_t longest_chain = 8;
constexpr std::size_t largest_profile = 1024 * 1024;

/// One parsed file of a chain of `extends`, the base last.
struct Source {
    std::string name;
    std::string text;
    TomlNode root;
};

/// Takes the entries of one table; an unknown entry or a wrong type is an error with its line.
class Entries {
 public:
    Entries(const Source& source, const TomlNode& table) : source_(source), table_(table) {}

    void take(std::string_view key, std::string& into) {
        if (const TomlNode* node = typed(key, TomlNode::Kind::string)) into = node->text;
    }
    void take(std::string_view key, bool& into) {
        if (const TomlNode* node = typed(key, TomlNode::Kind::boolean)) into = node->flag;
    }
    template <class Integer>
        requires(std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>)
    void take(std::string_view key, Integer& into) {
        const TomlNode* node = typed(key, TomlNode::Kind::integer);
        if (!node) return;
        if (std::in_range<Integer>(node->number))
            into = static_cast<Integer>(node->number);
        else
            refuse(key, "does not fit");
    }

    /// An entry that is one of a few words.
    template <class T, std::size_t count>
    void word(std::string_view key, T& into,
              const std::array<std::pair<std::string_view, T>, count>& words) {
        std::string text;
        take(key, text);
        if (text.empty() || error_) return;
        const auto* found = std::ranges::find(words, text, &std::pair<std::string_view, T>::first);
        if (found != words.end())
            into = found->second;
        else
            refuse(key, join({text, " is none of its words"}));
    }

    void refuse(std::string_view key, std::string_view message) {
        if (const TomlNode* node = table_.find(key); node && !error_)
            error_ = profile_error(source_.name, *node, join({key, ": ", message}));
    }

    void allow(std::string_view key) { known_.push_back(key); }

    Result<void> done() {
        if (error_) return std::unexpected(*error_);
        for (const auto& [key, node] : table_.members)
            if (std::ranges::find(known_, key) == known_.end())
                return std::unexpected(
                    profile_error(source_.name, node, join({"unknown entry ", key})));
        return {};
    }

 private:
    /// The entry, if it is there and of that kind; another kind is an error.
    const TomlNode* typed(std::string_view key, TomlNode::Kind kind) {
        known_.push_back(key);
        const TomlNode* node = table_.find(key);
        if (!node || error_) return nullptr;
        if (node->is(kind)) return node;
        error_ = profile_error(source_.name, *node, join({key, " has a wrong type"}));
        return nullptr;
    }

    const Source& source_;
    const TomlNode& table_;
    std::vector<std::string_view> known_;
    std::optional<Error> error_;
};

/// A list of tables, each read by `read`.
template <class Item, class Read>
Result<void> read_list(const Source& source, const TomlNode& table, std::string_view key,
                       std::vector<Item>& into, Read read) {
    if (!table.find(key)) return {};
    into.clear();
    for (const TomlNode& node : table.inner(key).items) {
        Entries entries(source, node);
        read(entries, into.emplace_back());
        if (auto done = entries.done(); !done) return done;
    }
    return {};
}

Result<void> read_host(const Source& source, const TomlNode& table, Host& host) {
    Entries entries(source, table);
    entries.take("manufacturer", host.manufacturer);
    entries.take("model", host.model);
    entries.take("version", host.version);
    entries.take("board_manufacturer", host.board_manufacturer);
    entries.take("board_model", host.board_model);
    entries.take("bios_vendor", host.bios_vendor);
    entries.take("bios_version", host.bios_version);
    entries.take("bios_date", host.bios_date);
    entries.take("cpu", host.cpu);
    entries.take("cpu_mhz", host.cpu_mhz);
    entries.take("chassis_type", host.chassis_type);
    entries.take("memory_type", host.memory_type);
    entries.take("battery", host.battery);
    entries.take("wireless", host.wireless);
    entries.allow("memory");
    entries.allow("drives");
    if (auto done = entries.done(); !done) return done;
    auto done = read_list(source, table, "memory", host.memory, [](Entries& one, Memory& memory) {
        one.take("bytes", memory.bytes);
        one.take("mhz", memory.mhz);
    });
    if (!done) return done;
    return read_list(source, table, "drives", host.drives, [](Entries& one, Drive& drive) {
        one.take("model", drive.model);
        one.take("kilobytes", drive.kilobytes);
    });
}

Result<void> read_lock_out(const Source& source, LockOut& lock_out) {
    Entries entries(source, source.root.inner("lock_out"));
    std::int64_t first = lock_out.first.count();
    std::int64_t longest = lock_out.longest.count();
    std::int64_t forget = lock_out.forget.count();
    entries.take("failures", lock_out.failures);
    entries.take("first_s", first);
    entries.take("longest_s", longest);
    entries.take("forget_s", forget);
    lock_out.first = std::chrono::seconds(first);
    lock_out.longest = std::chrono::seconds(longest);
    lock_out.forget = std::chrono::seconds(forget);
    return entries.done();
}

constexpr std::array<std::pair<std::string_view, ControlMode>, 3> control_modes{
    {{"unprovisioned", ControlMode::unprovisioned},
     {"client", ControlMode::client},
     {"admin", ControlMode::admin}}};
constexpr std::array<std::pair<std::string_view, NonceForm>, 2> nonce_forms{
    {{"counter", NonceForm::counter}, {"random", NonceForm::random}}};
constexpr std::array<std::string_view, 4> tls_versions{"1.0", "1.1", "1.2", "1.3"};

Result<void> read_transport(const Source& source, Personality& made) {
    Entries tls(source, source.root.inner("tls"));
    for (auto [key, into] : {std::pair<std::string_view, std::string*>{"lowest", &made.tls.lowest},
                             {"highest", &made.tls.highest}}) {
        tls.take(key, *into);
        if (std::ranges::find(tls_versions, *into) == tls_versions.end())
            tls.refuse(key, "is no TLS version");
    }
    if (made.tls.lowest > made.tls.highest) tls.refuse("lowest", "is above highest");
    if (auto done = tls.done(); !done) return done;

    Entries ports(source, source.root.inner("ports"));
    ports.take("http", made.ports.http);
    ports.take("https", made.ports.https);
    ports.take("redirection", made.ports.redirection);
    ports.take("redirection_tls", made.ports.redirection_tls);
    return ports.done();
}

Result<void> read_quirks(const Source& source, Personality& made) {
    for (const auto& [key, node] : source.root.inner("quirks").members) {
        if (source.name != "base" && !made.quirks.contains(key))
            return std::unexpected(profile_error(source.name, node, join({"unknown quirk ", key})));
        if (node.is(TomlNode::Kind::integer))
            made.quirks[key] = node.number;
        else if (node.is(TomlNode::Kind::boolean))
            made.quirks[key] = node.flag ? 1 : 0;
        else
            return std::unexpected(
                profile_error(source.name, node, "a quirk is a number or a boolean"));
    }
    return {};
}

/// Applies one file over what the files below it said.
Result<void> read_source(const Source& source, Personality& made) {
    Entries entries(source, source.root);
    std::string version;
    std::string extends;
    entries.take("extends", extends);
    entries.take("version", version);
    entries.take("server", made.server);
    entries.take("sku", made.sku);
    entries.word("control_mode", made.control_mode, control_modes);
    entries.word("nonce", made.nonce, nonce_forms);
    for (const std::string_view key :
         {"qop", "tls", "ports", "lock_out", "host", "quirks", "class", "instance"})
        entries.allow(key);
    if (!version.empty()) {
        if (const auto parsed = parse_version(version))
            made.version = *parsed;
        else
            entries.refuse("version", "is no version");
    }
    if (source.root.find("qop")) {
        made.qop.clear();
        for (const TomlNode& node : source.root.inner("qop").items) made.qop.push_back(node.text);
        for (const std::string& offer : made.qop)
            if (offer != "auth" && offer != "auth-int") entries.refuse("qop", "is unknown");
        if (made.qop.empty()) entries.refuse("qop", "is empty");
    }
    if (auto done = entries.done(); !done) return done;
    if (auto done = read_transport(source, made); !done) return done;
    if (auto done = read_lock_out(source, made.lock_out); !done) return done;
    if (auto done = read_quirks(source, made); !done) return done;
    return read_host(source, source.root.inner("host"), made.host);
}

Result<Source> parse_source(std::string name, std::string text) {
    auto root = parse_toml(text, name);
    if (!root) return std::unexpected(root.error());
    return Source{std::move(name), std::move(text), *std::move(root)};
}

const embedded::Profile* find_builtin(std::string_view name) {
    const auto all = embedded::profiles();
    const auto found = std::ranges::find(all, name, &embedded::Profile::name);
    return found == all.end() ? nullptr : &*found;
}

Error unknown_profile(std::string_view name) {
    std::string hint = "known are:";
    for (const std::string& known : Personality::builtin_names()) hint += " " + known;
    return Error(Class::config, "sim.profile", join({"there is no profile ", name}),
                 std::move(hint));
}

/// The file and all that it extends, down to "base".
Result<std::vector<Source>> chain_of(Source first) {
    std::vector<Source> chain;
    chain.push_back(std::move(first));
    while (chain.back().name != "base") {
        if (chain.size() == longest_chain)
            return std::unexpected(Error(Class::config, "sim.profile", "profiles extend too deep"));
        std::string below(chain.back().root.text_at("extends"));
        if (below.empty()) below = "base";
        const auto* builtin = find_builtin(below);
        if (!builtin) return std::unexpected(unknown_profile(below));
        auto parsed = parse_source(below, std::string(builtin->text));
        if (!parsed) return std::unexpected(parsed.error());
        chain.push_back(*std::move(parsed));
    }
    return chain;
}

/// The Server header: four numbers where the data says so, otherwise three (reference wsman, 1.3).
void fill_server(Personality& made) {
    const bool whole = made.quirk("server_build", 0) != 0;
    std::string text = made.short_version();
    if (whole) text += "." + std::to_string(made.version.build);
    if (const std::size_t at = made.server.find("{version}"); at != std::string::npos)
        made.server.replace(at, std::string_view("{version}").size(), text);
}

}  // namespace

std::optional<Version> parse_version(std::string_view text) {
    std::array<unsigned, 4> numbers{};
    const auto parts = split(text, '.');
    if (text.empty() || parts.size() > numbers.size()) return std::nullopt;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto number = parse_unsigned(parts[i]);
        if (!number || *number > 99999) return std::nullopt;
        numbers[i] = static_cast<unsigned>(*number);
    }
    return Version{numbers[0], numbers[1], numbers[2], numbers[3]};
}

std::int64_t Personality::quirk(std::string_view key, std::int64_t otherwise) const {
    const auto found = quirks.find(key);
    return found == quirks.end() ? otherwise : found->second;
}

std::string Personality::short_version() const {
    return join({std::to_string(version.major), ".", std::to_string(version.minor), ".",
                 std::to_string(version.patch)});
}

Result<std::shared_ptr<const Personality>> Personality::builtin(std::string_view name) {
    const auto* found = find_builtin(name);
    if (!found || name == "base") return std::unexpected(unknown_profile(name));
    return parse(found->text, name);
}

Result<std::shared_ptr<const Personality>> Personality::load(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::string text;
    if (in) {
        text.resize(largest_profile + 1);
        in.read(text.data(), static_cast<std::streamsize>(text.size()));
        text.resize(static_cast<std::size_t>(in.gcount()));
    }
    if (in.bad() || !in.is_open())
        return std::unexpected(
            Error(Class::config, "sim.profile", join({"cannot read the profile ", path.string()})));
    if (text.size() > largest_profile)
        return std::unexpected(Error(Class::config, "sim.profile",
                                     join({"the profile ", path.string(), " is too large"})));
    return parse(text, path.string());
}

Result<std::shared_ptr<const Personality>> Personality::parse(std::string_view text,
                                                              std::string_view name) {
    auto first = parse_source(std::string(name), std::string(text));
    if (!first) return std::unexpected(first.error());
    const auto chain = chain_of(*std::move(first));
    if (!chain) return std::unexpected(chain.error());

    auto made = std::make_shared<Personality>();
    made->name = name;
    std::vector<Document> documents;
    for (const auto& [document, content] : embedded::classes())
        documents.push_back({std::string(document), content});
    for (auto source = chain->rbegin(); source != chain->rend(); ++source) {
        if (auto done = read_source(*source, *made); !done) return std::unexpected(done.error());
        documents.push_back({source->name, source->text});
    }
    fill_server(*made);
    auto catalogue = Catalogue::parse(documents, *made);
    if (!catalogue) return std::unexpected(catalogue.error());
    made->catalogue = *std::move(catalogue);
    return made;
}

std::vector<std::string> Personality::builtin_names() {
    std::vector<std::string> names;
    for (const auto& profile : embedded::profiles())
        if (profile.name != "base") names.emplace_back(profile.name);
    return names;
}

}  // namespace oob::sim
