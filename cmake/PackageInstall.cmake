# SPDX-License-Identifier: Apache-2.0
# `cmake --install`: programs, the C++ client library with everything it stands on, the public
# protos, and a package that find_package(quorumcache) finds. tests/package builds a user of what is
# installed.
#
# What the client stands on is read off the targets, not listed by hand: a new dependency is
# installed without anybody having to think of it.
include(CMakePackageConfigHelpers)

# Our own libraries that `target` needs, itself included, and the names of the external ones.
function(qc_link_closure target own_out external_out)
  set(own "")
  set(external "")
  set(todo ${target})
  while(todo)
    list(POP_FRONT todo current)
    if(current IN_LIST own)
      continue()
    endif()
    list(APPEND own ${current})
    get_target_property(libraries ${current} INTERFACE_LINK_LIBRARIES)
    foreach(library IN LISTS libraries)
      if(library MATCHES "^qc_")
        list(APPEND todo ${library})
      elseif(library MATCHES "^([A-Za-z0-9_-]+)::")
        list(APPEND external ${CMAKE_MATCH_1})
      endif()
    endforeach()
  endwhile()
  list(REMOVE_DUPLICATES external)
  set(${own_out} ${own} PARENT_SCOPE)
  set(${external_out} ${external} PARENT_SCOPE)
endfunction()

# The find_dependency lines for the namespaces of imported targets.
function(qc_dependency_lines namespaces out)
  set(lines "")
  foreach(namespace IN LISTS namespaces)
    if(namespace STREQUAL "protobuf")
      set(line "find_dependency(Protobuf)")  # only FindProtobuf knows Debian's protobuf
    elseif(namespace STREQUAL "Threads")
      set(line "find_dependency(Threads)")
    else()
      set(line "find_dependency(${namespace} CONFIG)")
    endif()
    string(APPEND lines "${line}\n")
  endforeach()
  set(${out} "${lines}" PARENT_SCOPE)
endfunction()

# The headers of a qc_proto_library, in the folders that #include names.
function(qc_install_generated_headers target include_dir)
  get_target_property(headers ${target} QC_GENERATED_HEADERS)
  get_target_property(headers_dir ${target} QC_GENERATED_HEADERS_DIR)
  if(NOT headers)
    return()
  endif()
  foreach(header IN LISTS headers)
    get_filename_component(folder ${header} DIRECTORY)
    install(FILES ${headers_dir}/${header} DESTINATION ${include_dir}/${folder}
            COMPONENT development)
  endforeach()
endfunction()

function(qc_install_package target)
  qc_link_closure(${target} libraries namespaces)
  qc_dependency_lines("${namespaces}" QC_FIND_DEPENDENCIES)
  set(include_dir ${CMAKE_INSTALL_INCLUDEDIR}/quorumcache)
  set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/quorumcache)
  foreach(library IN LISTS libraries)
    string(REGEX REPLACE "^qc_" "" name ${library})
    set_target_properties(${library} PROPERTIES EXPORT_NAME ${name})
    target_include_directories(${library} INTERFACE $<INSTALL_INTERFACE:${include_dir}>)
    get_target_property(header_sets ${library} INTERFACE_HEADER_SETS)
    set(headers "")
    if(header_sets)
      set(headers FILE_SET HEADERS DESTINATION ${include_dir} COMPONENT development)
    endif()
    install(TARGETS ${library} EXPORT quorumcacheTargets ${headers}
            ARCHIVE COMPONENT development
            LIBRARY COMPONENT runtime NAMELINK_COMPONENT development)
    qc_install_generated_headers(${library} ${include_dir})
  endforeach()
  install(EXPORT quorumcacheTargets NAMESPACE quorumcache:: DESTINATION ${package_dir}
          COMPONENT development)
  configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/quorumcacheConfig.cmake.in
                                ${PROJECT_BINARY_DIR}/quorumcacheConfig.cmake
                                INSTALL_DESTINATION ${package_dir})
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/quorumcacheConfigVersion.cmake
                                   COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/quorumcacheConfig.cmake
                ${PROJECT_BINARY_DIR}/quorumcacheConfigVersion.cmake
          DESTINATION ${package_dir} COMPONENT development)
  # The internal protos carry no promise, so they are not for users.
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/proto DESTINATION ${CMAKE_INSTALL_DATADIR}/quorumcache
          COMPONENT development FILES_MATCHING PATTERN "*.proto" PATTERN internal EXCLUDE)
endfunction()

if(TARGET qc_client)
  qc_install_package(qc_client)
endif()
