#include "plane/discovery/tcp.h"

#include "core/text.h"
#include "core/unicode.h"
#include "net/deadline.h"
#include "net/group.h"
#include "plane/discovery/maker.h"
#include "plane/discovery/web.h"

#include <algorithm>
#include <utility>

namespace oob::plane::discovery {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds longest_handshake{10'000};
constexpr milliseconds longest_answer{5'000};
constexpr std::size_t most_banner = 5'120;  // twenty lines of 255 bytes and their ends
constexpr std::size_t longest_line = 255;
constexpr std::size_t rfb_banner = 12;

bool is_tls(Service service) { return service == Service::amt_tls || service == Service::redfish; }

Value blank(const Question& question) {
    const auto named = std::ranges::find(tcp_services, question.service, &ServiceName::service);
    Value out;
    out.set("protocol", "unknown")
        .set("transport", "tcp")
        .set("port", question.port)
        .set("asked_as", named->name);
    return out;
}

/// What did not go as expected is told, and is no failure of ours.
Face odd(Value service, const Error& error) {
    Face out;
    service.set("problem", error.code);
    out.service = std::move(service);
    return out;
}

struct Secured {
    net::StreamPtr stream;
    net::Trusted trusted;
};

/// A first try with what is usual now, a second one with what old firmware needs.
net::Task<Secured> secure(net::Endpoint endpoint, Asking asking) {
    for (const bool compat : {false, true}) {
        if (asking.before_connecting) co_await asking.before_connecting();
        net::StreamPtr stream = co_await asking.dial(endpoint);
        const net::TrustPolicy policy{.insecure = true, .compat = compat};
        auto shaken = co_await net::attempt(
            net::within(longest_handshake,
                        asking.trust->connect(std::move(stream), endpoint, policy), "handshake"));
        if (shaken) co_return Secured{std::move(shaken->stream), std::move(shaken->trusted)};
        if (compat || shaken.error().kind != Class::tls) fail(std::move(shaken).error());
    }
    std::unreachable();
}

/// The certificate identifies; whether it is trusted is told, not judged.
void describe_tls(const net::Trusted& trusted, const std::optional<std::string>& known,
                  Face& face) {
    const net::TlsFacts& facts = trusted.facts;
    face.fingerprint = facts.fingerprint;
    face.tls = TlsSummary{facts.version, "none", trusted.compat};
    Value certificate;
    certificate.set("subject", facts.subject)
        .set("issuer", facts.issuer)
        .set("not_after", facts.not_after)
        .set("self_signed", facts.self_signed)
        .set("fingerprint", facts.fingerprint);
    const char* trust = !known ? "new" : *known == facts.fingerprint ? "known" : "changed";
    face.service.set("tls", true)
        .set("tls_version", facts.version)
        .set("trust", trust)
        .set("certificate", std::move(certificate));
    if (std::string kind = kind_of({.subject = facts.subject}); !kind.empty())
        face.kinds.push_back(std::move(kind));
}

codec::http::Request question_for(Service service) {
    codec::http::Request out;
    out.method = "GET";
    out.target = service == Service::redfish ? "/redfish/v1/" : "/index.htm";
    return out;
}

net::Task<Face> read_web(net::StreamPtr stream, std::string host, Service service, Value known) {
    auto answer = co_await net::attempt(net::within(
        longest_answer, get(*stream, question_for(service), std::move(host)), "answer"));
    stream->close();
    // A reset instead of an answer is a closed port that something in between has opened.
    if (!answer && answer.error().code == "connect.reset") fail(std::move(answer).error());
    if (!answer) co_return odd(std::move(known), answer.error());
    co_return service == Service::redfish ? redfish_face(*answer, std::move(known))
                                          : amt_face(*answer, std::move(known));
}

/// Whether nobody was reached in time, be it for the proxy's or the bastion's sake: then nobody is
/// known to listen there.
bool ended_before_a_connection(const Error& error) {
    return error.code == "timeout.connect" || error.code == "timeout.proxy" ||
           error.code == "timeout.bastion";
}

net::Task<Face> ask_web_over_tls(net::Endpoint endpoint, Question question, Asking asking) {
    auto secured = co_await net::attempt(secure(endpoint, asking));
    if (!secured) {
        const Error& error = secured.error();
        const bool mute = error.kind == Class::timeout && !ended_before_a_connection(error);
        if (error.kind != Class::tls && !mute) fail(std::move(secured).error());
        co_return odd(blank(question), secured.error());
    }
    const auto known = take(asking.trust->known_devices().find(endpoint));
    Face out = co_await read_web(std::move(secured->stream), endpoint.host, question.service,
                                 blank(question));
    describe_tls(secured->trusted, known, out);
    co_return out;
}

/// Up to the end of a line that `wanted` likes, or of what may be read.
net::Task<std::string> read_banner(net::Stream& stream, std::string_view wanted,
                                   std::size_t enough) {
    std::string text;
    std::array<std::byte, 256> chunk;
    while (text.size() < most_banner) {
        const auto at = text.rfind(wanted);
        const bool begun = at != std::string::npos && (at == 0 || text[at - 1] == '\n');
        if (begun && (text.size() - at >= enough || text.find('\n', at) != std::string::npos))
            break;
        const std::size_t count = co_await stream.read_some(chunk);
        if (count == 0) break;
        text.append(reinterpret_cast<const char*>(chunk.data()), count);
    }
    const auto at = text.find(wanted);
    if (at == std::string::npos) co_return std::string();
    const std::string_view line = std::string_view(text).substr(
        at, std::min(text.find_first_of("\r\n", at), text.size()) - at);
    co_return std::string(first_bytes(line, longest_line));
}

/// SSH and RFB speak first: nothing is sent (RFC 4253, section 4.2; RFC 6143, section 7.1.1).
net::Task<Face> ask_banner(net::StreamPtr stream, Question question) {
    const bool ssh = question.service == Service::ssh;
    auto banner = co_await net::attempt(net::within(
        longest_answer,
        read_banner(*stream, ssh ? "SSH-" : "RFB ", ssh ? longest_line : rfb_banner), "banner"));
    stream->close();
    Face out;
    out.service = blank(question);
    if (!banner) co_return odd(std::move(out.service), banner.error());
    if (banner->empty()) co_return out;
    out.service.set("protocol", ssh ? "ssh" : "rfb").set("banner", *banner);
    if (!ssh) co_return out;
    out.protocol = "ssh";
    std::string kind = kind_of({.banner = *banner});
    out.kinds.push_back(kind.empty() ? "ssh" : std::move(kind));
    co_return out;
}

/// Connecting is all: a session that is started may take the only place there is.
net::Task<Face> ask_redirection(net::StreamPtr stream, Question question) {
    stream->close();
    Face out;
    out.service = blank(question);
    out.service.set("protocol", "amt-redirection")
        .set("tls", question.service == Service::redirection_tls);
    co_return out;
}

net::Task<Face> ask_open(net::Endpoint endpoint, Question question, Asking asking) {
    if (is_tls(question.service)) co_return co_await ask_web_over_tls(endpoint, question, asking);
    if (asking.before_connecting) co_await asking.before_connecting();
    net::StreamPtr stream = co_await asking.dial(endpoint);
    switch (question.service) {
        case Service::amt: {
            Face out = co_await read_web(std::move(stream), endpoint.host, question.service,
                                         blank(question));
            out.service.set("tls", false);
            co_return out;
        }
        case Service::ssh:
        case Service::rfb:
            co_return co_await ask_banner(std::move(stream), question);
        default:
            co_return co_await ask_redirection(std::move(stream), question);
    }
}

/// Whether the proxy or the bastion cannot be reached or used. One that gives no answer in time may
/// wait for the peer in vain, and one that forbids a port may allow another.
bool is_of_the_way(const Error& error) {
    return error.code == "connect.proxy" || error.code.starts_with("connect.bastion") ||
           error.code == "timeout.bastion";
}

bool is_amt(Service service) {
    return service != Service::redfish && service != Service::ssh && service != Service::rfb;
}

}  // namespace

net::Task<std::optional<Face>> ask(std::string host, Question question, Asking asking) {
    const net::Endpoint endpoint{std::move(host), question.port};
    auto face = co_await net::attempt(ask_open(endpoint, question, std::move(asking)));
    if (face) co_return *std::move(face);
    const Class kind = face.error().kind;
    // Closed, silent, or cut off: nothing is known of it. What this machine is short of, and a way
    // that is broken, say nothing of the peer.
    const bool peer = kind == Class::connect || kind == Class::timeout || kind == Class::forbidden;
    if (peer && !is_of_the_way(face.error())) co_return std::nullopt;
    fail(std::move(face).error());
}

net::Task<std::vector<Face>> ask_all(std::string host, std::vector<Question> questions,
                                     Asking asking) {
    std::vector<std::optional<Face>> answers(questions.size());
    std::optional<Error> failure;
    const auto one = [&](std::size_t at) -> net::Task<void> {
        auto face = co_await net::attempt(ask(host, questions[at], asking));
        if (face)
            answers[at] = *std::move(face);
        else
            failure = std::move(face).error();
    };
    const auto amt = [&]() -> net::Task<void> {
        for (std::size_t at = 0; at < questions.size(); ++at)
            if (is_amt(questions[at].service)) co_await one(at);
    };
    net::Group group;
    co_await group.spawn(amt());
    for (std::size_t at = 0; at < questions.size(); ++at)
        if (!is_amt(questions[at].service)) co_await group.spawn(one(at));
    co_await group.join();
    if (failure) fail(*std::move(failure));
    std::vector<Face> out;
    for (auto& face : answers)
        if (face) out.push_back(*std::move(face));
    co_return out;
}

}  // namespace oob::plane::discovery
