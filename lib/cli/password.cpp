#include "cli/password.h"

#include "core/target.h"
#include "core/text.h"

#include <algorithm>
#include <utility>

namespace oob::cli {

namespace {

/// The rule of AMT and MEBx for strong passwords: 8 to 32 characters of 7-bit ASCII.
constexpr std::size_t longest_of_amt = 32;
constexpr std::string_view mark_of_utf8 = "\xef\xbb\xbf";

std::unexpected<Error> unusable(std::string message, std::string hint) {
    return std::unexpected(
        Error(Class::config, "config.credential", std::move(message), std::move(hint)));
}

}  // namespace

Result<Secret> password_in(std::string text, std::string_view source) {
    const std::string_view all = text;
    const bool wide = all.starts_with("\xff\xfe") || all.starts_with("\xfe\xff");
    const std::size_t begin = all.starts_with(mark_of_utf8) ? mark_of_utf8.size() : 0;
    const std::size_t end = std::min(all.find_first_of("\r\n", begin), all.size());
    const std::string_view line = all.substr(begin, end - begin);
    const bool has_nul = line.contains('\0');
    const bool more = all.find_first_not_of("\r\n", end) != std::string_view::npos;
    std::string password(line);
    cleanse(text);
    Secret out(std::move(password));
    if (wide)
        return unusable(join({source, " is UTF-16, and a password is not"}),
                        "save it as ASCII or UTF-8");
    if (has_nul)
        return unusable(join({"the password in ", source, " has a NUL in it"}),
                        "no password can hold one: is the file text?");
    if (out.empty())
        return unusable(join({"no password in ", source, more ? ": its first line is empty" : ""}),
                        "its first line is the password");
    return out;
}

Result<void> check_password(const Secret& password, std::string_view scheme,
                            std::string_view user) {
    const bool amt = scheme == amt_scheme || scheme == amt_plain_scheme;
    if (!amt || password.reveal().size() <= longest_of_amt) return {};
    return unusable(join({"the password for ", user,
                          " is longer than 32 characters, which no AMT "
                          "account has"}),
                    "is it another machine's, or a whole line of something else? see --credential");
}

}  // namespace oob::cli
