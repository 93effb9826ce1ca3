#include "codec/wsman/schema_parser.h"

#include "core/text.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

namespace oob::codec::wsman {

namespace {

struct TypeName {
    std::string_view name;
    Type type;
};

constexpr std::array<TypeName, 15> type_names{{
    {"boolean", Type::boolean},
    {"uint8", Type::uint8},
    {"uint16", Type::uint16},
    {"uint32", Type::uint32},
    {"uint64", Type::uint64},
    {"sint16", Type::sint16},
    {"sint32", Type::sint32},
    {"sint64", Type::sint64},
    {"real", Type::real},
    {"string", Type::string},
    {"base64", Type::base64},
    {"hex", Type::hex_binary},
    {"datetime", Type::datetime},
    {"ref", Type::reference},
    {"object", Type::object},
}};

constexpr std::string_view punctuation = "{}()[]:;,";

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// Words and punctuation marks; comments run from // to the end of the line.
class Tokens {
 public:
    explicit Tokens(std::string_view text) : text_(text) { next(); }

    std::string_view peek() const { return token_; }
    bool at_end() const { return token_.empty(); }

    std::string_view take() {
        const std::string_view taken = token_;
        next();
        return taken;
    }

    bool accept(std::string_view wanted) {
        if (token_ != wanted) return false;
        next();
        return true;
    }

    std::size_t line() const {
        const std::string_view before = text_.substr(0, at_ - token_.size());
        return 1 + static_cast<std::size_t>(std::ranges::count(before, '\n'));
    }

 private:
    void next() {
        while (at_ < text_.size()) {
            if (is_blank(text_[at_]))
                ++at_;
            else if (text_.substr(at_).starts_with("//"))
                at_ = std::min(text_.find('\n', at_), text_.size());
            else
                break;
        }
        const std::size_t begin = at_;
        if (at_ < text_.size() && punctuation.find(text_[at_]) != std::string_view::npos)
            ++at_;
        else
            while (at_ < text_.size() && !is_blank(text_[at_]) &&
                   punctuation.find(text_[at_]) == std::string_view::npos)
                ++at_;
        token_ = text_.substr(begin, at_ - begin);
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string_view token_;
};

class Parser {
 public:
    explicit Parser(std::string_view text) : in_(text) {}

    Result<Catalogue> run() {
        while (!in_.at_end() && message_.empty()) declaration();
        if (message_.empty())
            for (auto& [name, each] : classes_) inherit(each);
        if (!message_.empty())
            return std::unexpected(Error(Class::internal, "internal.schema", message_));
        Catalogue catalogue;
        for (auto& [name, each] : classes_) catalogue.classes.push_back(std::move(each.schema));
        catalogue.tables = std::move(tables_);
        return catalogue;
    }

 private:
    struct Declared {
        ClassSchema schema;
        /// How far its superclasses' features are taken over.
        enum class Inherits { not_yet, now, all } inherits = Inherits::not_yet;
    };

    void declaration() {
        if (in_.accept("values")) return table();
        if (in_.accept("class")) return class_schema();
        complain("class or values is wanted");
    }

    void table() {
        ValueTable& table = tables_.emplace_back();
        table.name = in_.take();
        expect("{");
        while (going() && !in_.accept("}")) {
            const auto number = parse_unsigned(in_.take());
            if (!number || *number > UINT32_MAX) return complain("a number is wanted");
            table.values.emplace_back(static_cast<std::uint32_t>(*number), in_.take());
            in_.accept(",");
        }
    }

    void class_schema() {
        Declared declared;
        ClassSchema& schema = declared.schema;
        schema.name = in_.take();
        if (in_.accept(":")) schema.superclass = in_.take();
        expect("{");
        while (going() && !in_.accept("}")) {
            if (in_.accept("method")) {
                schema.methods.push_back(method());
                continue;
            }
            schema.properties.push_back(property());
            expect(";");
        }
        const std::string name = schema.name;
        if (!classes_.emplace(name, std::move(declared)).second)
            complain(join({name, " is declared twice"}));
    }

    /// Puts what the superclasses declare before a class's own; one of the same name is replaced in
    /// its place.
    void inherit(Declared& declared) {
        using enum Declared::Inherits;
        if (declared.inherits == all || !message_.empty()) return;
        ClassSchema& schema = declared.schema;
        if (declared.inherits == now)
            return complain(join({schema.name, " is among its own superclasses"}));
        declared.inherits = now;
        inherit_from_superclass(schema);
        declared.inherits = all;
    }

    void inherit_from_superclass(ClassSchema& schema) {
        if (schema.superclass.empty()) return;
        const auto super = classes_.find(schema.superclass);
        if (super == classes_.end())
            return complain(join({schema.name, " has an unknown superclass"}));
        inherit(super->second);
        schema.properties = merged(super->second.schema.properties, std::move(schema.properties));
        schema.methods = merged(super->second.schema.methods, std::move(schema.methods));
    }

    template <class Feature>
    static std::vector<Feature> merged(const std::vector<Feature>& inherited,
                                       std::vector<Feature> own) {
        std::vector<Feature> all;
        all.reserve(inherited.size() + own.size());
        all = inherited;
        for (Feature& feature : own) {
            const auto end = all.begin() + static_cast<std::ptrdiff_t>(inherited.size());
            const auto old = std::find_if(
                all.begin(), end, [&](const Feature& each) { return each.name == feature.name; });
            if (old == end)
                all.push_back(std::move(feature));
            else
                *old = std::move(feature);
        }
        return all;
    }

    Property property() {
        Property made;
        for (;;) {
            if (in_.accept("key"))
                made.key = true;
            else if (in_.accept("required"))
                made.required = true;
            else if (in_.accept("secret"))
                made.secret = true;
            else
                break;
        }
        const auto* type = std::ranges::find(type_names, in_.take(), &TypeName::name);
        if (type == type_names.end()) {
            complain("a type is wanted");
            return made;
        }
        made.type = type->type;
        made.name = in_.take();
        if (in_.accept("[")) {
            expect("]");
            made.array = true;
        }
        return made;
    }

    std::vector<Property> parameters() {
        std::vector<Property> all;
        expect("(");
        while (going() && !in_.accept(")")) {
            all.push_back(property());
            in_.accept(",");
        }
        return all;
    }

    Method method() {
        Method made;
        made.name = in_.take();
        made.input = parameters();
        if (in_.accept("->")) made.output = parameters();
        made.output.push_back({.name = "ReturnValue", .type = Type::uint32});
        if (in_.accept("returns")) {
            made.return_values = in_.take();
            if (std::ranges::find(tables_, made.return_values, &ValueTable::name) == tables_.end())
                complain("the table of return values stands below or nowhere");
        }
        expect(";");
        return made;
    }

    bool going() {
        if (in_.at_end()) complain("the text ends too early");
        return message_.empty();
    }

    void expect(std::string_view wanted) {
        if (!in_.accept(wanted))
            complain(join({"\"", wanted, "\" is wanted before \"", in_.peek(), "\""}));
    }

    void complain(std::string_view message) {
        if (message_.empty())
            message_ = join({"schema, line ", std::to_string(in_.line()), ": ", message});
    }

    Tokens in_;
    std::string message_;
    std::map<std::string, Declared, std::less<>> classes_;
    std::vector<ValueTable> tables_;
};

}  // namespace

Result<Catalogue> parse_schema(std::string_view text) { return Parser(text).run(); }

}  // namespace oob::codec::wsman
