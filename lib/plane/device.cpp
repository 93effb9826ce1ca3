#include "plane/device.h"

namespace oob::plane {

Value PowerReading::to_value() const {
    Value out;
    out.set("power", power).set("power_state", native);
    out.set("os_power_saving", os_power_saving ? Value(*os_power_saving) : Value());
    return out;
}

}  // namespace oob::plane
