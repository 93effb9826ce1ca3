#include "scan.h"

#include "core/file.h"
#include "core/json.h"
#include "core/text.h"
#include "fleet/scan.h"
#include "net/run.h"
#include "plane/discovery/rmcp.h"
#include "report/record.h"
#include "report/sink.h"

#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <random>

namespace oob::discover {

namespace {

namespace discovery = plane::discovery;

constexpr std::uint64_t most_copies = 5;
constexpr std::uint64_t largest_port = 65'535;
constexpr std::uint64_t highest_rate = 10'000'000;
constexpr std::size_t longest_line = 1024 * 1024;
constexpr int nothing_found = 3;
constexpr int stopped_early = 5;

std::uint64_t number(const std::optional<std::string>& text, const char* option,
                     std::uint64_t least, std::uint64_t most, std::uint64_t usual) {
    if (!text) return usual;
    const auto out = parse_unsigned(*text);
    if (out && *out >= least && *out <= most) return *out;
    fail(Class::usage, "usage.number", join({option, " cannot be ", *text}),
         join({"a number from ", std::to_string(least), " to ", std::to_string(most)}));
}

/// A line of standard input: addresses as on the command line, or a record, whose device's address
/// is taken.
Result<void> add_line(std::string_view line, fleet::AddressList& addresses) {
    line = trim(line);
    if (line.empty() || line.starts_with('#')) return {};
    if (!line.starts_with('{')) return addresses.add(line);
    const auto record = parse_json(line);
    if (!record) return std::unexpected(record.error());
    if (const Value* type = record->find("type"); type && type->text() == "summary") return {};
    const Value* device = record->find("device");
    const Value* address = device ? device->find("address") : nullptr;
    if (!address || address->text().empty())
        return std::unexpected(Error(Class::usage, "usage.record", "the record has no address",
                                     "records of the oob tools have device.address"));
    return addresses.add(address->text());
}

void add_standard_input(fleet::AddressList& addresses) {
    std::string line;
    for (std::size_t count = 1; std::getline(std::cin, line); ++count) {
        auto added = line.size() > longest_line
                         ? std::unexpected(Error(Class::usage, "usage.input", "line too long"))
                         : add_line(line, addresses);
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

fleet::AddressList collect(const cli::Parsed& parsed, const ScanWords& words) {
    if (parsed.targets.empty())
        fail(Class::usage, "usage.no_target", "no address",
             "name addresses and ranges, or - for standard input");
    fleet::AddressList out;
    bool read_input = false;
    for (const std::string& word : parsed.targets) {
        if (word != "-")
            take(out.add(word));
        else if (!std::exchange(read_input, true))
            add_standard_input(out);
    }
    for (const std::string& word : parsed.options.exclude) take(out.exclude(word));
    for (const std::string& path : words.exclude_files) exclude_file(path, out);
    out.finish();
    return out;
}

enum class Question { ping, ipmi };

std::vector<Question> questions_of(const ScanWords& words) {
    if (words.probes.empty()) return {Question::ping, Question::ipmi};
    bool ping = false;
    bool ipmi = false;
    for (const std::string& name : words.probes) {
        if (name != "ping" && name != "ipmi")
            fail(Class::usage, "usage.probe", "there is no probe " + name, "ping or ipmi");
        (name == "ping" ? ping : ipmi) = true;
    }
    std::vector<Question> out;
    if (ping) out.push_back(Question::ping);
    if (ipmi) out.push_back(Question::ipmi);
    return out;
}

fleet::Probe probe_of(Question question) {
    if (question == Question::ping)
        return {"ping", discovery::presence_ping, discovery::is_presence_pong};
    return {"ipmi", discovery::ipmi_question, discovery::is_ipmi_answer};
}

fleet::ScanOptions scan_options(const cli::Options& options, const ScanWords& words,
                                const std::vector<Question>& questions) {
    fleet::ScanOptions out;
    for (const Question each : questions) out.probes.push_back(probe_of(each));
    out.port = static_cast<std::uint16_t>(
        number(words.rmcp_port, "--rmcp-port", 1, largest_port, discovery::rmcp_port));
    out.rate = number(words.rate, "--rate", 0, highest_rate, out.rate);
    out.copies =
        static_cast<unsigned>(number(words.copies, "--copies", 1, most_copies, out.copies));
    out.deadline = options.limits.deadline;
    out.seed = std::random_device{}();
    if (options.dial.bind) {
        out.source = net::IpAddress::parse(*options.dial.bind);
        if (!out.source)
            fail(Class::usage, "usage.bind", "--bind is no address: " + *options.dial.bind,
                 "an address of this machine");
    }
    return out;
}

/// Where the other tools would find the device. One whose kind is not known is named by its address
/// alone.
std::string target_of(const discovery::Sighting& sighting, std::string host, std::uint16_t port) {
    if (host.contains(':')) host = join({"[", host, "]"});
    if (sighting.protocol == "amt") return "amt://" + host;
    if (sighting.protocol != "ipmi") return host;
    return port == discovery::rmcp_port ? "ipmi://" + host
                                        : join({"ipmi://", host, ":", std::to_string(port)});
}

report::Record record_of(const cli::Tool& tool, fleet::Found found,
                         const std::vector<Question>& questions, std::uint16_t port) {
    std::optional<Bytes> pong;
    std::optional<Bytes> ipmi;
    for (std::size_t i = 0; i < questions.size(); ++i)
        (questions[i] == Question::ping ? pong : ipmi) = std::move(found.answers[i]);
    discovery::Sighting sighting = discovery::describe(pong, ipmi, port);
    std::string address = net::to_string(found.address);
    report::Record out;
    out.tool = tool.name;
    out.time = std::chrono::system_clock::now();
    out.target = target_of(sighting, address, port);
    out.action = "discover.scan";
    out.ok = true;
    out.findings.device.name = address;
    out.findings.device.address = std::move(address);
    out.findings.device.protocol = sighting.protocol;
    out.findings.device.firmware = sighting.firmware;
    out.data = std::move(sighting.data);
    out.attempts = static_cast<int>(found.copies);
    out.duration = found.elapsed;
    return out;
}

std::string services_cell(const Value& record) {
    std::string out;
    for (const Value& each : report::at_path(record, "data.services").items())
        out += join({out.empty() ? "" : " ", report::text_at(each, "protocol"), ":",
                     report::text_at(each, "port"), "/", report::text_at(each, "transport")});
    return out;
}

std::vector<report::Column> columns() {
    const auto path = [](const char* heading, const char* where) {
        return report::Column{
            heading, [where](const Value& record) { return report::text_at(record, where); }};
    };
    return {path("ADDRESS", "device.address"),
            path("PROTOCOL", "device.protocol"),
            path("FIRMWARE", "device.firmware"),
            path("SETUP", "data.amt.provisioning"),
            {"SERVICES", services_cell}};
}

void say(const cli::Tool& tool, const std::string& text) {
    std::fprintf(stderr, "%s: %s\n", tool.name.c_str(), text.c_str());
}

}  // namespace

int scan(const cli::Tool& tool, const cli::Parsed& parsed, const ScanWords& words) {
    const cli::Options& options = parsed.options;
    const std::vector<Question> questions = questions_of(words);
    fleet::ScanOptions chosen = scan_options(options, words, questions);
    const std::uint16_t port = chosen.port;
    const fleet::AddressList addresses = collect(parsed, words);
    if (addresses.size() == 0) {
        say(tool, "no address is left to ask");
        return nothing_found;
    }
    if (options.dry_run) {
        say(tool, "would ask " + std::to_string(addresses.size()) + " addresses");
        return 0;
    }
    const bool terminal = ::isatty(STDOUT_FILENO) != 0;
    // One write for all that arrived together.
    std::string lines;
    const auto flush = [&lines] {
        report::write_to_stdout(lines);
        lines.clear();
    };
    report::Sink sink(
        options.output.value_or(terminal ? report::Format::table : report::Format::ndjson),
        columns(), [&lines](std::string_view text) { lines += text; });
    chosen.reported = flush;
    report::Summary summary;
    summary.tool = tool.name;
    summary.action = "discover.scan";
    fleet::Scan engine(addresses, std::move(chosen), [&](fleet::Found found) {
        ++summary.ok;
        sink.add(to_value(record_of(tool, std::move(found), questions, port)));
    });
    int signal = 0;
    const auto begin = std::chrono::steady_clock::now();
    net::run([&] { return engine.run(); },
             [&](int which) {
                 if (signal != 0) std::_Exit(128 + which);
                 signal = which;
                 engine.drain();
             });
    summary.targets = engine.asked();
    summary.stopped_early = engine.stopped_early();
    summary.duration = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - begin);
    if (options.summary) sink.add(to_value(summary));
    sink.finish();
    flush();
    if (engine.refused() > 0 && !options.quiet)
        say(tool, std::to_string(engine.refused()) +
                      " datagrams could not be sent from here (no route, or not permitted)");
    if (signal != 0) return 128 + signal;
    if (summary.stopped_early) return stopped_early;
    return words.expect && summary.ok == 0 ? nothing_found : 0;
}

}  // namespace oob::discover
