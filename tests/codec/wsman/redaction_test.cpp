#include "codec/wsman/redaction.h"

#include "codec/wsman/instance.h"
#include "codec/wsman/schema.h"
#include "codec/wsman/secrets.h"
#include "core/text.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using oob::join;
using namespace oob::codec::wsman;

namespace {

constexpr std::string_view secret = "hunter2";

/// What a text looks like without its secret; also that no beginning of it tells more.
std::string redacted(std::string_view text) {
    for (std::size_t size = 0; size <= text.size(); ++size) {
        CAPTURE(text.substr(0, size));
        CHECK(redact(text.substr(0, size)).find(secret) == std::string::npos);
    }
    return redact(text);
}

/// A way to write an element with a secret in it.
struct Form {
    const char* before;  ///< the name comes behind it
    const char* behind;  ///< X stands for the name
    const char* shown;   ///< likewise; what is told of it
};

/// The form with the name in place of each X.
std::string with_name(std::string_view form, std::string_view name) {
    std::string out;
    for (const char c : form) out += c == 'X' ? name : std::string_view(&c, 1);
    return out;
}

}  // namespace

TEST_CASE("the catalogue marks the secrets of AMT's classes") {
    const std::vector<std::string_view> wanted{"CommunityString",
                                               "DefaultCommunityString",
                                               "DigestPassword",
                                               "KeyBlob",
                                               "Keys",
                                               "MasterKey",
                                               "NetworkAdminPassword",
                                               "OptInCode",
                                               "PACPassword",
                                               "PSK",
                                               "PSKPassPhrase",
                                               "PSKValue",
                                               "Passphrase",
                                               "Password",
                                               "ProtectedAccessCredential",
                                               "ProvisioningServerOTP",
                                               "RFBPassword",
                                               "RSEPassword",
                                               "Secret",
                                               "SigningKey",
                                               "UefiBootParametersArray",
                                               "UserPassword"};
    CHECK(secret_names() == wanted);
    for (const std::string_view name : wanted) CHECK(is_secret(name));
}

TEST_CASE("what a name is, is so in every class; what sounds like a secret is marked, or known") {
    // Numbers and texts about passwords and keys that everybody may know.
    const std::vector<std::string_view> harmless{"ComplexPasswordRulesEnforced",
                                                 "OtherSupportedUserPasswordEncryptionAlgorithms",
                                                 "OtherUserPasswordEncryptionAlgorithm",
                                                 "PasswordExpiration",
                                                 "PasswordHistoryDepth",
                                                 "PasswordModel",
                                                 "SupportedUserPasswordEncryptionAlgorithms",
                                                 "UserPasswordBypass",
                                                 "UserPasswordEncoding",
                                                 "UserPasswordEncryptionAlgorithm",
                                                 "UserPasswordEncryptionSalt"};
    const auto check = [&](std::string_view owner, const Property& each) {
        CAPTURE(owner);
        CAPTURE(each.name);
        CHECK(each.secret == is_secret(each.name));
        const std::string word = oob::lower(each.name);
        for (const std::string_view part : {"passw", "passphrase", "secret", "psk", "privatekey"})
            if (word.find(part) != std::string::npos && !each.secret)
                CHECK(std::ranges::find(harmless, each.name) != harmless.end());
    };
    for (const std::string_view name : class_names()) {
        CHECK_FALSE(is_secret(name));
        for (const Property& each : find_class(name)->properties) check(name, each);
        for (const Method& method : find_class(name)->methods) {
            CHECK_FALSE(is_secret(method.name));
            CHECK_FALSE(is_secret(method.name + "_INPUT"));
            CHECK_FALSE(is_secret(method.name + "_OUTPUT"));
            for (const Property& each : method.input) check(method.name, each);
            for (const Property& each : method.output) check(method.name, each);
        }
    }
}

TEST_CASE("names that the catalogue does not have are judged by their parts") {
    for (const char* name : {"PASSWORD", "psk", "keyblob", "VendorPassword", "AdminPassWd", "x-psk",
                             "Private-Key", "wlan_passphrase", "ClientSecret", "Passcode2"}) {
        CAPTURE(name);
        CHECK(is_secret(name));
    }
    for (const char* name : {"", "Pass", "Key", "HostName", "PublicKey", "Nonce", "Anything"}) {
        CAPTURE(name);
        CHECK_FALSE(is_secret(name));
    }
    CHECK(is_secret_path("IEEE8021xSettingsInput.Password"));
    CHECK(is_secret_path("Password"));
    CHECK_FALSE(is_secret_path("IEEE8021xSettingsInput.Username"));
}

TEST_CASE("no secret is seen in an element with a secret's name, however it is written") {
    const Form forms[] = {
        {"<", ">hunter2</X>", ">[redacted]</X>"},
        {"<h:", ">hunter2</h:X>", ">[redacted]</h:X>"},
        {"<", " xmlns=\"urn:x\" a='1'>hunter2</X >",
         " xmlns=\"urn:x\" a='[redacted]'>[redacted]</X >"},
        {"<h:", "\n xsi:type=\"a>b\"\n>hunter2</h:X>", "\n xsi:type=\"a>b\"\n>[redacted]</h:X>"},
        {"<", "><![CDATA[hunter2]]></X>", ">[redacted]</X>"},
        {"<", "><![CDATA[</X>hunter2]]></X>", ">[redacted]</X>"},
        {"<", "><!-- </X> -->hunter2</X>", ">[redacted]</X>"},
        {"<", "><?p </X>?>hunter2</X>", ">[redacted]</X>"},
        {"<", "><Value>hunter2</Value></X>", ">[redacted]</X>"},
        {"<", ">a<v>b<X/></v>hunter2<w/></X>", ">[redacted]</X>"},
        {"<", "><X>a</X>hunter2</X>", ">[redacted]</X>"},
        {"<", ">a&lt;hunter2&#x3c;/X&gt;</X>", ">[redacted]</X>"},
        {"<", " value=\"hunter2\"/>", " value=\"[redacted]\"/>"},
        {"<", " name=\"hunter2\"/>", " name=\"[redacted]\"/>"},
        {"<", "/>hunter2", "/>[redacted]"},
        {"<", ">a</X>hunter2", ">[redacted]</X>[redacted]"},
        {"<", ">a</X><!--hunter2-->", ">[redacted]</X>[redacted]"},
        {"<w:Selector Name=\"", "\">hunter2</w:Selector>", "\">[redacted]</w:Selector>"},
        {"<Option Value=\"hunter2\" Name=\"p:", "\"/>", nullptr},
        {"<Thing ", "=\"hunter2\"/>", "=\"[redacted]\"/>"},
        {"<Thing h:", " = 'hunter2'/>", " = '[redacted]'/>"},
    };
    for (const std::string_view name : secret_names())
        for (const Form& form : forms) {
            const std::string text =
                join({"<a>1</a>", form.before, name, with_name(form.behind, name), "<b>2</b>"});
            CAPTURE(text);
            const std::string told = redacted(text);
            if (form.shown)
                CHECK(told == join({"<a>1</a>", form.before, name, with_name(form.shown, name),
                                    "<b>2</b>"}));
        }
}

TEST_CASE("where a secret does not end as it should, the rest is not shown") {
    for (const char* text : {"<Password>a</Passwrd>hunter2</Password>",
                             "<Password>a<b</Password>hunter2</Password>",
                             "<Password>a< b</Password>hunter2",
                             "<Password>a</b></Password>hunter2",
                             "<Password>a<b></Password></b>hunter2</Password>",
                             "<Password>a</Password x='hunter2'>",
                             "<Password>a<b c=\"></Password>hunter2",
                             "<Password>a<!--</Password>hunter2",
                             "<Password>a<![CDATA[</Password>hunter2",
                             "<Password>a<?</Password>hunter2",
                             "<Password>a<!DOCTYPE></Password>hunter2",
                             "<h:Password>a</g:Password>hunter2",
                             "<Password a='<'>hunter2</Password>",
                             "<Password a=>hunter2</Password>",
                             "<Password \"hunter2\">hunter2</Password>",
                             "<Password a'hunter2'>b</Password>",
                             "<Password value=\"hunter2\" <x>",
                             "<!DOCTYPE <Password>hunter2</Password>",
                             "<Password>",
                             "<Password",
                             "<Password>hunter2"}) {
        CAPTURE(text);
        const std::string told = redacted(join({"<a>1</a>", text}));
        CHECK(told.starts_with("<a>1</a>"));
    }
}

TEST_CASE("what comes before the end of a secret without a beginning is not shown") {
    for (std::size_t from = 0; from < 20; ++from) {
        const std::string text = "<h:Password>hunter2</h:Password><b>2</b>";
        const std::string told = redact(std::string_view(text).substr(from));
        CAPTURE(told);
        CHECK(told.find("ter2") == std::string::npos);
        CHECK(told.ends_with("<b>2</b>"));
    }
    CHECK(redact("<a>hunter2</a>x</Password>y<c>z</c>") == "[redacted]y<c>z</c>");
}

TEST_CASE("a secret that is told in words, in CDATA, comments or quoted markup is not shown") {
    for (const char* text : {"<t>bad Password: hunter2</t>",
                             "<t>PSK=hunter2, and more</t>",
                             "<t>the value of 'Password' is hunter2</t>",
                             "<t>&lt;h:Password&gt;hunter2</t>",
                             "<t>&#60;Password x=&quot;y&quot;&#62;hunter2</t>",
                             "<t>&amp;lt;Password&amp;gt;hunter2</t>",
                             "<t><![CDATA[<h:Password xsi:type=\"x\">hunter2</h:Password>]]></t>",
                             "<t><![CDATA[Password: a</t>hunter2]]></t>",
                             "<t>Password: <b>hunter2</b></t>",
                             "<t>Password: a<br>hunter2</t>",
                             "<t><!-- <Password>hunter2</Password> --></t>",
                             "<t a=\"Password=hunter2\"/>",
                             "<?p Password=\"hunter2\"?>",
                             "{\"Host\":\"a\",\"Password\":\"hunter2\"}",
                             "Host=a&Password=hunter2",
                             "psk = hunter2",
                             "client-secret: hunter2",
                             "see http://admin:hunter2@pc1/",
                             "Password",
                             "<!DOCTYPE a [<!ENTITY p \"hunter2\">]><Password>&p;</Password>"}) {
        CAPTURE(text);
        redacted(text);
    }
    CHECK(redact("<t>bad Password: x</t><b>2</b>") == "<t>bad Password[redacted]</t><b>2</b>");
    CHECK(redact_words("bad Password: x") == "bad Password[redacted]");
    CHECK(redact_words("<h:Password>x</h:Password>") == "[redacted]");
}

TEST_CASE("everything else is shown as it was") {
    for (const char* text :
         {"<h:HostName>pc1</h:HostName><h:PasswordModel>1</h:PasswordModel>",
          "<h:Password></h:Password><h:PSK/><a b='c'/>", "the password is wrong. Password.", "",
          "<g:AMT_MPSUsernamePassword xmlns:g=\"http://x/AMT_MPSUsernamePassword\"><g:RemoteID>u"
          "</g:RemoteID></g:AMT_MPSUsernamePassword>",
          "<r:SetMEBxPassword_OUTPUT><r:ReturnValue>0</r:ReturnValue></r:SetMEBxPassword_OUTPUT>",
          "<Action>http://x/AMT_Y/SetMEBxPasswordResponse</Action>", "a < b && c > d",
          "<!DOCTYPE html><html><body class=a>Log on: http://[fe80::1]:16992/ or http://pc1:1/x",
          "<label>Password:</label>", "<C>MIIB+PSK/aPsK==</C>", "\xff\xfe <a>\xc3</a>", "<"}) {
        CAPTURE(text);
        CHECK(redact(text) == text);
    }
    for (const std::string_view words : {"if 3 < 5 & 5 > 3, then the password is wrong", "a<b"})
        CHECK(redact_words(words) == words);
}

TEST_CASE("values tell of a secret only that there is one") {
    Member inner = text_member("Outer", "");
    inner.kind = Member::Kind::object;
    inner.members = {text_member("PSK", "hunter2"), text_member("HostName", "pc1")};
    Member whole = inner;
    whole.name = "ClientSecret";
    Member nothing = text_member("Passphrase", "");
    nothing.kind = Member::Kind::null;
    using oob::Value;
    const Value expected(Value::Object{
        {"Password", blot},
        {"RFBPassword", ""},
        {"OptInCode", blot},
        {"Keys", Value::Array{blot, blot}},
        {"Outer", Value::Object{{"PSK", blot}, {"HostName", "pc1"}}},
        {"ClientSecret", blot},
        {"Passphrase", nullptr},
        {"Caption", "PSK[redacted]"},
        {"DDNSTTL", "PSK[redacted]"},
    });
    CHECK(to_value({text_member("Password", "hunter2"), text_member("RFBPassword", ""),
                    text_member("OptInCode", "123456"), text_member("Keys", "00"),
                    text_member("Keys", "01"), inner, whole, nothing,
                    text_member("Caption", "PSK: hunter2"), text_member("DDNSTTL", "PSK=hunter2")},
                   "AMT_GeneralSettings") == expected);
}

TEST_CASE("what was sent as a secret is known again, escaped too") {
    Member object = text_member("Input", "");
    object.kind = Member::Kind::object;
    object.members = {text_member("PSKPassPhrase", "open <sesame>")};
    const auto texts =
        secret_texts({text_member("HostName", "computer"), object, text_member("Password", "short"),
                      text_member("Secret", "hunter2")});
    CHECK(texts == std::vector<std::string>{"open <sesame>", "open &lt;sesame&gt;", "hunter2"});
    CHECK(without("hunter2: open <sesame>, open &lt;sesame&gt;hunter2", texts) ==
          "[redacted]: [redacted], [redacted][redacted]");
    CHECK(without("computer short", texts) == "computer short");
}

TEST_CASE("bytes that are no text are not shown") {
    std::string wide;
    for (const char c : std::string_view("<Password>hunter2</Password>")) (wide += c) += '\0';
    CHECK(redact(wide) == "<[redacted]");
    CHECK(redact(std::string_view("<a>1</a>\0hunter2", 16)) == "<a>1</a>[redacted]");
}

TEST_CASE("sixteen mebibytes of anything take time and memory in proportion") {
    const std::size_t size = std::size_t{16} << 20;
    for (const std::string_view piece : {"<Password>",
                                         "</Password>",
                                         "<a>",
                                         "<",
                                         "</",
                                         "<!--",
                                         "<a b=\"",
                                         "Password:",
                                         "Password ",
                                         "<a>Password:</a>",
                                         "<a>Password:x</a>",
                                         "<Password>x</Password>",
                                         "&lt;",
                                         "http://a:b/",
                                         "<Password/>",
                                         "<a Name=\"PSK\"/>",
                                         "\"Password\"",
                                         "<![CDATA[",
                                         "a",
                                         " ",
                                         "=",
                                         "\""}) {
        CAPTURE(piece);
        std::string text;
        while (text.size() < size) text += piece;
        const std::string told = redact(text);
        CHECK(told.size() <= 2 * text.size() + blot.size());
    }
}
