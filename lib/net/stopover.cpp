#include "net/stopover.h"

#include "core/text.h"

namespace oob::net {

Error at_stopover(Error error, std::string_view place, std::string_view kind, std::string hint) {
    const bool its_own = error.kind == Class::connect || error.kind == Class::resolve ||
                         error.kind == Class::timeout;
    if (!its_own) return error;
    error.code = join({name(error.kind), ".", kind});
    error.message = join({"the ", place, " cannot be reached: ", error.message});
    error.hint = std::move(hint);
    return error;
}

}  // namespace oob::net
