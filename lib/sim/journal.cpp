#include "sim/journal.h"

#include "core/text.h"

#include <utility>

namespace oob::sim {

namespace {

Value text_or_null(const std::string& text) { return text.empty() ? Value() : Value(text); }

}  // namespace

std::string_view name(Port port) {
    switch (port) {
        case Port::http:
            return "http";
        case Port::https:
            return "https";
        case Port::redirection:
            return "redirection";
        case Port::redirection_tls:
            return "redirection_tls";
    }
    return "http";
}

std::string_view name(JournalEntry::Event event) {
    switch (event) {
        case JournalEntry::Event::request:
            return "request";
        case JournalEntry::Event::refused:
            return "refused";
        case JournalEntry::Event::handshake_failed:
            return "handshake_failed";
        case JournalEntry::Event::malformed:
            return "malformed";
        case JournalEntry::Event::session_begun:
            return "session_begun";
        case JournalEntry::Event::session_refused:
            return "session_refused";
        case JournalEntry::Event::session_ended:
            return "session_ended";
    }
    return "request";
}

Value to_value(const JournalEntry& entry) {
    Value out;
    out.set("sequence", entry.sequence)
        .set("time", rfc3339(entry.time))
        .set("event", name(entry.event))
        .set("port", name(entry.port))
        .set("remote", text_or_null(entry.remote))
        .set("method", text_or_null(entry.method))
        .set("target", text_or_null(entry.target))
        .set("user", text_or_null(entry.user))
        .set("login", text_or_null(entry.login))
        .set("status", entry.status == 0 ? Value() : Value(entry.status))
        .set("request_bytes", entry.request_bytes)
        .set("faults", text_or_null(entry.faults))
        .set("device", entry.device)
        .set("note", text_or_null(entry.note));
    return out;
}

void Journal::add(JournalEntry entry) {
    if (entries_.size() >= most_entries) entries_.pop_front();
    entries_.push_back(std::move(entry));
    ++total_;
}

std::vector<JournalEntry> Journal::since(std::uint64_t since) const {
    std::vector<JournalEntry> out;
    for (const JournalEntry& entry : entries_)
        if (entry.sequence > since) out.push_back(entry);
    return out;
}

}  // namespace oob::sim
