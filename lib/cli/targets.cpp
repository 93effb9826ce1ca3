#include "cli/targets.h"

#include "core/file.h"
#include "core/json.h"
#include "core/text.h"

#include <algorithm>
#include <iostream>
#include <iterator>
#include <set>
#include <string>

namespace oob::cli {

namespace {

constexpr std::size_t longest_line = 1024 * 1024;

using WorkList = std::vector<fleet::Work>;

Result<void> add_word(std::string_view word, const fleet::Inventory& inventory, WorkList& list) {
    auto targets = inventory.expand(word);
    if (!targets) return std::unexpected(targets.error());
    for (auto& target : *targets) list.push_back({std::move(target), std::nullopt, std::nullopt});
    return {};
}

Result<void> add_standard_input(const fleet::Inventory& inventory, bool include_failed,
                                WorkList& list) {
    std::string line;
    std::size_t number = 0;
    while (std::getline(std::cin, line)) {
        ++number;
        auto work = line.size() > longest_line
                        ? std::unexpected(Error(Class::usage, "usage.input", "line too long",
                                                "one record a line"))
                        : work_of_line(line, inventory, include_failed);
        if (!work) {
            Error error = work.error();
            error.message =
                join({"standard input, line ", std::to_string(number), ": ", error.message});
            return std::unexpected(std::move(error));
        }
        std::ranges::move(*work, std::back_inserter(list));
    }
    return {};
}

Result<void> load(const std::filesystem::path& path, fleet::Inventory& inventory) {
    if (path == "-")
        return std::unexpected(Error(Class::usage, "usage.inventory",
                                     "an inventory cannot come from standard input",
                                     "name '-' as a target instead"));
    if (path.extension() == ".toml") return inventory.add_toml(path);
    const auto text = read_file(path, "config.read");
    if (!text) return std::unexpected(text.error());
    for (const auto line : split(*text, '\n')) {
        auto work = work_of_line(line, inventory, true);
        if (!work) return std::unexpected(work.error());
        for (auto& entry : *work) inventory.add_target(std::move(entry.target));
    }
    return {};
}

Result<void> load_configuration(const Options& options, fleet::Inventory& inventory) {
    for (const auto& path : fleet::configuration_files()) {
        std::error_code ignored;
        if (!std::filesystem::exists(path, ignored)) continue;
        if (auto loaded = inventory.add_toml(path); !loaded) return loaded;
    }
    for (const auto& path : options.inventories)
        if (auto loaded = load(path, inventory); !loaded) return loaded;
    return {};
}

}  // namespace

Result<WorkList> work_of_line(std::string_view line, const fleet::Inventory& inventory,
                              bool include_failed) {
    WorkList list;
    line = trim(line);
    if (line.empty() || line.starts_with('#')) return list;
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
    if (const Value* device = record->find("device"))
        if (const Value* name = device->find("name"); name && !name->text().empty())
            work.target.name = name->text();
    const Value* ok = record->find("ok");
    if (ok && !ok->truth() && !include_failed) work.passed_through = *std::move(record);
    list.push_back(std::move(work));
    return list;
}

Result<WorkList> collect_work(const Parsed& parsed, fleet::Inventory& inventory) {
    if (auto loaded = load_configuration(parsed.options, inventory); !loaded)
        return std::unexpected(loaded.error());
    if (parsed.targets.empty())
        return std::unexpected(Error(Class::usage, "usage.no_target", "no target",
                                     "name devices, a @group, or - for standard input"));
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
    WorkList excluded;
    for (const auto& word : parsed.options.exclude)
        if (auto added = add_word(word, inventory, excluded); !added)
            return std::unexpected(added.error());
    std::set<std::string> seen;
    for (const auto& work : excluded) {
        seen.insert(work.target.text);
        seen.insert(work.target.name);
    }
    const auto unwanted = [&](const fleet::Work& work) {
        return seen.contains(work.target.name) || !seen.insert(work.target.text).second;
    };
    std::erase_if(all, unwanted);
    return all;
}

}  // namespace oob::cli
