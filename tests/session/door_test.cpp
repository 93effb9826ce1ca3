#include "session/door.h"

#include "core/error.h"

#include <doctest/doctest.h>

using namespace oob;

namespace {

/// The code with which the door refuses; empty when it lets pass.
std::string refusal(session::Door& door) {
    try {
        door.pass();
    } catch (const Failure& failure) {
        return failure.error().code;
    }
    return {};
}

}  // namespace

TEST_CASE("no change passes the door of a dry run") {
    session::Door shut(false);
    CHECK(refusal(shut) == "internal.dry_run");
    session::Door open;
    CHECK(refusal(open).empty());
}

TEST_CASE("once the run is to end no change is begun, and one that was begun comes to its end") {
    bool stopping = false;
    session::Door begun(true, [&] { return stopping; });
    session::Door waiting(true, [&] { return stopping; });
    CHECK(refusal(begun).empty());
    stopping = true;
    for (int message = 0; message < 3; ++message) CHECK(refusal(begun).empty());
    CHECK(refusal(waiting) == "interrupted.stopped");
    CHECK(refusal(waiting) == "interrupted.stopped");
}
