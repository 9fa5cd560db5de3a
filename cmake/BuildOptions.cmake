# SPDX-License-Identifier: Apache-2.0
# What the presets choose between: warnings, sanitizers, coverage, linker, compiler cache.
#
# Compiler flags live in two places. qc_build_flags holds what our own code gets and generated code
# does not (warnings). The directory's options hold what the whole program must agree on
# (sanitizers, coverage).

option(QC_WERROR "Treat warnings in our own code as errors" OFF)
set(QC_SANITIZE "" CACHE STRING "Sanitizers: empty, address (ASan and UBSan) or thread")
set_property(CACHE QC_SANITIZE PROPERTY STRINGS "" address thread)
option(QC_COVERAGE "Instrument for gcov" OFF)
set(QC_TESTS ALL CACHE STRING "Tests built by default: ALL, TSAN (those marked TSAN) or NONE")
set_property(CACHE QC_TESTS PROPERTY STRINGS ALL TSAN NONE)
option(QC_JEMALLOC "Link jemalloc into the servers, where it is found" OFF)
option(QC_LLD "Link with lld, where it is found" ON)
option(QC_CCACHE "Compile through ccache, where it is found" ON)

# --- our own code ---
add_library(qc_build_flags INTERFACE)
target_compile_options(qc_build_flags INTERFACE
  -Wall -Wextra -Wnon-virtual-dtor -Woverloaded-virtual
  # Overrides name what they are given; half of them do not use it.
  -Wno-unused-parameter
  # Designated initialisers leave out what has a default: that is their use here.
  -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
  target_compile_options(qc_build_flags INTERFACE -Wthread-safety)
endif()
if(QC_WERROR)
  target_compile_options(qc_build_flags INTERFACE -Werror)
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # What these say depends on how far the optimiser came, and GCC 12 is often wrong about
    # std::optional and std::string. They are shown, but do not fail a build.
    target_compile_options(qc_build_flags INTERFACE
      -Wno-error=maybe-uninitialized -Wno-error=array-bounds -Wno-error=restrict
      -Wno-error=stringop-overflow -Wno-error=stringop-overread -Wno-error=dangling-pointer
      -Wno-error=free-nonheap-object -Wno-error=nonnull)
  endif()
endif()

# --- the whole program ---
if(QC_SANITIZE STREQUAL "address")
  set(QC_SANITIZER_FLAGS -fsanitize=address,undefined -fno-sanitize-recover=all
                         -fno-omit-frame-pointer)
elseif(QC_SANITIZE STREQUAL "thread")
  set(QC_SANITIZER_FLAGS -fsanitize=thread -fno-omit-frame-pointer)
elseif(NOT QC_SANITIZE STREQUAL "")
  message(FATAL_ERROR "QC_SANITIZE is '${QC_SANITIZE}'; it must be empty, address or thread")
endif()
add_compile_options(${QC_SANITIZER_FLAGS})
add_link_options(${QC_SANITIZER_FLAGS})
if(QC_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()
if(BUILD_SHARED_LIBS)
  # A library must link what it uses, and not count on its user to do so.
  add_link_options($<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,SHARED_LIBRARY>:-Wl,-z,defs>)
endif()

# --- the tools ---
find_program(QC_LLD_PROGRAM ld.lld)
if(QC_LLD AND QC_LLD_PROGRAM)
  add_link_options(-fuse-ld=lld)
endif()

# QC_CHECK prints paths from the repository root, whatever the machine and the build folder.
file(RELATIVE_PATH QC_SOURCE_FROM_BUILD ${CMAKE_BINARY_DIR} ${PROJECT_SOURCE_DIR}/)
find_program(QC_CCACHE_PROGRAM ccache)
if(QC_CCACHE AND QC_CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Paths relative to the build folder: equal flags hit the cache from every preset's folder and
  # every clone. It makes `strict` nearly free after `dev`.
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=time_macros,include_file_mtime,include_file_ctime ${QC_CCACHE_PROGRAM})
  add_compile_options(-fmacro-prefix-map=${QC_SOURCE_FROM_BUILD}=)
else()
  add_compile_options(-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=
                      -fmacro-prefix-map=${QC_SOURCE_FROM_BUILD}=)
endif()
if(QC_JEMALLOC AND NOT QC_SANITIZER_FLAGS)
  find_library(QC_JEMALLOC_LIBRARY jemalloc)
endif()
