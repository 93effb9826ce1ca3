#include "codec/wsman/instance.h"

#include "codec/wsman/namespaces.h"

#include <doctest/doctest.h>

using namespace oob::codec::wsman;

namespace {

constexpr std::string_view sample =
    R"(<h:X xmlns:h="urn:x" xmlns:b="http://schemas.xmlsoap.org/ws/2004/08/addressing")"
    R"( xmlns:c="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd")"
    R"( xmlns:i="http://schemas.dmtf.org/wbem/wscim/1/common" xmlns:k="urn:k">)"
    R"(<h:Text> as it is </h:Text><h:N>1</h:N><h:N>x</h:N><h:N>18446744073709551615</h:N>)"
    R"(<h:When> <i:Datetime> 2026-01-31T07:00:00Z </i:Datetime> </h:When>)"
    R"(<h:Every><i:Interval>P1DT0H0M0S</i:Interval></h:Every>)"
    R"(<h:Ref><b:Address>default</b:Address><b:ReferenceParameters>)"
    R"(<c:ResourceURI> urn:y </c:ResourceURI>)"
    R"(<c:SelectorSet><c:Selector Name="A"> 1 </c:Selector></c:SelectorSet>)"
    R"(</b:ReferenceParameters></h:Ref>)"
    R"(<h:Wrapped><b:EndpointReference><b:Address>z</b:Address>)"
    R"(<b:ReferenceParameters><c:ResourceURI>urn:z)"
    R"(</c:ResourceURI></b:ReferenceParameters></b:EndpointReference></h:Wrapped>)"
    R"(<h:Object><k:One>1</k:One><k:Two>2</k:Two></h:Object>)"
    R"(<h:True>true</h:True><h:Zero>0</h:Zero><h:Odd>maybe</h:Odd></h:X>)";

Instance decoded(std::string_view text) {
    const auto document = xml::Document::parse(text);
    REQUIRE(document);
    return decode_instance(document->root());
}

}  // namespace

TEST_CASE("every kind of member is told from the others") {
    const Instance instance = decoded(sample);
    CHECK(instance.name == "X");
    CHECK(instance.uri == "urn:x");
    const Members& members = instance.members;
    CHECK(*find(members, "Text") == text_member("Text", " as it is "));
    CHECK(*find(members, "When") == datetime_member("When", "2026-01-31T07:00:00Z"));
    CHECK(*find(members, "Every") == interval_member("Every", "P1DT0H0M0S"));

    Member reference = reference_member("Ref", "urn:y", {text_member("A", " 1 ")});
    CHECK(reference.text == ns::anonymous);
    reference.text = "default";
    CHECK(*find(members, "Ref") == reference);
    Member wrapped = reference_member("Wrapped", "urn:z", {});
    wrapped.text = "z";
    CHECK(*find(members, "Wrapped") == wrapped);

    const Member* object = find(members, "Object");
    CHECK(object->kind == Member::Kind::object);
    CHECK(object->uri == "urn:k");
    CHECK(object->members == Members{text_member("One", "1"), text_member("Two", "2")});
}

TEST_CASE("members are asked for as text, number, truth and list") {
    const Members members = decoded(sample).members;
    CHECK(text_of(members, "Text") == " as it is ");
    CHECK_FALSE(text_of(members, "Nobody"));
    CHECK(number_of(members, "N") == 1);
    CHECK_FALSE(number_of(members, "Text"));
    CHECK(numbers_of(members, "N") == std::vector<std::uint64_t>{1, 18446744073709551615U});
    CHECK(numbers_of(members, "Nobody").empty());
    CHECK(truth_of(members, "True") == true);
    CHECK(truth_of(members, "Zero") == false);
    CHECK_FALSE(truth_of(members, "Odd"));
    CHECK_FALSE(truth_of(members, "Nobody"));
}

TEST_CASE("a null member has no text") {
    const Members members =
        decoded(
            R"(<r xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><a xsi:nil="true"/></r>)")
            .members;
    REQUIRE(members.size() == 1);
    CHECK(members[0].kind == Member::Kind::null);
    CHECK_FALSE(text_of(members, "a"));
}

TEST_CASE("an element that is a reference itself has it as its only member") {
    const Instance instance = decoded(
        "<E><Address>x</Address><ReferenceParameters><ResourceURI>u</ResourceURI>"
        "</ReferenceParameters></E>");
    REQUIRE(instance.members.size() == 1);
    CHECK(instance.members[0].name == "EndpointReference");
    CHECK(instance.members[0].kind == Member::Kind::reference);
    CHECK(instance.members[0].uri == "u");
}
