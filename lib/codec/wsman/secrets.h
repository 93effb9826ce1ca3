#pragma once

#include <string_view>
#include <vector>

/// Which names stand for a secret. The class catalogue says so (`secret` in schema.mof); what is
/// shown, traced or written down anywhere follows from here, and there is no other list.
namespace oob::codec::wsman {

/// What stands in place of a secret.
inline constexpr std::string_view blot = "[redacted]";

/// The names of all properties and parameters that the catalogue marks as secret, sorted, each
/// once.
const std::vector<std::string_view>& secret_names();

/// Whether what is called so is a secret, whatever class it belongs to: a name that the catalogue
/// marks in any class. A name of the catalogue that it marks nowhere (PasswordModel,
/// UserPasswordBypass, AMT_MPSUsernamePassword) is none. Of other names, those of vendors' classes
/// and of free text, it is assumed when, without regard to case and to what is neither letter nor
/// digit, they are a marked name or have one of these in them: password, passphrase, passwd,
/// passcode, secret, psk, privatekey.
bool is_secret(std::string_view name);

/// The same for a dotted path of the command line, "IEEE8021xSettingsInput.Password": true when any
/// of its parts is a secret.
bool is_secret_path(std::string_view path);

}  // namespace oob::codec::wsman
