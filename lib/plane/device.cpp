#include "plane/device.h"

namespace oob::plane {

Value PowerReading::to_value() const {
    Value out;
    out.set("power", power).set("power_state", native);
    return out;
}

}  // namespace oob::plane
