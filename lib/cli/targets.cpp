#include "cli/targets.h"

#include "cli/exclusions.h"
#include "cli/list_reader.h"
#include "core/file.h"
#include "core/json.h"
#include "core/text.h"
#include "net/via_spec.h"

#include <algorithm>
#include <iostream>
#include <iterator>
#include <string>
#include <unordered_set>

namespace oob::cli {

namespace {

using WorkList = std::vector<fleet::Work>;

Result<void> add_word(std::string_view word, const fleet::Inventory& inventory, WorkList& list) {
    auto targets = inventory.expand(word);
    if (!targets) return std::unexpected(targets.error());
    for (auto& target : *targets) list.push_back({std::move(target), std::nullopt, std::nullopt});
    return {};
}

Result<void> add_standard_input(const fleet::Inventory& inventory, bool include_failed,
                                WorkList& list) {
    auto read = read_list(std::cin, [&](std::string_view entry) -> Result<void> {
        auto work = work_of_line(entry, inventory, include_failed);
        if (!work) return std::unexpected(std::move(work).error());
        std::ranges::move(*work, std::back_inserter(list));
        return {};
    });
    if (!read) read.error().message = "standard input, " + read.error().message;
    return read;
}

/// Targets and records, as on standard input.
Result<void> load_list(const std::filesystem::path& path, fleet::Inventory& inventory) {
    const auto text = read_file(path, "config.read");
    if (!text) return std::unexpected(text.error());
    ListReader reader([&](std::string_view entry) -> Result<void> {
        auto work = work_of_line(entry, inventory, true);
        if (!work) return std::unexpected(std::move(work).error());
        for (auto& each : *work) inventory.add_target(std::move(each.target));
        return {};
    });
    auto read = reader.feed(*text);
    if (read) read = reader.finish();
    if (read) return {};
    return std::unexpected(Error(Class::config, "config.inventory",
                                 join({path.string(), ", ", read.error().message}),
                                 read.error().hint));
}

Result<void> load(const std::filesystem::path& path, fleet::Inventory& inventory) {
    if (path == "-")
        return std::unexpected(Error(Class::usage, "usage.inventory",
                                     "an inventory cannot come from standard input",
                                     "name '-' as a target instead"));
    if (path.extension() == ".toml") return inventory.add_toml(path);
    return load_list(path, inventory);
}

/// A way that makes no sense is the run's failure, one that this version lacks the device's own.
Result<void> check_way(fleet::Work& work) {
    if (!work.target.via || work.passed_through) return {};
    const auto via = net::parse_via(*work.target.via);
    if (via) return {};
    if (via.error().kind == Class::usage) return std::unexpected(via.error());
    work.error = via.error();
    return {};
}

/// Configuration names commands that are run, and keys that are trusted.
Result<void> require_own(const std::filesystem::path& path) {
    std::error_code failed;
    const auto mode = std::filesystem::status(path, failed).permissions();
    const bool open = (mode & std::filesystem::perms::others_write) != std::filesystem::perms::none;
    if (failed || !open) return {};
    return std::unexpected(
        Error(Class::config, "config.read",
              join({path.string(), " can be changed by anybody, so it is not used"}),
              join({"chmod o-w ", path.string()})));
}

}  // namespace

Result<void> load_configuration(const Options& options, fleet::Inventory& inventory) {
    for (const auto& path : fleet::configuration_files()) {
        if (is_missing(path)) continue;
        if (auto own = require_own(path); !own) return own;
        if (auto loaded = inventory.add_toml(path); !loaded) return loaded;
    }
    for (const auto& path : options.inventories)
        if (auto loaded = load(path, inventory); !loaded) return loaded;
    return {};
}

void note_told(const Value& record, Target& target) {
    const Value* device = record.find("device");
    if (!device) return;
    const auto text = [&](std::string_view key) -> std::string_view {
        const Value* found = device->find(key);
        return found ? found->text() : std::string_view();
    };
    if (!text("name").empty()) target.name = text("name");
    if (!text("address").empty()) target.told_address = text("address");
    target.told_id = parse_device_id(text("id"));
    if (!target.told_id) target.told_id = parse_device_id(join({"amt:", text("uuid")}));
}

Result<WorkList> work_of_line(std::string_view line, const fleet::Inventory& inventory,
                              bool include_failed) {
    WorkList list;
    line = words_of_line(line);
    if (line.empty()) return list;
    if (!line.starts_with('{')) {
        if (auto added = add_word(line, inventory, list); !added)
            return std::unexpected(added.error());
        return list;
    }
    auto record = parse_json(line);
    if (!record) return std::unexpected(record.error());
    if (const Value* type = record->find("type"); type && type->text() == "summary") return list;
    const Value* text = record->find("target");
    if (!text || text->text().empty())
        return std::unexpected(Error(Class::usage, "usage.record", "the record has no target",
                                     "records of the oob tools have one"));
    auto target = parse_target(text->text());
    if (!target) return std::unexpected(target.error());
    fleet::Work work{*std::move(target), std::nullopt, std::nullopt};
    note_told(*record, work.target);
    const Value* ok = record->find("ok");
    if (ok && !ok->truth() && !include_failed) work.passed_through = *std::move(record);
    list.push_back(std::move(work));
    return list;
}

Result<Gathered> collect_work(const Parsed& parsed, const fleet::Inventory& inventory) {
    if (parsed.targets.empty())
        return std::unexpected(Error(Class::usage, "usage.no_target", "no target",
                                     "name devices, a @group, or - for standard input"));
    Exclusions exclusions(inventory);
    for (const auto& word : parsed.options.exclude)
        if (auto added = exclusions.add(word); !added) return std::unexpected(added.error());
    WorkList all;
    bool read_input = false;
    for (const auto& word : parsed.targets) {
        if (word != "-") {
            if (auto added = add_word(word, inventory, all); !added)
                return std::unexpected(added.error());
        } else if (!read_input) {
            read_input = true;
            if (auto added = add_standard_input(inventory, parsed.options.include_failed, all);
                !added)
                return std::unexpected(added.error());
        }
    }
    for (auto& work : all)
        if (auto good = check_way(work); !good) return std::unexpected(good.error());
    std::unordered_set<std::string> seen;
    std::erase_if(all, [&](const fleet::Work& work) {
        return exclusions.takes_away(work.target) || !seen.insert(key_of(work.target)).second;
    });
    Gathered out{std::move(all), exclusions.ids(), {}};
    for (const auto& word : exclusions.without_effect())
        out.without_effect.push_back(exclusions.complaint(word));
    return out;
}

}  // namespace oob::cli
