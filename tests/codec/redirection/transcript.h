#pragma once

#include "codec/redirection/frame.h"

#include <string_view>
#include <vector>

namespace oob::test {

/// A message of the worked examples of reference redirection, chapter 7.
struct Line {
    codec::redirection::Side from;
    std::string_view bytes;  ///< spaced hex
};

/// Session open and digest (7.1), serial-over-LAN (7.2), IDE redirection (7.3), in the order in
/// which they go over the wire; data of sectors is left out.
const std::vector<Line>& transcript();

}  // namespace oob::test
