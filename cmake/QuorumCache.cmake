# SPDX-License-Identifier: Apache-2.0
# The three functions every CMakeLists.txt of this project is made of. One library per folder,
# explicit lists. What the presets change is in BuildOptions.cmake.

# qc_cc_library(target HDRS a.h SRCS a.cc DEPS other_target External::target)
# Headers are public and included from the repository root. DEPS are public: what a header needs,
# its users need.
function(qc_cc_library target)
  cmake_parse_arguments(ARG "" "" "HDRS;SRCS;DEPS" ${ARGN})
  if(ARG_SRCS)
    add_library(${target} ${ARG_SRCS})
    set(scope PUBLIC)
    target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:qc_build_flags>)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_sources(${target} ${scope} FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}
                 FILES ${ARG_HDRS})
  target_include_directories(${target} ${scope} $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
  target_link_libraries(${target} ${scope} ${ARG_DEPS})
  qc_finish_library(${target})
endfunction()

# What every library of ours has in common, generated ones included.
function(qc_finish_library target)
  # No <target>_EXPORTS macro: the shared and the static build compile the same, so ccache serves
  # both.
  set_target_properties(${target} PROPERTIES DEFINE_SYMBOL "")
  if(QC_TESTS STREQUAL "TSAN")
    set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL ON)
  endif()
endfunction()

# qc_cc_binary(target SRCS main.cc DEPS ... [JEMALLOC] [INSTALL component])
# JEMALLOC: a long-running server; gets jemalloc where QC_JEMALLOC asks for it and it is found
# (glibc malloc fragments under RocksDB). INSTALL: goes into <prefix>/bin
# with this component, which is also its package (cmake/Packages.cmake).
function(qc_cc_binary target)
  cmake_parse_arguments(ARG "JEMALLOC" "INSTALL" "SRCS;DEPS" ${ARGN})
  add_executable(${target} ${ARG_SRCS})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${target} PRIVATE qc_build_flags ${ARG_DEPS})
  if(ARG_JEMALLOC AND QC_JEMALLOC_LIBRARY)
    # Nothing calls it by name, so a linker that drops unneeded libraries would drop it.
    target_link_options(${target} PRIVATE -Wl,--no-as-needed)
    target_link_libraries(${target} PRIVATE ${QC_JEMALLOC_LIBRARY})
  endif()
  if(QC_TESTS STREQUAL "TSAN")
    set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL ON)
  endif()
  if(ARG_INSTALL)
    install(TARGETS ${target} RUNTIME COMPONENT ${ARG_INSTALL})
    set_property(GLOBAL APPEND PROPERTY QC_INSTALLED_PROGRAMS ${target})
  endif()
endfunction()

# qc_cc_test(target SRCS foo_test.cc DEPS ... LABELS unit [TIMEOUT seconds] [TSAN]
#            [ENVIRONMENT NAME=value...])
# A GoogleTest binary, registered with ctest as one test. TSAN: has threads, and touches neither
# gRPC nor another library that ThreadSanitizer cannot see into; the `tsan` preset builds and runs
# these only. Labels: unit scenario sim integration fuzz package style. Integration tests run one at
# a time: they start processes and look at pauses.
function(qc_cc_test target)
  cmake_parse_arguments(ARG "TSAN" "TIMEOUT" "SRCS;DEPS;LABELS;ENVIRONMENT" ${ARGN})
  if(NOT BUILD_TESTING)
    return()
  endif()
  add_executable(${target} ${ARG_SRCS})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${target} PRIVATE qc_build_flags ${ARG_DEPS}
                        GTest::gmock GTest::gtest_main)
  if(QC_TESTS STREQUAL "NONE" OR (QC_TESTS STREQUAL "TSAN" AND NOT ARG_TSAN))
    set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL ON)
    return()
  endif()
  add_test(NAME ${target} COMMAND ${target})
  qc_finish_test(${target} LABELS ${ARG_LABELS} TIMEOUT ${ARG_TIMEOUT}
                 ENVIRONMENT ${ARG_ENVIRONMENT})
endfunction()

# qc_script_test(name COMMAND program args... LABELS style [TIMEOUT seconds]
#                [ENVIRONMENT NAME=value...])
# A test that is not a GoogleTest binary. Exit code 77 means: cannot run here, and the output says
# why. Sanitizers have nothing to say about style, so those tests are left out there.
function(qc_script_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "COMMAND;LABELS;ENVIRONMENT" ${ARGN})
  if(NOT BUILD_TESTING OR NOT QC_TESTS STREQUAL "ALL" OR
     (QC_SANITIZER_FLAGS AND "style" IN_LIST ARG_LABELS))
    return()
  endif()
  add_test(NAME ${name} COMMAND ${ARG_COMMAND} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  qc_finish_test(${name} LABELS ${ARG_LABELS} TIMEOUT ${ARG_TIMEOUT}
                 ENVIRONMENT ${ARG_ENVIRONMENT})
  set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77)
endfunction()

# Labels, time limit (120 s unless told; three times that under a sanitizer) and environment of a
# test. Tests find our programs in QC_BIN_DIR, the sources in QC_SOURCE_DIR, and what ./dev has
# installed from npm in QC_NODE_MODULES.
function(qc_finish_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "LABELS;ENVIRONMENT" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  if(QC_SANITIZER_FLAGS)
    math(EXPR ARG_TIMEOUT "${ARG_TIMEOUT} * 3")
  endif()
  set(suppressions ${PROJECT_SOURCE_DIR}/cmake/sanitizers)
  set(environment
    QC_BIN_DIR=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}
    QC_SOURCE_DIR=${PROJECT_SOURCE_DIR}
    QC_NODE_MODULES=${PROJECT_SOURCE_DIR}/build/npm/node_modules
    ASAN_OPTIONS=abort_on_error=1:detect_stack_use_after_return=1:strict_string_checks=1
    UBSAN_OPTIONS=print_stacktrace=1
    LSAN_OPTIONS=suppressions=${suppressions}/lsan.supp:print_suppressions=0
    TSAN_OPTIONS=suppressions=${suppressions}/tsan.supp:halt_on_error=1:second_deadlock_stack=1)
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT}
                       ENVIRONMENT "${environment};${ARG_ENVIRONMENT}")
  if("integration" IN_LIST ARG_LABELS)
    set_tests_properties(${name} PROPERTIES RUN_SERIAL ON)
  endif()
endfunction()
