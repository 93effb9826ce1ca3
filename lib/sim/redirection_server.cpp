#include "sim/redirection_server.h"

#include "core/text.h"
#include "net/deadline.h"
#include "sim/ider_server.h"
#include "sim/sol_server.h"

#include <utility>

namespace oob::sim {

namespace redirection = codec::redirection;
using redirection::Code;
using redirection::Method;

namespace {

constexpr std::chrono::milliseconds longest_login{30'000};
/// A client that is sent away reads the reason before the end.
constexpr std::chrono::milliseconds before_close{200};
constexpr int most_logins = 8;  // messages of one login, challenges and questions included

Redirected kind_of(redirection::Protocol protocol) {
    switch (protocol) {
        case redirection::Protocol::sol:
            return Redirected::sol;
        case redirection::Protocol::ider:
            return Redirected::ider;
        case redirection::Protocol::kvm:
            return Redirected::kvm;
    }
    return Redirected::sol;
}

}  // namespace

RedirectionServer::RedirectionServer(net::Stream& stream, Member& member, Port port,
                                     std::string remote)
    : link_(stream, member), member_(member), port_(port), remote_(std::move(remote)) {}

void RedirectionServer::note(JournalEntry::Event event, std::string why) {
    JournalEntry entry;
    entry.event = event;
    entry.port = port_;
    entry.remote = remote_;
    entry.user = user_;
    entry.target = kind_;
    entry.note = std::move(why);
    member_.record(std::move(entry));
}

net::Task<void> RedirectionServer::serve() {
    const auto kind = co_await net::within(longest_login, begin(), "start");
    if (!kind) {
        co_await net::sleep_for(before_close);
        co_return;
    }
    // One session of a kind; it counts from its login on.
    if (!co_await net::within(longest_login, log_in(), "login")) {
        co_await net::sleep_for(before_close);
        co_return;
    }
    if (!member_.redirected.insert(*kind).second) {
        note(JournalEntry::Event::session_refused, "another one is open");
        co_return;
    }
    struct Session {
        Member& member;
        Redirected kind;
        std::uint64_t drops;
        Session(Member& its_member, Redirected its_kind)
            : member(its_member),
              kind(its_kind),
              drops(its_member.device.dropped_sessions(its_kind)) {
            member.device.redirection_session(kind, true);
        }
        ~Session() {
            // Sessions that were ended from outside are counted out already.
            if (member.device.dropped_sessions(kind) == drops)
                member.device.redirection_session(kind, false);
            member.redirected.erase(kind);
        }
    };
    note(JournalEntry::Event::session_begun, {});
    Result<void> ended;
    {
        const Session session(member_, *kind);
        if (*kind == Redirected::sol) {
            SolServer server(link_, member_);
            ended = co_await net::attempt(server.serve());
        } else if (*kind == Redirected::ider) {
            IderServer server(link_, member_);
            ended = co_await net::attempt(server.serve());
        }
    }
    note(JournalEntry::Event::session_ended, ended ? std::string() : ended.error().message);
}

net::Task<std::optional<Redirected>> RedirectionServer::begin() {
    const auto message = co_await link_.receive();
    if (!message || redirection::code_of(*message) != Code::start_session) co_return std::nullopt;
    const auto asked = redirection::decode_start_session(*message);
    const Version& version = member_.firmware().personality->version;
    redirection::StartSessionReply reply;
    reply.firmware_major = static_cast<std::uint8_t>(version.major);
    reply.firmware_minor = static_cast<std::uint8_t>(version.minor);
    std::optional<Redirected> kind;
    if (!asked) {
        reply.status = static_cast<std::uint8_t>(redirection::StartStatus::unknown_type);
    } else {
        kind = kind_of(asked->protocol);
        kind_ = trim(redirection::wire_name(asked->protocol));
        reply.status = static_cast<std::uint8_t>(member_.device.refusal(*kind));
        if (reply.status == 0 && *kind == Redirected::kvm)
            reply.status = static_cast<std::uint8_t>(redirection::StartStatus::disabled);
        if (reply.status == 0 && member_.redirected.contains(*kind))
            reply.status = static_cast<std::uint8_t>(redirection::StartStatus::busy);
    }
    co_await link_.send(encode(reply));
    if (reply.status == 0) co_return kind;
    note(JournalEntry::Event::session_refused, "status " + std::to_string(reply.status));
    co_return std::nullopt;
}

net::Task<bool> RedirectionServer::log_in() {
    for (int i = 0; i < most_logins; ++i) {
        const auto message = co_await link_.receive();
        if (!message || redirection::code_of(*message) != Code::authenticate) co_return false;
        std::optional<bool> done;
        co_await link_.send(judge(take(redirection::decode_authenticate(*message)), done));
        if (done) co_return *done;
    }
    co_return false;
}

Bytes RedirectionServer::challenge(Method method) {
    Surroundings& around = member_.surroundings();
    const auto made =
        member_.guard.challenge(member_.device.digest_realm(), around.now(), around.random);
    redirection::AuthenticateReply reply{redirection::authenticate_failed, method, {}};
    reply.data = redirection::encode_challenge({made.realm, made.nonce, "auth"}, method);
    return encode(reply);
}

/// Until 11.x firmware takes the password in clear, as the oldest clients send it; from 12 on it
/// knows digest alone (reference redirection, sections 2.4 and 6.5).
bool RedirectionServer::takes_passwords() const {
    constexpr int first_without = 12;
    return member_.firmware().personality->version.major < first_without;
}

Bytes RedirectionServer::judge(const redirection::Authenticate& login, std::optional<bool>& done) {
    redirection::AuthenticateReply reply;
    reply.method = login.method;
    const auto now = member_.surroundings().now();
    switch (login.method) {
        case Method::query:
            if (takes_passwords()) reply.data.push_back(static_cast<std::byte>(Method::password));
            reply.data.push_back(static_cast<std::byte>(Method::digest));
            return encode(reply);
        case Method::password:
            if (!takes_passwords()) break;
            if (const auto given = redirection::decode_password(login.data))
                return decide(
                    member_.guard.check(member_.device, given->user, given->password, now), reply,
                    done);
            break;
        case Method::digest:
        case Method::digest_without_qop: {
            const auto answer = redirection::decode_login(login.data, login.method);
            // Some clients send a first message that makes no sense; firmware challenges them all
            // the same.
            if (!answer || answer->response.empty()) return challenge(login.method);
            return decide(member_.guard.check(member_.device, *answer, login.method, now), reply,
                          done);
        }
        case Method::kerberos:
            break;
    }
    reply.status = redirection::authenticate_unsupported;
    return encode(reply);
}

Bytes RedirectionServer::decide(Login login, redirection::AuthenticateReply reply,
                                std::optional<bool>& done) {
    if (login.verdict == Verdict::accepted && member_.faults().wrong_digest)
        login.verdict = Verdict::rejected;
    user_ = login.user;
    if (login.verdict == Verdict::unknown_nonce) return challenge(reply.method);
    done = login.verdict == Verdict::accepted;
    if (*done) return encode(reply);
    if (login.verdict == Verdict::rejected && member_.guard.locked(member_.surroundings().now()))
        member_.device.logins_failed(member_.guard.failures());
    note(JournalEntry::Event::session_refused, join({"login ", name(login.verdict)}));
    reply.status = redirection::authenticate_failed;
    return encode(reply);
}

}  // namespace oob::sim
