#include "wanted.h"

#include "cli/list_reader.h"
#include "cli/targets.h"
#include "core/file.h"
#include "core/json.h"
#include "core/text.h"
#include "net/deadline.h"
#include "net/group.h"

#include <algorithm>
#include <iostream>
#include <utility>

namespace oob::discover {

namespace {

constexpr std::size_t names_at_once = 64;

void add_standard_input(Wanted& wanted) {
    auto read =
        cli::read_list(std::cin, [&](std::string_view entry) { return wanted.add_line(entry); });
    if (!read) read.error().message = "standard input, " + read.error().message;
    take(std::move(read));
}

void exclude_file(const std::string& path, Wanted& wanted) {
    const std::string text = take(read_file(path, "config.exclude_file"));
    std::size_t count = 0;
    for (std::string_view line : split(text, '\n')) {
        ++count;
        line = words_of_line(line);
        if (line.empty()) continue;
        const auto done = wanted.exclude(line);
        if (done) continue;
        Error error = done.error();
        error.message = join({path, ", line ", std::to_string(count), ": ", error.message});
        fail(std::move(error));
    }
}

/// Whether a word that is no address may still be a target.
bool may_be_a_name(const Result<void>& added) { return added.error().code == "usage.address"; }

}  // namespace

Wanted::Wanted(const cli::Options& options)
    : inventory_(std::make_unique<fleet::Inventory>()), exclusions_(*inventory_) {
    take(cli::load_configuration(options, *inventory_));
}

Result<void> Wanted::add(std::string_view word) {
    auto added = addresses.add(word);
    if (added || !may_be_a_name(added)) return added;
    const auto targets = inventory_->expand(word);
    if (!targets) return std::unexpected(targets.error());
    for (const Target& target : *targets)
        if (auto done = add(target); !done) return done;
    return {};
}

Result<void> Wanted::add(const Target& target) {
    if (exclusions_.takes_away(target)) return {};
    Target out = target;
    out.address = inventory_->settings_of(target).address;
    const auto address = net::IpAddress::parse(out.where());
    if (!address) {
        if (seen_.insert(host_key(out.host)).second) names.push_back(std::move(out));
        return {};
    }
    if (out.address) called.emplace(*address, out.host);
    return addresses.add(out.where());
}

Result<void> Wanted::add_line(std::string_view line) {
    line = words_of_line(line);
    if (line.empty()) return {};
    if (!line.starts_with('{')) return add(line);
    const auto record = parse_json(line);
    if (!record) return std::unexpected(record.error());
    if (const Value* type = record->find("type"); type && type->text() == "summary") return {};
    Target told;
    cli::note_told(*record, told);
    if (!told.told_address)
        return std::unexpected(Error(Class::usage, "usage.record", "the record has no address",
                                     "records of the oob tools have device.address"));
    auto target = parse_target(*told.told_address);
    if (!target) return std::unexpected(target.error());
    if (!told.name.empty()) target->name = told.name;
    target->told_id = told.told_id;
    return add(*target);
}

Result<void> Wanted::exclude(std::string_view word) {
    auto done = addresses.exclude(word);
    if (!done && may_be_a_name(done)) {
        const auto targets = exclusions_.add(word);
        if (!targets) return std::unexpected(targets.error());
        for (const Target& target : *targets)
            if (net::IpAddress::parse(target.where()))
                take(addresses.exclude(target.where(), std::string(word)));
    } else if (!done) {
        return done;
    }
    excluded_.emplace_back(word);
    return {};
}

std::vector<Error> Wanted::without_effect() const {
    const auto idle = exclusions_.without_effect();
    std::vector<Error> out;
    for (const auto& word : excluded_) {
        const bool of_names = std::ranges::find(idle, word) != idle.end();
        if (!addresses.has_effect(word) && (of_names || !exclusions_.has(word)))
            out.push_back(exclusions_.complaint(word));
    }
    return out;
}

Wanted collect(const cli::Parsed& parsed, const std::vector<std::string>& exclude_files) {
    if (parsed.targets.empty())
        fail(Class::usage, "usage.no_target", "no address",
             "name addresses, ranges, hosts or @groups, or - for standard input");
    Wanted out(parsed.options);
    for (const std::string& word : parsed.options.exclude) take(out.exclude(word));
    for (const std::string& path : exclude_files) exclude_file(path, out);
    bool read_input = false;
    for (const std::string& word : parsed.targets) {
        if (word != "-")
            take(out.add(word));
        else if (!std::exchange(read_input, true))
            add_standard_input(out);
    }
    return out;
}

net::Task<void> look_up(Wanted& wanted, net::DialOptions options,
                        const std::function<void(const Target&, const Error&)>& failed) {
    const auto one = [&](const Target& target) -> net::Task<void> {
        const auto found = co_await net::attempt(
            net::resolve_host(target.where(), options.family, options.connect_timeout));
        if (!found) {
            failed(target, found.error());
            co_return;
        }
        // One face is enough: a host with two addresses is one device.
        const auto address = net::IpAddress::parse(found->front());
        if (!address || !wanted.addresses.add(found->front())) co_return;
        wanted.called.emplace(*address, target.host);
    };
    net::Group group;
    for (const Target& target : wanted.names) {
        co_await group.wait_until_at_most(names_at_once - 1);
        co_await group.spawn(one(target));
    }
    co_await group.join();
}

}  // namespace oob::discover
