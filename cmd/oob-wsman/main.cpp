#include "cli/app.h"
#include "cli/credential.h"
#include "codec/wsman/schema.h"
#include "codec/wsman/secrets.h"
#include "core/text.h"
#include "net/deadline.h"
#include "open_device.h"
#include "plane/amt/device.h"
#include "render.h"
#include "view.h"
#include "words.h"

#include <unistd.h>

#include <algorithm>
#include <memory>

namespace {

using namespace oob;
namespace wsman = codec::wsman;
using net::Task;
using wsman::Instance;
using wsman::Members;

/// What the words of the command line ask for.
struct Query {
    std::string verb;
    std::string class_name;
    std::string uri;
    std::string method;
    Members selectors;
    Members members;
    bool raw = false;
    bool only = false;  ///< put: send nothing but the given properties
};

/// Everything of one call: the client, the query, and where the answer goes.
struct Call {
    session::WsmanClient& client;
    const Query& query;
    fleet::Attempt& attempt;

    Value data(const Instance& instance) const { return cmd::instance_value(instance); }
};

Task<void> identify(Call call) {
    const Instance answer = co_await call.client.identify();
    call.attempt.data = wsman::to_value(answer.members, answer.name);
}

Task<void> get(Call call) {
    const Instance instance = co_await call.client.get(call.query.uri, call.query.selectors);
    call.attempt.data = call.data(instance);
}

Task<void> enumerate(Call call) {
    const auto instances = co_await call.client.enumerate(call.query.uri);
    Value items = Value::array();
    for (const auto& instance : instances) items.push(call.data(instance));
    call.attempt.data.set("items", std::move(items));
}

/// The instance with the given members in place of its own of the same names.
Members changed(Members instance, const Members& wanted) {
    for (const auto& member : wanted) {
        const auto first = std::ranges::find(instance, member.name, &wsman::Member::name);
        const auto at = first - instance.begin();
        std::erase_if(instance, [&](const auto& old) { return old.name == member.name; });
        const auto place = std::min<std::ptrdiff_t>(at, std::ssize(instance));
        Members group;
        std::ranges::copy_if(wanted, std::back_inserter(group),
                             [&](const auto& other) { return other.name == member.name; });
        instance.insert(instance.begin() + place, group.begin(), group.end());
    }
    return instance;
}

/// True when every wanted member reads back as it was sent.
bool holds(const Members& instance, const Members& wanted) {
    return std::ranges::all_of(wanted, [&](const auto& member) {
        return std::ranges::find(instance, member) != instance.end();
    });
}

/// Firmware takes a property that it does not know without a word, and ignores it.
void require_known(const Instance& instance, const Query& query) {
    const auto* schema = wsman::find_class(query.class_name);
    std::vector<std::string_view> known;
    for (const auto& member : instance.members) known.push_back(member.name);
    if (schema)
        for (const auto& property : schema->properties) known.push_back(property.name);
    for (const auto& wanted : query.members) {
        if (std::ranges::find(known, wanted.name) != known.end()) continue;
        const auto near = nearest(wanted.name, known);
        fail(Error(Class::unsupported, "unsupported.property",
                   join({query.class_name, " has no property ", wanted.name}),
                   near.empty() ? join({"'oob-wsman get ", query.class_name, "' shows what it has"})
                                : join({"did you mean ", near, "?"}))
                 .with("property", wanted.name));
    }
}

/// "HostName=pc7, Key=[redacted]". Of what has members of its own there is the name only.
std::string words_of(const Members& members) {
    std::string out;
    for (const auto& member : members)
        out += join({out.empty() ? "" : ", ", member.members.empty()
                                                  ? cmd::shown_pair(member.name, member.text)
                                                  : member.name});
    return out;
}

/// Secrets are written, and never read.
Members without_secrets(Members members) {
    std::erase_if(members, [](const auto& member) { return wsman::is_secret(member.name); });
    return members;
}

Task<void> put(Call call) {
    const Query& query = call.query;
    const Instance before = co_await call.client.get(query.uri, query.selectors);
    require_known(before, query);
    call.attempt.before = call.data(before);
    const bool done = holds(before.members, query.members);
    if (call.attempt.dry_run)
        call.attempt.data.set(
            "plan", done ? std::string(fleet::nothing_to_do) : "write " + words_of(query.members));
    if (call.attempt.dry_run || done) {
        call.attempt.after = call.attempt.before;
        call.attempt.verified = done;
        co_return;
    }
    Members body = query.only ? query.members : changed(before.members, query.members);
    co_await call.client.put(query.uri, query.selectors, std::move(body));
    call.attempt.changed = true;  // until it is known better
    const Instance after = co_await call.client.get(query.uri, query.selectors);
    call.attempt.after = call.data(after);
    call.attempt.data = call.attempt.after;
    call.attempt.changed = after.members != before.members;
    const Members readable = without_secrets(query.members);
    if (!holds(after.members, readable))
        fail(Class::verify, "verify.put",
             "the device accepted, but the properties read back differ",
             "compare state.before and state.after; the property may be read-only");
    call.attempt.verified = readable.size() == query.members.size();
    if (call.attempt.verified) co_return;
    call.attempt.changed = true;  // as far as anybody can tell
    call.attempt.findings.warnings.emplace_back(
        "the device accepted; a secret cannot be read back");
}

Task<void> create(Call call) {
    if (call.attempt.dry_run) {
        call.attempt.data.set("plan", "create an instance of " + call.query.class_name);
        co_return;
    }
    const Instance created = co_await call.client.create(call.query.uri, call.query.members);
    call.attempt.changed = true;
    call.attempt.data = wsman::to_value(created.members, call.query.class_name);
}

Task<void> remove(Call call) {
    const Instance before = co_await call.client.get(call.query.uri, call.query.selectors);
    call.attempt.before = call.data(before);
    if (call.attempt.dry_run) {
        call.attempt.data.set("plan", "delete this instance");
        co_return;
    }
    co_await call.client.remove(call.query.uri, call.query.selectors);
    call.attempt.changed = true;
    const auto again = co_await net::attempt(call.client.get(call.query.uri, call.query.selectors));
    if (again)
        fail(Class::verify, "verify.delete", "the device accepted, but the instance is still there",
             "it may be in use; remove what refers to it first");
    call.attempt.verified = again.error().code == "wsman.destination_unreachable";
}

/// Of classes that the catalogue has: whatever would be called has to be there.
void require_method(const Query& query) {
    const auto* schema = wsman::find_class(query.class_name);
    if (!schema || wsman::find_method(*schema, query.method)) return;
    std::vector<std::string_view> known;
    for (const auto& method : schema->methods) known.push_back(method.name);
    const auto near = nearest(query.method, known);
    std::string hint = known.empty() ? "it has none" : "it has";
    for (const auto name : known) hint += join({name == known.front() ? " " : ", ", name});
    fail(Class::unsupported, "unsupported.method",
         join({query.class_name, " has no method ", query.method}),
         near.empty() ? std::move(hint) : join({"did you mean ", near, "?"}));
}

Task<void> invoke(Call call) {
    const Query& query = call.query;
    if (call.attempt.dry_run) {
        require_method(query);
        const std::string with = words_of(query.members);
        call.attempt.data.set("plan", join({"call ", query.class_name, ".", query.method,
                                            with.empty() ? "" : " with ", with}));
        co_return;
    }
    const Members output =
        co_await call.client.invoke(query.uri, query.method, query.members, query.selectors);
    call.attempt.data = wsman::to_value(output, query.class_name, query.method);
    session::require_success(output, query.class_name, query.method);
    call.attempt.changed = true;
}

struct Row {
    const char* name;
    fleet::Effect effect;
    const char* summary;
    std::vector<std::string> arguments;
    bool pairs;
    bool selects;  ///< one instance out of several
    std::vector<std::string> examples;
    Task<void> (*serve)(Call);
    std::vector<std::string> also;  ///< what other programs call it
};

const std::vector<Row>& rows() {
    using fleet::Effect;
    static const std::vector<Row> all{
        {"identify",
         Effect::reads,
         "ask who is there",
         {},
         false,
         false,
         {"oob-wsman identify pc07"},
         identify,
         {"id", "ping", "whoami", "version"}},
        {"get",
         Effect::reads,
         "show one instance of a class",
         {"CLASS"},
         false,
         true,
         {"oob-wsman get AMT_GeneralSettings pc07 | jq .data.HostName",
          "oob-wsman get CIM_ComputerSystem --selector Name=ManagedSystem pc07",
          "oob-wsman get AMT_GeneralSettings --raw pc07"},
         get,
         {"read", "show", "query"}},
        {"enum",
         Effect::reads,
         "show all instances of a class",
         {"CLASS"},
         false,
         false,
         {"oob-wsman enum CIM_SoftwareIdentity 'pc[01-40]'"},
         enumerate,
         {"enumerate", "list", "ls", "pull"}},
        {"put",
         Effect::changes,
         "change properties of an instance and read them back",
         {"CLASS"},
         true,
         true,
         {"oob-wsman put AMT_RedirectionService ListenerEnabled=true pc07"},
         put,
         {"set", "update", "modify", "write", "patch"}},
        {"create",
         Effect::changes,
         "make an instance",
         {"CLASS"},
         true,
         false,
         {"oob-wsman create AMT_Hdr8021Filter Name=vlan ElementName=vlan \\\n"
          "    FilterProfile=0 FilterDirection=0 ActionEventOnMatch=false \\\n"
          "    HdrProtocolID8021=2048 pc07"},
         create,
         {"add", "new"}},
        {"delete",
         Effect::destroys,
         "remove an instance",
         {"CLASS"},
         false,
         true,
         {"oob-wsman delete AMT_Hdr8021Filter --selector Name=vlan --yes pc07"},
         remove,
         {"remove", "rm", "del"}},
        {"invoke",
         Effect::changes,
         "call a method",
         {"CLASS", "METHOD"},
         true,
         true,
         {"oob-wsman invoke AMT_TimeSynchronizationService GetLowAccuracyTimeSynch pc07",
          "oob-wsman invoke AMT_RedirectionService RequestStateChange \\\n"
          "    RequestedState=32771 pc07"},
         invoke,
         {"call", "run", "exec", "method", "do"}},
    };
    return all;
}

/// Where secrets among the values are. A command would be run before the device's own password is
/// read out of the environment, and would see it there.
cmd::FindSecret secrets_for(const cli::Options& options) {
    const bool may_ask = !options.no_input && ::isatty(STDERR_FILENO) != 0;
    const auto sources = std::make_shared<cli::Credentials>(may_ask);
    return [sources](const std::string& reference, const std::string& name) -> Result<std::string> {
        if (reference.starts_with("exec:") || reference.starts_with("netrc"))
            return std::unexpected(Error(Class::usage, "usage.credential",
                                         name + ": a value comes out of no command and no netrc",
                                         name + "=@fd:3 3< <(COMMAND)"));
        const auto found = sources->find(reference, name, {});
        if (!found) return std::unexpected(found.error());
        return std::string(found->reveal());
    };
}

/// A secret among the arguments was there for others to see before this program could hide it.
void warn_of_secrets(const cli::Parsed& parsed, const cmd::Pairs& pairs) {
    if (parsed.options.quiet) return;
    for (const auto& [key, value] : pairs)
        if (cmd::is_bare_secret(key, value))
            cli::say(*parsed.tool, join({"warning: others can see what a command line says; ", key,
                                         "=@file:PATH tells no secret"}));
}

/// The query behind the words; Failure for what cannot be meant.
Query query_of(const cli::Parsed& parsed, const std::vector<std::string>& selectors) {
    Query query;
    query.verb = parsed.verb->name;
    if (parsed.arguments.empty()) return query;
    query.uri = take(wsman::resource_uri(parsed.arguments[0]));
    query.class_name = wsman::class_name(query.uri);
    const auto* schema = wsman::find_class(query.class_name);
    std::vector<wsman::Property> known =
        schema ? schema->properties : std::vector<wsman::Property>{};
    cmd::Pairs pairs;
    for (const auto& word : selectors) pairs.push_back(take(cmd::split_pair(word)));
    const cmd::FindSecret find_secret = secrets_for(parsed.options);
    warn_of_secrets(parsed, pairs);
    warn_of_secrets(parsed, parsed.pairs);
    query.selectors = take(cmd::members_of(pairs, known, find_secret));
    if (parsed.arguments.size() > 1) {
        query.method = parsed.arguments[1];
        const auto* method = schema ? wsman::find_method(*schema, query.method) : nullptr;
        if (method) known = method->input;
    }
    query.members = take(cmd::members_of(parsed.pairs, known, find_secret));
    if (query.verb == "put" && query.members.empty())
        fail(Class::usage, "usage.nothing", "nothing to put", "name properties: KEY=VALUE");
    if (query.verb == "delete" && query.selectors.empty())
        fail(Class::usage, "usage.selector", "delete needs to know which instance",
             "--selector Key=Value");
    return query;
}

/// Whatever else a machine speaks, these are classes of AMT.
void require_amt(const Target& target) {
    if (target.scheme == amt_scheme || target.scheme == amt_plain_scheme) return;
    fail(Class::unsupported, "unsupported.plane",
         join({"WS-Management is not spoken over ", target.scheme, "://"}),
         "name the machine as amt://HOST or amt+tcp://HOST");
}

/// A class or a method that the device does not know, and the catalogue neither, may be a slip.
void suggest(const Query& query, Error& error) {
    if (query.class_name.empty()) return;
    const auto* schema = wsman::find_class(query.class_name);
    std::vector<std::string_view> known;
    std::string_view word = query.class_name;
    if (error.code == "wsman.destination_unreachable" && !schema) {
        known = wsman::class_names();
    } else if (error.code == "wsman.action_not_supported" && schema && !query.method.empty() &&
               !wsman::find_method(*schema, query.method)) {
        word = query.method;
        for (const auto& method : schema->methods) known.push_back(method.name);
    }
    if (const auto near = nearest(word, known); !near.empty())
        error.hint = join({"did you mean ", near, "?"});
}

Task<void> serve(const Row* row, const Query* query, fleet::Attempt& attempt, cli::Reach reach) {
    require_amt(attempt.target);
    attempt.whole_texts = true;
    const std::optional<std::string> expected = reach.expected_uuid;
    plane::amt::Device device(cmd::access_for(attempt, std::move(reach)));
    if (row->effect != fleet::Effect::reads)
        co_await cmd::require_identity(device, attempt, expected);
    if (query->raw) device.wsman().keep_replies();
    struct Guard {  // the XML is wanted most when something failed
        plane::amt::Device& device;
        const Query& query;
        fleet::Attempt& attempt;
        ~Guard() {
            if (query.raw) attempt.data = cmd::xml_value(device.wsman().take_replies());
        }
    } guard{device, *query, attempt};
    // A plan for a device that cannot be reached, or refuses the login, is none.
    if (attempt.dry_run) co_await device.identify();
    auto served = co_await net::attempt(row->serve({device.wsman(), *query, attempt}));
    if (!served) suggest(*query, served.error());
    take(std::move(served));
}

/// The options that only this tool has.
struct Choices {
    bool raw = false;
    bool only = false;
    std::vector<std::string> selectors;
};

/// "put AMT_GeneralSettings HostName=pc7 on": what the machines' names stand behind.
std::string deed_of(const cli::Parsed& parsed, const std::vector<std::string>& selectors) {
    std::string out = parsed.verb->name;
    for (const auto& word : parsed.arguments) out += " " + word;
    for (const auto& word : selectors) {
        const auto [key, value] = take(cmd::split_pair(word));
        out += " " + cmd::shown_pair(key, value);
    }
    for (const auto& [key, value] : parsed.pairs) out += " " + cmd::shown_pair(key, value);
    return out + (parsed.verb->name == "delete" ? " of" : " on");
}

cli::Order order_of(const cli::Parsed& parsed, const Row& row, const Choices& choices) {
    // The query is shared by the acts of all devices, and a std::function has to be copyable.
    const auto query = std::make_shared<Query>(query_of(parsed, choices.selectors));
    query->raw = choices.raw;
    query->only = choices.only;
    cli::Order out = cli::begin_order(parsed);
    out.deed = deed_of(parsed, choices.selectors);
    out.view = cmd::wsman_view();
    if (choices.raw)
        out.render = [](const Value& record, report::Format) { return cmd::render_xml(record); };
    out.work = cli::Act([&row, query](fleet::Attempt& attempt, cli::Reach reach) {
        return serve(&row, query.get(), attempt, std::move(reach));
    });
    return out;
}

cli::Verb verb_of(const Row& row, Choices& choices) {
    cli::Verb out;
    out.name = row.name;
    out.effect = row.effect;
    out.summary = row.summary;
    out.examples = row.examples;
    out.arguments = row.arguments;
    out.pairs = row.pairs;
    out.also = row.also;
    out.options = {
        cli::flag_option("--raw", choices.raw, "print the device's XML and nothing else")};
    if (row.selects)
        out.options.push_back(cli::list_option("--selector", "K=V", choices.selectors,
                                               "which instance (repeatable)"));
    if (out.name == "put")
        out.options.push_back(
            cli::flag_option("--only", choices.only,
                             "send nothing but the named properties, not the whole instance"));
    out.prepare = [&row, &choices](const cli::Parsed& parsed) {
        return order_of(parsed, row, choices);
    };
    return out;
}

cli::Tool tool_of(Choices& choices) {
    cli::Tool out;
    out.name = "oob-wsman";
    out.summary = "read and change the WS-Management classes of Intel AMT";
    out.examples = {"oob-wsman get AMT_GeneralSettings pc07 | jq .data.HostName",
                    "oob-wsman enum CIM_SoftwareIdentity 'pc[01-40]'",
                    "oob-wsman put AMT_RedirectionService ListenerEnabled=true pc07",
                    "oob-wsman invoke AMT_TimeSynchronizationService GetLowAccuracyTimeSynch pc07"};
    out.protocols = "Intel AMT (WS-Management over HTTP and TLS)";
    for (const auto& row : rows()) out.verbs.push_back(verb_of(row, choices));
    return out;
}

}  // namespace

int main(int argc, char** argv) {
    // What is parsed is a copy; of what /proc shows, secrets are overwritten first.
    const std::vector<std::string> words(argv, argv + argc);
    std::vector<const char*> arguments;
    for (const auto& word : words) arguments.push_back(word.c_str());
    cmd::hide_secrets(argc, argv);
    Choices choices;
    return cli::run(tool_of(choices), argc, arguments.data());
}
