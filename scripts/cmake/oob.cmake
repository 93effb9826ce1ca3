# The flags that everything is built with, and one function for each kind of target.

option(OOB_WERROR "Treat warnings as errors" OFF)
option(OOB_FUZZ "Build the libFuzzer targets" OFF)
set(OOB_SANITIZE "" CACHE STRING "Sanitizers, for instance address,undefined")

include(compiler)

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_library(oob_flags INTERFACE)
target_include_directories(oob_flags INTERFACE ${PROJECT_SOURCE_DIR}/lib)
target_compile_options(oob_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
  -Wimplicit-fallthrough
  -Wno-missing-designated-field-initializers -fno-strict-aliasing -fstack-protector-strong
  $<$<BOOL:${OOB_WERROR}>:-Werror>)
# The same for libraries and programs, so that both can use the one precompiled header.
target_compile_options(oob_flags INTERFACE -fPIE)
target_link_options(oob_flags INTERFACE -pie)
target_compile_definitions(oob_flags INTERFACE
  OOB_VERSION="${PROJECT_VERSION}"
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_REGEX
  JSON_USE_IMPLICIT_CONVERSIONS=0)
if(OOB_SANITIZE)
  target_compile_options(oob_flags INTERFACE
    -fsanitize=${OOB_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(oob_flags INTERFACE -fsanitize=${OOB_SANITIZE})
endif()
if(OOB_FUZZ)
  target_compile_options(oob_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
find_program(OOB_LLD NAMES ld.lld-19 ld.lld)
if(OOB_LLD AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_link_options(oob_flags INTERFACE --ld-path=${OOB_LLD})
endif()

# Two precompiled headers: the standard library for pure layers, and with Asio's coroutines for all others.
function(oob_precompiled_headers)
  file(WRITE ${PROJECT_BINARY_DIR}/oob_pch.cpp "// Carries a precompiled header.\n")
  foreach(kind standard asio)
    add_library(oob_pch_${kind} OBJECT ${PROJECT_BINARY_DIR}/oob_pch.cpp)
    target_link_libraries(oob_pch_${kind} PRIVATE oob_flags)
    target_precompile_headers(oob_pch_${kind} PRIVATE ${PROJECT_SOURCE_DIR}/scripts/cmake/pch_${kind}.h)
  endforeach()
endfunction()

function(oob_use_precompiled_header target with_asio)
  if(with_asio)
    target_precompile_headers(${target} REUSE_FROM oob_pch_asio)
  else()
    target_precompile_headers(${target} REUSE_FROM oob_pch_standard)
  endif()
endfunction()

# Command lines and tests are compiled often and run briefly: optimising them hard costs more than it gives.
function(oob_optimise_little)
  set_property(SOURCE ${ARGN} APPEND PROPERTY COMPILE_OPTIONS $<$<CONFIG:Release>:-O1>)
endfunction()

# oob_layer(NAME [ASIO] SOURCES ... HEADERS ... LINKS ...): a layer of lib/. LINKS are the arrows of ARCHITECTURE.md.
function(oob_layer name)
  cmake_parse_arguments(arg "ASIO" "" "SOURCES;HEADERS;LINKS;PRIVATE_LINKS" ${ARGN})
  add_library(oob_${name} STATIC ${arg_SOURCES})
  add_library(oob::${name} ALIAS oob_${name})
  target_sources(oob_${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/lib FILES ${arg_HEADERS})
  target_link_libraries(oob_${name} PUBLIC oob_flags ${arg_LINKS} PRIVATE ${arg_PRIVATE_LINKS})
  oob_use_precompiled_header(oob_${name} "${arg_ASIO}")
endfunction()

# oob_tool(NAME SOURCES ... LINKS ...): a program. Installing it requires its man page and its completions.
function(oob_tool name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE oob_flags ${arg_LINKS})
  oob_use_precompiled_header(${name} ON)
  install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(FILES ${PROJECT_SOURCE_DIR}/man/${name}.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES ${PROJECT_SOURCE_DIR}/completions/${name}.bash
          DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME ${name})
endfunction()

# oob_test(NAME [ASIO] SOURCES ... LINKS ...): a doctest program, run by ctest as one test, labelled `unit`.
function(oob_test name)
  cmake_parse_arguments(arg "ASIO" "" "SOURCES;LINKS" ${ARGN})
  add_executable(test_${name} ${arg_SOURCES})
  target_link_libraries(test_${name} PRIVATE oob_flags oob_test_main doctest::doctest ${arg_LINKS})
  target_include_directories(test_${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_options(test_${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  oob_use_precompiled_header(test_${name} "${arg_ASIO}")
  add_test(NAME ${name} COMMAND test_${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 300 LABELS unit)
endfunction()

# oob_fuzzer(NAME [ASIO] SOURCE ... LINKS ...): a libFuzzer program when OOB_FUZZ is on; otherwise the same function run
# once over its seeds (tests/fuzz/seeds/NAME) as a test, labelled `unit`. With ASIO its time is tests/support/fake_time.
# All of them are the target `fuzzers`.
function(oob_fuzzer name)
  cmake_parse_arguments(arg "ASIO" "" "LINKS" ${ARGN})
  add_executable(fuzz_${name} ${arg_UNPARSED_ARGUMENTS})
  oob_use_precompiled_header(fuzz_${name} "${arg_ASIO}")
  target_link_libraries(fuzz_${name} PRIVATE oob_flags ${arg_LINKS})
  target_include_directories(fuzz_${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  add_dependencies(fuzzers fuzz_${name})
  if(arg_ASIO)
    target_sources(fuzz_${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests/support/fake_time.cpp)
  endif()
  if(OOB_FUZZ)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(fuzz_${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests/fuzz/replay_main.cpp)
    add_test(NAME seeds_${name} COMMAND fuzz_${name} ${PROJECT_SOURCE_DIR}/tests/fuzz/seeds/${name})
    set_tests_properties(seeds_${name} PROPERTIES LABELS unit)
  endif()
endfunction()

# oob_embed(TARGET SYMBOL FILE ...): the files' bytes, one after the other, as `std::string_view SYMBOL()` in
# namespace oob::embedded, so that programs carry their data and need no path at run time.
function(oob_embed target symbol)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.cpp)
  set(assembly "")
  foreach(file ${ARGN})
    get_filename_component(path ${file} ABSOLUTE)
    string(APPEND assembly "    \".incbin \\\"${path}\\\"\\n\"\n")
    list(APPEND paths ${path})
  endforeach()
  file(CONFIGURE OUTPUT ${output} @ONLY CONTENT [[
#include <string_view>
asm(".section .rodata\n"
    ".global oob_embedded_@symbol@\n"
    "oob_embedded_@symbol@:\n"
@assembly@    ".global oob_embedded_@symbol@_end\n"
    "oob_embedded_@symbol@_end:\n"
    ".byte 0\n"
    ".text\n");
extern "C" const char oob_embedded_@symbol@[];
extern "C" const char oob_embedded_@symbol@_end[];
namespace oob::embedded {
std::string_view @symbol@() {
    return {oob_embedded_@symbol@, static_cast<std::size_t>(oob_embedded_@symbol@_end - oob_embedded_@symbol@)};
}
}  // namespace oob::embedded
]])
  set_source_files_properties(${output} PROPERTIES OBJECT_DEPENDS "${paths}" SKIP_PRECOMPILE_HEADERS ON)
  target_sources(${target} PRIVATE ${output})
endfunction()
