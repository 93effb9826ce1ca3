#include "board.h"
#include "cli/app.h"
#include "cli/values.h"
#include "core/error.h"
#include "core/text.h"
#include "images.h"
#include "lend.h"
#include "open_device.h"
#include "view.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace oob;

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

std::vector<cli::ToolOption> lending_options(Choices& choices) {
    return {
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
                         "now, graceful (not while drives are used), on-reboot"),
        cli::text_option("--idle", "DURATION", choices.idle,
                         "end when the host has asked for nothing for so long"),
        cli::text_option("--for", "DURATION", choices.duration, "end after so long"),
        cli::changing(cli::flag_option("--enable", choices.enable,
                                       "switch IDE redirection on where it is off")),
        cli::changing(cli::flag_option("--close-sessions", choices.close_sessions,
                                       "end sessions that others have open")),
        cli::text_option("--consent-code", "CODE", choices.consent_code,
                         "the six digits that the host's screen shows its user")};
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
    order.idle = cli::duration(choices.idle, "--idle");
    order.duration = cli::duration(choices.duration, "--for");
    return order;
}

net::Task<void> query(bool stop, fleet::Attempt& attempt, cli::Reach reach) {
    const plane::DevicePtr opened = co_await cmd::open_identified(attempt, std::move(reach), stop);
    plane::Media& media = ider::media_of(*opened);
    const Value before = co_await media.status();
    attempt.data.set("media", before);
    if (!stop) co_return;
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

/// What all devices of a run share; lives as long as the run.
struct Running {
    Running(const ider::ImageWords& words, const cli::Options& options)
        : images(words, options), board(options.progress, options.quiet) {}

    ider::Images images;
    ider::Board board;
};

net::Task<void> serve(Running& run, ider::Order order, fleet::Attempt& attempt, cli::Reach reach) {
    const plane::DevicePtr device = co_await cmd::open_to_stay(attempt, std::move(reach));
    co_await ider::lend(*device, std::move(order), {run.images, run.board}, attempt);
}

cli::Verb lending_verb(const char* name, std::vector<std::string> also, fleet::Effect effect,
                       const char* summary, std::vector<std::string> examples, Choices& choices) {
    cli::Verb out;
    out.name = name;
    out.also = std::move(also);
    out.effect = effect;
    out.summary = summary;
    out.arguments = {"IMAGE"};
    out.notes = "IMAGE is a file, a block device, - for standard input, or an http or https URL.";
    out.examples = std::move(examples);
    out.takes = cli::log_in_and_stay;
    out.options = lending_options(choices);
    out.prepare = [&choices](const cli::Parsed& parsed) {
        const ider::Order lending = order_of(parsed, choices);
        choices.images.image = parsed.arguments.front();
        // The images are shared by the acts of all devices, and a std::function has to be copyable.
        auto run = std::make_shared<Running>(choices.images, parsed.options);
        cli::Order order = cli::begin_order(parsed);
        order.lasting = true;
        // Only the run's own files: what is lent stays lent.
        if (!lending.boot) order.reopen = [] {};
        order.view = ider::loan_view();
        order.make_room = [run] { run->board.clear(); };
        order.deed = cli::deed_with_options(
            parsed,
            join({"lend ", choices.images.image, lending.boot ? " to, and restart," : " to"}));
        order.work = cli::Act([run, lending](fleet::Attempt& attempt, cli::Reach reach) {
            return serve(*run, lending, attempt, std::move(reach));
        });
        return order;
    };
    return out;
}

cli::Verb query_verb(const char* name, std::vector<std::string> also, fleet::Effect effect,
                     const char* summary, const char* example) {
    cli::Verb out;
    out.name = name;
    out.also = std::move(also);
    out.effect = effect;
    out.summary = summary;
    out.examples = {example};
    out.prepare = [](const cli::Parsed& parsed) {
        cli::Order order = cli::begin_order(parsed);
        order.view = ider::status_view();
        order.deed = "end the session that lends disks to";
        const bool stop = order.effect != fleet::Effect::reads;
        order.work = cli::Act([stop](fleet::Attempt& attempt, cli::Reach reach) {
            return query(stop, attempt, std::move(reach));
        });
        return order;
    };
    return out;
}

cli::Tool tool_of(Choices& choices) {
    using fleet::Effect;
    cli::Tool out;
    out.name = "oob-ider";
    out.summary = "lend disk images to machines, below their operating system";
    out.examples = {"oob-ider boot rescue.iso --idle 10m --yes pc07",
                    "oob-ider serve rescue.iso --floppy drivers.img --enable --yes 'pc[01-40]'",
                    "oob-ider status @lab", "oob-ider stop pc07"};
    out.protocols = "Intel AMT IDE redirection and USB-R (redirection over TCP and TLS)";
    out.verbs = {
        lending_verb("serve", {"mount", "attach", "insert", "lend", "start", "share"},
                     Effect::changes, "lend a CD or floppy image to a host until Ctrl-C",
                     {"oob-ider serve rescue.iso pc07",
                      "oob-ider serve rescue.iso --floppy drivers.img --enable --yes 'pc[01-40]'"},
                     choices),
        lending_verb("boot", {"reboot", "restart", "install"}, Effect::destroys,
                     "lend an image, restart the host from it, undo what was set",
                     {"oob-ider boot rescue.iso --idle 10m --yes pc07",
                      "oob-ider boot https://images.example/rescue.iso --idle 10m --yes pc07"},
                     choices),
        query_verb("status", {"stat", "info", "show", "query", "list"}, Effect::reads,
                   "tell whether disks can be lent, and whether somebody does",
                   "oob-ider status @lab"),
        query_verb("stop", {"unmount", "umount", "detach", "eject", "end", "close"},
                   Effect::changes, "end the session that lends disks, whoever has it open",
                   "oob-ider stop pc07")};
    return out;
}

}  // namespace

int main(int argc, char** argv) {
    Choices choices;
    return cli::run(tool_of(choices), argc, argv);
}
