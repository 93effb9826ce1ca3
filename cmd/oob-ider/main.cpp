#include "board.h"
#include "cli/app.h"
#include "core/error.h"
#include "core/text.h"
#include "images.h"
#include "lend.h"
#include "open_device.h"

#include <memory>
#include <optional>
#include <string>

namespace {

using namespace oob;

constexpr const char* examples =
    "  oob-ider serve rescue.iso pc07.lab.example\n"
    "  oob-ider serve rescue.iso --floppy drivers.img --enable 'pc[01-40]' --yes\n"
    "  oob-ider boot https://images.example/rescue.iso --idle 10m --yes pc07\n"
    "  oob-ider status @lab\n"
    "  oob-ider stop pc07\n";

/// The options that only this tool has.
struct Choices {
    ider::ImageWords images;
    std::optional<std::string> start;
    std::optional<std::string> idle;
    std::optional<std::string> duration;
    std::optional<std::string> consent_code;
    bool enable = false;
    bool close_sessions = false;
};

cli::Verb lending_verb(const char* name, const char* summary, Choices& choices) {
    cli::Verb out;
    out.name = name;
    out.effect = fleet::Effect::changes;
    out.summary = summary;
    out.arguments = {"IMAGE"};
    out.orderly = true;
    out.options = {
        cli::text_option("--as", "DRIVE", choices.images.as,
                         "cd or floppy, when the image does not tell by itself"),
        cli::text_option("--cd", "IMAGE", choices.images.cd, "a second image, for the CD drive"),
        cli::text_option("--floppy", "IMAGE", choices.images.floppy,
                         "a second image, for the floppy drive"),
        cli::flag_option("--writable", choices.images.writable,
                         "let the host write to a copy of the floppy image"),
        cli::flag_option("--in-place", choices.images.in_place,
                         "with --writable: into the image itself"),
        cli::flag_option("--empty-floppy", choices.images.empty_floppy,
                         "show a floppy drive without a floppy"),
        cli::text_option("--start", "WHEN", choices.start,
                         "now, graceful (not while the host uses its drives), or on-reboot"),
        cli::text_option("--idle", "DURATION", choices.idle,
                         "end when the host has asked for nothing for so long"),
        cli::text_option("--for", "DURATION", choices.duration, "end after so long"),
        cli::flag_option("--enable", choices.enable,
                         "switch IDE redirection and its listener on where needed"),
        cli::flag_option("--close-sessions", choices.close_sessions,
                         "end sessions that others have open"),
        cli::text_option("--consent-code", "CODE", choices.consent_code,
                         "the six digits that the host's screen shows its user")};
    return out;
}

cli::Program program(Choices& choices) {
    cli::Program out;
    out.tool.name = "oob-ider";
    out.tool.summary = "lend disk images to machines, below their operating system";
    out.tool.examples = examples;
    out.tool.protocols = "Intel AMT IDE redirection and USB-R (redirection over TCP and TLS)";
    out.tool.verbs.push_back(
        lending_verb("serve", "lend a CD or floppy image to a host until Ctrl-C", choices));
    cli::Verb boot = lending_verb(
        "boot", "lend an image and restart the host from it, then undo what was set", choices);
    boot.effect = fleet::Effect::destroys;
    out.tool.verbs.push_back(std::move(boot));
    cli::Verb status;
    status.name = "status";
    status.summary = "whether disks can be lent, and whether somebody does";
    out.tool.verbs.push_back(std::move(status));
    cli::Verb stop;
    stop.name = "stop";
    stop.effect = fleet::Effect::changes;
    stop.summary = "end the session that lends disks, whoever has it open";
    out.tool.verbs.push_back(std::move(stop));
    out.columns = {
        {"READ",
         [](const Value& record) { return report::text_at(record, "data.session.read_bytes"); }},
        {"REASON",
         [](const Value& record) { return report::text_at(record, "data.session.reason"); }}};
    return out;
}

std::optional<std::chrono::milliseconds> duration_of(const std::optional<std::string>& text,
                                                     const char* option) {
    if (!text) return std::nullopt;
    const auto out = parse_duration(*text);
    if (!out)
        fail(Class::usage, "usage.duration", join({option, " is no duration: ", *text}),
             "500ms, 3s, 2m");
    return out;
}

ider::Order order_of(const cli::Parsed& parsed, const Choices& choices) {
    ider::Order order;
    order.boot = parsed.verb->name == "boot";
    order.may_ask = !parsed.options.no_input && parsed.targets.size() == 1;
    order.wish.enable = choices.enable;
    order.wish.close_sessions = choices.close_sessions;
    order.wish.empty_floppy = choices.images.empty_floppy;
    if (choices.consent_code)
        order.wish.consent_code = cmd::parse_consent_code(*choices.consent_code);
    // A host that is to be restarted loses nothing by getting the drives before.
    const std::string start = choices.start.value_or(order.boot ? "now" : "graceful");
    if (start == "now")
        order.wish.start = plane::MediaStart::now;
    else if (start == "graceful")
        order.wish.start = plane::MediaStart::gracefully;
    else if (start == "on-reboot")
        order.wish.start = plane::MediaStart::on_reboot;
    else
        fail(Class::usage, "usage.start", "there is no such start: " + start,
             "now, graceful or on-reboot");
    order.idle = duration_of(choices.idle, "--idle");
    order.duration = duration_of(choices.duration, "--for");
    return order;
}

net::Task<void> query(const std::string& verb, plane::Device& device, fleet::Attempt& attempt) {
    plane::Media& media = ider::media_of(device);
    const Value before = co_await media.status();
    attempt.data.set("media", before);
    if (verb == "status") co_return;
    const Value* session = before.find("session");
    const bool open = session && session->truth();
    if (attempt.dry_run) {
        attempt.data.set("plan", open ? "end the session" : fleet::nothing_to_do);
        co_return;
    }
    attempt.changed = co_await media.stop();
    attempt.verified = true;
    attempt.data.set("media", co_await media.status());
}

/// What lives as long as the run.
struct Running {
    std::unique_ptr<ider::Images> images;
    std::unique_ptr<ider::Board> board;
    ider::Order order;
};

net::Task<void> serve(const std::string& verb, Running& run, fleet::Attempt& attempt,
                      cli::Reach reach) {
    const std::optional<std::string> expected = reach.expected_uuid;
    cli::Interrupt& interrupt = *reach.interrupt;
    const plane::DevicePtr device = plane::open(cmd::access_for(attempt, std::move(reach)));
    co_await device->identify();
    co_await cmd::require_identity(*device, attempt.findings, expected);
    if (!run.images) co_return co_await query(verb, *device, attempt);
    ider::Shared shared{*run.images, *run.board, interrupt};
    co_await ider::lend(*device, run.order, shared, attempt);
}

}  // namespace

int main(int argc, char** argv) {
    Choices choices;
    Running run;
    cli::Program tool = program(choices);
    tool.prepare = [&](const cli::Parsed& parsed) -> cli::Act {
        const std::string verb = parsed.verb->name;
        if (verb == "serve" || verb == "boot") {
            run.order = order_of(parsed, choices);
            choices.images.image = parsed.arguments.front();
            run.images = std::make_unique<ider::Images>(choices.images, parsed.options);
            run.board =
                std::make_unique<ider::Board>(parsed.options.progress, parsed.options.quiet);
        }
        return [&run, verb](fleet::Attempt& attempt, cli::Reach reach) {
            return serve(verb, run, attempt, std::move(reach));
        };
    };
    return cli::run(tool, argc, argv);
}
