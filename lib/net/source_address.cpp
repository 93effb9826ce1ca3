#include "net/source_address.h"

#include "core/host.h"
#include "core/text.h"
#include "net/limits.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/system/error_code.hpp>

#include <cerrno>

namespace oob::net {

namespace asio = boost::asio;

namespace {

std::unexpected<Error> unusable(std::string message, std::string hint) {
    return std::unexpected(Error(Class::usage, "usage.bind", std::move(message), std::move(hint)));
}

const char* name_of(bool ipv4) { return ipv4 ? "IPv4" : "IPv6"; }

}  // namespace

Result<void> check_source(const std::string& text, Family family) {
    boost::system::error_code code;
    const auto source = asio::ip::make_address(text, code);
    if (code || !parse_address(text))
        return unusable("--bind is no address: " + shown(text),
                        "an address of this machine, in full");
    if (family != Family::any && (family == Family::ipv4) != source.is_v4())
        return unusable(join({"--bind ", text, " is ", name_of(source.is_v4()), ", but ",
                              family == Family::ipv4 ? "-4" : "-6", " was given"}),
                        "leave one of the two away");
    // A datagram socket that is bound sends nothing.
    asio::io_context context;
    asio::ip::udp::socket socket(context);
    socket.open(source.is_v4() ? asio::ip::udp::v4() : asio::ip::udp::v6(), code);
    if (!code) socket.bind({source, 0}, code);
    if (!code) return {};
    if (auto shortage = local_shortage(code)) return std::unexpected(*std::move(shortage));
    if (code.value() == EADDRNOTAVAIL)
        return unusable(join({"--bind ", text, " is no address of this machine"}),
                        "'ip address' shows those that it has");
    return unusable(join({"--bind ", text, " cannot be used: ", code.message()}),
                    "'ip address' shows the addresses of this machine");
}

Result<void> check_source_for(const std::string& source, const std::string& host) {
    boost::system::error_code code;
    const auto from = asio::ip::make_address(source, code);
    if (code) return {};
    const auto to = asio::ip::make_address(host, code);
    if (code || from.is_v4() == to.is_v4()) return {};
    return unusable(join({"--bind ", source, " is ", name_of(from.is_v4()), ", and ", host, " is ",
                          name_of(to.is_v4())}),
                    "give a source address of the same family, or leave --bind away");
}

}  // namespace oob::net
