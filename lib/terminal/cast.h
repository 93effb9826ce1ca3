#pragma once

#include "core/descriptor.h"
#include "core/error.h"

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace oob::terminal {

/// Writes what a terminal showed as an asciicast, version 2
/// (docs.asciinema.org/manual/asciicast/v2).
class CastWriter {
 public:
    /// A console has 80 columns and 25 lines. The file is for its owner alone. Throws Failure:
    /// config.cast when it cannot be made or is there already.
    CastWriter(const std::filesystem::path& path, const std::string& title);

    /// Text that was shown, whole characters; goes to the file at once. Throws Failure:
    /// config.cast.
    void show(std::string_view text);

 private:
    void write(const std::string& line);

    std::string path_;
    Descriptor file_;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

/// No recording lasts longer; so no sum of its times overflows.
inline constexpr std::chrono::hours longest_recording{366 * 24};

struct CastEvent {
    std::chrono::microseconds at{0};  ///< from 0 to longest_recording
    std::string text;
};

/// What a recording shows, in its order; other events than output are left out. Errors: class
/// `config`, code `config.cast`: no such file, no asciicast of version 2, or a time that is none.
Result<std::vector<CastEvent>> read_cast(const std::filesystem::path& path);

}  // namespace oob::terminal
