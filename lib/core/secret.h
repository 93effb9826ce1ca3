#pragma once

#include <string>
#include <string_view>

namespace oob {

/// A password or key. It cannot be printed, compared or put into a record, and its memory is wiped
/// when it goes.
class Secret {
 public:
    Secret() = default;
    /// Takes the text over and wipes the caller's copy.
    explicit Secret(std::string&& text);
    Secret(const Secret& other) = default;
    Secret(Secret&& other) noexcept;
    Secret& operator=(const Secret& other);
    Secret& operator=(Secret&& other) noexcept;
    ~Secret();

    bool operator==(const Secret&) const = delete;

    bool empty() const { return text_.empty(); }
    /// For the one place that computes with it. Never store, log or format what this returns.
    std::string_view reveal() const { return text_; }

 private:
    std::string text_;
};

/// Overwrites the text so that the optimiser cannot leave it out, then empties it.
void cleanse(std::string& text);

}  // namespace oob
