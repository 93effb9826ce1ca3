#include "codec/redirection/ider.h"
#include "codec/redirection/session.h"
#include "codec/redirection/sol.h"
#include "support/hex.h"
#include "transcript.h"

#include <doctest/doctest.h>

using namespace oob;
using namespace oob::codec::redirection;
using oob::test::hex;

namespace {

/// The message once more, out of what was read of it; empty for a code of the other chapters.
Bytes again(View message) {
    switch (code_of(message)) {
        case Code::start_session:
            return encode(decode_start_session(message).value());
        case Code::start_session_reply:
            return encode(decode_start_session_reply(message).value());
        case Code::end_session:
            return encode_end_session();
        case Code::authenticate:
            return encode(decode_authenticate(message).value());
        case Code::authenticate_reply:
            return encode(decode_authenticate_reply(message).value());
        case Code::sol_start:
            return encode(decode_sol_start(message).value());
        case Code::sol_start_reply:
            return encode(decode_sol_start_reply(message).value());
        case Code::sol_controls_to_host:
            return encode_controls_to_host(sequence_of(message));
        case Code::sol_controls_from_host:
            return encode(decode_sol_controls(message).value());
        case Code::sol_data_from_host:
        case Code::sol_data_to_host:
            return encode_sol_data(code_of(message), sequence_of(message),
                                   decode_sol_data(message).value());
        case Code::ider_open:
            return encode(decode_ider_open(message).value());
        case Code::ider_open_reply:
            return encode(decode_ider_open_reply(message).value());
        case Code::ider_features:
            return encode_features(decode_features(message).value());
        case Code::ider_features_reply:
            return encode_features_reply(decode_features(message).value());
        case Code::ider_reset_occurred:
            return encode_reset_occurred(sequence_of(message), 1);
        case Code::ider_command:
            return encode(decode_command(message).value());
        case Code::ider_command_end:
            return encode(decode_command_end(message).value());
        case Code::ider_data_to_host: {
            const auto head = encode_head(decode_data_to_host(message).value());
            Bytes out(head.begin(), head.end());
            out.insert(out.end(), message.begin() + ider_data_head, message.end());
            return out;
        }
        default:
            return encode_bare(code_of(message), sequence_of(message));
    }
}

/// Transcript messages of sectors stand there without their data.
Bytes whole(std::string_view line) {
    Bytes out = hex(line);
    if (code_of(out) != Code::ider_data_to_host) return out;
    Reader in(View(out).subspan(9));
    out.resize(ider_data_head + in.le16());
    return out;
}

constexpr std::string_view amtider_open = "40 64 00 10";

}  // namespace

TEST_CASE("every message of the transcripts is read, and written byte for byte") {
    for (const test::Line& line : test::transcript()) {
        CAPTURE(line.bytes);
        const Bytes message = whole(line.bytes);
        if (line.bytes.starts_with(amtider_open)) {
            // Its parameters stand in the wrong place, so that they read as zero.
            CHECK(decode_ider_open(message)->receive_timeout == 0);
            continue;
        }
        CHECK(again(message) == message);
    }
}

TEST_CASE("every prefix of a message is an error, never a crash") {
    for (const test::Line& line : test::transcript()) {
        const Bytes message = whole(line.bytes);
        for (std::size_t n = 0; n < std::min<std::size_t>(message.size(), 256); ++n) {
            const View cut = View(message).first(n);
            CAPTURE(line.bytes);
            CAPTURE(n);
            switch (code_of(message)) {
                case Code::start_session:
                    CHECK(!decode_start_session(cut));
                    break;
                case Code::authenticate:
                    CHECK(!decode_authenticate(cut));
                    break;
                case Code::sol_start:
                    CHECK(!decode_sol_start(cut));
                    break;
                case Code::sol_data_from_host:
                    CHECK(!decode_sol_data(cut));
                    break;
                case Code::ider_command:
                    CHECK(!decode_command(cut));
                    break;
                case Code::ider_command_end:
                    CHECK(!decode_command_end(cut));
                    break;
                case Code::ider_data_to_host:
                    CHECK(!decode_data_to_host(cut));
                    break;
                default:
                    break;
            }
        }
    }
}

TEST_CASE("a digest login is that of the reference's vector") {
    const DigestChallenge challenge{"Digest:A4070000000000000000000000000000",
                                    "aB3dEfGhIjKlMnOpQrStUvWxYz012345", "auth"};
    const Secret password(std::string("P@ssw0rd"));
    struct Row {
        Method method;
        const char* response;
    };
    for (const Row& row : {Row{Method::digest, "ff57ddbd40dfa6e4fc837d67d45c0e33"},
                           Row{Method::digest_without_qop, "07731111e860e8cfae24f1ef4d16e9fd"}}) {
        const DigestLogin login =
            answer(challenge, row.method, "admin", password, "0123456789abcdef0123456789abcdef");
        CHECK(login.response == row.response);
        CHECK(answers(login, row.method, "6ab9192fba58a04d5e0c4df89b9a4350"));
        CHECK(!answers(login, row.method, "6ab9192fba58a04d5e0c4df89b9a4351"));
        CHECK(decode_login(encode_login(login, row.method), row.method)->response == row.response);
    }
}

TEST_CASE("the login of the transcript answers its challenge") {
    const auto challenge = decode_authenticate_reply(hex(test::transcript()[5].bytes)).value();
    const auto login = decode_authenticate(hex(test::transcript()[6].bytes)).value();
    const auto asked = decode_challenge(challenge.data, challenge.method).value();
    const auto given = decode_login(login.data, login.method).value();
    CHECK(given ==
          answer(asked, Method::digest, "admin", Secret(std::string("P@ssw0rd")), given.cnonce));
}

TEST_CASE("strings of a login that run over its end are an error") {
    for (const char* data : {"", "05 61", "01 61 01 62 02 63", "00 00 00 00 00 00 00"}) {
        CAPTURE(data);
        CHECK(!decode_login(hex(data), Method::digest));
    }
    CHECK(!decode_challenge(hex("01 61"), Method::digest));
    CHECK(!decode_challenge(hex("01 61 00 04 61 75 74 68"), Method::digest));  // no nonce
}

TEST_CASE("messages that no transcript has survive the way there and back") {
    const IderGetData wish{7, Drive::floppy, 4096};
    CHECK(encode(wish).size() == 31);
    CHECK(decode_get_data(encode(wish)) == wish);
    const Bytes data = hex("01 02 03");
    const Bytes written = encode(IderDataFromHost{9, true, data});
    const auto read = decode_data_from_host(written).value();
    CHECK(written.size() == 17);
    CHECK((read.sequence == 9 && read.last));
    CHECK(Bytes(read.bytes.begin(), read.bytes.end()) == data);
}
