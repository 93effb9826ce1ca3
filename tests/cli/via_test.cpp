#include "cli/via.h"

#include <doctest/doctest.h>

using namespace oob;

TEST_CASE("a way through something is understood or refused, never guessed") {
    struct Row {
        const char* spec;
        const char* code;  ///< empty: understood
    };
    cli::Ways ways({}, /*may_ask=*/false);
    for (const Row& row : {Row{"socks5:proxy:1080", ""},
                           Row{"socks5:[2001:db8::1]:1080", ""},
                           Row{"socks5:10.0.0.1:1", ""},
                           Row{"socks5:proxy", "usage.via"},
                           Row{"socks5:proxy:0", "usage.via"},
                           Row{"socks5:proxy:65536", "usage.via"},
                           Row{"socks5::1080", "usage.via"},
                           Row{"socks5:2001:db8::1:1080", "usage.via"},
                           Row{"socks5:[]:1080", "usage.via"},
                           Row{"socks5:me@proxy:1080", "usage.via"},
                           Row{"ssh:bastion", ""},
                           Row{"ssh:me@bastion:2222", ""},
                           Row{"ssh:[2001:db8::1]", ""},
                           Row{"ssh:me@[2001:db8::1]:22", ""},
                           Row{"socks5:127.1:1080", "usage.via"},
                           Row{"socks5:0x7f.0.0.1:1080", "usage.via"},
                           Row{"ssh:me@10.0.0.010", "usage.via"},
                           Row{"ssh:me@bastion,other", "usage.via"},
                           Row{"ssh:me@[10.0.0.7]", "usage.via"},
                           Row{"ssh:me@bastion:", "usage.via"},
                           Row{"ssh:me:secret@bastion", "usage.via"},
                           Row{"ssh:", "usage.via"},
                           Row{"ssh:@bastion", "usage.via"},
                           Row{"ssh:bastion:0", "usage.via"},
                           Row{"ssh:bastion:x", "usage.via"},
                           Row{"ssh:-oProxyCommand=x", "usage.via"},
                           Row{"ssh:2001:db8::1", "usage.via"},
                           Row{"cira:mps", "unsupported.via"},
                           Row{"http:proxy:80", "usage.via"},
                           Row{"", "usage.via"}}) {
        CAPTURE(row.spec);
        const auto dial = ways.dial(row.spec);
        CHECK((dial ? std::string() : dial.error().code) == row.code);
        if (!dial) CHECK(!dial.error().message.contains("secret"));
    }
}
