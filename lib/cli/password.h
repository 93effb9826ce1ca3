#pragma once

#include "core/error.h"
#include "core/secret.h"

#include <string>
#include <string_view>

namespace oob::cli {

/// The password in what a source gave: its first line, without the line's end, and without the mark
/// that Windows programs put in front of UTF-8. Errors: class `config`, code `config.credential`,
/// in words that name the source and nothing of the password: when it is empty, is UTF-16, or has a
/// NUL in it. The text is wiped.
Result<Secret> password_in(std::string text, std::string_view source);

/// Whether a device behind this scheme can have such a password at all: firmware of AMT takes 32
/// characters, so a login with a longer one would only bring its account nearer to being locked.
/// Error: class `config`, code `config.credential`.
Result<void> check_password(const Secret& password, std::string_view scheme, std::string_view user);

}  // namespace oob::cli
