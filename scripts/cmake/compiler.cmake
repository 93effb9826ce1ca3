# Which compilers are let in. A test runs this file alone, with the two variables set.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  message(FATAL_ERROR
    "GCC ${CMAKE_CXX_COMPILER_VERSION} cannot build this: GCC 12 miscompiles co_await expressions into double frees, "
    "and GCC 14.2 ends in an internal compiler error. "
    "Use clang 19 (scripts/deps installs it, the presets choose it).")
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  message(FATAL_ERROR
    "clang ${CMAKE_CXX_COMPILER_VERSION} cannot compile std::expected of this machine's standard library. "
    "Use clang 19 (scripts/deps installs it, the presets choose it).")
endif()
