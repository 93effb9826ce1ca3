#include "core/json.h"
#include "fuzz/expect.h"
#include "fuzz/written_file.h"
#include "terminal/cast.h"

#include <filesystem>
#include <string>

namespace {

using namespace oob;
using fuzz::expect;

/// What was shown is in the recording of it.
void record_again(const std::vector<terminal::CastEvent>& events) {
    const auto path = fuzz::written("again.cast", "");
    std::filesystem::remove(path);
    {
        terminal::CastWriter writer(path, "pc1");
        for (const auto& event : events) writer.show(event.text);
    }
    const auto again = terminal::read_cast(path);
    expect(again && again->size() == events.size());
    for (std::size_t i = 0; i < events.size(); ++i) expect((*again)[i].text == events[i].text);
}

}  // namespace

/// Any bytes as a recording: it is read or refused in so many words, each event has a time that a
/// clock can reach, and what is recorded again is the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto path = fuzz::written("console.cast", fuzz::text_of(data, size));
    const auto events = terminal::read_cast(path);
    if (!events) {
        expect(events.error().kind == Class::config && events.error().code == "config.cast");
        return 0;
    }
    for (const auto& event : *events)
        expect(event.at.count() >= 0 && event.at <= terminal::longest_recording);
    record_again(*events);
    return 0;
}
