#include "cli/fanout.h"

#include "cli/app.h"
#include "core/text.h"
#include "net/limits.h"

#include <algorithm>
#include <string>

namespace oob::cli {

std::size_t fitting_fanout(const Parsed& parsed, std::size_t each) {
    constexpr std::size_t own = 32;  // standard streams, the loop, files
    const std::size_t most = net::raise_descriptor_limit();
    const std::size_t fitting = most <= own + each ? 1 : (most - own) / each;
    const std::size_t wanted = parsed.options.limits.fanout;
    if (wanted <= fitting) return wanted;
    if (!parsed.options.quiet && parsed.verb->takes.has(Group::fanout))
        say(*parsed.tool, join({"only ", std::to_string(fitting), " at once: ",
                                std::to_string(most), " descriptors are allowed (ulimit -n)"}));
    return fitting;
}

}  // namespace oob::cli
