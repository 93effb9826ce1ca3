#pragma once

#include "core/value.h"
#include "sim/device.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace oob::sim {

/// One thing that happened to a device, as the device saw it.
struct JournalEntry {
    enum class Event {
        request,           ///< an HTTP request that was answered
        refused,           ///< a connection to a closed port, or one too many
        handshake_failed,  ///< TLS did not come about
        malformed,         ///< bytes that are no HTTP request
        session_begun,     ///< of redirection
        session_refused,   ///< likewise, or its login
        session_ended,
    };

    std::uint64_t sequence = 0;  ///< grows over the whole fleet
    std::chrono::system_clock::time_point time;
    Event event = Event::request;
    Port port = Port::http;
    std::string remote;  ///< "127.0.0.1:50112"
    std::string method;
    std::string target;
    std::string user;
    std::string login;  ///< name() of the Verdict; empty when none was asked for
    int status = 0;
    std::size_t request_bytes = 0;  ///< of the body
    std::string faults;             ///< those in force, as text
    Value device;                   ///< Answer::journal of a WS-Man request, or null
    std::string note;               ///< why a connection failed
};

std::string_view name(Port port);
std::string_view name(JournalEntry::Event event);
/// For a record. The keys are those of JournalEntry, and unknown ones are null.
Value to_value(const JournalEntry& entry);

/// The last things that happened to one device.
class Journal {
 public:
    static constexpr std::size_t most_entries = 256;

    void add(JournalEntry entry);
    /// Entries whose sequence is above `since`, oldest first.
    std::vector<JournalEntry> since(std::uint64_t since = 0) const;
    void drop_oldest() {
        if (!entries_.empty()) entries_.pop_front();
    }
    void clear() { entries_.clear(); }
    std::size_t size() const { return entries_.size(); }
    std::uint64_t total() const { return total_; }

 private:
    std::deque<JournalEntry> entries_;
    std::uint64_t total_ = 0;  // ever added
};

}  // namespace oob::sim
