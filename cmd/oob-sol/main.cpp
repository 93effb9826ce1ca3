#include "cli/app.h"
#include "connect.h"
#include "core/error.h"
#include "core/text.h"
#include "open_device.h"

#include <cstdio>
#include <optional>

namespace {

using namespace oob;

constexpr const char* examples =
    "  oob-sol connect pc07.lab.example\n"
    "  oob-sol connect --enable --close-sessions pc07\n"
    "  printf 'root\\r' | oob-sol connect --exec pc07\n";

/// The options that only this tool has.
struct Choices {
    bool enable = false;
    bool close_sessions = false;
    bool exec = false;
    std::optional<std::string> idle;
    std::optional<std::string> consent_code;
};

cli::Program program(Choices& choices) {
    cli::Verb connect;
    connect.name = "connect";
    connect.summary = "open the text console of one machine";
    connect.lasting = true;
    connect.options = {
        cli::flag_option("--enable", choices.enable,
                         "switch serial-over-LAN and its listener on where needed"),
        cli::flag_option("--close-sessions", choices.close_sessions,
                         "end sessions that others have open"),
        cli::flag_option("--exec", choices.exec,
                         "send standard input, print what comes back, and end after a silence"),
        cli::text_option("--idle", "DURATION", choices.idle, "the silence that ends --exec (1s)"),
        cli::text_option("--consent-code", "CODE", choices.consent_code,
                         "the six digits that the host's screen shows its user")};
    cli::Program out;
    out.tool.name = "oob-sol";
    out.tool.summary = "text consoles of machines, below their operating system";
    out.tool.examples = examples;
    out.tool.protocols = "Intel AMT serial-over-LAN (redirection over TCP and TLS)";
    out.tool.verbs.push_back(std::move(connect));
    // Standard output is the console's; what went wrong is said beside it.
    out.render = [](const Value& record, report::Format) -> std::optional<std::string> {
        if (const Value* error = record.find("error"); error && !error->is_null()) {
            std::fprintf(stderr, "oob-sol: %s\n", report::text_at(record, "error.message").c_str());
            std::fprintf(stderr, "hint: %s\n", report::text_at(record, "error.hint").c_str());
        }
        return std::string();
    };
    return out;
}

sol::Connecting order_of(const cli::Parsed& parsed, const Choices& choices) {
    sol::Connecting order;
    order.wish.enable = choices.enable;
    order.wish.close_sessions = choices.close_sessions;
    if (choices.consent_code)
        order.wish.consent_code = cmd::parse_consent_code(*choices.consent_code);
    order.exec = choices.exec;
    order.quiet = parsed.options.quiet;
    if (choices.idle) {
        const auto idle = parse_duration(*choices.idle);
        if (!idle || !choices.exec)
            fail(Class::usage, "usage.idle", "--idle is a duration, and goes with --exec",
                 "500ms, 3s, 2m");
        order.idle = *idle;
    }
    if (parsed.targets.size() != 1 || parsed.targets.front() == "-")
        fail(Class::usage, "usage.one_target", "a console is opened on one machine",
             "name it: oob-sol connect pc07");
    return order;
}

net::Task<void> serve(sol::Connecting order, fleet::Attempt& attempt, cli::Reach reach) {
    const std::optional<std::string> expected = reach.expected_uuid;
    const plane::DevicePtr device = plane::open(cmd::access_for(attempt, std::move(reach)));
    co_await device->identify();
    co_await cmd::require_identity(*device, attempt.findings, expected);
    co_await sol::connect(*device, std::move(order), attempt);
}

}  // namespace

int main(int argc, char** argv) {
    Choices choices;
    cli::Program tool = program(choices);
    tool.prepare = [&](const cli::Parsed& parsed) -> cli::Act {
        return [order = order_of(parsed, choices)](fleet::Attempt& attempt, cli::Reach reach) {
            return serve(order, attempt, std::move(reach));
        };
    };
    return cli::run(tool, argc, argv);
}
