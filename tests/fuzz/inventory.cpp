#include "fleet/inventory.h"

#include "cli/targets.h"
#include "fuzz/expect.h"
#include "fuzz/written_file.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <string>

namespace {

using namespace oob;
using fuzz::expect;

/// Whether a range in the file may stand for more than a thousand hosts: spelling those out takes
/// its time, and is no fault.
bool may_be_large(std::string_view text) {
    std::size_t digits = 0;
    for (const char c : text) {
        if (c == '/' || c == '\\') return true;
        digits = std::isdigit(static_cast<unsigned char>(c)) != 0 ? digits + 1 : 0;
        if (digits > 3) return true;
    }
    return std::ranges::count(text, '[') + std::ranges::count(text, '-') > 8;
}

/// What a file says of a target is what its settings may be.
void check(const fleet::Inventory& inventory, const Target& target) {
    const fleet::Settings settings = inventory.settings_of(target);
    if (settings.pin) expect(parse_pin(*settings.pin) == *settings.pin);
    if (settings.address) expect(parse_host(*settings.address).has_value());
    for (const auto& text : {settings.user, settings.credential, settings.via, settings.tls_ca})
        expect(!text || !text->empty());
}

void look_up(const fleet::Inventory& inventory) {
    for (const char* word : {"pc1", "amt://10.0.0.7", "pc[1-3]", "@lab", "@all", "@"}) {
        const auto targets = inventory.expand(word);
        if (!targets) {
            expect(targets.error().kind == Class::usage);
            continue;
        }
        for (const Target& target : *targets) check(inventory, target);
    }
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    ::setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    return 0;
}

/// Any bytes as an inventory, in TOML and as a list: it is read, or refused as configuration with
/// the name of the file; then every host of it has settings that make sense.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    for (const char* name : {"lab.toml", "lab.ndjson"}) {
        const auto path = fuzz::written(name, text);
        cli::Options options;
        options.inventories = {path};
        if (may_be_large(text) && path.extension() != ".toml") continue;
        fleet::Inventory inventory;
        const auto loaded = cli::load_configuration(options, inventory);
        if (!loaded) {
            expect(loaded.error().kind == Class::config);
            expect(loaded.error().message.contains(name));
            continue;
        }
        if (!may_be_large(text)) look_up(inventory);
    }
    return 0;
}
