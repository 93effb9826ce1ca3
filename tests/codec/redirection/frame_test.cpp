#include "codec/redirection/frame.h"
#include "codec/redirection/ider.h"
#include "codec/redirection/sol.h"
#include "support/hex.h"
#include "transcript.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace oob;
using namespace oob::codec::redirection;
using oob::test::hex;

namespace {

struct Stream {
    Bytes bytes;
    std::vector<Bytes> messages;
};

/// What one side says in the transcripts.
Stream said_by(Side side) {
    Stream out;
    for (const test::Line& line : test::transcript()) {
        if (line.from != side) continue;
        Bytes message = hex(line.bytes);
        if (code_of(message) == Code::ider_data_to_host) {
            Reader in(View(message).subspan(9));
            message.resize(ider_data_head + in.le16());
        }
        out.bytes.insert(out.bytes.end(), message.begin(), message.end());
        out.messages.push_back(std::move(message));
    }
    return out;
}

std::vector<Bytes> cut(Side side, View bytes, std::size_t piece) {
    Framer framer(side);
    std::vector<Bytes> out;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        framer.feed(bytes.subspan(at, std::min(piece, bytes.size() - at)));
        while (const auto message = framer.next().value())
            out.emplace_back(message->begin(), message->end());
    }
    CHECK(framer.pending() == 0);
    return out;
}

}  // namespace

TEST_CASE("messages come out whole, however the bytes arrive") {
    for (const Side side : {Side::client, Side::device}) {
        const Stream stream = said_by(side);
        for (const std::size_t piece :
             {std::size_t{1}, std::size_t{7}, std::size_t{4096}, stream.bytes.size()}) {
            CAPTURE(piece);
            CHECK(cut(side, stream.bytes, piece) == stream.messages);
        }
    }
}

TEST_CASE("a code that the side never sends ends the stream") {
    struct Row {
        Side from;
        const char* bytes;
    };
    for (const Row& row :
         {Row{Side::client, "11"}, Row{Side::device, "10"}, Row{Side::client, "00"},
          Row{Side::device, "26"}, Row{Side::device, "4c"}, Row{Side::client, "ff"},
          Row{Side::device, "54"}}) {
        CAPTURE(row.bytes);
        Framer framer(row.from);
        framer.feed(hex(row.bytes));
        const auto message = framer.next();
        REQUIRE(!message);
        CHECK(message.error().code == "redirection.code");
    }
}

TEST_CASE("a login that is too long is refused before it is read") {
    for (const char* head : {"13 00 00 00 04 ff ff ff ff", "13 00 00 00 04 f8 0f 00 00"}) {
        Framer framer(Side::client);
        framer.feed(hex(head));
        const auto message = framer.next();
        REQUIRE(!message);
        CHECK(message.error().code == "redirection.too_long");
    }
    Framer framer(Side::client);
    framer.feed(hex("13 00 00 00 04 f7 0f 00 00"));
    CHECK(!framer.next().value());
    framer.feed(Bytes(Framer::most_login - 9));
    CHECK(framer.next().value()->size() == Framer::most_login);
}

TEST_CASE("a question about features has a value or none") {
    for (const char* text : {"48 00 00 00 01 00 00 00 01 42 00 00 00 02 00 00 00",
                             "48 00 00 00 01 00 00 00 01 00 00 00 00 42 00 00 00 02 00 00 00"}) {
        CAPTURE(text);
        for (const std::size_t piece : {1, 100}) {
            const auto messages = cut(Side::client, hex(text), piece);
            REQUIRE(messages.size() == 2);
            CHECK(code_of(messages[0]) == Code::ider_features);
            CHECK(code_of(messages[1]) == Code::ider_close);
        }
    }
}

TEST_CASE("a relay's mark of a recorded session is skipped, once") {
    Framer framer(Side::device);
    framer.feed(hex("f0 2b 00 00 00 00 00 00 00 f0"));
    CHECK(framer.next().value().has_value());
    CHECK(!framer.next());
}

TEST_CASE("a flood of data costs no more than its bytes") {
    Framer framer(Side::device);
    const Bytes piece(4096, std::byte{'x'});
    std::size_t bytes = 0;
    for (std::uint32_t i = 0; i < 2000; ++i) {
        framer.feed(encode_sol_data(Code::sol_data_from_host, i, piece));
        while (const auto message = framer.next().value())
            bytes += decode_sol_data(*message).value().size();
    }
    CHECK(bytes == 2000 * piece.size());
}
