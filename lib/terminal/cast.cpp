#include "terminal/cast.h"

#include "core/file.h"
#include "core/json.h"
#include "core/private_file.h"
#include "core/text.h"

#include <cerrno>
#include <cstring>
#include <utility>

namespace oob::terminal {

namespace {

constexpr int version = 2;
constexpr int columns = 80;
constexpr int rows = 25;
constexpr std::size_t most_bytes = std::size_t{256} << 20;

Error wrong(const std::filesystem::path& path, std::string_view what) {
    return Error(Class::config, "config.cast", join({path.string(), ": ", what}),
                 "a recording that oob-sol or asciinema has made");
}

Descriptor make(const std::filesystem::path& path) {
    auto file = open_private(path, Writing::anew);
    if (file) return *std::move(file);
    if (file.error().number == EEXIST)
        fail(Class::config, "config.cast", join({path.string(), " is there already"}),
             "give another name, or remove it");
    fail(Class::config, "config.cast",
         join({"cannot write ", path.string(), ": ", file.error().reason}),
         "does the folder exist?");
}

}  // namespace

CastWriter::CastWriter(const std::filesystem::path& path, const std::string& title)
    : path_(path.string()), file_(make(path)) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    Value head;
    head.set("version", version)
        .set("width", columns)
        .set("height", rows)
        .set("timestamp", std::chrono::duration_cast<std::chrono::seconds>(now).count())
        .set("title", title);
    write(to_json(head));
}

void CastWriter::show(std::string_view text) {
    const std::chrono::duration<double> at = std::chrono::steady_clock::now() - begin_;
    Value event = Value::array();
    event.push(at.count()).push("o").push(text);
    write(to_json(event));
}

void CastWriter::write(const std::string& line) {
    if (write_all(file_.get(), line + "\n")) return;
    fail(Class::config, "config.cast", join({"cannot write ", path_, ": ", std::strerror(errno)}),
         "is the disk full?");
}

Result<std::vector<CastEvent>> read_cast(const std::filesystem::path& path) {
    const auto text = read_file(path, "config.cast", most_bytes);
    if (!text) return std::unexpected(text.error());
    std::vector<CastEvent> out;
    bool first = true;
    for (const std::string_view line : split(*text, '\n')) {
        if (trim(line).empty()) continue;
        const auto value = parse_json(line);
        if (!value) return std::unexpected(wrong(path, "a line is no JSON"));
        if (std::exchange(first, false)) {
            const Value* found = value->find("version");
            if (!found || found->integer() != version)
                return std::unexpected(wrong(path, "it is no asciicast of version 2"));
            continue;
        }
        const auto& event = value->items();
        if (event.size() != 3) return std::unexpected(wrong(path, "an event is no event"));
        if (event[1].text() != "o") continue;
        const std::chrono::duration<double> at(event[0].number());
        if (at.count() < 0 || at > longest_recording)
            return std::unexpected(wrong(path, "an event has a time that makes no sense"));
        out.push_back({std::chrono::duration_cast<std::chrono::microseconds>(at),
                       std::string(event[2].text())});
    }
    if (first) return std::unexpected(wrong(path, "it is empty"));
    return out;
}

}  // namespace oob::terminal
