#include "codec/wsman/secrets.h"

#include "codec/wsman/schema.h"
#include "core/text.h"

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <string>
#include <unordered_set>

namespace oob::codec::wsman {

namespace {

/// In names that the catalogue does not know, compared with what bare() makes of them.
constexpr std::array<std::string_view, 7> telling_parts{
    "password", "passphrase", "passwd", "passcode", "secret", "psk", "privatekey"};

/// Only letters and digits, in lower case: "Private-Key" is "privatekey".
std::string bare(std::string_view name) {
    std::string out;
    out.reserve(name.size());
    for (const char c : name) {
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
        if (c >= 'A' && c <= 'Z') out += static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

/// Lets a set of strings be asked with a view.
struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
        return std::hash<std::string_view>()(text);
    }
};
using NameSet = std::unordered_set<std::string, Hash, std::equal_to<>>;

/// Every name that the catalogue has, dealt out once.
class Names {
 public:
    Names() {
        std::set<std::string_view> marked;
        const auto add = [&](const Property& each) {
            if (each.secret)
                marked.insert(each.name);
            else
                known_.insert(each.name);
        };
        for (const std::string_view name : class_names()) {
            const ClassSchema& schema = *find_class(name);
            known_.emplace(name);
            std::ranges::for_each(schema.properties, add);
            for (const Method& method : schema.methods) {
                for (const std::string_view end : {"", "_INPUT", "_OUTPUT", "Response"})
                    known_.emplace(join({method.name, end}));
                std::ranges::for_each(method.input, add);
                std::ranges::for_each(method.output, add);
            }
        }
        marked_.assign(marked.begin(), marked.end());
        for (const std::string_view name : marked_) {
            known_.erase(std::string(name));  // one class without the mark does not clear a name
            bare_.insert(bare(name));
        }
    }

    const std::vector<std::string_view>& marked() const { return marked_; }

    bool is_secret(std::string_view name) const {
        if (std::ranges::binary_search(marked_, name)) return true;
        if (known_.contains(name)) return false;
        const std::string word = bare(name);
        return bare_.contains(word) || std::ranges::any_of(telling_parts, [&](auto part) {
                   return word.find(part) != std::string::npos;
               });
    }

 private:
    std::vector<std::string_view> marked_;  // lives as long as the catalogue
    NameSet known_;
    NameSet bare_;
};

const Names& names() {
    static const Names all;
    return all;
}

}  // namespace

const std::vector<std::string_view>& secret_names() { return names().marked(); }

bool is_secret(std::string_view name) { return names().is_secret(name); }

bool is_secret_path(std::string_view path) {
    return std::ranges::any_of(split(path, '.'), [](auto part) { return is_secret(part); });
}

}  // namespace oob::codec::wsman
