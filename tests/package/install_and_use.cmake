# SPDX-License-Identifier: Apache-2.0
# Run by ctest: installs BUILD_DIR below WORK_DIR, then configures, builds and runs CONSUMER_DIR
# against it.

function(must_run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "failed (${result}): ${command}")
  endif()
endfunction()

set(prefix ${WORK_DIR}/prefix)
file(REMOVE_RECURSE ${WORK_DIR})
must_run(${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${prefix})

list(TRANSFORM PROGRAMS PREPEND bin/)
foreach(file IN LISTS PROGRAMS ITEMS share/quorumcache/proto/quorumcache/v1/cache.proto)
  if(NOT EXISTS ${prefix}/${file})
    message(FATAL_ERROR "not installed: ${file}")
  endif()
endforeach()
if(EXISTS ${prefix}/share/quorumcache/proto/quorumcache/internal)
  message(FATAL_ERROR "the internal protos are installed; they are no part of the API")
endif()

must_run(${CMAKE_COMMAND} -S ${CONSUMER_DIR} -B ${WORK_DIR}/build -G Ninja
         -D CMAKE_PREFIX_PATH=${prefix}
         -D CMAKE_CXX_COMPILER=${CXX_COMPILER}
         -D "CMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}")
must_run(${CMAKE_COMMAND} --build ${WORK_DIR}/build)
must_run(${WORK_DIR}/build/consumer)
