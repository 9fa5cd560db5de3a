# SPDX-License-Identifier: Apache-2.0
# The Debian packages: quorumcache-server, quorumcache-cli, quorumcache-dev, one an install
# component. `./dev package` makes them; packaging/ has what is in them beside the programs.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME quorumcache)
set(CPACK_PACKAGE_VENDOR "QuorumCache")
set(CPACK_PACKAGE_CONTACT "QuorumCache maintainers <maintainers@quorumcache.invalid>")
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_COMPONENTS_ALL server cli development)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

set(CPACK_DEBIAN_SERVER_PACKAGE_NAME quorumcache-server)
set(CPACK_DEBIAN_SERVER_PACKAGE_SECTION database)
set(CPACK_DEBIAN_SERVER_DESCRIPTION "replicated distributed cache, servers
qc-storage-node keeps records in RocksDB, qc-coordinator takes requests by
gRPC and HTTP/JSON and asks a quorum of the storage nodes that hold a key.
With the systemd units of both.")
set(CPACK_DEBIAN_SERVER_PACKAGE_DEPENDS "adduser")
set(CPACK_DEBIAN_SERVER_PACKAGE_RECOMMENDS quorumcache-cli)
set(CPACK_DEBIAN_SERVER_PACKAGE_CONTROL_STRICT_PERMISSION TRUE)
set(CPACK_DEBIAN_SERVER_PACKAGE_CONTROL_EXTRA
    ${PROJECT_SOURCE_DIR}/packaging/debian/conffiles
    ${PROJECT_SOURCE_DIR}/packaging/debian/postinst
    ${PROJECT_SOURCE_DIR}/packaging/debian/prerm
    ${PROJECT_SOURCE_DIR}/packaging/debian/postrm)

set(CPACK_DEBIAN_CLI_PACKAGE_NAME quorumcache-cli)
set(CPACK_DEBIAN_CLI_PACKAGE_SECTION database)
set(CPACK_DEBIAN_CLI_DESCRIPTION "replicated distributed cache, command line
qcctl reads and writes keys of a QuorumCache cluster, shows and changes the
cluster, and measures it.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME quorumcache-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "replicated distributed cache, C++ client library
Static libraries, headers, protos and the CMake package of the C++ client of
QuorumCache.")
# protobuf-compiler-grpc: Debian's gRPCTargets.cmake refuses to be found without its plugin.
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
    "libgrpc++-dev, protobuf-compiler-grpc, libprotobuf-dev, libabsl-dev, libgoogle-glog-dev")

include(CPack)
