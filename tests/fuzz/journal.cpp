#include "fleet/journal.h"

#include "fleet/identities.h"
#include "fleet/runner.h"
#include "fuzz/expect.h"
#include "fuzz/written_file.h"

#include <string>
#include <vector>

namespace {

using namespace oob;
using fuzz::expect;

constexpr const char* target = "amt://pc1";

std::vector<fleet::Work> work() {
    std::vector<fleet::Work> out;
    for (const char* text : {target, "amt://pc2", "amt+tcp://10.0.0.7:16992"})
        out.push_back({*parse_target(text)});
    return out;
}

Value record() {
    Value device = Value::object();
    device.set("id", "amt:8a1c0000-0000-4000-8000-000000000007");
    Value out = Value::object();
    out.set("target", target).set("ok", true).set("changed", true).set("device", device);
    return out;
}

/// The rest of an earlier run; with a record behind it the target is done, whatever was before.
void go_on(const std::filesystem::path& path, const fleet::Purpose& purpose) {
    {
        auto journal = fleet::Journal::resume(path, purpose);
        if (!journal) {
            const Error& error = journal.error();
            expect((error.kind == Class::config && error.code == "config.journal") ||
                   (error.kind == Class::usage && error.code == "usage.resume"));
            return;
        }
        expect(journal->remaining(work()).size() <= work().size());
        fleet::Identities identities;
        journal->tell_devices(identities);
        expect(journal->started(target) && journal->finished(record()));
    }
    const auto again = fleet::Journal::resume(path, purpose);
    expect(again.has_value());
    for (const auto& left : again->remaining(work())) expect(left.target.text != target);
}

}  // namespace

/// Any bytes as the journal of a run that was interrupted: it is taken up or refused in so many
/// words, and what is written behind it is read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto path = fuzz::written("run.journal", fuzz::text_of(data, size));
    for (const bool changes : {false, true})
        go_on(path,
              {.tool = "oob-power", .action = "power.on", .check = "0000", .changes = changes});
    return 0;
}
