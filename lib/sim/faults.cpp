#include "sim/faults.h"

#include "core/text.h"

#include <array>
#include <vector>

namespace oob::sim {

namespace {

constexpr std::chrono::milliseconds longest_wait = std::chrono::hours(1);
constexpr std::size_t most_bytes = 1 << 20;

std::optional<std::chrono::milliseconds> wait_of(std::string_view text) {
    const auto duration = parse_duration(text);
    if (!duration || *duration > longest_wait) return std::nullopt;
    return duration;
}

std::optional<std::size_t> number_of(std::string_view text, std::size_t most) {
    const auto number = parse_unsigned(text);
    if (!number || *number > most) return std::nullopt;
    return static_cast<std::size_t>(*number);
}

bool set_latency(Faults& out, std::string_view value) {
    const auto wait = wait_of(value);
    out.latency = wait.value_or(out.latency);
    return wait.has_value();
}

bool set_jitter(Faults& out, std::string_view value) {
    const auto wait = wait_of(value);
    out.jitter = wait.value_or(out.jitter);
    return wait.has_value();
}

bool set_dribble(Faults& out, std::string_view value) {
    const auto parts = split(value, '/');
    const auto bytes = number_of(parts.front(), most_bytes);
    const auto pause = parts.size() > 1 ? wait_of(parts[1]) : std::chrono::milliseconds(1);
    if (parts.size() > 2 || !bytes || *bytes == 0 || !pause) return false;
    out.dribble = Faults::Dribble{*bytes, *pause};
    return true;
}

bool set_reset(Faults& out, std::string_view value) {
    out.reset_at = number_of(value, most_bytes);
    return out.reset_at.has_value();
}

bool set_digest(Faults& out, std::string_view value) {
    out.wrong_digest = value == "wrong";
    return out.wrong_digest;
}

bool set_nonce(Faults& out, std::string_view value) {
    out.stale_nonce = value == "stale";
    return out.stale_nonce;
}

bool set_status(Faults& out, std::string_view value) {
    const auto number = number_of(value, 599);
    if (!number || *number < 500) return false;
    out.status = static_cast<int>(*number);
    return true;
}

bool set_body(Faults& out, std::string_view value) {
    if (value == "malformed") out.body = Faults::Body::malformed;
    if (value == "endless") out.body = Faults::Body::endless;
    return out.body != Faults::Body::whole;
}

bool set_certificate(Faults& out, std::string_view value) {
    out.changed_certificate = value == "changed";
    return out.changed_certificate;
}

bool set_cut(Faults& out, std::string_view value) {
    out.cut = parse_unsigned(value);
    return out.cut.has_value();
}

bool set_mute(Faults& out, std::string_view value) {
    out.mute = value == "on";
    return out.mute;
}

bool set_round_trip(Faults& out, std::string_view value) {
    const auto wait = wait_of(value);
    out.round_trip = wait.value_or(out.round_trip);
    return wait.has_value();
}

bool set_rate(Faults& out, std::string_view value) {
    const auto number = parse_unsigned(value);
    out.rate = number.value_or(0);
    return out.rate > 0;
}

bool set_uuid(Faults& out, std::string_view value) {
    out.uuid = value;
    return value == "all-f" || value == "duplicate" || uuid_to_smbios(value).has_value();
}

bool set_count(Faults& out, std::string_view value) {
    const auto number = number_of(value, 1'000'000);
    if (!number || *number == 0) return false;
    out.count = static_cast<unsigned>(*number);
    return true;
}

struct Kind {
    std::string_view name;
    bool (*set)(Faults& out, std::string_view value);
    std::string_view example;
};

constexpr std::array kinds{
    Kind{"latency", set_latency, "latency=200ms (at most 1h)"},
    Kind{"jitter", set_jitter, "jitter=50ms (at most 1h)"},
    Kind{"dribble", set_dribble, "dribble=7 or dribble=7/5ms"},
    Kind{"reset", set_reset, "reset=600"},
    Kind{"digest", set_digest, "digest=wrong"},
    Kind{"nonce", set_nonce, "nonce=stale"},
    Kind{"status", set_status, "status=503 (500 to 599)"},
    Kind{"body", set_body, "body=malformed or body=endless"},
    Kind{"certificate", set_certificate, "certificate=changed"},
    Kind{"cut", set_cut, "cut=1000000 (bytes)"},
    Kind{"mute", set_mute, "mute=on"},
    Kind{"rtt", set_round_trip, "rtt=20ms (at most 1h)"},
    Kind{"rate", set_rate, "rate=500000 (bytes a second)"},
    Kind{"uuid", set_uuid, "uuid=all-f, uuid=duplicate or a UUID"},
    Kind{"count", set_count, "count=3"},
};

std::unexpected<Error> unknown_kind(std::string_view word) {
    std::vector<std::string_view> names;
    std::string all;
    for (const Kind& kind : kinds) {
        names.push_back(kind.name);
        all += join({all.empty() ? "" : ", ", kind.name});
    }
    const std::string_view near = nearest(word, names);
    return std::unexpected(
        Error(Class::usage, "usage.fault", join({"no fault is called ", word}),
              near.empty() ? "one of: " + all : join({"did you mean ", near, "?"})));
}

std::string text_of(std::chrono::milliseconds duration) {
    return std::to_string(duration.count()) + "ms";
}

}  // namespace

std::string Faults::describe() const {
    std::string out;
    const auto add = [&out](std::string_view kind, std::string_view value) {
        out += join({out.empty() ? "" : ",", kind, "=", value});
    };
    if (latency.count() > 0) add("latency", text_of(latency));
    if (jitter.count() > 0) add("jitter", text_of(jitter));
    if (dribble) add("dribble", std::to_string(dribble->bytes) + "/" + text_of(dribble->pause));
    if (reset_at) add("reset", std::to_string(*reset_at));
    if (wrong_digest) add("digest", "wrong");
    if (stale_nonce) add("nonce", "stale");
    if (status) add("status", std::to_string(*status));
    if (body == Body::malformed) add("body", "malformed");
    if (body == Body::endless) add("body", "endless");
    if (changed_certificate) add("certificate", "changed");
    if (cut) add("cut", std::to_string(*cut));
    if (mute) add("mute", "on");
    if (round_trip.count() > 0) add("rtt", text_of(round_trip));
    if (rate > 0) add("rate", std::to_string(rate));
    if (uuid) add("uuid", *uuid);
    if (count) add("count", std::to_string(*count));
    return out;
}

Result<Faults> parse_faults(std::string_view text) {
    Faults out;
    if (trim(text) == "none") return out;
    for (const std::string_view item : split(text, ',')) {
        const std::string_view word = trim(item);
        const std::size_t sign = word.find('=');
        const std::string_view key = word.substr(0, sign);
        const Kind* found = nullptr;
        for (const Kind& kind : kinds)
            if (kind.name == key) found = &kind;
        if (found == nullptr) return unknown_kind(key);
        if (sign == std::string_view::npos || !found->set(out, word.substr(sign + 1)))
            return std::unexpected(Error(Class::usage, "usage.fault",
                                         join({"this fault cannot be read: ", word}),
                                         join({"write it like ", found->example})));
    }
    return out;
}

Result<AddressedFaults> parse_addressed_faults(std::string_view text) {
    AddressedFaults out;
    const std::size_t colon = text.find(':');
    if (colon != std::string_view::npos && colon < text.find('=')) {
        out.address = text.substr(0, colon);
        text.remove_prefix(colon + 1);
    }
    auto faults = parse_faults(text);
    if (!faults) return std::unexpected(std::move(faults).error());
    out.faults = *std::move(faults);
    return out;
}

}  // namespace oob::sim
