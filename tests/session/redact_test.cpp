#include "session/redact.h"

#include <doctest/doctest.h>

using oob::session::redact;

TEST_CASE("secrets of AMT's classes do not reach a trace, whatever their prefix") {
    for (const char* text :
         {"<h:DigestPassword>hunter2</h:DigestPassword>", "<Password>hunter2</Password>",
          "<g:NetworkAdminPassword xmlns:g=\"x\">hunter2</g:NetworkAdminPassword>",
          "<p:RFBPassword>hunter2", "Authorization: Digest response=\"hunter2\", nc=1",
          "a <h:PSKPassPhrase>hunter2</h:PSKPassPhrase><h:Secret>hunter2</h:Secret> b"}) {
        CAPTURE(text);
        CHECK(redact(text).find("hunter2") == std::string::npos);
    }
}

TEST_CASE("everything else reaches the trace as it was") {
    const std::string text = "<h:HostName>pc1</h:HostName><h:PasswordModel>1</h:PasswordModel>";
    CHECK(redact(text) == text);
}
