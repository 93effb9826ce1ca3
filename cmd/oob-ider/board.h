#pragma once

#include "media/statistics.h"
#include "net/deadline.h"
#include "report/person.h"

#include <chrono>
#include <cstdint>
#include <list>
#include <string>

namespace oob::ider {

/// Shows on standard error how lending goes: a line that is drawn anew on a terminal, records for
/// --progress ndjson, or nothing.
class Board {
 public:
    enum class Kind { none, bar, ndjson };

    /// `kind` as --progress says; "auto" is a bar on a terminal and nothing elsewhere.
    Board(const std::string& kind, bool quiet);
    Board(const Board&) = delete;
    Board& operator=(const Board&) = delete;

    /// One device that is shown, for as long as it lives. The statistics outlive it.
    class Row {
     public:
        Row(Board& board, std::string name, const media::Statistics& statistics);
        ~Row();
        Row(const Row&) = delete;
        Row& operator=(const Row&) = delete;

     private:
        friend class Board;
        Board& board_;
        std::string name_;
        const media::Statistics& statistics_;
        std::uint64_t shown_bytes_ = 0;
        std::uint64_t shown_reads_ = 0;
    };

    /// Draws, at most a few times a second, whoever calls it.
    void tick();
    /// A sentence for people, above what is drawn.
    void say(const std::string& text);
    /// Takes away what is drawn, before something else is written on the same terminal.
    void clear() { line_.clear(); }
    bool quiet() const { return quiet_; }

 private:
    void draw(double seconds);
    void print(double seconds);

    Kind kind_ = Kind::none;
    bool quiet_ = false;
    report::StatusLine line_;
    std::list<Row*> rows_;
    net::Clock::time_point last_ = net::Clock::now();
};

}  // namespace oob::ider
