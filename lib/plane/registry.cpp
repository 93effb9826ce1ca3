#include "plane/registry.h"

#include "core/error.h"
#include "plane/amt/device.h"

#include <array>

namespace oob::plane {

namespace {

struct Plane {
    std::string_view scheme;
    DevicePtr (*open)(Access);
};

DevicePtr open_amt(Access access) { return std::make_unique<amt::Device>(std::move(access)); }

constexpr std::array<Plane, 2> planes{{
    {amt_scheme, open_amt},
    {amt_plain_scheme, open_amt},
}};

}  // namespace

DevicePtr open(Access access) {
    for (const auto& plane : planes)
        if (plane.scheme == access.target.scheme) return plane.open(std::move(access));
    fail(Class::unsupported, "unsupported.plane",
         "this version does not speak " + access.target.scheme + "://",
         "name the machine as amt://HOST (TLS) or amt+tcp://HOST, where it has AMT");
}

}  // namespace oob::plane
