#include "plane/discovery/maker.h"

#include <algorithm>
#include <array>

namespace oob::plane::discovery {

namespace {

struct Mark {
    std::string_view Traces::* where;
    bool begins;  ///< the trace begins with the words; else it contains them
    std::string_view words;
    std::string_view kind;
};

constexpr std::array<Mark, 31> marks{{
    {&Traces::server, true, "HP-iLO-Server", "ilo"},
    {&Traces::server, true, "HPE-iLO-Server", "ilo"},
    {&Traces::server, true, "XCC Web Server", "xcc"},
    {&Traces::server, true, "Sun-ILOM-Web-Server", "ilom"},
    {&Traces::server, true, "Oracle-ILOM-Web-Server", "ilom"},
    {&Traces::oem, true, "Hpe", "ilo"},
    {&Traces::oem, true, "Hp", "ilo"},
    {&Traces::oem, true, "Dell", "idrac"},
    {&Traces::oem, true, "Lenovo", "xcc"},
    {&Traces::oem, true, "Supermicro", "supermicro"},
    {&Traces::oem, true, "Ami", "megarac"},
    {&Traces::oem, true, "ts_fujitsu", "irmc"},
    {&Traces::oem, true, "OpenBmc", "openbmc"},
    {&Traces::vendor, true, "HPE", "ilo"},
    {&Traces::vendor, true, "Dell", "idrac"},
    {&Traces::vendor, true, "Lenovo", "xcc"},
    {&Traces::vendor, true, "Supermicro", "supermicro"},
    {&Traces::vendor, true, "AMI", "megarac"},
    {&Traces::vendor, true, "OpenBMC", "openbmc"},
    {&Traces::subject, false, "OU=ISS", "ilo"},
    {&Traces::subject, false, "CN=idrac", "idrac"},
    {&Traces::subject, false, "CN=iDRAC", "idrac"},
    {&Traces::subject, false, "OU=Remote Access Group", "idrac"},
    {&Traces::subject, false, "CN=XCC-", "xcc"},
    {&Traces::subject, false, "O=Super Micro Computer", "supermicro"},
    {&Traces::subject, false, "CN=megarac", "megarac"},
    {&Traces::subject, false, "OU=Service Processors", "megarac"},
    {&Traces::subject, false, "CN=C-series CIMC", "cimc"},
    {&Traces::subject, false, "O=OpenBMC", "openbmc"},
    {&Traces::banner, true, "SSH-2.0-mpSSH_", "ilo"},
    {&Traces::banner, true, "SSH-2.0-DigiSSH_", "console-server"},
}};

}  // namespace

std::string kind_of(const Traces& traces) {
    for (const Mark& mark : marks) {
        const std::string_view trace = traces.*mark.where;
        const bool matches = mark.begins ? trace.starts_with(mark.words)
                                         : trace.find(mark.words) != std::string_view::npos;
        if (matches) return std::string(mark.kind);
    }
    return {};
}

}  // namespace oob::plane::discovery
