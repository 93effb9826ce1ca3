#include "net/socks5.h"

#include "fuzz/unsteady_stream.h"

#include <memory>
#include <string>

namespace {

using namespace oob;
using net::Endpoint;

constexpr std::chrono::seconds limit{5};

/// Connects, and reads what the device behind the proxy says.
net::Task<std::string> connect(net::Dial dial, Endpoint device) {
    const net::StreamPtr stream = co_await dial(std::move(device));
    std::string out;
    Bytes buffer(100);
    for (;;) {
        const std::size_t count = co_await net::within(limit, stream->read_some(buffer), "silence");
        if (count == 0) co_return out;
        out += as_text(View(buffer).first(count));
    }
}

}  // namespace

/// The first line is the device's name; then a proxy of any manners says anything: the connection
/// is there or fails within its limit with the class of what was said, and what comes behind the
/// proxy's last answer is the device's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Reader in(fuzz::view_of(data, size));
    const auto manners = fuzz::Manners::read(in);
    std::string_view rest = as_text(in.bytes(in.left()));
    const Endpoint device{std::string(fuzz::take_line(rest)), 16993};
    test::ScriptedStream::Heard heard;
    const net::Dial to_proxy = [&](Endpoint) -> net::Task<net::StreamPtr> {
        co_return std::make_unique<fuzz::UnsteadyStream>(manners, std::string(rest), heard);
    };
    const auto said =
        fuzz::run_session(manners, connect(net::socks5({"proxy", 1080}, to_proxy, limit), device));
    const auto request = net::encode_socks5_connect(device);
    if (said) {
        // The greeting of three bytes, the request and nothing else was heard.
        fuzz::expect(request && heard.text.substr(3) == as_text(*request));
        fuzz::expect(rest.ends_with(*said));
        return 0;
    }
    const Class kind = said.error().kind;
    fuzz::expect(kind == Class::connect || kind == Class::forbidden || kind == Class::timeout ||
                 (kind == Class::usage && !request));
    return 0;
}
