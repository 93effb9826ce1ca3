#include "codec/http/digest.h"

#include "codec/http/message.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace oob;
using namespace oob::codec;

namespace {

// Reference wsman, section 7.1.
constexpr std::string_view realm = "Digest:A3B1C5D7E9F00112233445566778899A";
constexpr std::string_view nonce = "ChssPSEAAAAAAAAAABEiM0RVZneImaq7";
constexpr std::string_view ha1 = "00ee6687aae646241e2aa3ba0a3ee0b8";
constexpr std::string_view first_response = "61b3682663d0aa7ba5df26845e051b6f";

Secret secret(std::string_view text) { return Secret(std::string(text)); }

http::Challenge challenge() {
    http::Challenge challenge;
    challenge.realm = realm;
    challenge.nonce = nonce;
    challenge.offers_auth = true;
    return challenge;
}

/// The body of the second vector: the Identify of section 7.8.
constexpr std::string_view identify =
    R"(<?xml version="1.0" encoding="UTF-8"?>)"
    R"(<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope")"
    R"( xmlns:wsmid="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd">)"
    R"(<s:Header></s:Header><s:Body><wsmid:Identify></wsmid:Identify></s:Body></s:Envelope>)";

http::Challenge integrity_challenge() {
    http::Challenge challenge;
    challenge.realm = realm;
    challenge.nonce = "3q2+7wUEAAAAAAAA/+7dzLuqmYh3ZlVE";
    challenge.offers_auth_int = true;
    return challenge;
}

http::Authorization decoded(std::string_view header) {
    const auto authorization = http::decode_authorization(header);
    REQUIRE_MESSAGE(authorization.has_value(), header);
    return *authorization;
}

}  // namespace

TEST_CASE("the account's hash is that of the reference, section 7.1") {
    CHECK(http::digest_ha1("admin", realm, secret("P@ssw0rd!")) == ha1);
    CHECK(http::digest_ha1("oobuser", realm, secret("S3cret#Pass")) ==
          "7fb81e5568689ce9631b2b01e378a0e1");
}

TEST_CASE("plain auth is answered with the responses of vector 1") {
    const std::string answer = http::encode_authorization(
        challenge(), "admin", secret("P@ssw0rd!"),
        {"POST", "/wsman", "the body does not count", "5f3a9c0e1b7d2468", 1});
    CHECK(answer == "Digest username=\"admin\", realm=\"" + std::string(realm) + "\", nonce=\"" +
                        std::string(nonce) +
                        "\", uri=\"/wsman\", qop=auth, nc=00000001, cnonce=\"5f3a9c0e1b7d2468\", "
                        "response=\"61b3682663d0aa7ba5df26845e051b6f\"");
    const auto second = decoded(http::encode_authorization(
        challenge(), "admin", secret("P@ssw0rd!"), {"POST", "/wsman", "", "5f3a9c0e1b7d2468", 2}));
    CHECK(second.nc == "00000002");
    CHECK(second.response == "f0afbd870eef096ceb3e6ec45152f1bb");
}

TEST_CASE("auth-int is answered with the response of vector 2, over the body") {
    REQUIRE(identify.size() == 262);
    const std::string answer =
        http::encode_authorization(integrity_challenge(), "oobuser", secret("S3cret#Pass"),
                                   {"POST", "/wsman", identify, "d4c3b2a190807060", 10});
    const auto authorization = decoded(answer);
    CHECK(authorization.protection == http::Protection::auth_int);
    CHECK(authorization.nc == "0000000a");
    CHECK(authorization.response == "a08a6982d31759c421943d04b674244f");

    const std::string account = http::digest_ha1("oobuser", realm, secret("S3cret#Pass"));
    CHECK(http::digest_matches(authorization, account, "POST", identify));
    CHECK_FALSE(http::digest_matches(authorization, account, "POST", identify.substr(1)));
    CHECK_FALSE(http::digest_matches(authorization, account, "GET", identify));
}

TEST_CASE("plain auth is preferred when both are offered") {
    http::Challenge both = challenge();
    both.offers_auth_int = true;
    const auto authorization = decoded(http::encode_authorization(
        both, "admin", secret("P@ssw0rd!"), {"POST", "/wsman", "body", "5f3a9c0e1b7d2468", 1}));
    CHECK(authorization.protection == http::Protection::auth);
    CHECK(authorization.response == first_response);
}

TEST_CASE("a server without qop gets the old answer, checked against RFC 2617's rules by hand") {
    // RFC 2069, errata 749: the example of section 2.4 with its right response.
    http::Challenge old;
    old.realm = "testrealm@host.com";
    old.nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
    old.opaque = "5ccc069c403ebaf9f0171e9517f40e41";
    const auto authorization = decoded(http::encode_authorization(
        old, "Mufasa", secret("CircleOfLife"), {"GET", "/dir/index.html", "", "unused", 1}));
    CHECK_FALSE(authorization.protection.has_value());
    CHECK(authorization.nc.empty());
    CHECK(authorization.cnonce.empty());
    CHECK(authorization.opaque == old.opaque);
    CHECK(authorization.response == "1949323746fe6a43ef61f9606e7febea");
    CHECK(http::digest_matches(
        authorization, http::digest_ha1("Mufasa", old.realm, secret("CircleOfLife")), "GET", ""));
}

TEST_CASE("the example of RFC 7616, section 3.9.1, is answered as printed there") {
    http::Challenge rfc;
    rfc.realm = "http-auth@example.org";
    rfc.nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
    rfc.opaque = "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS";
    rfc.offers_auth = true;
    rfc.offers_auth_int = true;
    const auto authorization = decoded(http::encode_authorization(
        rfc, "Mufasa", secret("Circle of Life"),
        {"GET", "/dir/index.html", "", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", 1}));
    CHECK(authorization.response == "8ca523f5e9506fed4657c9700eebdbec");
    CHECK(authorization.opaque == rfc.opaque);
}

TEST_CASE("a challenge has AMT's exact text") {
    CHECK(http::encode_challenge(challenge()) ==
          "Digest realm=\"Digest:A3B1C5D7E9F00112233445566778899A\", "
          "nonce=\"ChssPSEAAAAAAAAAABEiM0RVZneImaq7\",stale=\"false\",qop=\"auth\"");

    http::Challenge other = integrity_challenge();
    other.stale = true;
    other.offers_auth = true;
    CHECK(http::encode_challenge(other) ==
          "Digest realm=\"Digest:A3B1C5D7E9F00112233445566778899A\", "
          "nonce=\"3q2+7wUEAAAAAAAA/+7dzLuqmYh3ZlVE\",stale=\"true\",qop=\"auth-int, auth\"");
    other.offers_auth = false;
    other.opaque = "o";
    CHECK(http::encode_challenge(other).ends_with(",stale=\"true\",qop=\"auth-int\",opaque=\"o\""));
    other.offers_auth_int = false;
    CHECK(http::encode_challenge(other).ends_with(",stale=\"true\",opaque=\"o\""));
}

TEST_CASE("challenges of many servers are read") {
    struct Row {
        std::string_view header;
        std::string_view realm;
        std::string_view nonce;
        std::string_view opaque;
        bool stale;
        bool auth;
        bool auth_int;
    };
    const Row rows[] = {
        // AMT's capture in reference wsman, section 1.8
        {R"(Digest realm="Digest:727734D63A1FC0423736E48DA554E462", )"
         R"(nonce="B9AX94iAAAAAAAAAx6rrSfPHGUrx/3uA",stale="false",qop="auth")",
         "Digest:727734D63A1FC0423736E48DA554E462", "B9AX94iAAAAAAAAAx6rrSfPHGUrx/3uA", "", false,
         true, false},
        // AMT 14 and newer
        {R"(Digest realm="r", nonce="n",stale="true",qop="auth-int, auth")", "r", "n", "", true,
         true, true},
        {R"(Digest realm="r", nonce="n",stale="TRUE",qop="auth-int")", "r", "n", "", true, false,
         true},
        // everything that a web server adds, unquoted where RFC 7616 wants it so
        {R"(digest  realm = "a, \"b\" = c" ,qop="auth,auth-int", algorithm=MD5, stale=FALSE,)"
         R"( nonce="n=\\",opaque="o", domain="/ /wsman", charset=UTF-8, userhash=false)",
         R"(a, "b" = c)", R"(n=\)", "o", false, true, true},
        {R"(Digest realm="r",nonce=abc/+==,qop=auth,algorithm="md5")", "r", "abc/+==", "", false,
         true, false},
        // no qop at all: RFC 2069
        {R"(Digest realm="r", nonce="n")", "r", "n", "", false, false, false},
        // other schemes and algorithms in the same header
        {R"(Negotiate, Basic realm="b", Digest realm="r", nonce="n", qop="auth")", "r", "n", "",
         false, true, false},
        {R"(Negotiate YWJjZA==, Digest realm="r", nonce="n", qop="auth", NTLM)", "r", "n", "",
         false, true, false},
        {R"(Digest realm="s", nonce="sha", algorithm=SHA-256, qop="auth", )"
         R"(Digest realm="r", nonce="n", algorithm=MD5, qop="auth")",
         "r", "n", "", false, true, false},
        {R"(,, Digest realm="",nonce="n",qop="unheard-of, auth",)", "", "n", "", false, true,
         false},
    };
    for (const Row& row : rows) {
        CAPTURE(row.header);
        const auto challenge = http::decode_challenge(row.header);
        REQUIRE(challenge.has_value());
        CHECK(challenge->realm == row.realm);
        CHECK(challenge->nonce == row.nonce);
        CHECK(challenge->opaque == row.opaque);
        CHECK(challenge->stale == row.stale);
        CHECK(challenge->offers_auth == row.auth);
        CHECK(challenge->offers_auth_int == row.auth_int);
    }
}

TEST_CASE("the digest is found among several WWW-Authenticate fields") {
    http::Fields fields{{"WWW-Authenticate", "Negotiate"}};
    fields.add("WWW-Authenticate", http::encode_challenge(challenge()));
    fields.add("WWW-Authenticate", "Basic realm=\"x\"");
    const auto found = http::decode_challenge(fields.combined("WWW-Authenticate"));
    REQUIRE(found.has_value());
    CHECK(found->realm == realm);
    CHECK(found->nonce == nonce);
}

TEST_CASE("schemes that cannot be answered are an auth error") {
    for (const std::string_view header :
         {R"(Basic realm="x")", "Negotiate", "NTLM", "",
          R"(Digest realm="r", nonce="n", algorithm=MD5-sess)",
          R"(Digest realm="r", nonce="n", algorithm="SHA-256", qop="auth")", "Negotiate YWJj="}) {
        CAPTURE(header);
        const auto challenge = http::decode_challenge(header);
        REQUIRE_FALSE(challenge.has_value());
        CHECK(challenge.error().kind == Class::auth);
        CHECK(challenge.error().code == "auth.scheme");
    }
}

TEST_CASE("malformed challenges are a protocol error") {
    for (const std::string_view header :
         {"Digest", R"(Digest realm="r")", R"(Digest nonce="n")", R"(Digest realm="r", nonce="")",
          R"(Digest realm="r, nonce="n")", R"(Digest realm="r", nonce="n)",
          R"(Digest realm="r", nonce="n\)", R"(Digest realm="r", realm="s", nonce="n")",
          R"(Digest realm="r", nonce="n", qop="unheard-of")", R"(realm="r", nonce="n")",
          R"(Digest realm="r", nonce=)", R"(Digest ="r")", R"(Digest"r")"}) {
        CAPTURE(header);
        const auto challenge = http::decode_challenge(header);
        REQUIRE_FALSE(challenge.has_value());
        CHECK(challenge.error().kind == Class::protocol);
        CHECK(challenge.error().code == "http.challenge");
    }
}

TEST_CASE("every prefix of a challenge is read or refused, never a crash") {
    const std::string whole = http::encode_challenge(challenge());
    for (std::size_t n = 0; n < whole.size(); ++n) {
        CAPTURE(n);
        const auto cut = http::decode_challenge(std::string_view(whole).substr(0, n));
        if (cut) CHECK(cut->nonce == nonce);  // only what follows the nonce may be missing
    }
}

TEST_CASE("the spellings of five clients are read (reference wsman, section 1.8)") {
    struct Row {
        std::string_view client;
        std::string_view header;
    };
    const Row rows[] = {
        {"MeshCommander",
         R"(Digest username="admin",realm="Digest:A3B1C5D7E9F00112233445566778899A",)"
         R"(nonce="ChssPSEAAAAAAAAAABEiM0RVZneImaq7",uri="/wsman",qop=auth,nc=00000001,)"
         R"(cnonce="5f3a9c0e1b7d2468",response="61b3682663d0aa7ba5df26845e051b6f")"},
        {"MPS and RPS",
         R"(Digest username="admin",realm="Digest:A3B1C5D7E9F00112233445566778899A",)"
         R"(nonce="ChssPSEAAAAAAAAAABEiM0RVZneImaq7",uri="/wsman",qop="auth",nc="00000001",)"
         R"(cnonce="5f3a9c0e1b7d2468",response="61b3682663d0aa7ba5df26845e051b6f")"},
        {"go-wsman-messages",
         R"(Digest nonce="ChssPSEAAAAAAAAAABEiM0RVZneImaq7",)"
         R"( response="61b3682663d0aa7ba5df26845e051b6f",)"
         R"( realm="Digest:A3B1C5D7E9F00112233445566778899A", username="admin", opaque="",)"
         R"( cnonce="5f3a9c0e1b7d2468", nc="00000001", uri="/wsman", qop="auth")"},
        {"curl and openwsman",
         R"(Digest username="admin", realm="Digest:A3B1C5D7E9F00112233445566778899A", )"
         R"(nonce="ChssPSEAAAAAAAAAABEiM0RVZneImaq7", uri="/wsman", cnonce="5f3a9c0e1b7d2468", )"
         R"(nc=00000001, qop=auth, response="61b3682663d0aa7ba5df26845e051b6f", algorithm=MD5)"},
        {"python requests",
         R"(Digest username="admin", realm="Digest:A3B1C5D7E9F00112233445566778899A", )"
         R"(nonce="ChssPSEAAAAAAAAAABEiM0RVZneImaq7", uri="/wsman", )"
         R"(response="61b3682663d0aa7ba5df26845e051b6f", qop="auth", nc=00000001, )"
         R"(cnonce="5f3a9c0e1b7d2468")"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.client);
        const auto authorization = decoded(row.header);
        CHECK(authorization.username == "admin");
        CHECK(authorization.realm == realm);
        CHECK(authorization.nonce == nonce);
        CHECK(authorization.uri == "/wsman");
        CHECK(authorization.nc == "00000001");
        CHECK(authorization.cnonce == "5f3a9c0e1b7d2468");
        CHECK(authorization.protection == http::Protection::auth);
        CHECK(http::digest_matches(authorization, ha1, "POST", "any body"));
    }
}

TEST_CASE("an answer that differs in anything does not match") {
    const auto good = decoded(http::encode_authorization(
        challenge(), "admin", secret("P@ssw0rd!"), {"POST", "/wsman", "", "5f3a9c0e1b7d2468", 1}));
    REQUIRE(http::digest_matches(good, ha1, "POST", ""));
    REQUIRE(http::digest_matches(good, "00EE6687AAE646241E2AA3BA0A3EE0B8", "POST", ""));
    CHECK_FALSE(http::digest_matches(good, ha1, "PUT", ""));
    CHECK_FALSE(http::digest_matches(good, "00ee6687aae646241e2aa3ba0a3ee0b9", "POST", ""));
    CHECK_FALSE(http::digest_matches(good, "", "POST", ""));

    const auto differs = [&](auto change) {
        http::Authorization bad = good;
        change(bad);
        return !http::digest_matches(bad, ha1, "POST", "");
    };
    CHECK(differs([](auto& bad) { bad.uri = "/"; }));
    CHECK(differs([](auto& bad) { bad.nonce += "A"; }));
    CHECK(differs([](auto& bad) { bad.nc = "00000002"; }));
    CHECK(differs([](auto& bad) { bad.cnonce = ""; }));
    CHECK(differs([](auto& bad) { bad.protection = http::Protection::auth_int; }));
    CHECK(differs([](auto& bad) { bad.protection.reset(); }));
    CHECK(differs([](auto& bad) { bad.response.back() = '0'; }));
    CHECK(differs([](auto& bad) { bad.response.front() = '0'; }));
    CHECK(differs([](auto& bad) { bad.response.clear(); }));
}

TEST_CASE("credentials that cannot be computed with are refused") {
    struct Row {
        std::string_view header;
        std::string_view code;
    };
    const Row rows[] = {
        {"Basic YWRtaW46eA==", "auth.scheme"},
        {"", "auth.scheme"},
        {R"(Digest username="u",realm="r",nonce="n",uri="/",algorithm=SHA-256,response="x")",
         "auth.scheme"},
        {"Digest", "http.authorization"},
        {R"(Digest username="u)", "http.authorization"},
        {R"(Digest realm="r",nonce="n",uri="/",response="61b3682663d0aa7ba5df26845e051b6f")",
         "http.authorization"},
        {R"(Digest username="u",realm="r",nonce="n",uri="/",response="61b3")",
         "http.authorization"},
        {R"(Digest username="u",realm="r",nonce="n",uri="/",)"
         R"(response="61b3682663d0aa7ba5df26845e051b6f",qop=auth,nc=1,cnonce="c")",
         "http.authorization"},
        {R"(Digest username="u",realm="r",nonce="n",uri="/",)"
         R"(response="61b3682663d0aa7ba5df26845e051b6f",qop=auth,nc=00000001)",
         "http.authorization"},
        {R"(Digest username="u",realm="r",nonce="n",uri="/",)"
         R"(response="61b3682663d0aa7ba5df26845e051b6f",qop=none,nc=00000001,cnonce="c")",
         "http.authorization"},
        {R"(Digest username="u",username="v",realm="r",nonce="n",uri="/",)"
         R"(response="61b3682663d0aa7ba5df26845e051b6f")",
         "http.authorization"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.header);
        const auto authorization = http::decode_authorization(row.header);
        REQUIRE_FALSE(authorization.has_value());
        CHECK(authorization.error().code == row.code);
    }
}

TEST_CASE("quotes and backslashes in names survive the way to the device") {
    http::Challenge odd = challenge();
    odd.realm = R"(a "realm", \ here)";
    odd.opaque = R"(\")";
    const auto read = http::decode_challenge(http::encode_challenge(odd));
    REQUIRE(read.has_value());
    CHECK(read->realm == odd.realm);
    CHECK(read->opaque == odd.opaque);

    const auto authorization = decoded(http::encode_authorization(
        *read, R"(do"main\user)", secret("p"), {"POST", "/a\"b", "", "c", 0xffffffff}));
    CHECK(authorization.username == R"(do"main\user)");
    CHECK(authorization.realm == odd.realm);
    CHECK(authorization.opaque == odd.opaque);
    CHECK(authorization.uri == "/a\"b");
    CHECK(authorization.nc == "ffffffff");
    CHECK(http::digest_matches(
        authorization, http::digest_ha1(R"(do"main\user)", odd.realm, secret("p")), "POST", ""));
}
