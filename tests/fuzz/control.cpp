#include "sim/control.h"

#include "core/json.h"
#include "fuzz/printable.h"
#include "sim/fleet.h"
#include "support/fake_time.h"
#include "support/run.h"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <string>

namespace {

using namespace oob;
using fuzz::expect;

/// A fleet of four devices that serves nobody: its loop never runs.
sim::Fleet& fleet() {
    static boost::asio::io_context loop;
    static const auto made = [] {
        sim::FleetOptions options;
        options.range = take(sim::AddressRange::parse("127.77.9.0/30"));
        options.port_base = 0;
        options.personalities = {take(sim::Personality::builtin("15.0"))};
        options.password = Secret(std::string("P@ssw0rd!"));
        options.tls_keys = 1;
        return std::make_unique<sim::Fleet>(loop.get_executor(), std::move(options));
    }();
    return *made;
}

/// Each record is a line of its own, and the last one says how many there are, and what went wrong.
void check(const std::vector<Value>& records) {
    expect(!records.empty());
    for (const Value& record : records) {
        const std::string line = to_json(record);
        std::string_view rest = line;
        while (!rest.empty()) expect(fuzz::take_character(rest) >= ' ');
        const auto back = parse_json(line);
        expect(back && back->find("type") != nullptr);
        expect((back->find("type")->text() == "end") == (&record == &records.back()));
    }
    const Value& end = records.back();
    expect(end.find("count")->integer() == static_cast<std::int64_t>(records.size() - 1));
    const Value* error = end.find("error");
    expect(end.find("ok")->truth() == (error == nullptr));
    if (error != nullptr) expect(error->find("class")->text() == name(Class::usage));
}

}  // namespace

/// Any line on the control socket is answered with records and an end, and what is wrong with it is
/// the user's affair.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    test::let_pass_at_most(std::chrono::hours(2));
    const auto records =
        test::run(sim::answer_control(fleet(), std::string(fuzz::text_of(data, size))));
    expect(records.has_value());
    check(*records);
    (void)test::run(sim::answer_control(fleet(), R"({"verb":"journal","clear":true})"));
    return 0;
}
