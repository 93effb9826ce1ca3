#pragma once

#include "codec/http/parser.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

/// Reading whole messages in pieces, for the tests of both parsers.
namespace oob::codec {

/// What came out of a parser: a message, or the code of an error, or neither yet.
template <class Message>
struct Outcome {
    std::string error;
    bool done = false;
    std::size_t used = 0;
    Message message;
};

/// Feeds the pieces until the parser is done or has failed.
template <class Parser>
auto read(const std::vector<std::string_view>& pieces, http::Limits limits = {}) {
    Parser parser(limits);
    Outcome<decltype(parser.take())> outcome;
    for (const std::string_view piece : pieces) {
        const auto used = parser.feed(as_view(piece));
        if (!used) {
            outcome.error = used.error().code;
            return outcome;
        }
        outcome.used += *used;
        if (parser.done()) break;
    }
    outcome.done = parser.done();
    if (outcome.done) outcome.message = parser.take();
    return outcome;
}

inline auto read_response(std::string_view wire, http::Limits limits = {}) {
    return read<http::ResponseParser>({wire}, limits);
}

inline auto read_request(std::string_view wire, http::Limits limits = {}) {
    return read<http::RequestParser>({wire}, limits);
}

inline std::vector<std::string_view> one_byte_each(std::string_view wire) {
    std::vector<std::string_view> pieces;
    for (std::size_t i = 0; i < wire.size(); ++i) pieces.push_back(wire.substr(i, 1));
    return pieces;
}

template <class Message>
void check_same(const Outcome<Message>& outcome, const Outcome<Message>& expected) {
    CHECK(outcome.error == expected.error);
    CHECK(outcome.done == expected.done);
    CHECK(outcome.message.body == expected.message.body);
    CHECK(outcome.message.keep_alive == expected.message.keep_alive);
    CHECK(std::ranges::equal(outcome.message.fields, expected.message.fields));
    if (expected.error.empty()) CHECK(outcome.used == expected.used);
}

/// Cuts the bytes in two at every place, and into single bytes: nothing may change.
template <class Parser>
void check_every_split(std::string_view wire, http::Limits limits = {}) {
    CAPTURE(wire);
    const auto expected = read<Parser>({wire}, limits);
    check_same(read<Parser>(one_byte_each(wire), limits), expected);
    for (std::size_t n = 1; n < wire.size(); ++n) {
        CAPTURE(n);
        check_same(read<Parser>({wire.substr(0, n), wire.substr(n)}, limits), expected);
    }
}

inline std::string repeated(std::string_view text, int count) {
    std::string result;
    for (int i = 0; i < count; ++i) result += text;
    return result;
}

}  // namespace oob::codec
