#include "report/record.h"

#include "core/json.h"
#include "report/table.h"

#include <doctest/doctest.h>

using namespace oob;

TEST_CASE("a record has the contract's keys in the contract's order, unknown is null") {
    report::Record record;
    record.tool = "oob-power";
    record.target = "amt://lab08";
    record.action = "power.on";
    record.findings.device.name = "lab08";
    record.findings.device.protocol = "amt";
    record.error =
        Error(Class::auth, "auth.rejected", "the device refused the digest login", "look")
            .with("http", 401);
    const std::string json = to_json(to_value(record));
    CHECK(
        json ==
        R"({"schema":"oob/1","type":"result","tool":"oob-power","version":")" OOB_VERSION
        R"(","time":"1970-01-01T00:00:00.000Z","target":"amt://lab08","action":"power.on","ok":false,"changed":false,)"
        R"("verified":false,"dry_run":false,"device":{"id":null,"name":"lab08","protocol":"amt","address":null,)"
        R"("uuid":null,"mac":null,"firmware":null,"control_mode":null,"fingerprint":null,"id_quality":null},)"
        R"("error":{"class":"auth","code":"auth.rejected","message":"the device refused the digest login","hint":"look",)"
        R"("retryable":false,"indeterminate":false,"native":{"http":401}},"tls":null,"attempts":1,"duration_ms":0,)"
        R"("warnings":[]})");
}

TEST_CASE("a record as text is its tree as text") {
    report::Record record;
    record.tool = "oob-power";
    record.target = "amt://lab\"08\"";
    record.changed = std::nullopt;
    std::string plain;
    append_json(plain, record);
    CHECK(plain == to_json(to_value(record)));

    record.skipped = true;
    record.duplicate = true;
    record.findings.device.uuid = "8a1c0000-0000-0000-0000-0000000000ff";
    record.findings.device.protocol = "amt";
    record.findings.tls = TlsSummary{"TLSv1.2", "pin", true};
    record.findings.warnings = {"tab\t", "\xff"};
    record.before = "on";
    record.data.set("ratio", 1.5).set("list", Value::array()).set("n", -3);
    record.error = Error(Class::auth, "auth.rejected", "no", "").with("http", 401);
    record.duration = std::chrono::milliseconds(1234);
    std::string text;
    append_json(text, record);
    CHECK(text == to_json(to_value(record)));
}

TEST_CASE("a UUID of all zero or all f is no identity; then the MAC is, weakly") {
    DeviceFacts facts;
    facts.protocol = "amt";
    CHECK(facts.id() == std::nullopt);
    facts.uuid = "ffffffff-ffff-ffff-ffff-ffffffffffff";
    CHECK(facts.id() == std::nullopt);
    facts.mac = "02:00:00:00:00:01";
    CHECK(facts.id() == "amt:02:00:00:00:00:01");
    CHECK(facts.id_quality() == "weak");
    facts.uuid = "00000000-0000-0000-0000-000000000000";
    CHECK(facts.id_quality() == "weak");
    facts.uuid = "8a1c0000-0000-0000-0000-0000000000ff";
    CHECK(facts.id() == "amt:8a1c0000-0000-0000-0000-0000000000ff");
    CHECK(facts.id_quality() == "strong");
}

TEST_CASE("every class has a name and an exit status of the contract") {
    struct Row {
        Class kind;
        const char* name;
        int status;
    };
    for (const Row& row :
         {Row{Class::usage, "usage", 2}, Row{Class::config, "config", 2},
          Row{Class::resolve, "resolve", 10}, Row{Class::connect, "connect", 10},
          Row{Class::timeout, "timeout", 11}, Row{Class::tls, "tls", 12},
          Row{Class::auth, "auth", 13}, Row{Class::forbidden, "forbidden", 13},
          Row{Class::consent, "consent", 14}, Row{Class::unsupported, "unsupported", 15},
          Row{Class::precondition, "precondition", 16},
          Row{Class::session_busy, "session_busy", 16}, Row{Class::protocol, "protocol", 17},
          Row{Class::firmware, "firmware", 17}, Row{Class::verify, "verify", 18},
          Row{Class::identity, "identity", 19}, Row{Class::indeterminate, "indeterminate", 20},
          Row{Class::interrupted, "interrupted", 130}, Row{Class::internal, "internal", 70}}) {
        CHECK(name(row.kind) == row.name);
        CHECK(exit_status(row.kind) == row.status);
    }
}
