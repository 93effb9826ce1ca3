#pragma once

#include "codec/wsman/message.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// The answers of real devices that lie beside the source tree, or where OOB_RECORDED says.
namespace oob::codec::wsman {

struct Recording {
    std::string name;  ///< path inside the folder
    std::string xml;
    Operation operation = Operation::get;
    std::string method;  ///< invoke only
};

/// All recordings by name; empty, with a line on standard output, when the folder is absent.
std::vector<Recording> recordings();

/// The texts of all elements in the body that have no child elements, white space at both ends
/// removed and empty ones left out.
std::vector<std::string> body_leaves(std::string_view xml);

/// The document without its declaration and without white space between tags, blanks between
/// attributes made one, no self-closing elements.
std::string canonical(std::string_view xml);

}  // namespace oob::codec::wsman
