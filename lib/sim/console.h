#pragma once

#include "core/bytes.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace oob::sim {

/// What a host does on its serial port: it prints while it starts, asks for a login, and runs a
/// small shell whose commands are made for tests. Knows neither socket nor clock.
///
///   help          what there is
///   echo WORDS    the words
///   flood BYTES   as many bytes, in lines of sixteen: their number and a line feed
///   raw BYTES     gives so many of the following bytes back as they come, whatever they are
///   exit          the login again
class Console {
 public:
    /// What nobody reads is kept up to here; the oldest goes first, as in a serial port's buffer.
    static constexpr std::size_t most_output = std::size_t{256} * 1024;
    /// Keys that whoever is attached does not take are dropped beyond this.
    static constexpr std::size_t most_typed = std::size_t{64} * 1024;

    explicit Console(std::string host_name) : host_name_(std::move(host_name)) {}

    /// The host starts.
    void start();
    /// It loses power.
    void lose_power() {
        if (mode_ != Mode::attached) stop();
    }
    void type(View bytes);
    /// Somebody else is the host from here on: its keys are kept for take_typed(), and it prints
    /// with say().
    void attach();
    /// The scripted host again, as after a loss of power.
    void detach() { stop(); }
    void say(View bytes) { print(as_text(bytes)); }
    Bytes take_typed() { return std::exchange(typed_, {}); }
    /// Bytes that nobody has taken yet.
    std::size_t waiting() const { return output_.size(); }
    /// At most so many bytes of what it prints.
    Bytes take(std::size_t most);
    bool has_output() const { return !output_.empty() || flood_ > 0; }
    /// True once after output was thrown away.
    bool take_overflow();

 private:
    enum class Mode { off, login, password, shell, attached };

    void stop();
    void print(std::string_view text);
    void type(char c);
    void enter();
    void run(std::string_view line);
    void prompt();

    std::string host_name_;
    Mode mode_ = Mode::login;
    std::string line_;
    std::string user_;
    std::string output_;
    Bytes typed_;                // for whoever is attached
    std::uint64_t flood_ = 0;    // bytes that are still to come
    std::uint64_t flooded_ = 0;  // of this flood
    std::uint64_t raw_ = 0;      // bytes that are still given back
    bool overflow_ = false;
    char before_ = 0;
};

}  // namespace oob::sim
