#include "sim/model/text_template.h"

namespace oob::sim {

bool is_placeholder(std::string_view text) {
    return text.size() > 2 && text.front() == '{' && text.find('}') == text.size() - 1;
}

bool is_live(std::string_view text) {
    return is_placeholder(text) && text.find('.') != std::string_view::npos;
}

std::string fill(std::string_view text, const Resolver& resolve) {
    std::string out;
    while (true) {
        const std::size_t open = text.find('{');
        const std::size_t close = text.find('}', open);
        if (open == std::string_view::npos || close == std::string_view::npos) break;
        out += text.substr(0, open);
        const Texts values = resolve(text.substr(open + 1, close - open - 1));
        if (!values.empty()) out += values.front();
        text.remove_prefix(close + 1);
    }
    out += text;
    return out;
}

}  // namespace oob::sim
