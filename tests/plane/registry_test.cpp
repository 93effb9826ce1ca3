#include "plane/registry.h"

#include <doctest/doctest.h>

using namespace oob;

TEST_CASE("a plane that this version lacks is unsupported, with a hint") {
    for (const char* text : {"ipmi://bmc1", "redfish://bmc1", "ssh://host", "mei:///dev/mei0"}) {
        CAPTURE(text);
        Findings findings;
        plane::Access access;
        access.target = parse_target(text).value();
        access.findings = &findings;
        try {
            plane::open(std::move(access));
            FAIL("it must not open");
        } catch (const Failure& failure) {
            CHECK(failure.error().kind == Class::unsupported);
            CHECK_FALSE(failure.error().hint.empty());
        }
    }
}
