#include "script.h"

#include "core/text.h"
#include "terminal/keys.h"

#include <boost/regex.hpp>

#include <map>
#include <utility>

namespace oob::sol {

struct Pattern::Compiled {
    boost::regex regex;
};

Pattern::Pattern(std::string text, std::unique_ptr<Compiled> compiled)
    : text_(std::move(text)), compiled_(std::move(compiled)) {}
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

Result<Pattern> Pattern::parse(std::string_view text) {
    try {
        auto compiled = std::make_unique<Compiled>(
            Compiled{boost::regex(text.begin(), text.end(), boost::regex::perl)});
        return Pattern(std::string(text), std::move(compiled));
    } catch (const boost::regex_error& error) {
        return std::unexpected(
            Error(Class::usage, "usage.expect",
                  join({"/", text, "/ is no regular expression: ", error.what()}),
                  "a backslash before a special character takes it as it is"));
    }
}

std::optional<Pattern::Match> Pattern::find(const std::string& text) const {
    boost::smatch found;
    try {
        if (!boost::regex_search(text, found, compiled_->regex)) return std::nullopt;
    } catch (const std::runtime_error&) {
        return std::nullopt;  // it would take for ever
    }
    Match out;
    out.end = static_cast<std::size_t>(found[0].second - text.begin());
    for (const auto& group : found) out.groups.push_back(group.str());
    return out;
}

namespace {

/// Reads one line of a script from left to right.
class Line {
 public:
    explicit Line(std::string_view text) : rest_(trim(text)) {}

    std::string_view word() {
        const std::size_t end = std::min(rest_.find_first_of(" \t"), rest_.size());
        return take(end);
    }
    /// "a\r" with its escapes; nothing when it is no text.
    std::optional<std::string> quoted() {
        if (!rest_.starts_with('"')) return std::nullopt;
        std::string out;
        for (std::size_t i = 1; i < rest_.size(); ++i) {
            if (rest_[i] == '"') {
                take(i + 1);
                return out;
            }
            if (rest_[i] != '\\') {
                out += rest_[i];
                continue;
            }
            if (++i >= rest_.size() || !escape(rest_, i, out)) return std::nullopt;
        }
        return std::nullopt;
    }
    /// What stands between slashes; a slash inside has a backslash before it.
    std::optional<std::string> slashed() {
        if (!rest_.starts_with('/')) return std::nullopt;
        std::string out;
        for (std::size_t i = 1; i < rest_.size(); ++i) {
            if (rest_[i] == '/') {
                take(i + 1);
                return out;
            }
            const bool hidden = rest_[i] == '\\' && i + 1 < rest_.size() && rest_[i + 1] == '/';
            if (hidden) ++i;
            out += rest_[i];
            if (!hidden && rest_[i] == '\\' && i + 1 < rest_.size()) out += rest_[++i];
        }
        return std::nullopt;
    }
    std::string_view rest() const { return rest_; }
    bool empty() const { return rest_.empty(); }

 private:
    std::string_view take(std::size_t count) {
        const std::string_view out = rest_.substr(0, count);
        rest_ = trim(rest_.substr(count));
        return out;
    }
    static bool escape(std::string_view text, std::size_t& at, std::string& out) {
        switch (text[at]) {
            case 'r':
                out += '\r';
                return true;
            case 'n':
                out += '\n';
                return true;
            case 't':
                out += '\t';
                return true;
            case 'e':
                out += '\x1b';
                return true;
            case '\\':
            case '"':
                out += text[at];
                return true;
            case 'x': {
                const auto byte = parse_hex(text.substr(std::min(at + 1, text.size()), 2));
                if (!byte || byte->size() != 1) return false;
                out += as_text(*byte);
                at += 2;
                return true;
            }
            default:
                return false;
        }
    }

    std::string_view rest_;
};

/// Turns lines into steps; where labels are is known at the end.
class Reader {
 public:
    std::vector<Step> read(std::string_view text) {
        for (const std::string_view line : split(text, '\n')) {
            ++number_;
            Line words(line);
            if (!words.empty() && !words.rest().starts_with('#')) step(words);
        }
        if (in_branch_) refuse("a branch has no end");
        for (auto& [index, name] : jumps_) steps_[index].target = place_of(name);
        for (auto& way : ways_) steps_[way.step].ways[way.index].target = place_of(way.name);
        return std::move(steps_);
    }

 private:
    struct NamedWay {
        std::size_t step;
        std::size_t index;
        std::string name;
    };

    [[noreturn]] void refuse(std::string_view what) const {
        fail(Class::usage, "usage.expect", join({"line ", std::to_string(number_), ": ", what}),
             "oob-sol(1) describes the language");
        std::unreachable();
    }

    std::size_t place_of(const std::string& label) const {
        const auto found = labels_.find(label);
        if (found == labels_.end()) refuse(join({"there is no label ", label}));
        return found->second;
    }

    Step& add(Step::Kind kind) {
        Step step;
        step.kind = kind;
        step.line = number_;
        steps_.push_back(std::move(step));
        return steps_.back();
    }

    Pattern pattern(Line& line) const {
        const auto text = line.slashed();
        if (!text) refuse("a pattern stands between slashes: /login:/");
        auto out = Pattern::parse(*text);
        if (!out) refuse(out.error().message);
        return *std::move(out);
    }

    std::chrono::milliseconds duration(Line& line) const {
        const auto out = parse_duration(line.word());
        if (!out) refuse("this is no duration: 500ms, 3s, 2m");
        return *out;
    }

    std::string text(Line& line) const {
        const auto out = line.quoted();
        if (!out) refuse("a text stands in quotes, with \\r \\n \\t \\e \\xHH \\\" and \\\\ in it");
        return *out;
    }

    void way(Line& line) {
        Step& branch = steps_.back();
        Step::Way out;
        if (line.rest().starts_with('/'))
            out.pattern = pattern(line);
        else if (line.word() != "timeout")
            refuse("a way of a branch is a pattern or timeout");
        if (line.word() != "->" || line.empty())
            refuse("an arrow leads to a label: /login:/ -> login");
        ways_.push_back({steps_.size() - 1, branch.ways.size(), std::string(line.word())});
        branch.ways.push_back(std::move(out));
    }

    void step(Line& line) {
        if (in_branch_ && line.rest() != "end") return way(line);
        const std::string_view word = line.word();
        if (word == "end" && in_branch_) {
            in_branch_ = false;
            if (steps_.back().ways.empty()) refuse("a branch leads nowhere");
        } else if (word == "timeout") {
            add(Step::Kind::timeout).duration = duration(line);
        } else if (word == "pause") {
            add(Step::Kind::pause).duration = duration(line);
        } else if (word == "send") {
            send(line);
        } else if (word == "key") {
            key(line);
        } else if (word == "expect") {
            expect(line);
        } else if (word == "branch") {
            add(Step::Kind::branch);
            in_branch_ = true;
        } else if (word == "label") {
            label(std::string(line.word()));
        } else if (word == "goto") {
            add(Step::Kind::jump);
            jumps_.emplace_back(steps_.size() - 1, std::string(line.word()));
        } else if (word == "pass" || word == "fail") {
            Step& out = add(word == "pass" ? Step::Kind::pass : Step::Kind::fail);
            if (!line.empty()) out.text = text(line);
        } else {
            refuse(join({"there is no step called ", word}));
        }
        if (!line.empty()) refuse(join({"there is too much: ", line.rest()}));
    }

    void send(Line& line) {
        if (!line.rest().starts_with('$')) {
            add(Step::Kind::send).text = text(line);
            return;
        }
        Step& out = add(Step::Kind::send_variable);
        out.text = line.word().substr(1);
        if (out.text.empty()) refuse("a variable has a name: send $ROOT_PASSWORD");
    }

    void key(Line& line) {
        Step& out = add(Step::Kind::key);
        while (!line.empty()) {
            const std::string_view name = line.word();
            if (!terminal::key_bytes(name, terminal::Map::vt_utf8))
                refuse(join({"there is no key called ", name}));
            out.text += join({out.text.empty() ? "" : " ", name});
        }
        if (out.text.empty()) refuse("which key? F2, Enter, Up, Ctrl-C …");
    }

    void expect(Line& line) {
        Pattern wanted = pattern(line);
        Step& out = add(Step::Kind::expect);
        out.pattern = std::move(wanted);
        if (line.empty()) return;
        if (line.word() != "as" || line.empty())
            refuse("a name follows as: expect /(\\d+)/ as number");
        out.name = line.word();
    }

    void label(std::string name) {
        if (name.empty()) refuse("a label has a name");
        if (!labels_.emplace(std::move(name), steps_.size()).second)
            refuse("that label exists twice");
    }

    std::size_t number_ = 0;
    bool in_branch_ = false;
    std::vector<Step> steps_;
    std::map<std::string, std::size_t> labels_;
    std::vector<std::pair<std::size_t, std::string>> jumps_;
    std::vector<NamedWay> ways_;
};

}  // namespace

Result<std::vector<Step>> parse_script(std::string_view text) {
    try {
        return Reader().read(text);
    } catch (const Failure& failure) {
        return std::unexpected(failure.error());
    }
}

}  // namespace oob::sol
