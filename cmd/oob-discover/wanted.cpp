#include "wanted.h"

#include "cli/targets.h"
#include "core/file.h"
#include "core/json.h"
#include "core/text.h"
#include "net/deadline.h"
#include "net/group.h"

#include <iostream>
#include <utility>

namespace oob::discover {

namespace {

constexpr std::size_t longest_line = 1024 * 1024;
constexpr std::size_t names_at_once = 64;

/// A line of standard input: addresses as on the command line, or a record, whose device's address
/// is taken.
Result<void> add_line(std::string_view line, Wanted& wanted) {
    line = trim(line);
    if (line.empty() || line.starts_with('#')) return {};
    if (!line.starts_with('{')) return wanted.add(line);
    const auto record = parse_json(line);
    if (!record) return std::unexpected(record.error());
    if (const Value* type = record->find("type"); type && type->text() == "summary") return {};
    const Value* device = record->find("device");
    const Value* address = device ? device->find("address") : nullptr;
    if (!address || address->text().empty())
        return std::unexpected(Error(Class::usage, "usage.record", "the record has no address",
                                     "records of the oob tools have device.address"));
    return wanted.add(address->text());
}

void add_standard_input(Wanted& wanted) {
    std::string line;
    for (std::size_t count = 1; std::getline(std::cin, line); ++count) {
        auto added = line.size() > longest_line
                         ? std::unexpected(Error(Class::usage, "usage.input", "line too long"))
                         : add_line(line, wanted);
        if (added) continue;
        Error error = added.error();
        error.message = join({"standard input, line ", std::to_string(count), ": ", error.message});
        fail(std::move(error));
    }
}

void exclude_file(const std::string& path, fleet::AddressList& addresses) {
    const std::string text = take(read_file(path, "config.exclude_file"));
    std::size_t count = 0;
    for (std::string_view line : split(text, '\n')) {
        ++count;
        line = trim(line.substr(0, line.find('#')));
        if (line.empty()) continue;
        const auto done = addresses.exclude(line);
        if (done) continue;
        Error error = done.error();
        error.message = join({path, ", line ", std::to_string(count), ": ", error.message});
        fail(std::move(error));
    }
}

/// Names and groups, spelt out with the inventory's help.
std::vector<Target> targets_of(const cli::Parsed& parsed, std::vector<std::string> words) {
    cli::Parsed named = parsed;
    named.targets = std::move(words);
    named.options.exclude.clear();
    fleet::Inventory inventory;
    std::vector<Target> out;
    for (fleet::Work& work : take(cli::collect_work(named, inventory))) {
        if (const auto address = inventory.settings_of(work.target).address)
            work.target.host = *address;
        out.push_back(std::move(work.target));
    }
    return out;
}

}  // namespace

Result<void> Wanted::add(std::string_view word) {
    auto added = addresses.add(word);
    if (added || added.error().code != "usage.address") return added;
    auto target = parse_target(word);
    if (!target) return std::unexpected(target.error());
    names.push_back(*std::move(target));
    return {};
}

Wanted collect(const cli::Parsed& parsed, const Words& words) {
    if (parsed.targets.empty())
        fail(Class::usage, "usage.no_target", "no address",
             "name addresses, ranges, hosts or @groups, or - for standard input");
    Wanted out;
    std::vector<std::string> named;
    bool read_input = false;
    for (const std::string& word : parsed.targets) {
        if (word == "-") {
            if (!std::exchange(read_input, true)) add_standard_input(out);
            continue;
        }
        const auto added = out.addresses.add(word);
        if (!added && added.error().code == "usage.address")
            named.push_back(word);
        else
            take(added);
    }
    if (!named.empty())
        for (Target& target : targets_of(parsed, std::move(named)))
            if (!out.addresses.add(target.host)) out.names.push_back(std::move(target));
    for (const std::string& word : parsed.options.exclude) take(out.addresses.exclude(word));
    for (const std::string& path : words.exclude_files) exclude_file(path, out.addresses);
    return out;
}

net::Task<void> look_up(Wanted& wanted, net::Family family,
                        const std::function<void(const Target&, const Error&)>& failed) {
    const auto one = [&](const Target& target) -> net::Task<void> {
        const auto found = co_await net::attempt(net::resolve_host(target.host, family));
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
